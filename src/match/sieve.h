// A blocked Bloom filter over hashes: three bits of one word for each value, 13 bits of memory. What it does not hold
// is surely not there; one in a hundred of the rest is not there either.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace assay {

class Sieve {
 public:
  explicit Sieve(std::size_t values = 0) : words_(values / 5 + 2, 0) {}
  void add(std::uint64_t hash) { words_[place(hash)] |= bits(hash); }
  [[nodiscard]] bool may_hold(std::uint64_t hash) const {
    const std::uint64_t wanted = bits(hash);
    return (words_[place(hash)] & wanted) == wanted;
  }

 private:
  static std::uint64_t bits(std::uint64_t hash) {
    return std::uint64_t{1} << (hash & 63) | std::uint64_t{1} << (hash >> 6 & 63) |
           std::uint64_t{1} << (hash >> 12 & 63);
  }
  [[nodiscard]] std::size_t place(std::uint64_t hash) const { return (hash >> 32) * words_.size() >> 32; }
  std::vector<std::uint64_t> words_;
};

}  // namespace assay
