// Kinds of things that a warning lists, whatever its form, and how each is written as a STIX 2.1 pattern.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class Observable : std::uint8_t {
  ipv4,
  ipv6,
  cidr,
  domain,
  url,
  mail_address,
  md5,
  sha1,
  sha256,
  sha512,
  imphash,
  ssdeep,
  ja3,
  certificate_sha1,
  file_name,
  file_path,
  registry_key,
  mutex,
  user_agent,
  mail_subject,
  command_line,
  user_account,
};
inline constexpr std::size_t kObservables = 22;

[[nodiscard]] std::string_view name_of(Observable kind);  // "sha256"; also what --format json prints
[[nodiscard]] std::optional<Observable> observable_from(std::string_view name);

// The value as it is compared: defanged forms undone, spaces at the ends gone, hashes and domains in lower case, an
// address in its one form. No value: it is none of that kind, and `why` says what is wrong with it.
[[nodiscard]] std::optional<std::string> normalise_observable(Observable kind, std::string_view text, std::string& why);
// "[domain-name:value = 'x.example']"; the value is escaped.
[[nodiscard]] std::string stix_pattern_of(Observable kind, std::string_view value);
// What a lone value is: an address, network, URL, mail address, hash by its length, path, registry key, file name or
// domain. A name with the ending of a file is a file; `hint` (a column's or section's name) decides where it can.
[[nodiscard]] std::optional<Observable> guess_observable(std::string_view value, std::string_view hint);

// The name ends as files do: "update.exe", "setup.py". `also_domain`: its ending is a top-level domain as well.
[[nodiscard]] bool has_file_ending(std::string_view name, bool* also_domain = nullptr);
// The last label is one that the public suffix list knows.
[[nodiscard]] bool has_known_suffix(std::string_view domain);

}  // namespace assay
