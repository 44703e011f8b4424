#include "casefile/seal.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/json.h"

namespace assay {
namespace {

constexpr std::size_t kKeyBytes = std::size_t{64} << 10;
constexpr std::size_t kSealBytes = std::size_t{64} << 10;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::string_view kFirstLine = "Assay case seal, version 1";

struct Free {
  void operator()(BIO* p) const { BIO_free(p); }
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(EVP_MD_CTX* p) const { EVP_MD_CTX_free(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Free>;

// An encrypted key is refused, not asked for on somebody's terminal.
int no_password(char*, int, int, void*) { return -1; }

Result<Key> read_key(std::string_view pem, bool is_private) {
  if (pem.size() > kKeyBytes) return Error{ErrorCode::limit, "a key of more than 64 KiB", {}, {}};
  const std::unique_ptr<BIO, Free> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Key key(is_private ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_password, nullptr)
                     : PEM_read_bio_PUBKEY(in.get(), nullptr, no_password, nullptr));
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    return Error{ErrorCode::bad_input,
                 is_private ? "this is no Ed25519 private key in PEM form, or it is encrypted"
                            : "this is no Ed25519 public key in PEM form",
                 {},
                 is_private ? "openssl genpkey -algorithm ed25519 -out key.pem makes one"
                            : "openssl pkey -in key.pem -pubout -out public.pem writes it"};
  }
  return key;
}

std::string public_pem(EVP_PKEY* key) {
  const std::unique_ptr<BIO, Free> out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PUBKEY(out.get(), key);
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string fingerprint_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  std::string out;
  if (size > 0) out = sha256_hex({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
  OPENSSL_free(der);
  return out;
}

std::string statement_of(const SealFacts& f) {
  return fmt::format("{}\nfile: {}\nsha256: {}\nlog head: {}\nlog lines: {}\nsealed at: {}\n", kFirstLine, f.name,
                     f.sha256, f.head, f.lines, f.at);
}

// A name is one line of what is signed.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]), low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
  }
  return out;
}

std::optional<SealFacts> facts_of(std::string_view statement) {
  SealFacts f;
  std::string lines;
  const std::array<std::pair<std::string_view, std::string*>, 5> parts = {{{"file: ", &f.name},
                                                                           {"sha256: ", &f.sha256},
                                                                           {"log head: ", &f.head},
                                                                           {"log lines: ", &lines},
                                                                           {"sealed at: ", &f.at}}};
  const auto line = [&]() -> std::optional<std::string_view> {
    const std::size_t end = statement.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view out = statement.substr(0, end);
    statement.remove_prefix(end + 1);
    return out;
  };
  if (line() != kFirstLine) return std::nullopt;
  for (const auto& [label, to] : parts) {
    const auto text = line();
    if (!text || !text->starts_with(label)) return std::nullopt;
    *to = text->substr(label.size());
  }
  const auto [end, error] = std::from_chars(lines.data(), lines.data() + lines.size(), f.lines);
  if (!statement.empty() || error != std::errc() || end != lines.data() + lines.size()) return std::nullopt;
  return f;
}

}  // namespace

Result<std::string> make_seal(const SealFacts& facts, std::string_view private_key_pem) {
  const auto key = read_key(private_key_pem, true);
  if (!key.ok()) return key.error();
  SealFacts signed_facts = facts;
  signed_facts.name = one_line(facts.name);
  const std::string statement = statement_of(signed_facts);
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  std::array<unsigned char, kSignatureBytes> signature{};
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key->get()) != 1 ||
      EVP_DigestSign(context.get(), signature.data(), &size, reinterpret_cast<const unsigned char*>(statement.data()),
                     statement.size()) != 1) {
    return Error{ErrorCode::io, "the key cannot sign", {}, "make a new one: openssl genpkey -algorithm ed25519"};
  }
  return dump_json(Json::object(
             {{"assay_seal", "1"},
              {"statement", statement},
              {"public_key", public_pem(key->get())},
              {"signature", to_hex(std::string_view(reinterpret_cast<const char*>(signature.data()), size))}})) +
         "\n";
}

Result<OpenedSeal> open_seal(std::string_view seal_json, std::string_view public_key_pem) {
  const Error no_seal{ErrorCode::bad_input, "this is no seal of a case", {}, "assay case seal --key KEY writes one"};
  if (seal_json.size() > kSealBytes) return no_seal;
  const auto json = parse_json(seal_json);
  if (!json.ok() || (*json)["assay_seal"].as_string() != "1") return no_seal;
  const std::string& statement = (*json)["statement"].as_string();
  const auto facts = facts_of(statement);
  const auto signature = from_hex((*json)["signature"].as_string());
  if (!facts || !signature || signature->size() != kSignatureBytes) return no_seal;
  const auto key = read_key(public_key_pem.empty() ? (*json)["public_key"].as_string() : public_key_pem, false);
  if (!key.ok()) return key.error();
  const std::unique_ptr<EVP_MD_CTX, Free> context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key->get()) != 1 ||
      EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature->data()), signature->size(),
                       reinterpret_cast<const unsigned char*>(statement.data()), statement.size()) != 1) {
    return Error{ErrorCode::integrity,
                 "the seal's signature does not fit its text",
                 {},
                 public_key_pem.empty() ? "ask the signer for the seal again" : "is it the key of another signer?"};
  }
  return OpenedSeal{*facts, fingerprint_of(key->get())};
}

}  // namespace assay
