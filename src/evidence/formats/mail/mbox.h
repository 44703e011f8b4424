// Mailbox files (RFC 4155): where one message ends and the next begins, and how both kinds of mail file are told from
// others.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay::mail {

inline constexpr std::size_t kFromLineBytes = 1000;

// "From sender Tue Apr 28 09:05:00 2020": the line that stands before each message. It must hold a clock time and a
// year.
[[nodiscard]] bool is_from_line(std::string_view line);

struct Next {
  enum class Kind { found, more, none } kind = Kind::none;
  std::size_t at = 0;  // found: where the next message's line begins; more: where to go on looking
};
// The next message's line in `text` at or after `from`, which follows an empty line. `more`: a line that may be one is
// not whole yet.
[[nodiscard]] Next find_from_line(std::string_view text, std::size_t from, bool at_end);

// 0: no message; else a score for Recognition. The header of the first message must begin the text.
[[nodiscard]] int mail_score(std::string_view head, bool whole);
// The text without a byte order mark.
[[nodiscard]] std::string_view without_mark(std::string_view text);

}  // namespace assay::mail
