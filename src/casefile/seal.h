// A detached seal: the head of a case's processing log and the hash of its file, signed with an Ed25519 key (RFC 8032).
// It stands outside the case and leaves it as it is. What is signed is plain text, so that anybody can check it with
// openssl alone (docs/verbs/case.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace assay {

struct SealFacts {
  std::string name;         // of the case's file, without its folder
  std::string head;         // of the processing log, hexadecimal
  std::uint64_t lines = 0;  // of the processing log
  std::string sha256;       // of the file at rest
  std::string at;           // UTC, as the signer's machine says
  friend bool operator==(const SealFacts&, const SealFacts&) = default;
};

// The seal as JSON text. Errors: bad_input when the key is no Ed25519 private key in PEM, or is encrypted.
[[nodiscard]] Result<std::string> make_seal(const SealFacts& facts, std::string_view private_key_pem);

struct OpenedSeal {
  SealFacts facts;
  std::string fingerprint;  // SHA-256 of the public key (DER, SubjectPublicKeyInfo), hexadecimal
};
// Checks the signature with the key that the seal carries, or with `public_key_pem` when that is not empty.
// Errors: bad_input (no seal, no key), integrity (the signature is not of this text and key).
[[nodiscard]] Result<OpenedSeal> open_seal(std::string_view seal_json, std::string_view public_key_pem);

}  // namespace assay
