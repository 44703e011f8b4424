#include "assess/retention.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "core/ascii.h"

namespace assay {
namespace {

// Retentions that systems are set to, days. A window of records of just that length (one day more or less) has a
// rolling edge.
constexpr std::array<std::int64_t, 9> kUsual = {7, 14, 30, 45, 60, 90, 180, 365, 730};
constexpr std::int64_t kSlack = 1;
constexpr std::int64_t kStaleDays = 3;  // a source that ended earlier than this no longer rolls
constexpr std::int64_t kLateDays = 7;   // later than the first source by more than this is worth a word

std::optional<std::int64_t> retention_of(const Profile& profile, const std::string& name, std::int64_t length) {
  if (const auto own = profile.retention_days.find(name); own != profile.retention_days.end()) {
    return std::abs(own->second - length) <= kSlack ? std::optional(own->second) : std::nullopt;
  }
  for (const std::int64_t days : kUsual) {
    if (std::abs(days - length) <= kSlack) return days;
  }
  return std::nullopt;
}

// The folder on disk that all places of a source share, last step: "zeek".
std::string common_folder(const SourceDays& source) {
  if (source.places.empty()) return {};
  std::string_view common = *source.places.begin();
  for (const std::string& place : source.places) {
    std::size_t same = 0;
    while (same < common.size() && same < place.size() && common[same] == place[same]) ++same;
    common = common.substr(0, same);
  }
  common = common.substr(0, common.find('!'));
  const std::size_t end = common.find_last_of('/');
  if (end == std::string_view::npos) return {};
  common = common.substr(0, end);
  const std::size_t start = common.find_last_of('/');
  return std::string(start == std::string_view::npos ? common : common.substr(start + 1));
}

// "network flows and 5 more kinds"
std::string kinds(const std::vector<std::string>& labels) {
  if (labels.size() <= 2) {
    std::string out;
    for (const std::string& label : labels) out += (out.empty() ? "" : " and ") + label;
    return out;
  }
  const auto best = std::find(labels.begin(), labels.end(), "network flows");
  return fmt::format("{} and {} more kinds", best == labels.end() ? labels.front() : *best, labels.size() - 1);
}

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

Time at_day(std::int64_t day) { return Time{day * kDay}; }

}  // namespace

std::vector<AboutToBeLost> about_to_be_lost(const CaseData& data, const Visibility& visibility,
                                            const Weights& weights) {
  // Kinds that come from one place with one edge are one source (the logs of one sensor).
  std::map<std::tuple<std::int64_t, std::int64_t, std::string>, std::vector<std::string>> edges;
  for (const auto& [name, source] : visibility.sources()) {
    if (source.days.empty() || weights.source(name).reach == Reach::snapshot ||
        weights.source(name).reach == Reach::sample)
      continue;
    const std::int64_t first = *source.days.begin(), last = *source.days.rbegin();
    if (data.as_of.known() && last + kStaleDays < data.as_of.day()) continue;
    // Only what the activity window still needs.
    if (first > visibility.window().last || first <= visibility.window().first) continue;
    const auto retention = retention_of(data.profile, name, last - first + 1);
    if (!retention) continue;
    edges[{first + *retention, first, common_folder(source)}].push_back(weights.source(name).label);
  }
  std::vector<AboutToBeLost> out;
  for (auto& [key, labels] : edges) {
    const auto& [on, first, folder] = key;
    std::sort(labels.begin(), labels.end());
    AboutToBeLost lost;
    lost.source = folder.empty() ? kinds(labels) : fmt::format("{} ({})", folder, kinds(labels));
    lost.on = at_day(on);
    lost.oldest = at_day(first);
    lost.what_to_do = fmt::format(
        "stop the rotation of {} and copy the days from {} on; it keeps {} days and each day takes one away",
        folder.empty() ? join(labels) : fmt::format("{} ({})", folder, join(labels)), format_day_month(at_day(first)),
        on - first);
    out.push_back(std::move(lost));
  }
  return out;
}

std::vector<CoverageLine> coverage_lines(const Visibility& visibility, const Weights& weights) {
  std::vector<CoverageLine> out;
  for (const auto& [name, source] : visibility.sources()) {
    CoverageLine line;
    const std::string folder = common_folder(source);
    line.source =
        folder.empty() ? weights.source(name).label : fmt::format("{} ({})", weights.source(name).label, folder);
    line.hosts = source.hosts.size();
    line.records = static_cast<std::uint64_t>(std::max<std::int64_t>(source.records, 0));
    line.first = source.first;
    line.last = source.last;
    for (const DaySpan& gap : Visibility::gaps(source))
      line.gaps.emplace_back(at_day(gap.first), Time{(gap.last + 1) * kDay - 1});
    out.push_back(std::move(line));
  }
  return out;
}

std::vector<RetentionLine> retention_lines(const CaseData& data, const Visibility& visibility, const Weights& weights) {
  std::map<std::pair<std::string, std::string>, RetentionLine> lines;  // (claim, source)
  const auto days_text = [](std::int64_t n) { return fmt::format("{} day{}", n, n == 1 ? "" : "s"); };
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const Claim& claim : advisory.claims) {
      const DaySpan window = visibility.window_of(claim);
      if (window.size() == 0) continue;
      for (const std::string& name : claim.source_classes) {
        const auto at = visibility.sources().find(name);
        const Reach reach = weights.source(name).reach;
        if (at == visibility.sources().end() || reach == Reach::snapshot || reach == Reach::sample) continue;
        const SourceDays& source = at->second;
        const std::string folder = common_folder(source);
        RetentionLine line;
        line.claim = claim.id;
        line.source =
            folder.empty() ? weights.source(name).label : fmt::format("{} ({})", weights.source(name).label, folder);
        line.from = at_day(window.first);
        line.until = Time{(window.last + 1) * kDay - 1};
        line.days = window.size();
        const auto first = source.days.lower_bound(window.first), end = source.days.upper_bound(window.last);
        line.covered = std::distance(first, end);
        if (line.covered == 0) {
          line.words = "no record in the time of the activity";
        } else {
          const std::int64_t begin = *first, last = *std::prev(end);
          line.first = begin > window.first || source.first.day() == begin ? std::max(source.first, at_day(begin))
                                                                           : at_day(begin);
          line.last = std::min(source.last, Time{(last + 1) * kDay - 1});
          line.words = begin > window.first ? fmt::format("the first record is {} after the activity began",
                                                          days_text(begin - window.first))
                                            : "reaches back to the begin of the activity";
          if (last < window.last)
            line.words += fmt::format("; the last one is {} before it ended", days_text(window.last - last));
          const std::int64_t holes = last - begin + 1 - line.covered;
          if (holes > 0) line.words += fmt::format("; {} between have none", days_text(holes));
        }
        lines.insert_or_assign({claim.id, name}, std::move(line));
      }
    }
  }
  std::vector<RetentionLine> out;
  for (auto& [key, line] : lines) out.push_back(std::move(line));
  return out;
}

