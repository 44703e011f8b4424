// The numbers, bits and check sums that a 7z header is made of. After a fault everything reads as nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "evidence/containers/little.h"

namespace assay {

class SevenZipBytes {
 public:
  explicit SevenZipBytes(std::string_view bytes) : rest_(bytes), all_(bytes.size()) {}

 protected:
  std::uint8_t byte() {
    if (rest_.empty()) {
      bad_ = true;
      return 0;
    }
    const auto out = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return out;
  }
  std::uint64_t number() {
    const std::uint8_t first = byte();
    std::uint64_t out = 0;
    for (unsigned i = 0; i < 8; ++i) {
      const std::uint8_t mask = static_cast<std::uint8_t>(0x80U >> i);
      if ((first & mask) == 0) return out | static_cast<std::uint64_t>(first & (mask - 1U)) << (8 * i);
      out |= static_cast<std::uint64_t>(byte()) << (8 * i);
    }
    return out;
  }
  std::string_view take(std::uint64_t size) {
    if (size > rest_.size()) {
      bad_ = true;
      size = rest_.size();
    }
    const std::string_view out = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return out;
  }
  // A count of things of which each takes a byte of the header or more.
  std::uint64_t count() {
    const std::uint64_t out = number();
    if (out > all_) bad_ = true;
    return bad_ ? 0 : out;
  }

  // Bits, the first one highest; a leading byte says when all are set.
  struct Bits {
    std::string_view bytes;
    bool all = false;
    [[nodiscard]] bool at(std::uint64_t i) const {
      if (all) return true;
      return i / 8 < bytes.size() &&
             (static_cast<unsigned char>(bytes[static_cast<std::size_t>(i / 8)]) >> (7 - i % 8) & 1) != 0;
    }
  };
  Bits bits(std::uint64_t size) { return {take(size / 8 + (size % 8 != 0 ? 1 : 0)), false}; }
  Bits defined_bits(std::uint64_t size) {
    if (byte() != 0) return {{}, true};
    return bits(size);
  }
  // Check sums of `size` things; `keep` gets those that are defined.
  template <typename Keep>
  void digests(std::uint64_t size, const Keep& keep) {
    const Bits defined = defined_bits(size);
    for (std::uint64_t i = 0; i < size && !bad_; ++i) {
      if (!defined.at(i)) continue;
      const std::string_view value = take(4);
      if (value.size() == 4) keep(i, static_cast<std::uint32_t>(little(value, 0, 4)));
    }
  }

  std::string_view rest_;
  std::uint64_t all_;  // bytes of the whole header
  bool bad_ = false;
};

}  // namespace assay
