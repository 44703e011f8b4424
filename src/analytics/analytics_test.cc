// Each analytic from records to findings, with merging in any order.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "analytics/analytic.h"
#include "core/ascii.h"

namespace assay {
namespace {

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

std::string field(const Sighting& s, std::string_view name) {
  for (const auto& [key, value] : s.fields) {
    if (key == name) return value;
  }
  return {};
}

std::string text(const std::vector<Finding>& findings) {
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

TEST(Analytics, TablesFollowTheContract) {
  for (const Analytic* one : analytics()) {
    for (const TableSpec& spec : one->tables()) {
      EXPECT_EQ(spec.keys.front(), "item") << spec.name;
      EXPECT_EQ(spec.keys.back(), "hour") << spec.name;
      EXPECT_EQ(spec.columns.size(), spec.merges.size()) << spec.name;
    }
    for (const AnalyticDetector& detector : one->detectors()) {
      EXPECT_TRUE(detector.id.starts_with("analytic.")) << detector.id;
      EXPECT_FALSE(detector.meaning.klass.empty()) << detector.id;
    }
  }
}

TEST(Flows, ATransferFarAboveTheHostsOwnDayIsFound) {
  Trial run("flows");
  for (int day = 1; day <= 20; ++day) {
    run.row("network_flow", "2020-05-" + std::string(day < 10 ? "0" : "") + std::to_string(day) + "T10:00:00Z",
            {{"@src_ip", "10.0.0.1"},
             {"@dst_ip", "203.0.113.5"},
             {"@dst_port", "443"},
             {"@bytes_out", "2000000"},
             {"@bytes_in", "900"}});
  }
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@dst_port", "443"},
           {"@bytes_out", "300000000"},
           {"@bytes_in", "900"}});
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(found[0].sighting.detector_id, "analytic.bulk-outbound");
  EXPECT_EQ(field(found[0].sighting, "bytes"), "300000000");
  EXPECT_EQ(text(found), text(run.findings(true)));
  run.profile.transfers.push_back({"known", "", {"198.51.100.0/24"}});
  EXPECT_TRUE(run.findings().empty());
}

TEST(Flows, InboundBytesAndBlockedBytesAreNoTransfer) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "198.51.100.9"}, {"@dst_ip", "10.0.0.1"}, {"@bytes_out", "900000000"}, {"@bytes_in", "900"}});
  run.row("network_flow", "2020-05-21T02:00:00Z",
          {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "400"}, {"@bytes_in", "900000000"}});
  run.row("proxy", "2020-05-21T03:00:00Z",
          {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "900000000"}, {"@bytes_in", "0"}})
      .outcome_ = Outcome::blocked;
  EXPECT_TRUE(run.findings().empty());
  std::int64_t blocked = 0;
  for (const auto& [key, row] : run.table("flows").rows()) blocked += row[3];
  EXPECT_EQ(blocked, 900000000);
}

TEST(Flows, ACounterThatItsPacketsContradictIsAnIntervalAndANotice) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@bytes_out", "4294958733"},
           {"@bytes_in", "100"},
           {"@orig_ip_bytes", "57000"},
           {"@resp_ip_bytes", "5000"}});
  EXPECT_TRUE(run.findings().empty());
  const auto& row = run.table("flows").rows().begin()->second;
  EXPECT_EQ(row[0], 0);      // sure
  EXPECT_EQ(row[4], 57000);  // at most what the packets carried
  ASSERT_EQ(run.notices.sorted().size(), 1U);
  EXPECT_EQ(run.notices.sorted()[0].kind, NoticeKind::bogus_counter);
}

TEST(Flows, LostPacketsDoNotMakeACounterBogus) {
  Trial run("flows");
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"},
           {"@dst_ip", "198.51.100.9"},
           {"@bytes_out", "50000"},
           {"@bytes_in", "1"},
           {"@orig_ip_bytes", "48000"},
           {"@missed_bytes", "2896"}});
  (void)run.findings();
  EXPECT_EQ(run.table("flows").rows().begin()->second[0], 50000);
}

