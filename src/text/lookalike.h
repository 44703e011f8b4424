// Names that a hurried eye takes for one of ours: one slip of a key away, or the same once characters that look alike
// are taken as one. It compares names only; what a look-alike means is for others to say.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace assay {

// The label as it is seen: 0 o; 1 i | l; 3 e; 5 s; 8 b; rn m; vv w; cl d; in lower case.
[[nodiscard]] std::string look_of(std::string_view label);
// One insertion, deletion, replacement or swap of neighbours apart; equal strings are not.
[[nodiscard]] bool one_edit_apart(std::string_view a, std::string_view b);

enum class Lookalike : std::uint8_t {
  none,
  same_look,  // "1arkmoor" for "larkmoor"
  one_edit,   // "larkmor", "larkmooor", "lrakmoor"
  part,       // "login-1arkmoor", "larkmoor-vpn": our label, or its look, as a word or part of a longer label
  other_end,  // "larkmoor.com" for "larkmoor.example": the same label under another public suffix
};

struct LookalikeOf {
  Lookalike kind = Lookalike::none;
  std::string own;  // which of ours
};

// Compares the registrable label of `domain`, and the labels before it, with the registrable labels of our domains. Our
// own domains and names below them never look alike; labels of ours shorter than kLookalikeLabel are compared only by
// look and whole.
[[nodiscard]] LookalikeOf lookalike(std::string_view domain, std::span<const std::string> own);
inline constexpr std::size_t kLookalikeLabel = 6;

}  // namespace assay
