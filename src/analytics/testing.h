// For tests of analytics: rows that stand for records, and a run of one analytic over them, merged in any order.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analytics/analytic.h"
#include "core/ascii.h"

namespace assay::testing_analytics {

class Row final : public RoleView {
 public:
  Row(std::string klass, std::string_view when, std::map<std::string, std::string, std::less<>> values)
      : values_(std::move(values)) {
    route_.source_class = std::move(klass);
    time_ = *parse_iso8601(when);
  }
  std::string host_, account_, item_ = "/ev/log";
  Outcome outcome_ = Outcome::unknown;
  RecordRef ref_{0, 1000, 80};

  Value get(std::string_view name) const override {
    const auto at = values_.find(name);
    if (at == values_.end()) return {};
    return {ValueKind::string, std::string_view(at->second).substr(0, at->second.find('\n'))};
  }
  void each(std::string_view name, const std::function<void(Value)>& sink) const override {
    const auto at = values_.find(name);
    if (at == values_.end()) return;
    for (const std::string_view part : split(at->second, '\n')) sink({ValueKind::string, part});
  }
  std::int64_t number(std::string_view name, std::int64_t fallback) const override {
    return parse_int(get(name).text).value_or(fallback);
  }
  const Route& route() const override { return route_; }
  Time time() const override { return time_; }
  std::string_view host() const override { return host_; }
  std::string_view account() const override { return account_; }
  Outcome outcome() const override { return outcome_; }
  const RecordRef& ref() const override { return ref_; }
  std::string_view item() const override { return item_; }

 private:
  std::map<std::string, std::string, std::less<>> values_;
  Route route_;
  Time time_;
};

// A run of one analytic over rows; every row is a unit of its own, merged in the given or in the reverse order.
class Trial {
 public:
  explicit Trial(std::string_view name) {
    for (const Analytic* one : analytics()) {
      if (one->name() == name) analytic_ = one;
    }
    profile.given = true;
    profile.own_networks = {"10.0.0.0/8", "192.0.2.0/24"};
    profile.own_domains = {"larkmoor.example"};
    ids = {{"/ev/log", "E0001"}};
  }
  Profile profile;
  std::map<std::string, std::string> ids;
  std::vector<Sighting> sightings;
  std::vector<DetectorInfo> catalogue;
  std::vector<Table> extra;
  std::vector<Row> rows;
  Notices notices;

  Row& row(std::string klass, std::string_view when, std::map<std::string, std::string, std::less<>> values) {
    rows.emplace_back(std::move(klass), when, std::move(values));
    rows.back().ref_.offset = rows.size() * 100;
    return rows.back();
  }
  // A sighting of a rule with this meaning.
  Sighting& sighting(std::string id, std::string klass, std::string stage, std::string_view when,
                     std::vector<NamedValue> fields) {
    DetectorInfo info;
    info.id = id;
    info.meaning.klass = std::move(klass);
    info.meaning.stage = std::move(stage);
    catalogue.push_back(info);
    Sighting s;
    s.id = "sgt--" + id;
    s.detector_id = id;
    s.time = s.until = *parse_iso8601(when);
    s.fields = std::move(fields);
    return sightings.emplace_back(std::move(s));
  }
  std::vector<Finding> findings(bool reverse = false) {
    std::vector<Table> all;
    for (const TableSpec& spec : analytic_->tables()) all.emplace_back(spec);
    std::vector<Table> total = all;
    std::vector<const Row*> order;
    for (const Row& row : rows) order.push_back(&row);
    if (reverse) std::reverse(order.begin(), order.end());
    for (const Row* row : order) {
      const std::vector<std::string> classes = analytic_->source_classes();
      if (std::find(classes.begin(), classes.end(), row->route().source_class) == classes.end()) continue;
      std::vector<Table> unit = all;
      analytic_->observe(*row, unit);
      for (std::size_t i = 0; i < unit.size(); ++i) total[i].merge(unit[i]);
    }
    tables_ = total;
    tables_.insert(tables_.end(), extra.begin(), extra.end());
    FinishInput input;
    input.profile = &profile;
    input.tables = tables_;
    input.sightings = sightings;
    input.catalogue = &catalogue;
    input.evidence_ids = &ids;
    return analytic_->finish(input, notices);
  }
  const Table& table(std::string_view name) const {
    return *std::find_if(tables_.begin(), tables_.end(), [&](const Table& t) { return t.spec().name == name; });
  }

 private:
  const Analytic* analytic_ = nullptr;
  std::vector<Table> tables_;
};

inline std::string field(const Sighting& s, std::string_view name) {
  for (const auto& [key, value] : s.fields) {
    if (key == name) return value;
  }
  return {};
}

inline std::string text(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& f : findings) {
    const Sighting& s = f.sighting;
    out += s.detector_id + " " + s.host + " " + s.account + " " + format_utc(s.time) + " x" + std::to_string(s.count) +
           " " + std::string(name_of(s.outcome));
    for (const auto& [name, value] : s.fields) out += " " + name + "=" + value;
    for (const auto& r : s.records) out += " " + r.evidence + "+" + std::to_string(r.offset);
    out += " | " + s.why + "\n";
  }
  return out;
}

}  // namespace assay::testing_analytics
