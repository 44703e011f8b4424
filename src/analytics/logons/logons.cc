#include "analytics/logons/logons.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "analytics/common.h"
#include "core/ascii.h"
#include "core/coverage.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 5> kGood = {"4624", "4648", "4768", "4769", "4776"};
constexpr std::array<std::string_view, 3> kBad = {"4625", "4771", "4777"};

// A machine whose first record of all is this close to the clearing was just installed: imaging clears the log.
constexpr std::int64_t kNewMachine = kDay;
// ... but only when its source had been there for longer, so that "first" means something.
constexpr std::int64_t kSourceBefore = 2 * kDay;

class Logons final : public Analytic {
 public:
  std::string_view name() const override { return "logons"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {{"analytic.log-cleared",
             "Event log cleared",
             "An event log was cleared on a machine that was already in use.",
             {{"claim.log-clearing"}, "generic", "log-clearing", "impact"}},
            {"analytic.log-cleared-new-machine",
             "Event log cleared on a newly installed machine",
             "The clearing is among the first records of the machine: installation from an image does that.",
             {{}, "context", "log-clearing-imaging", ""}}};
  }

  std::vector<std::string> names() const override {
    return {"@event_id", "@account", "@src_ip", "@logon_type", "@outcome"};
  }
  std::vector<std::string> source_classes() const override {
    return {"windows_security", "windows_system", "windows", "linux_auth", "vpn", "network_auth", "cloud_signin"};
  }

  std::vector<TableSpec> tables() const override {
    return {
        {"logons",
         {"item", "account", "host", "src", "kind", "hour"},
         {"count", "first_ref"},
         {Merge::sum, Merge::min}},
        {"log_clearing", {"item", "host", "hour"}, {"count", "at", "first_ref"}, {Merge::sum, Merge::min, Merge::min}}};
  }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    if (!record.time().known()) return;
    const std::string_view event = record.get("@event_id").text;
    const std::int64_t ref = pack_ref(record.ref().offset, record.ref().length);
    const std::string& klass = record.route().source_class;
    if ((event == "1102" && klass == "windows_security") || (event == "104" && klass == "windows_system")) {
      const std::array<std::int64_t, 3> row{1, record.time().ns, ref};
      tables[1].add({std::string(record.item()), lower(record.host()), hour_key(record.time())}, row);
      return;
    }
    std::string kind;
    if (klass == "cloud_signin") {
      // Its event ids are the service's own; an outcome that is not known is a step on the way (a second factor asked
      // for).
      if (record.outcome() == Outcome::allowed) kind = "ok";
      if (record.outcome() == Outcome::blocked) kind = "failed";
    } else if (!event.empty()) {
      if (std::find(kGood.begin(), kGood.end(), event) != kGood.end()) kind = "ok";
      if (std::find(kBad.begin(), kBad.end(), event) != kBad.end()) kind = "failed";
    } else if (klass == "linux_auth" || klass == "vpn") {
      kind = record.outcome() == Outcome::blocked ? "failed" : "ok";
    }
    const std::string account = lower(record.account());
    if (kind.empty() || account.empty()) return;
    const std::array<std::int64_t, 2> row{1, ref};
    tables[0].add({std::string(record.item()), account, lower(record.host()), lower(record.get("@src_ip").text), kind,
                   hour_key(record.time())},
                  row);
  }

  std::vector<Finding> finish(const FinishInput& input, Notices&) const override {
    std::vector<Finding> out;
    const Table* table = input.table("log_clearing");
    if (table == nullptr) return out;
    // First record of each host, and of its kind of source.
    std::map<std::string, std::int64_t, std::less<>> first_of;
    std::int64_t first_of_all = INT64_MAX;
    if (const Table* coverage = input.table("coverage")) {
      const auto& keys = coverage->spec().keys;
      const auto host_at = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), "host") - keys.begin());
      const auto class_at = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), "class") - keys.begin());
      if (host_at < keys.size() && class_at < keys.size()) {
        for (const auto& [key, row] : coverage->rows()) {
          if (key[class_at] != "windows_security" && key[class_at] != "windows_system") continue;
          std::int64_t& first = first_of.try_emplace(lower(key[host_at]), INT64_MAX).first->second;
          first = std::min(first, row[1]);
          first_of_all = std::min(first_of_all, row[1]);
        }
      }
    }
    struct Sum {
      std::int64_t count = 0, first = INT64_MAX, last = INT64_MIN;
      std::vector<std::pair<std::string, std::int64_t>> references;
    };
    std::map<std::pair<std::string, bool>, Sum> sums;  // (host, newly installed)
    for (const auto& [key, row] : table->rows()) {
      const std::int64_t at = row[1];
      const auto first = first_of.find(key[1]);
      const bool fresh =
          first != first_of.end() && at - first->second <= kNewMachine && first->second - first_of_all >= kSourceBefore;
      Sum& sum = sums[{key[1], fresh}];
      sum.count += row[0];
      sum.first = std::min(sum.first, at);
      sum.last = std::max(sum.last, at);
      sum.references.emplace_back(key[0], row[2]);
    }
    for (const auto& [key, sum] : sums) {
      Finding finding;
      Sighting& s = finding.sighting;
      s.detector_id = key.second ? "analytic.log-cleared-new-machine" : "analytic.log-cleared";
      s.host = key.first;
      s.time = Time{sum.first};
      s.until = Time{sum.last};
      s.count = static_cast<std::uint64_t>(sum.count);
      s.why = key.second
                  ? "the clearing is among the machine's first records"
                  : fmt::format("{} clearing{} on a machine already in use", sum.count, sum.count == 1 ? "" : "s");
      References references(input);
      for (const auto& [item, packed] : sum.references) references.add(item, packed);
      s.records = references.take();
      out.push_back(std::move(finding));
    }
    return out;
  }
};

}  // namespace

const Analytic& logons_analytic() {
  static const Logons kLogons;
  return kLogons;
}

}  // namespace assay
