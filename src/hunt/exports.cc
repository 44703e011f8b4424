#include "hunt/exports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace assay {
namespace {

// Rows at which searches, portals and spreadsheets stop. A spreadsheet's header takes one of its 65,536 or 1,048,576.
constexpr std::array<std::uint64_t, 9> kLimits = {1'000,  5'000,   10'000,    50'000,   65'535,
                                                  65'536, 100'000, 1'048'575, 1'048'576};
// A result page, newest first, is a multiple of this.
constexpr std::uint64_t kRound = 500;

std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, ",");
  }
  return out;
}

}  // namespace

std::optional<std::string> cut_export(const ItemPart& item, bool cut) {
  if (!item.export_rows) return std::nullopt;
  const std::uint64_t rows = item.records + item.damaged;
  const bool newest_first = item.later_to_earlier > 0 && item.earlier_to_later * 20 < item.later_to_earlier;
  std::string why;
  if (std::find(kLimits.begin(), kLimits.end(), rows) != kLimits.end()) {
    why = fmt::format("exactly {} records, where exports stop", grouped(rows));
  } else if (cut && rows > 0) {
    why = "it ends inside a record";
  } else if (newest_first && rows > 0 && rows % kRound == 0) {
    why = fmt::format("newest first and exactly {} records", grouped(rows));
  } else {
    return std::nullopt;
  }
  const Time edge = newest_first ? item.first : item.last;
  if (edge.known())
    why += fmt::format("; there is probably more {} {}", newest_first ? "before" : "after", format_utc(edge));
  return why;
}

void report_cut_exports(const std::map<std::string, ItemPart>& items, Notices& notices) {
  std::set<std::string> cut;
  for (const Notice& notice : notices.sorted()) {
    if (notice.kind == NoticeKind::truncated) cut.insert(notice.item);
  }
  for (const auto& [chain, item] : items) {
    if (auto why = cut_export(item, cut.contains(chain)))
      notices.add({NoticeKind::probably_truncated_export, chain, 0, 1, std::move(*why)});
  }
}

}  // namespace assay
