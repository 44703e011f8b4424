// Hashes: SHA-256 for evidence and identity, MD5 and SHA-1 because indicator lists use them, XXH3 for tables and
// duplicate detection (never for identity towards the reader).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace assay {

enum class HashKind : std::uint8_t { md5, sha1, sha256 };

// One running digest. Not copyable; finish() once.
class Digest {
 public:
  explicit Digest(HashKind kind);
  ~Digest();
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  void update(std::string_view bytes);
  [[nodiscard]] std::string finish_hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[nodiscard]] std::string sha256_hex(std::string_view bytes);
[[nodiscard]] std::string hash_hex(HashKind kind, std::string_view bytes);
[[nodiscard]] std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

}  // namespace assay