TEST(Flows, BytesToACampaignDestinationCountWithoutTheProxysOwnLine) {
  Trial run("flows");
  run.profile.hosts.push_back({"proxy-01", {"10.0.0.30"}, "proxy", "", "", {}, {}, ""});
  run.sighting("cookie", "unique", "c2", "2020-05-01T00:00:00Z",
               {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}});
  run.row("proxy", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.1"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "2310000"}, {"@method", "POST"}});
  run.row("network_flow", "2020-05-21T01:00:00Z",
          {{"@src_ip", "10.0.0.30"}, {"@dst_ip", "198.51.100.9"}, {"@bytes_out", "2310000"}, {"@bytes_in", "3"}});
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(found[0].sighting.detector_id, "analytic.bulk-to-campaign");
  EXPECT_EQ(field(found[0].sighting, "bytes"), "2310000");
  EXPECT_EQ(found[0].sighting.host, "10.0.0.1");
  EXPECT_EQ(found[0].rests_on, std::vector<std::string>{"sgt--cookie"});
}

TEST(Served, AFileAfterTheExploitIsFoundAndEarlierOnesAreNot) {
  Trial run("served");
  run.sighting("exploited", "typical", "exploit", "2020-04-16T02:12:07Z", {{"@src_ip", "198.18.77.41"}});
  const auto get = [&](std::string_view when, const char* client, const char* path, const char* bytes,
                       const char* status = "200") {
    run.row("web_access", when, {{"@src_ip", client}, {"@path", path}, {"@status", status}, {"@served_bytes", bytes}})
        .host_ = "ctx-gw-01";
  };
  get("2020-04-16T02:12:11Z", "198.18.77.41", "/vpns/portal/kqvzmtrw.xml", "1204");
  get("2020-04-16T02:14:41Z", "198.18.77.41", "/vpns/portal/hdlqmvea.xml", "48312");
  get("2020-04-15T22:14:41Z", "198.18.77.41", "/vpns/portal/earlier.xml", "50000");
  get("2020-04-16T03:00:00Z", "198.19.1.1", "/vpns/portal/other.xml", "90000");
  get("2020-04-16T04:00:00Z", "198.18.77.41", "/vpns/portal/refused.xml", "90000", "404");
  get("2020-04-16T05:00:00Z", "198.18.77.41", "/logon/core.min.js", "182330");
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  EXPECT_EQ(field(found[0].sighting, "bytes"), "48312");
  EXPECT_EQ(found[0].sighting.host, "ctx-gw-01");
}

TEST(FileReads, NightsFarAboveTheHabitAreOneFindingAndABackupIsNone) {
  Trial run("file_reads");
  const auto read = [&](const std::string& when, const char* account, int times) {
    for (int i = 0; i < times; ++i) {
      Row& row =
          run.row("file_audit", when, {{"@event_id", "5145"}, {"@share", "\\\\*\\vx19"}, {"@src_ip", "10.20.40.7"}});
      row.account_ = account;
      row.host_ = "fs-res-01";
    }
  };
  for (int day = 1; day <= 24; ++day) {
    const std::string date = "2020-05-" + std::string(day < 10 ? "0" : "") + std::to_string(day);
    for (int hour = 10; hour < 14; ++hour) read(date + "T" + std::to_string(hour) + ":30:00Z", "m.okafor", 10);
    read(date + "T01:32:00Z", "svc-backup", 400);
    if (day >= 12 && day <= 14) {
      for (const char* hour : {"T00:10:00Z", "T01:10:00Z", "T02:10:00Z"}) read(date + hour, "m.okafor", 160);
    }
  }
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 1U) << text(found);
  const Sighting& s = found[0].sighting;
  EXPECT_EQ(s.account, "m.okafor");
  EXPECT_EQ(s.count, 3U * 3 * 160);
  EXPECT_EQ(field(s, "reads"), "1440");
  EXPECT_EQ(field(s, "usual_day"), "40");
  EXPECT_EQ(field(s, "@src_ip"), "10.20.40.7");
  EXPECT_EQ(text(found), text(run.findings(true)));
}

TEST(Logons, AClearedLogCountsAndANewMachineIsExplained) {
  Trial run("logons");
  Table coverage({"coverage",
                  {"item", "class", "host", "day"},
                  {"records", "first", "last", "hours"},
                  {Merge::sum, Merge::min, Merge::max, Merge::bit_or}});
  const auto seen = [&](const char* host, std::string_view first) {
    const std::int64_t at = parse_iso8601(first)->ns;
    const std::vector<std::int64_t> row{5, at, at, 1};
    coverage.add({"/ev/log", "windows_security", host, "1"}, row);
  };
  seen("ws-1", "2020-06-02T06:00:00Z");
  seen("ws-2", "2020-06-09T08:00:00Z");
  run.extra.push_back(coverage);
  run.row("windows_security", "2020-06-08T11:00:00Z", {{"@event_id", "1102"}}).host_ = "ws-1";
  run.row("windows_security", "2020-06-09T08:00:13Z", {{"@event_id", "1102"}}).host_ = "ws-2";
  const auto found = run.findings();
  ASSERT_EQ(found.size(), 2U) << text(found);
  EXPECT_EQ(found[0].sighting.detector_id, "analytic.log-cleared");
  EXPECT_EQ(found[0].sighting.host, "ws-1");
  EXPECT_EQ(found[1].sighting.detector_id, "analytic.log-cleared-new-machine");
}

