// Text that quotes an advisory or holds detection rules is no evidence of what it speaks about: its matches are
// mentions.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

// Distinct indicators of one advisory in one text from which on it quotes the advisory.
inline constexpr std::size_t kMentionIndicators = 3;

// The same for a whole item of many records (a log of queries): distinct indicators that stand in free text.
inline constexpr std::size_t kMentionPerItem = 10;

// YARA, Sigma, Snort or STIX indicator text, by its own syntax. Looks at the first MiB.
[[nodiscard]] bool holds_rule_text(std::string_view text);

}  // namespace assay
