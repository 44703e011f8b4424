#include "analytics/file_reads/file_reads.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "analytics/common.h"
#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kHabitDays = 7;    // days with reads that make a habit
constexpr std::int64_t kDayTimes = 4;    // a day stands out at this many times the usual day ...
constexpr std::int64_t kDayLeast = 100;  // ... and at least so many reads
constexpr std::int64_t kHourTimes = 3;   // the hours of such a day that count: this many times the usual busy hour
constexpr std::int64_t kHourLeast = 20;
constexpr std::int64_t kJoinDays = 3;  // days that stand out this close together are one finding

std::int64_t quantile(std::vector<std::int64_t> values, std::size_t percent) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, values.size() * percent / 100)];
}

class FileReads final : public Analytic {
 public:
  std::string_view name() const override { return "file_reads"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {{"analytic.file-reads",
             "Reads far above the account's own habit",
             "An account reads from a share many times more than on its usual day, in hours that it does not usually "
             "use so.",
             {{"claim.repository-reads"}, "generic", "file-reads", "collection"}}};
  }

  std::vector<std::string> names() const override { return {"@account", "@share", "@object", "@event_id", "@src_ip"}; }
  std::vector<std::string> source_classes() const override { return {"file_audit"}; }

  std::vector<TableSpec> tables() const override {
    return {{"file_reads",
             {"item", "account", "share", "server", "src", "hour"},
             {"reads", "first_ref"},
             {Merge::sum, Merge::min}}};
  }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    const std::string_view event = record.get("@event_id").text;
    // 5140 opens a share; the reads are 5145 and 4663. Audits without event numbers count whole.
    if (!event.empty() && event != "5145" && event != "4663" && event != "4656") return;
    std::string account = lower(record.account());
    if (account.empty()) account = lower(record.get("@account").text);
    if (account.empty() || account.ends_with('$') || !record.time().known()) return;
    const std::array<std::int64_t, 2> row{1, pack_ref(record.ref().offset, record.ref().length)};
    tables[0].add({std::string(record.item()), std::move(account), lower(record.get("@share").text),
                   lower(record.host()), lower(record.get("@src_ip").text), hour_key(record.time())},
                  row);
  }

  std::vector<Finding> finish(const FinishInput& input, Notices&) const override {
    std::vector<Finding> out;
    const Table* table = input.table("file_reads");
    if (table == nullptr || input.profile == nullptr) return out;
    std::map<std::string, std::map<std::int64_t, std::int64_t>> hours;  // account -> hour -> reads
    for (const auto& [key, row] : table->rows()) {
      const std::int64_t hour = hour_of(key[5]);
      if (hour != INT64_MIN) hours[key[1]][hour] += row[0];
    }
    for (const auto& [account, by_hour] : hours) {
      std::map<std::int64_t, std::int64_t> days;
      for (const auto& [hour, reads] : by_hour) days[hour / 24] += reads;
      if (days.size() < kHabitDays) continue;
      std::vector<std::int64_t> sizes;
      for (const auto& [day, reads] : days) sizes.push_back(reads);
      const std::int64_t usual = quantile(sizes, 50);
      std::set<std::int64_t> odd;
      for (const auto& [day, reads] : days) {
        if (reads >= kDayLeast && reads >= kDayTimes * std::max<std::int64_t>(usual, 1)) odd.insert(day);
      }
      if (odd.empty()) continue;
      std::vector<std::int64_t> ordinary_hours;
      for (const auto& [hour, reads] : by_hour) {
        if (!odd.contains(hour / 24)) ordinary_hours.push_back(reads);
      }
      const std::int64_t busy = std::max(kHourLeast, kHourTimes * quantile(ordinary_hours, 90));
      // The odd hours, and the hours around them on the same nights that belong to the same run.
      std::set<std::int64_t> taken;
      for (const auto& [hour, reads] : by_hour) {
        if (odd.contains(hour / 24) && reads >= busy) taken.insert(hour);
      }
      while (!taken.empty()) {
        // One finding: days close together.
        std::vector<std::int64_t> run;
        for (const std::int64_t hour : taken) {
          if (!run.empty() && hour / 24 - run.back() / 24 > kJoinDays) break;
          run.push_back(hour);
        }
        for (const std::int64_t hour : run) taken.erase(hour);
        out.push_back(make(input, *table, account, std::set<std::int64_t>(run.begin(), run.end()), usual));
      }
    }
    return out;
  }

 private:
  static Finding make(const FinishInput& input, const Table& table, const std::string& account,
                      const std::set<std::int64_t>& run, std::int64_t usual) {
    Finding finding;
    Sighting& s = finding.sighting;
    References references(input);
    std::map<std::string, std::int64_t> shares, sources, servers;
    std::int64_t reads = 0;
    for (const auto& [key, row] : table.rows()) {
      if (key[1] != account || !run.contains(hour_of(key[5]))) continue;
      reads += row[0];
      shares[key[2]] += row[0];
      servers[key[3]] += row[0];
      sources[key[4]] += row[0];
      references.add(key[0], row[1]);
    }
    const auto most = [](const std::map<std::string, std::int64_t>& counts) {
      std::string best;
      std::int64_t size = -1;
      for (const auto& [name, count] : counts) {
        if (count > size) {
          best = name;
          size = count;
        }
      }
      return best;
    };
    s.detector_id = "analytic.file-reads";
    s.host = most(servers);
    s.account = account;
    s.time = hour_start(*run.begin());
    s.until = Time{hour_start(*run.rbegin()).ns + kHour - 1};
    s.count = static_cast<std::uint64_t>(reads);
    std::set<std::int64_t> days;
    for (const std::int64_t hour : run) days.insert(hour / 24);
    s.fields = {{"@share", most(shares)},
                {"days", std::to_string(days.size())},
                {"reads", std::to_string(reads)},
                {"usual_day", std::to_string(usual)}};
    if (const std::string source = most(sources); !source.empty()) s.fields.emplace_back("@src_ip", source);
    std::sort(s.fields.begin(), s.fields.end());
    s.records = references.take();
    s.why = fmt::format("{} reads in {} hours on {} days; the account's usual day has {}", reads, run.size(),
                        days.size(), usual);
    return finding;
  }
};

}  // namespace

const Analytic& file_reads_analytic() {
  static const FileReads kFileReads;
  return kFileReads;
}

}  // namespace assay
