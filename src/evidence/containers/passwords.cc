#include "evidence/containers/passwords.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <cstring>

#include "core/hash.h"
#include "evidence/containers/member_name.h"

namespace assay {
namespace {

constexpr std::size_t kBlock = 16;
constexpr int kAesRounds = 1000;  // PBKDF2 of WinZip AES

constexpr std::array<std::uint32_t, 256> kCrcTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? 0xedb88320U ^ value >> 1 : value >> 1;
    table[i] = value;
  }
  return table;
}();

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }

class ZipCipher {
 public:
  explicit ZipCipher(std::string_view password) {
    for (const char c : password) feed(static_cast<std::uint8_t>(c));
  }
  char decrypt(char c) {
    const std::uint32_t word = (keys_[2] | 2) & 0xffff;
    const auto plain = static_cast<std::uint8_t>(static_cast<std::uint8_t>(c) ^ (word * (word ^ 1)) >> 8);
    feed(plain);
    return static_cast<char>(plain);
  }

 private:
  static std::uint32_t crc(std::uint32_t value, std::uint8_t byte) {
    return kCrcTable[(value ^ byte) & 0xff] ^ value >> 8;
  }
  void feed(std::uint8_t byte) {
    keys_[0] = crc(keys_[0], byte);
    keys_[1] = (keys_[1] + (keys_[0] & 0xff)) * 134775813U + 1;
    keys_[2] = crc(keys_[2], static_cast<std::uint8_t>(keys_[1] >> 24));
  }
  std::array<std::uint32_t, 3> keys_ = {0x12345678, 0x23456789, 0x34567890};
};

class ZipCryptoStream final : public ByteStream {
 public:
  ZipCryptoStream(ByteStream& below, std::string_view password) : below_(&below), cipher_(password) {
    char header[12];
    const std::size_t got = below.read(header);
    for (std::size_t i = 0; i < got; ++i) cipher_.decrypt(header[i]);
  }
  std::size_t read(std::span<char> out) override {
    const std::size_t got = below_->read(out);
    for (char& c : out.first(got)) c = cipher_.decrypt(c);
    return got;
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override { return below_->problem(); }

 private:
  ByteStream* below_;
  ZipCipher cipher_;
};

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;
struct FreeMac {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

MacContext hmac_sha1(std::string_view key) {
  static EVP_MAC* const kHmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  MacContext out(EVP_MAC_CTX_new(kHmac));
  char digest[] = "SHA1";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                   OSSL_PARAM_construct_end()};
  EVP_MAC_init(out.get(), raw(key), key.size(), parameters);
  return out;
}

// Counter mode with a little-endian counter that begins at 1.
class ZipAesStream final : public ByteStream {
 public:
  ZipAesStream(ByteStream& below, const ZipAesKeys& keys, std::uint64_t size)
      : below_(&below), left_(size), cipher_(EVP_CIPHER_CTX_new()), sum_(hmac_sha1(keys.sum)) {
    const EVP_CIPHER* kind = keys.cipher.size() == 16   ? EVP_aes_128_ecb()
                             : keys.cipher.size() == 24 ? EVP_aes_192_ecb()
                                                        : EVP_aes_256_ecb();
    EVP_EncryptInit_ex(cipher_.get(), kind, nullptr, raw(keys.cipher), nullptr);
    EVP_CIPHER_CTX_set_padding(cipher_.get(), 0);
  }
  std::size_t read(std::span<char> out) override {
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left_));
    const std::size_t got = below_->read(out.first(want));
    left_ -= got;
    EVP_MAC_update(sum_.get(), raw(out.data()), got);
    for (std::size_t i = 0; i < got; ++i) {
      if (used_ == stream_.size()) more();
      out[i] = static_cast<char>(out[i] ^ stream_[used_++]);
    }
    if (left_ == 0 && !checked_) check();
    return got;
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override {
    return wrong_ ? StreamProblem{NoticeKind::damaged_file, "the authentication code does not fit the content"}
                  : below_->problem();
  }

 private:
  void more() {
    for (std::size_t at = 0; at < stream_.size(); at += kBlock) {
      ++counter_;
      for (std::size_t i = 0; i < kBlock; ++i) stream_[at + i] = static_cast<char>(i < 8 ? counter_ >> (8 * i) : 0);
    }
    int size = 0;
    EVP_EncryptUpdate(cipher_.get(), raw(stream_.data()), &size, raw(stream_.data()), static_cast<int>(stream_.size()));
    used_ = 0;
  }
  void check() {
    checked_ = true;
    char stored[kAesSumBytes];
    unsigned char made[EVP_MAX_MD_SIZE];
    std::size_t size = 0;
    EVP_MAC_final(sum_.get(), made, &size, sizeof made);
    wrong_ = below_->read(stored) < kAesSumBytes || std::memcmp(stored, made, kAesSumBytes) != 0;
  }

