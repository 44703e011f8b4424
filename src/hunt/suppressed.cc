#include "hunt/suppressed.h"

#include <fmt/format.h>

namespace assay {
namespace {

std::string shown(const ir::Filter& filter) {
  return fmt::format(
      "filter \"{}\" (reason: {}; author: {}; last day: {})", filter.title.empty() ? filter.id : filter.title,
      filter.reason.empty() ? "not given" : filter.reason, filter.author.empty() ? "not given" : filter.author,
      filter.expires.known() ? format_date(Time{filter.expires.ns - kDay}) : "not given");
}

}  // namespace

Suppressed::Suppressed(const RuleSet& rules, Time as_of) : rules_(rules) {
  for (const ir::Filter& filter : rules.filters)
    expired_.push_back(filter.expires.known() && as_of.known() && as_of >= filter.expires);
}

std::optional<std::uint32_t> Suppressed::by(const Match& match) const {
  for (const std::uint32_t filter : match.filters) {
    if (filter < expired_.size() && !expired_[filter]) return filter;
  }
  return std::nullopt;
}

void Suppressed::report(const DetectorCatalogue& catalogue, Notices& notices) const {
  for (const auto& [pair, count] : counts_) {
    const DetectorInfo rule = catalogue[pair.second];
    notices.add(
        {NoticeKind::suppressed, "", 0, count,
         fmt::format("{} suppressed hits of \"{}\" ({})", shown(rules_.filters[pair.first]), rule.title, rule.id)});
  }
  for (std::size_t i = 0; i < expired_.size(); ++i) {
    if (!expired_[i]) continue;
    notices.add({NoticeKind::filter_expired, "", 0, 1,
                 fmt::format("{} is past its last day and was not applied", shown(rules_.filters[i]))});
  }
}

}  // namespace assay
