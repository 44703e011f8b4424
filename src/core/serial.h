// The one serialised form: what a worker sends, a checkpoint keeps and another machine returns.
// Little-endian fixed integers, LEB128 counts, length-prefixed strings. Reading never trusts a length.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace assay {

class Writer {
 public:
  void u8(std::uint8_t v) { out_ += static_cast<char>(v); }
  void u64(std::uint64_t v) {  // fixed eight bytes
    for (int i = 0; i < 8; ++i) out_ += static_cast<char>(v >> (8 * i) & 255);
  }
  void i64(std::int64_t v) { u64(static_cast<std::uint64_t>(v)); }
  void var(std::uint64_t v) {
    while (v >= 128) {
      out_ += static_cast<char>(v | 128);
      v >>= 7;
    }
    out_ += static_cast<char>(v);
  }
  void str(std::string_view s) {
    var(s.size());
    out_ += s;
  }
  void boolean(bool v) { u8(v ? 1 : 0); }
  void raw(std::string_view s) { out_ += s; }
  [[nodiscard]] const std::string& bytes() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }
  void clear() { out_.clear(); }

 private:
  std::string out_;
};

// After a short or wrong read good() is false and every further read gives zero or empty.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t u8() {
    if (rest_.empty()) return static_cast<std::uint8_t>(fail());
    const auto v = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return v;
  }
  std::uint64_t u64() {
    if (rest_.size() < 8) return fail();
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < 8; ++i)
      v |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    rest_.remove_prefix(8);
    return v;
  }
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::uint64_t var() {
    std::uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return fail();
      const auto b = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      v |= static_cast<std::uint64_t>(b & 127) << shift;
      if (b < 128) return v;
    }
    return fail();
  }
  std::string_view str() {
    const std::uint64_t size = var();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view s = rest_.substr(0, static_cast<std::size_t>(size));
    rest_.remove_prefix(s.size());
    return s;
  }
  bool boolean() { return u8() != 0; }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] std::string_view rest() const { return rest_; }

 private:
  std::uint64_t fail() {
    good_ = false;
    rest_ = {};
    return 0;
  }
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace assay
