#include "core/hash.h"

#include <openssl/evp.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstdlib>

#include "core/ascii.h"

namespace assay {
namespace {

// Fetched once: a fetch per digest costs more than hashing a small blob.
const EVP_MD* algorithm(HashKind kind) {
  static const EVP_MD* const kMd5 = EVP_MD_fetch(nullptr, "MD5", nullptr);
  static const EVP_MD* const kSha1 = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  switch (kind) {
    case HashKind::md5:
      return kMd5;
    case HashKind::sha1:
      return kSha1;
    case HashKind::sha256:
      return kSha256;
  }
  return kSha256;
}

}  // namespace

struct Digest::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_MD_CTX_free(context); }
};

Digest::Digest(HashKind kind) : state_(std::make_unique<State>()) {
  if (EVP_DigestInit_ex2(state_->context, algorithm(kind), nullptr) != 1) std::abort();
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view bytes) {
  if (EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()) != 1) std::abort();
}

std::string Digest::finish_hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
  unsigned size = 0;
  if (EVP_DigestFinal_ex(state_->context, out.data(), &size) != 1) std::abort();
  return to_hex(std::string_view(reinterpret_cast<const char*>(out.data()), size));
}

std::string hash_hex(HashKind kind, std::string_view bytes) {
  Digest digest(kind);
  digest.update(bytes);
  return digest.finish_hex();
}

std::string sha256_hex(std::string_view bytes) { return hash_hex(HashKind::sha256, bytes); }

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace assay
