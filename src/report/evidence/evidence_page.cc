#include "report/evidence/evidence_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "analytics/rhythm.h"
#include "core/ascii.h"
#include "core/json.h"
#include "report/escape.h"
#include "report/names.h"
#include "report/words.h"

namespace assay {
namespace {

using report::count_of;
using report::grouped;
using report::printable;

constexpr std::size_t kFigures = 56;  // columns right of the file's name
constexpr std::size_t kNoticesOfKind = 12;

// Alike items as one line.
struct Row {
  std::string name;
  std::string what;  // kind of thing, when it is no log
  std::set<std::string> shapes;
  std::map<std::string, std::uint64_t> routes;
  std::set<std::string> hosts;
  std::size_t files = 0;
  bool many_hosts = false, container = false;
  std::uint64_t bytes = 0, records = 0, notices = 0;
  Time first, last;
  std::set<std::int64_t> hours;
  std::set<NoticeKind> kinds;
};

std::string top_of(const std::string& path) { return path.substr(0, path.find('!')); }

// Hours with a record, by item.
std::map<std::string, std::set<std::int64_t>> hours_by_item(const CaseData& data) {
  std::map<std::string, std::set<std::int64_t>> out;
  const Table* coverage = data.table("coverage");
  if (coverage == nullptr) return out;
  for (const auto& [key, row] : coverage->rows()) {
    const auto day = parse_int(key[3]);
    if (!day || key[1] == "file") continue;
    for (std::int64_t hour = 0; hour < 24; ++hour) {
      if ((row[3] >> hour & 1) != 0) out[key[0]].insert(*day * 24 + hour);
    }
  }
  return out;
}

std::map<std::string, std::vector<const Notice*>> notices_by_item(const CaseData& data) {
  std::map<std::string, std::vector<const Notice*>> out;
  for (const Notice& notice : data.notices) out[notice.item].push_back(&notice);
  return out;
}

bool is_log(const EvidenceItem& item) { return item.kind == "records"; }

std::vector<Row> rows_of(const CaseData& data, const report::NameMask& mask, bool all) {
  const auto hours = hours_by_item(data);
  const auto notices = notices_by_item(data);
  std::map<std::vector<std::string>, Row> rows;
  for (const EvidenceItem& item : data.evidence) {
    const auto noted = notices.find(item.path);
    const bool has_notices = noted != notices.end();
    // An archive's own line says nothing that its members' lines do not, unless something is wrong with it.
    if (item.kind == "container" && !has_notices && !all) continue;
    std::string routes;
    for (const auto& [route, records] : item.routes) routes += route + ",";
    const bool inside = item.path.find('!') != std::string::npos;
    const std::string name = all || !inside ? item.path : top_of(item.path);
    Row& row = rows[{name, item.kind, is_log(item) ? routes : item.shape}];
    row.name = mask.text(name);
    ++row.files;
    row.container = item.kind == "container";
    if (!is_log(item)) row.what = item.shape.empty() ? item.kind : item.shape;
    if (is_log(item)) row.shapes.insert(item.shape);
    for (const auto& [route, records] : item.routes) row.routes[route] += records;
    row.hosts.insert(item.hosts.begin(), item.hosts.end());
    row.many_hosts = row.many_hosts || item.hosts.size() >= 64;
    row.bytes += item.bytes;
    row.records += item.records;
    if (item.first.known() && (!row.first.known() || item.first < row.first)) row.first = item.first;
    if (item.last.known() && (!row.last.known() || item.last > row.last)) row.last = item.last;
    if (const auto at = hours.find(item.path); at != hours.end())
      row.hours.insert(at->second.begin(), at->second.end());
    if (has_notices) {
      for (const Notice* notice : noted->second) {
        row.notices += notice->count;
        row.kinds.insert(notice->kind);
      }
    }
  }
  std::vector<Row> out;
  for (auto& [key, row] : rows) out.push_back(std::move(row));
  return out;
}

// Lines of at most `width` columns, each behind `indent` blanks; longer words are cut over several lines.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  for (const report::Plain& line : report::show(text, 4096).wrap(width - indent))
    out += std::string(indent, ' ') + line.text() + "\n";
  return out;
}

std::string span_text(const Row& row) {
  if (!row.first.known()) return {};
  return format_date(row.first) + " " + (format_date(row.first) == format_date(row.last) ? "" : format_date(row.last));
}

std::string what_is(const Row& row) {
  std::string out;
  for (const std::string& shape : row.shapes) out += (out.empty() ? "" : ", ") + shape;
  std::vector<std::pair<std::uint64_t, std::string>> routes;
  for (const auto& [route, records] : row.routes) {
    // A file of one shape says that shape once.
    const std::size_t cut = route.find('/');
    const bool named = row.shapes.size() == 1 && route.substr(0, cut) == *row.shapes.begin();
    routes.emplace_back(records, named ? route.substr(cut + 1) : route);
  }
  std::sort(routes.begin(), routes.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::string list;
  for (std::size_t i = 0; i < routes.size() && i < 8; ++i)
    list += fmt::format("{}{} {}", i == 0 ? "" : ", ", routes[i].second, grouped(routes[i].first));
  if (routes.size() > 8) list += fmt::format(" and {} more", routes.size() - 8);
  if (!list.empty()) out += ": " + list;
  if (!row.what.empty()) {
    out = row.kinds.contains(NoticeKind::recognised_not_read) ? row.what + ", not read: see below"
          : row.container                                     ? "archive (" + row.what + "), opened"
          : row.what == "empty"                               ? "empty"
                                                              : "no log; looked at as a file of type " + row.what;
  }
  if (row.files > 1) out += fmt::format(" ({} files)", grouped(row.files));
  return out;
}

struct Totals {
  std::uint64_t bytes = 0, record_bytes = 0, between = 0, damaged = 0, skipped = 0;
  std::uint64_t records = 0, outside = 0, copied = 0, damaged_records = 0;
  std::size_t logs = 0, containers = 0, others = 0, copies = 0;
};

// Every item by its own bytes: those of a container's members are counted with the members, its own are wrapping.
Totals totals_of(const CaseData& data) {
  Totals t;
  for (const EvidenceItem& item : data.evidence) {
    (is_log(item) ? t.logs : item.kind == "container" ? t.containers : t.others) += 1;
    t.copies += item.copies.size();
    if (!is_log(item)) continue;
    t.bytes += item.bytes;
    t.record_bytes += item.record_bytes;
    t.between += item.between_bytes;
    t.damaged += item.damaged_bytes;
    t.skipped += item.skipped_bytes;
    t.records += item.records;
    t.outside += item.outside;
    t.copied += item.copied;
    t.damaged_records += item.damaged;
  }
  return t;
}

std::string accounts(const Totals& t) {
  std::string out =
      fmt::format("{} and {} opened; {} not a log", count_of(t.logs, "log file", "log files"),
                  count_of(t.containers, "archive", "archives"), count_of(t.others, "file is", "files are"));
  if (t.copies > 0) out += fmt::format("; {} more hold the same bytes as another", grouped(t.copies));
  out += fmt::format(".\nBytes of the logs    {:>17} = {} in records + {} between records + {} damaged + {} skipped\n",
                     grouped(t.bytes), grouped(t.record_bytes), grouped(t.between), grouped(t.damaged),
                     grouped(t.skipped));
  out += fmt::format("Records of the logs: {} = {} kept + {} copies of others", grouped(t.records),
                     grouped(t.records - t.outside - t.copied), grouped(t.copied));
  if (t.outside > 0) out += fmt::format(" + {} outside the time asked for", grouped(t.outside));
  return out + "\n";
}

}  // namespace

std::string_view remedy_of(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::not_recognised:
      return "If it is a log: export it as JSON lines or CSV, or describe it with a schema (docs/schemas.md).";
    case NoticeKind::recognised_not_read:
      return "Convert it as told and look again.";
    case NoticeKind::unreadable:
      return "Fix the permission or take a new copy.";
    case NoticeKind::empty:
      return "Ask whether the export failed.";
    case NoticeKind::special_file:
      return "Nothing, unless it should have been a file.";
    case NoticeKind::encrypted:
      return "Decrypt it and look again.";
    case NoticeKind::damaged_record:
      return "Look at the place named; ask the source for that line.";
    case NoticeKind::damaged_file:
    case NoticeKind::truncated:
      return "Take a new copy and compare its hash with the source's.";
    case NoticeKind::bad_value:
    case NoticeKind::not_utf8:
    case NoticeKind::duplicate_key:
      return "Nothing, unless there are many.";
    case NoticeKind::no_time:
      return "They count in no time window. Look at where the log keeps its time (docs/schemas.md, times).";
    case NoticeKind::limit_record:
    case NoticeKind::limit_depth:
    case NoticeKind::limit_members:
    case NoticeKind::limit_output:
    case NoticeKind::limit_other:
      return "Unpack or cut it and look again (docs/limits.md).";
    case NoticeKind::clock_conflict:
      return "Find out which clock is right; a local time written with a Z is the usual cause.";
    case NoticeKind::clock_offset:
      return "Ask the source's owner; correct it with `clocks` in the profile (docs/profile.md).";
    case NoticeKind::shared_records:
      return "Give the files as one, without the overlap, if bytes of that hour matter.";
    case NoticeKind::gap:
      return "Ask for the missing files: other copies, backup, log host.";
    case NoticeKind::probably_truncated_export:
      return "Export again in smaller pieces.";
    case NoticeKind::changed_while_read:
      return "Work on a copy that nobody writes to.";
    case NoticeKind::unit_given_up:
      return "Look at that span by hand, and report it.";
    default:
      return "";
  }
}