TEST(Lure, MailFetchClickAndForm) {
  Trial run("lure");
  run.profile.hosts.push_back({"mx-01", {"10.20.1.25"}, "mail", "", "", {}, {}, ""});
  run.profile.link_rewriters = {"urldefense.proofpoint.com"};
  const char* wrapped =
      "https://urldefense.proofpoint.com/v2/"
      "url?u=http-3A__login-2D1arkmoor.example_vpn_index.html-3Fid-3D4417&d=DwMFAg&c=x&r=m.okafor&e=";
  for (const char* who : {"m.okafor@larkmoor.example", "Priya <p.devlin@larkmoor.example>"}) {
    run.row("mail", "2020-04-28T09:05:04Z",
            {{"@sender", "remote-access@login-1arkmoor.example"},
             {"@recipient", who},
             {"@link", std::string("https://larkmoor.example/help\n") + wrapped}});
  }
  run.row("mail", "2020-04-28T09:05:13Z",
          {{"@sender", "remote-access@login-1arkmoor.example"},
           {"@recipient", "s.nakamura@larkmoor.example"},
           {"@link", "http://login-1arkmoor.example/vpn/index.html?id=4420"}})
      .outcome_ = Outcome::quarantined;
  // A report by one of us, honest mail of ours, a partner that carries our name.
  run.row("mail", "2020-04-28T11:02:40Z",
          {{"@sender", "h.lindqvist@larkmoor.example"}, {"@recipient", "soc@larkmoor.example"}, {"@link", wrapped}});
  run.row("mail", "2020-04-28T12:00:00Z",
          {{"@sender", "hr@larkmoor.example"},
           {"@recipient", "m.okafor@larkmoor.example"},
           {"@link", "https://portal.larkmoor.example/reset"}});
  run.row("mail", "2020-04-28T12:00:00Z",
          {{"@sender", "news@journals.example"},
           {"@recipient", "m.okafor@larkmoor.example"},
           {"@link", "https://track.journals.example/c/1"}});
  const auto visit = [&](std::string_view when, const char* src, const char* account, const char* method,
                         const char* bytes) {
    run.row("proxy", when,
            {{"@src_ip", src},
             {"@dst_ip", "198.51.100.213"},
             {"@domain", "login-1arkmoor.example"},
             {"@method", method},
             {"@bytes_out", bytes}})
        .account_ = account;
  };
  visit("2020-04-28T09:05:20Z", "10.20.1.25", "", "GET", "288");
  visit("2020-04-28T09:41:03Z", "10.20.50.117", "m.okafor", "GET", "377");
  visit("2020-04-28T09:42:31Z", "10.20.50.117", "m.okafor", "POST", "412");
  const auto found = run.findings();
  std::map<std::string, int> kinds;
  for (const Finding& one : found) ++kinds[one.sighting.detector_id];
  EXPECT_EQ(kinds["analytic.lure"], 3) << text(found);
  EXPECT_EQ(kinds["analytic.lure-checked"], 1) << text(found);
  EXPECT_EQ(kinds["analytic.lure-click"], 1) << text(found);
  ASSERT_EQ(kinds["analytic.credential-given"], 1) << text(found);
  for (const Finding& one : found) {
    if (one.sighting.detector_id == "analytic.credential-given") {
      EXPECT_EQ(one.sighting.account, "m.okafor");
      EXPECT_EQ(field(one.sighting, "bytes"), "412");
      EXPECT_EQ(format_utc(one.sighting.time), "2020-04-28T09:42:31Z");
    }
    if (one.sighting.account == "s.nakamura") {
      EXPECT_EQ(one.sighting.outcome, Outcome::quarantined);
    }
  }
  EXPECT_EQ(text(found), text(run.findings(true)));
}

TEST(Lure, WithoutOwnDomainsNothingIsClaimed) {
  Trial run("lure");
  run.profile.own_domains.clear();
  run.row("proxy", "2020-04-28T09:41:03Z",
          {{"@src_ip", "10.20.50.117"}, {"@domain", "login-1arkmoor.example"}, {"@method", "POST"}});
  EXPECT_TRUE(run.findings().empty());
}

}  // namespace
}  // namespace assay
