#include "text/extract/prepare.h"

#include <algorithm>

#include "text/extract/join.h"
#include "text/extract/undo.h"

namespace assay {

bool Prepared::was_defanged(std::size_t begin, std::size_t end) const {
  return std::any_of(undone.begin() + static_cast<std::ptrdiff_t>(begin),
                     undone.begin() + static_cast<std::ptrdiff_t>(end), [](std::uint8_t flag) { return flag != 0; });
}

Prepared prepare(std::string_view text) {
  Prepared first = undo_defanging(text);
  std::vector<MovedPiece> moved;
  const auto gaps = cut_values(first, moved);
  if (gaps.empty() && moved.empty()) return first;
  Prepared out;
  std::size_t copied = 0;
  const auto copy = [&](std::size_t end) {
    out.text.append(first.text, copied, end - copied);
    out.from.insert(out.from.end(), first.from.begin() + static_cast<std::ptrdiff_t>(copied),
                    first.from.begin() + static_cast<std::ptrdiff_t>(end));
    out.undone.insert(out.undone.end(), first.undone.begin() + static_cast<std::ptrdiff_t>(copied),
                      first.undone.begin() + static_cast<std::ptrdiff_t>(end));
  };
  std::size_t next = 0;
  const auto move_before = [&](std::size_t place) {
    for (; next < moved.size() && moved[next].to <= place; ++next) {
      const MovedPiece& piece = moved[next];
      if (piece.to < copied) continue;
      copy(piece.to);
      copied = piece.begin;
      copy(piece.end);
      copied = piece.to;
      copy(piece.begin);
      copied = piece.end;
    }
  };
  for (const auto& [begin, end] : gaps) {
    move_before(begin);
    if (begin < copied) continue;
    if (begin > 0 && first.text[begin - 1] == '\n') first.text[begin - 1] = ' ';  // a space of a path
    copy(begin);
    copied = end;
  }
  move_before(first.text.size());
  copy(first.text.size());
  out.from.push_back(first.from.back());
  return out;
}

}  // namespace assay