std::string evidence_page(const CaseData& data, const EvidencePageOptions& options) {
  const std::size_t width = std::clamp<std::size_t>(options.width, 80, 200);
  const std::size_t name_width = width - kFigures;
  std::string out = fmt::format("{:<{}}{:>12} {:>6}  {:<10} {:<10} {:>4} {:>8}\n", "file", name_width, "records",
                                "hosts", "first day", "last day", "gaps", "notices");
  const report::NameMask mask(data, nullptr, options.names);
  for (const Row& row : rows_of(data, mask, options.all)) {
    std::string name = printable(row.name, 4096);
    if (report::show(row.name, 4096).columns() >= name_width) {
      out += wrapped(row.name, 0, width);
      name.clear();
    }
    const std::size_t gaps = rhythm_gaps(row.hours).size();
    std::string line = fmt::format(
        "{:<{}}{:>12} {:>6}  {:<21} {:>4} {:>8}", name, name_width + name.size() - report::show(name, 8192).columns(),
        row.what.empty() ? grouped(row.records) : "-",
        row.hosts.empty() ? "-" : grouped(row.hosts.size()) + (row.many_hosts ? "+" : ""), span_text(row),
        gaps == 0 ? "-" : grouped(gaps), row.notices == 0 ? "-" : grouped(row.notices));
    while (!line.empty() && line.back() == ' ') line.pop_back();
    out += line + "\n" + wrapped(what_is(row), 4, width);
  }
  const std::string sums = accounts(totals_of(data));
  out += "\n";
  for (const std::string_view line : split(sums, '\n')) {
    if (!line.empty()) out += wrapped(line, 0, width);
  }

  std::map<NoticeKind, std::vector<const Notice*>> by_kind;
  for (const Notice& notice : data.notices) by_kind[notice.kind].push_back(&notice);
  if (!by_kind.empty()) out += "\nNotices\n";
  for (const auto& [kind, list] : by_kind) {
    std::uint64_t count = 0;
    for (const Notice* notice : list) count += notice->count;
    out += wrapped(fmt::format("{} {}x. {}", name_of(kind), grouped(count), remedy_of(kind)), 2, width);
    const std::size_t most = options.all ? list.size() : std::min(list.size(), kNoticesOfKind);
    for (std::size_t i = 0; i < most; ++i) {
      const Notice& notice = *list[i];
      out += wrapped(fmt::format("{}{}{}: {}", grouped(notice.count), notice.item.empty() ? "" : "x ",
                                 mask.text(notice.item), mask.text(notice.detail)),
                     6, width);
    }
    if (most < list.size()) out += fmt::format("      and {} more (--all shows them)\n", grouped(list.size() - most));
  }
  return out;
}

