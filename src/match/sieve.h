// A blocked Bloom filter over hashes: four bits of one word for each value, 16 bits of memory. What it does not hold
// is surely not there; one in two hundred of the rest is not there either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay {

// A hash of sixteen bytes: both halves of a product.
[[nodiscard]] inline std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

class Sieve {
 public:
  explicit Sieve(std::size_t values = 0) : words_(values / 4 + 2, 0), size_(words_.size()) {}
  void add(std::uint64_t hash) { words_[place(hash)] |= bits(hash); }
  // Asks for the memory that may_hold() will look at.
  void fetch(std::uint64_t hash) const { __builtin_prefetch(words_.data() + place(hash)); }
  [[nodiscard]] bool may_hold(std::uint64_t hash) const {
    const std::uint64_t wanted = bits(hash);
    return (words_.data()[place(hash)] & wanted) == wanted;
  }

 private:
  static std::uint64_t bits(std::uint64_t hash) {
    return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63) |
           std::uint64_t{1} << (hash >> 12 & 63) | std::uint64_t{1} << (hash >> 18 & 63);
  }
  [[nodiscard]] std::size_t place(std::uint64_t hash) const { return (hash >> 32) * size_ >> 32; }
  std::vector<std::uint64_t> words_;
  std::size_t size_;
};

}  // namespace assay
