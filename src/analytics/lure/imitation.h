// Does a name imitate one of our domains: a confusable or mistyped spelling of its distinctive label, or the label itself inside
// somebody else's domain. Names only; whether it is hostile is for others to say.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace assay {

enum class Imitation : std::uint8_t {
  none,
  confusable,   // login-1arkmoor.example: reads as ours
  mistyped,     // larkmor.example: one letter more, less, other or swapped
  contained,    // larkmoor-login.net, larkmoor.example.evil.net: our label in a foreign domain
};

struct Imitated {
  Imitation kind = Imitation::none;
  std::string domain;   // which of ours
};

// `domain` and `own` are lower case or not, with or without a dot at the end. Our domains and their subdomains imitate nobody.
[[nodiscard]] Imitated imitates(std::string_view domain, std::span<const std::string> own);

}  // namespace assay