  ByteStream* below_;
  std::uint64_t left_, counter_ = 0;
  CipherContext cipher_;
  MacContext sum_;
  std::array<char, 4096> stream_ = {};
  std::size_t used_ = stream_.size();
  bool checked_ = false, wrong_ = false;
};

class AesCbcStream final : public ByteStream {
 public:
  AesCbcStream(ByteStream& below, std::string_view key, std::string_view iv)
      : below_(&below), cipher_(EVP_CIPHER_CTX_new()) {
    std::array<unsigned char, kBlock> start = {};
    std::copy_n(iv.begin(), std::min(iv.size(), kBlock), start.begin());
    EVP_DecryptInit_ex(cipher_.get(), EVP_aes_256_cbc(), nullptr, raw(key), start.data());
    EVP_CIPHER_CTX_set_padding(cipher_.get(), 0);
  }
  std::size_t read(std::span<char> out) override {
    std::size_t done = 0;
    while (done < out.size()) {
      if (given_ < have_) {
        const std::size_t part = std::min(out.size() - done, have_ - given_);
        std::memcpy(out.data() + done, plain_.data() + given_, part);
        given_ += part;
        done += part;
        continue;
      }
      const std::size_t got = below_->read(std::span<char>(plain_)) / kBlock * kBlock;  // whole blocks, or the end
      int size = 0;
      given_ = 0;
      have_ = got;
      if (got == 0) break;
      EVP_DecryptUpdate(cipher_.get(), raw(plain_.data()), &size, raw(plain_.data()), static_cast<int>(got));
    }
    return done;
  }
  [[nodiscard]] std::optional<StreamProblem> problem() const override { return below_->problem(); }

 private:
  ByteStream* below_;
  CipherContext cipher_;
  std::array<char, 16384> plain_ = {};
  std::size_t have_ = 0, given_ = 0;
};

}  // namespace

bool zip_crypto_fits(std::string_view header, std::string_view password, std::uint8_t check) {
  if (header.size() < 12) return false;
  ZipCipher cipher(password);
  char last = 0;
  for (const char c : header.substr(0, 12)) last = cipher.decrypt(c);
  return static_cast<std::uint8_t>(last) == check;
}

std::unique_ptr<ByteStream> open_zip_crypto(ByteStream& below, std::string_view password) {
  return std::make_unique<ZipCryptoStream>(below, password);
}

ZipAesKeys zip_aes_keys(std::string_view header, std::string_view password, int strength) {
  ZipAesKeys out;
  const std::size_t salt = kAesSaltBytes[static_cast<std::size_t>(strength)];
  const std::size_t key = salt * 2;
  if (header.size() < salt + kAesCheckBytes) return out;
  std::string made(2 * key + kAesCheckBytes, '\0');
  if (PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(header), static_cast<int>(salt),
                        kAesRounds, EVP_sha1(), static_cast<int>(made.size()), raw(made.data())) != 1)
    return out;
  out.cipher = made.substr(0, key);
  out.sum = made.substr(key, key);
  out.fits = made.substr(2 * key) == header.substr(salt, kAesCheckBytes);
  return out;
}

std::unique_ptr<ByteStream> open_zip_aes(ByteStream& below, const ZipAesKeys& keys, std::uint64_t size) {
  return std::make_unique<ZipAesStream>(below, keys, size);
}

std::string seven_zip_key(std::string_view salt, std::string_view password, unsigned cycles) {
  std::string seed = std::string(salt) + to_utf16le(password);
  if (cycles == 0x3f) {  // no hashing: salt and password as they are
    seed.resize(32, '\0');
    return seed;
  }
  const std::size_t fixed = seed.size();
  seed.resize(fixed + 8);
  EVP_MD_CTX* digest = EVP_MD_CTX_new();
  EVP_DigestInit_ex(digest, EVP_sha256(), nullptr);
  for (std::uint64_t round = 0; round < std::uint64_t{1} << cycles; ++round) {
    for (std::size_t i = 0; i < 8; ++i) seed[fixed + i] = static_cast<char>(round >> (8 * i));
    EVP_DigestUpdate(digest, seed.data(), seed.size());
  }
  std::string out(32, '\0');
  unsigned size = 0;
  EVP_DigestFinal_ex(digest, raw(out.data()), &size);
  EVP_MD_CTX_free(digest);
  return out;
}

std::unique_ptr<ByteStream> open_aes_cbc(ByteStream& below, std::string_view key, std::string_view iv) {
  return std::make_unique<AesCbcStream>(below, key, iv);
}

}  // namespace assay