std::vector<std::string> not_seen(const CaseData& data, const Visibility& visibility, const Weights& weights) {
  std::vector<std::string> out;
  std::int64_t silent = 0;
  for (const ScopeHost& host : visibility.hosts()) {
    if (host.examined) continue;
    ++silent;
    if (host.kind == "gateway") out.push_back(fmt::format("gateway {} (no logs)", host.name));
  }
  silent += visibility.in_scope() - static_cast<std::int64_t>(visibility.hosts().size());
  // Sources that begin late, latest first; kinds of one folder with one first day share a phrase. Only kinds that some
  // claim needs.
  std::set<std::string, std::less<>> needed;
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const Claim& claim : advisory.claims) needed.insert(claim.source_classes.begin(), claim.source_classes.end());
  }
  std::int64_t begin = INT64_MAX;
  for (const auto& [name, source] : visibility.sources()) {
    if (!source.days.empty() && weights.source(name).reach != Reach::snapshot)
      begin = std::min(begin, *source.days.begin());
  }
  begin = std::max(begin, visibility.window().first);
  std::map<std::pair<std::int64_t, std::string>, std::vector<std::string>, std::greater<>> late;
  std::map<std::tuple<std::int64_t, std::int64_t, std::string>, std::vector<std::string>> holes;
  for (const auto& [name, source] : visibility.sources()) {
    if (source.days.empty() || weights.source(name).reach == Reach::snapshot || !needed.contains(name)) continue;
    const std::int64_t first = *source.days.begin();
    const std::string folder = common_folder(source);
    if (first > begin + kLateDays && first <= visibility.window().last)
      late[{first, folder}].push_back(weights.source(name).label);
    for (const DaySpan& gap : Visibility::gaps(source))
      holes[{gap.first, gap.last, folder}].push_back(weights.source(name).label);
  }
  const auto called = [](const std::string& folder, const std::vector<std::string>& labels) {
    return labels.size() > 2 && !folder.empty() ? folder : kinds(labels);
  };
  if (silent > 0) out.push_back(fmt::format("{} host{}", silent, silent == 1 ? "" : "s"));
  for (const auto& [key, labels] : late)
    out.push_back(fmt::format("{} before {}", called(key.second, labels), format_day_month(at_day(key.first))));
  for (const auto& [key, labels] : holes) {
    const auto& [first, last, folder] = key;
    const Civil a = to_civil(at_day(first)), b = to_civil(at_day(last));
    const std::string days = first == last ? format_day_month(at_day(first))
                             : a.month == b.month
                                 ? fmt::format("{}-{}", a.day, format_day_month(at_day(last)))
                                 : format_day_month(at_day(first)) + "-" + format_day_month(at_day(last));
    out.push_back(fmt::format("{} ({})", days, called(folder, labels)));
  }
  return out;
}

}  // namespace assay
