#include "analytics/impact/impact.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <vector>

#include "analytics/common.h"
#include "core/ascii.h"
#include "core/hash.h"

namespace assay {
namespace {

constexpr std::size_t kFindings = 1000;      // of each kind; the largest are kept
constexpr std::int64_t kMassHour = 200;      // files written or deleted in an hour that are a mass ...
constexpr std::int64_t kTimesUsual = 10;     // ... and this many times the account's usual hour there
constexpr std::int64_t kOneEnding = 80;      // percent of what was written that has one new ending: encryption
constexpr std::size_t kEndingBytes = 12;     // a longer ending is none
constexpr std::int64_t kHabitHours = 24;     // hours with changes that make a habit
constexpr std::int64_t kResearchLeast = 20;  // changed research files worth a look, ...
constexpr std::int64_t kResearchTimes = 5;   // ... and this many times the account's usual day
constexpr std::int64_t kJoin = 24;           // hours of one account and share that belong together
constexpr std::int64_t kHistory = 72;        // hours of changes on a share before an ending can be new

// "results.tar.gz.crypt" -> "crypt"; "" when there is none or it is no ending but a part of the name.
std::string ending_of(std::string_view path) {
  path = last_step(path);
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == path.size() || path.size() - dot - 1 > kEndingBytes) return {};
  const std::string_view ending = path.substr(dot + 1);
  if (!std::all_of(ending.begin(), ending.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_'; })) return {};
  return lower(ending);
}

// Access rights of Windows' file audits, by mask or by the names that exports write out.
constexpr std::int64_t kWriteData = 0x2, kAppend = 0x4, kDelete = 0x10000;

struct Access {
  bool writes = false, deletes = false;
};

Access access_of(std::string_view mask, std::string_view list) {
  Access out;
  std::int64_t bits = 0;
  if (mask.starts_with("0x") || mask.starts_with("0X")) {
    for (const char c : mask.substr(2)) bits = is_hex(c) && bits < (1LL << 32) ? bits * 16 + hex_value(c) : bits;
  }
  out.writes = (bits & (kWriteData | kAppend)) != 0;
  out.deletes = (bits & kDelete) != 0;
  for (const auto& [name, flag] : {std::pair("%%4417", 0), std::pair("%%4418", 0), std::pair("WriteData", 0),
                                   std::pair("AppendData", 0), std::pair("%%1537", 1), std::pair("DELETE", 1)}) {
    if (list.find(name) != std::string_view::npos) (flag == 0 ? out.writes : out.deletes) = true;
  }
  return out;
}

struct Where {
  std::string account, server, share;
  auto operator<=>(const Where&) const = default;
};

using Rows = std::vector<std::pair<Table::KeyView, Table::RowView>>;

struct HourOfChanges {
  std::int64_t written = 0, deleted = 0;
  std::map<std::string, std::int64_t> written_as, deleted_as;  // by ending
};

std::int64_t median(std::vector<std::int64_t> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

class Impact final : public Analytic {
 public:
  std::string_view name() const override { return "impact"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {{"analytic.mass-encryption",
             "Files rewritten in mass under one new ending",
             "Within an hour an account writes hundreds of files that nearly all have one ending the share never had, "
             "and the files with the usual endings go.",
             {{"claim.destruction"}, "typical", "mass-encryption", "impact"}},
            {"analytic.mass-deletion",
             "Files deleted in mass",
             "Within an hour an account deletes hundreds of files, far above its own habit, and writes none in their "
             "place.",
             {{"claim.destruction"}, "generic", "mass-deletion", "impact"}},
            {"analytic.research-files-changed",
             "Research files changed above the account's own habit",
             "An account writes far more files than on its usual day on a share that the profile names as key.",
             {{}, "generic", "research-files-changed", "impact"}},
            {"analytic.mass-change-explained",
             "Files renamed or moved in mass, and explained",
             "The files keep their endings, or a service account does what it always does: a migration, housekeeping.",
             {{}, "context", "mass-change-explained", "ordinary"}}};
  }

  std::vector<std::string> names() const override {
    return {"@account",   "@share",     "@object",  "@file_path", "@event_id",
            "AccessMask", "AccessList", "Accesses", "@operation"};
  }
  std::vector<std::string> source_classes() const override { return {"file_audit", "endpoint", "edr"}; }

  std::vector<TableSpec> tables() const override {
    return {{"file_changes",
             {"item", "account", "server", "share", "kind", "ending", "hour"},
             {"count", "first", "last", "first_ref"},
             {Merge::sum, Merge::min, Merge::max, Merge::min}}};
  }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    if (!record.time().known()) return;
    std::string account = lower(record.account());
    if (account.empty()) account = lower(record.get("@account").text);
    if (account.empty() || account.ends_with('$')) return;
    const Access access = what(record);
    if (!access.writes && !access.deletes) return;
    std::string_view path = record.get("@object").text;
    if (path.empty()) path = record.get("@file_path").text;
    if (path.empty()) return;
    std::string share = lower(record.get("@share").text);
    if (share.empty()) share = top_folder(path);
    const std::array<std::int64_t, 4> row{1, record.time().ns, record.time().ns,
                                          pack_ref(record.ref().offset, record.ref().length)};
    for (const auto& [does, kind] : {std::pair(access.writes, "write"), std::pair(access.deletes, "delete")}) {
      if (!does) continue;
      tables[0].add({std::string(record.item()), account, lower(record.host()), share, kind, ending_of(path),
                     hour_key(record.time())},
                    row);
    }
  }

  std::vector<Finding> finish(const FinishInput& input, Notices& notices) const override {
    std::vector<Finding> out;
    const Table* table = input.table("file_changes");
    if (table == nullptr || input.profile == nullptr) return out;
    const Interest interest = interest_of(*table, input);
    std::map<Where, std::map<std::int64_t, HourOfChanges>> changes;
    std::map<Where, Rows> rows;
    std::map<std::pair<std::string, std::string>, std::map<std::string, std::int64_t>> endings;  // first hour of each
    for (const auto& [key, row] : table->rows()) {
      const std::int64_t hour = hour_of(key[6]);
      if (hour == INT64_MIN) continue;
      if (!interest.wheres.contains(where_hash(key))) {
        if (key[4] == "write" && interest.shares.contains(share_hash(key))) {
          std::int64_t& first = endings[{key[2], key[3]}].try_emplace(key[5], hour).first->second;
          first = std::min(first, hour);
        }
        continue;
      }
      const Where where{key[1], key[2], key[3]};
      rows[where].emplace_back(key, row);
      HourOfChanges& in = changes[where][hour];
      if (key[4] == "write") {
        in.written += row[0];
        in.written_as[key[5]] += row[0];
        std::int64_t& first = endings[{key[2], key[3]}].try_emplace(key[5], hour).first->second;
        first = std::min(first, hour);
      } else {
        in.deleted += row[0];
        in.deleted_as[key[5]] += row[0];
      }
    }
    for (const auto& [where, hours] : changes) {
      masses(input, rows[where], where, hours, endings[{where.server, where.share}], out);
      research(input, rows[where], where, hours, out);
    }
    std::stable_sort(out.begin(), out.end(),
                     [](const Finding& a, const Finding& b) { return a.sighting.count > b.sighting.count; });
    std::map<std::string, std::size_t> kept;
    std::erase_if(out, [&](const Finding& finding) {
      if (++kept[finding.sighting.detector_id] <= kFindings) return false;
      notices.add(
          {NoticeKind::limit_other, "", 0, 1, "mass changes of files beyond the largest " + std::to_string(kFindings)});
      return true;
    });
    return out;
  }

 private:
  static std::uint64_t where_hash(const Table::KeyView& key) { return hash64(key[1], share_hash(key)); }
  static std::uint64_t share_hash(const Table::KeyView& key) { return hash64(key[3], hash64(key[2])); }

  // Accounts on shares, and these shares, that can have a finding at all: an hour with a mass of changes, or a share
  // that the profile names as key. PERF NOTE: on most estates that is one in thousands, and what is kept of each takes
  // a hundred times what its row does; a hash and a count for each row find them.
  struct Interest {
    std::set<std::uint64_t> wheres, shares;
  };
  static Interest interest_of(const Table& table, const FinishInput& input) {
    Interest out;
    std::vector<std::pair<std::uint64_t, std::int64_t>> hours;  // (account, server, share, hour) -> changes of a row
    const auto each = [&](auto&& f) {
      for (const auto& [key, row] : table.rows()) {
        const std::int64_t hour = hour_of(key[6]);
        if (hour != INT64_MIN) f(key, row, where_hash(key), hour);
      }
    };
    const auto of_hour = [](std::uint64_t where, std::int64_t hour) {
      return where ^ static_cast<std::uint64_t>(hour) * 0x9e3779b97f4a7c15U;
    };
    hours.reserve(table.size());
    each([&](const Table::KeyView&, Table::RowView row, std::uint64_t where, std::int64_t hour) {
      hours.emplace_back(of_hour(where, hour), row[0]);
    });
    std::sort(hours.begin(), hours.end());
    std::vector<std::uint64_t> masses;
    for (std::size_t i = 0; i < hours.size();) {
      const std::uint64_t one = hours[i].first;
      std::int64_t changes = 0;
      for (; i < hours.size() && hours[i].first == one; ++i) changes += hours[i].second;
      if (changes >= kMassHour) masses.push_back(one);
    }
    each([&](const Table::KeyView& key, Table::RowView, std::uint64_t where, std::int64_t hour) {
      if (!std::binary_search(masses.begin(), masses.end(), of_hour(where, hour)) && !is_key(input, key[3])) return;
      out.wheres.insert(where);
      out.shares.insert(share_hash(key));
    });
    return out;
  }

  static bool is_key(const FinishInput& input, std::string_view share) {
    return std::any_of(input.profile->key_shares.begin(), input.profile->key_shares.end(), [&](const std::string& one) {
      const std::string_view last = last_step(one);
      return equals_icase(one, share) || (!last.empty() && ends_with_icase(share, last));
    });
  }

  static Access what(const RoleView& record) {
    const std::string_view event = record.get("@event_id").text;
    const std::string& klass = record.route().source_class;
    if (klass == "file_audit") {
      if (event == "4660") return {false, true};
      if (event == "5145" || event == "4663") {
        std::string_view list = record.get("AccessList").text;
        if (list.empty()) list = record.get("Accesses").text;
        return access_of(record.get("AccessMask").text, list);
      }
    } else if (klass == "endpoint") {
      if (event == "11") return {true, false};
      if (event == "23" || event == "26") return {false, true};
    }
    const std::string operation = lower(record.get("@operation").text);
    if (operation.find("renam") != std::string::npos || operation.find("move") != std::string::npos)
      return {true, true};
    if (operation.find("delet") != std::string::npos || operation.find("remov") != std::string::npos)
      return {false, true};
    if (operation.find("writ") != std::string::npos || operation.find("modif") != std::string::npos ||
        operation.find("creat") != std::string::npos)
      return {true, false};
    return {};
  }

  // The first two steps of a path: "c:\data\runs\x" -> "c:\data".
  static std::string top_folder(std::string_view path) {
    std::size_t at = 0;
    for (int steps = 0; steps < 2 && at != std::string_view::npos; ++steps) at = path.find_first_of("/\\", at + 1);
    return lower(path.substr(0, std::min<std::size_t>(at, 80)));
  }

  static bool is_service(const FinishInput& input, std::string_view account) {
    const auto& list = input.profile->service_accounts;
    const std::size_t slash = account.rfind('\\');
    if (slash != std::string_view::npos) account.remove_prefix(slash + 1);
    account = account.substr(0, account.find('@'));
    return std::any_of(list.begin(), list.end(), [&](const std::string& one) { return equals_icase(one, account); });
  }

  static void masses(const FinishInput& input, const Rows& rows, const Where& where,
                     const std::map<std::int64_t, HourOfChanges>& hours,
                     const std::map<std::string, std::int64_t>& first_of, std::vector<Finding>& out) {
    std::vector<std::int64_t> sizes;
    for (const auto& [hour, in] : hours) sizes.push_back(in.written + in.deleted);
    const bool habit = static_cast<std::int64_t>(sizes.size()) >= kHabitHours;
    const std::int64_t usual = habit ? median(sizes) : 0;
    std::int64_t begin = INT64_MAX;
    for (const auto& [name, first] : first_of) begin = std::min(begin, first);
    std::map<std::string, std::set<std::int64_t>> found;  // detector -> hours
    std::string new_ending;
    for (const auto& [hour, in] : hours) {
      if (in.written + in.deleted < kMassHour || in.written + in.deleted < kTimesUsual * usual) continue;
      std::string ending;
      std::int64_t most = 0;
      for (const auto& [name, count] : in.written_as) {
        // New: nothing there ended so until a day ago, and there was something there to compare with.
        const auto first = first_of.find(name);
        const bool fresh =
            !name.empty() && first != first_of.end() && hour - first->second < kJoin && hour - begin >= kHistory;
        if (fresh && count > most) {
          most = count;
          ending = name;
        }
      }
      // Others go under endings that they had; what was written comes back under one that nothing had.
      const std::int64_t gone = in.deleted - (in.deleted_as.contains(ending) ? in.deleted_as.at(ending) : 0);
      std::size_t kinds = 0;
      for (const auto& [name, count] : in.deleted_as) kinds += name != ending;
      const bool encrypted = in.written >= kMassHour / 2 && most * 100 >= in.written * kOneEnding && gone > 0 &&
                             (kinds >= 2 || gone >= kMassHour / 2) && first_of.size() > 1;
      if (encrypted) {
        found["analytic.mass-encryption"].insert(hour);
        new_ending = ending;
      } else if (in.deleted >= kMassHour && in.written * 4 < in.deleted && !is_service(input, where.account)) {
        found["analytic.mass-deletion"].insert(hour);
      } else {
        found["analytic.mass-change-explained"].insert(hour);
      }
    }
    for (const auto& [detector, list] : found) {
      for (auto at = list.begin(); at != list.end();) {
        std::set<std::int64_t> run;
        std::int64_t last = *at;
        for (; at != list.end() && *at - last <= kJoin; ++at) run.insert(last = *at);
        Finding finding = make(rows, input, where, run);
        Sighting& s = finding.sighting;
        s.detector_id = detector;
        if (detector == "analytic.mass-encryption") {
          s.fields.emplace_back("ending", new_ending);
          s.why = fmt::format(
              "{} changes in {} hour{}: nearly all that was written ends in .{}, which nothing there did before",
              s.count, run.size(), run.size() == 1 ? "" : "s", new_ending);
        } else if (detector == "analytic.mass-deletion") {
          s.why = fmt::format("{} changes in {} hour{}, nearly all of them deletions; the account's usual hour has {}",
                              s.count, run.size(), run.size() == 1 ? "" : "s", usual);
        } else {
          s.why =
              is_service(input, where.account)
                  ? fmt::format("{} changes in {} hour{} by a service account of the profile", s.count, run.size(),
                                run.size() == 1 ? "" : "s")
                  : fmt::format(
                        "{} changes in {} hour{}, and the files keep their endings: renamed or moved, not encrypted",
                        s.count, run.size(), run.size() == 1 ? "" : "s");
        }
        std::sort(s.fields.begin(), s.fields.end());
        out.push_back(std::move(finding));
      }
    }
  }

  static void research(const FinishInput& input, const Rows& rows, const Where& where,
                       const std::map<std::int64_t, HourOfChanges>& hours, std::vector<Finding>& out) {
    if (!is_key(input, where.share) || is_service(input, where.account)) return;
    std::map<std::int64_t, std::int64_t> days;
    for (const auto& [hour, in] : hours) days[hour / 24] += in.written + in.deleted;
    std::vector<std::int64_t> sizes;
    for (const auto& [day, count] : days) sizes.push_back(count);
    const std::int64_t usual = sizes.size() >= 5 ? median(sizes) : 0;
    std::set<std::int64_t> odd;
    for (const auto& [hour, in] : hours) {
      const std::int64_t count = days[hour / 24];
      if (count >= kResearchLeast && count >= kResearchTimes * usual && in.written + in.deleted > 0) odd.insert(hour);
    }
    if (odd.empty()) return;
    Finding finding = make(rows, input, where, odd);
    Sighting& s = finding.sighting;
    s.detector_id = "analytic.research-files-changed";
    s.fields.emplace_back("usual_day", std::to_string(usual));
    std::sort(s.fields.begin(), s.fields.end());
    s.why = fmt::format("{} changes of research files; on its usual day the account makes {}", s.count, usual);
    out.push_back(std::move(finding));
  }

  static Finding make(const Rows& rows, const FinishInput& input, const Where& where,
                      const std::set<std::int64_t>& hours) {
    Finding finding;
    Sighting& s = finding.sighting;
    References references(input);
    Time first, last;
    std::int64_t count = 0, written = 0, deleted = 0;
    for (const auto& [key, row] : rows) {
      if (!hours.contains(hour_of(key[6]))) continue;
      count += row[0];
      (key[4] == "write" ? written : deleted) += row[0];
      if (!first.known() || row[1] < first.ns) first = Time{row[1]};
      last = std::max(last, Time{row[2]});
      references.add(key[0], row[3]);
    }
    s.host = where.server;
    s.account = where.account;
    s.time = first;
    s.until = last;
    s.count = static_cast<std::uint64_t>(count);
    s.fields = {{"@share", where.share}, {"deleted", std::to_string(deleted)}, {"written", std::to_string(written)}};
    s.records = references.take();
    return finding;
  }
};

}  // namespace

const Analytic& impact_analytic() {
  static const Impact kImpact;
  return kImpact;
}

}  // namespace assay