std::string evidence_json(const CaseData& data, bool names) {
  const report::NameMask mask(data, nullptr, names);
  const auto text_or_null = [](const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); };
  const auto time = [](Time t) { return t.known() ? Json(format_utc(t)) : Json(nullptr); };
  const auto list = [&](const std::vector<std::string>& values) {
    Json out = Json::array();
    for (const std::string& value : values) out.push(mask.text(value));
    return out;
  };
  const auto hours = hours_by_item(data);
  Json evidence = Json::array();
  for (const EvidenceItem& e : data.evidence) {
    Json routes = Json::object(), gaps = Json::array();
    for (const auto& [route, records] : e.routes) routes.add(route, Json(records));
    if (const auto at = hours.find(e.path); at != hours.end()) {
      for (const RhythmGap& gap : rhythm_gaps(at->second)) {
        gaps.push(
            Json::object({{"from", time(Time{gap.first * kHour})}, {"to", time(Time{(gap.last + 1) * kHour - 1})}}));
      }
    }
    evidence.push(Json::object({{"id", e.id},
                                {"path", mask.text(e.path)},
                                {"parent", text_or_null(e.parent)},
                                {"copies", list(e.copies)},
                                {"kind", e.kind},
                                {"shape", text_or_null(e.shape)},
                                {"routes", std::move(routes)},
                                {"bytes", e.bytes},
                                {"records", e.records},
                                {"damaged_records", e.damaged},
                                {"read", Json::object({{"record_bytes", e.record_bytes},
                                                       {"between_bytes", e.between_bytes},
                                                       {"damaged_bytes", e.damaged_bytes},
                                                       {"skipped_bytes", e.skipped_bytes}})},
                                {"dropped", Json::object({{"outside", e.outside}, {"copies", e.copied}})},
                                {"hosts", list(e.hosts)},
                                {"first", time(e.first)},
                                {"last", time(e.last)},
                                {"gaps", std::move(gaps)},
                                {"sha256", text_or_null(e.sha256)}}));
  }
  const Totals t = totals_of(data);
  Json notices = Json::array();
  for (const Notice& n : data.notices) {
    notices.push(Json::object({{"kind", name_of(n.kind)},
                               {"item", text_or_null(mask.text(n.item))},
                               {"offset", n.offset},
                               {"count", n.count},
                               {"detail", mask.text(n.detail)},
                               {"what_to_do", text_or_null(std::string(remedy_of(n.kind)))}}));
  }
  const Json out = Json::object({{"assay", "1"},
                                 {"evidence", std::move(evidence)},
                                 {"totals", Json::object({{"logs", std::uint64_t{t.logs}},
                                                          {"containers", std::uint64_t{t.containers}},
                                                          {"others", std::uint64_t{t.others}},
                                                          {"copies", std::uint64_t{t.copies}},
                                                          {"bytes", t.bytes},
                                                          {"record_bytes", t.record_bytes},
                                                          {"between_bytes", t.between},
                                                          {"damaged_bytes", t.damaged},
                                                          {"skipped_bytes", t.skipped},
                                                          {"records", t.records},
                                                          {"kept", t.records - t.outside - t.copied},
                                                          {"outside", t.outside},
                                                          {"copied", t.copied},
                                                          {"damaged_records", t.damaged_records}})},
                                 {"notices", std::move(notices)}});
  return report::harden_json(dump_json(out, 1)) + "\n";
}

}  // namespace assay
