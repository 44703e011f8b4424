#include "analytics/served/served.h"

#include <fmt/format.h>

#include <array>
#include <map>

#include "analytics/common.h"
#include "core/ascii.h"

namespace assay {
namespace {

// An answer of this size is a file, not the line or two of a template or an error.
constexpr std::int64_t kFileBytes = 4096;

std::string kind_of(std::string_view path, std::int64_t bytes) {
  std::string kind = "page";
  if (ends_with_icase(path, ".conf") || contains_icase(path, "/nsconfig") || ends_with_icase(path, ".mdb")) {
    kind = "configuration";
  } else if (ends_with_icase(path, ".xml") && contains_icase(path, "/portal/")) {
    kind = "portal-template";
  } else if (contains_icase(path, "/vpns/cfg") || contains_icase(path, "/dana-na/..") ||
             contains_icase(path, "fgt_lang")) {
    kind = "gateway-file";
  }
  if (kind != "page" && bytes >= kFileBytes) kind += ".large";
  return kind;
}

class Served final : public Analytic {
 public:
  std::string_view name() const override { return "served"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {{"analytic.served-after-exploit",
             "Files served to the client that exploited the server",
             "After an exploit that was answered as a success would be, the same client got whole files of the portal "
             "or the configuration.",
             {{"claim.gateway-config-served"}, "typical", "served-after-exploit", "exfiltration"}}};
  }

  std::vector<std::string> names() const override {
    return {"@src_ip", "@path", "@url", "@status", "@bytes_out", "@served_bytes", "@bytes_in"};
  }
  std::vector<std::string> source_classes() const override { return {"web_access"}; }

  std::vector<TableSpec> tables() const override {
    return {{"served",
             {"item", "gateway", "client", "kind", "hour"},
             {"bytes", "count", "first_ref"},
             {Merge::sum, Merge::sum, Merge::min}}};
  }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    const std::string_view client = record.get("@src_ip").text;
    const std::string_view status = record.get("@status").text;
    if (client.empty() || !record.time().known() || (status != "200" && status != "206")) return;
    const Value own = record.get("@served_bytes");
    const std::int64_t bytes = own.present() ? record.number("@served_bytes", 0) : record.number("@bytes_out", 0);
    if (bytes <= 0) return;
    std::string_view path = record.get("@path").text;
    if (path.empty()) path = record.get("@url").text;
    const std::array<std::int64_t, 3> row{bytes, 1, pack_ref(record.ref().offset, record.ref().length)};
    tables[0].add({std::string(record.item()), lower(record.host()), lower(client), kind_of(path, bytes),
                   hour_key(record.time())},
                  row);
  }

  std::vector<Finding> finish(const FinishInput& input, Notices&) const override {
    std::vector<Finding> out;
    const Table* table = input.table("served");
    if (table == nullptr || input.profile == nullptr) return out;
    const auto clients = exploiting_clients(input);
    struct Sum {
      std::int64_t bytes = 0, count = 0, first = INT64_MAX, last = INT64_MIN;
      std::vector<std::pair<std::string, std::int64_t>> references;
    };
    std::map<std::pair<std::string, std::string>, Sum> sums;  // (gateway, client)
    for (const auto& [key, row] : table->rows()) {
      const auto client = clients.find(key[2]);
      const std::int64_t hour = hour_of(key[4]);
      if (client == clients.end() || hour == INT64_MIN || hour < client->second.since.hour() ||
          !key[3].ends_with(".large"))
        continue;
      Sum& sum = sums[{key[1], key[2]}];
      sum.bytes += row[0];
      sum.count += row[1];
      sum.first = std::min(sum.first, hour);
      sum.last = std::max(sum.last, hour);
      sum.references.emplace_back(key[0], row[2]);
    }
    for (const auto& [key, sum] : sums) {
      Finding finding;
      Sighting& s = finding.sighting;
      s.detector_id = "analytic.served-after-exploit";
      s.host = key.first;
      s.role = Role::contacting;
      s.outcome = Outcome::allowed;
      // The table knows the hour; the first success of the client bounds it from below.
      s.time = std::max(hour_start(sum.first), clients.at(key.second).since);
      s.until = Time{hour_start(sum.last).ns + kHour - 1};
      s.count = static_cast<std::uint64_t>(sum.count);
      s.fields = {{"@src_ip", key.second}, {"bytes", std::to_string(sum.bytes)}};
      s.why =
          fmt::format("{} B in {} file{} of the portal or configuration went to the client after its exploit succeeded",
                      sum.bytes, sum.count, sum.count == 1 ? "" : "s");
      References references(input);
      for (const auto& [item, packed] : sum.references) references.add(item, packed);
      s.records = references.take();
      finding.rests_on = clients.at(key.second).sightings;
      out.push_back(std::move(finding));
    }
    return out;
  }
};

}  // namespace

const Analytic& served_analytic() {
  static const Served kServed;
  return kServed;
}

}  // namespace assay
