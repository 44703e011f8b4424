// Hand-made cases for the tests of this folder: a small intrusion, a quiet one, nothing, somebody else's logs, and an
// intrusion that is not this campaign. Names, addresses and figures are invented; listed addresses are from
// documentation ranges.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "report/escape.h"
#include "report/report.h"

namespace assay::fixtures {

inline Time at(std::string_view iso) { return *parse_iso8601(iso); }

struct Fixture {
  CaseData data;
  Assessment assessment;
};

// PHIA terms as docs/assessment.md prints them.
inline Term phia(double p) {
  if (p <= .05) return {"remote chance", 0, 5, 0};
  if (p <= .20) return {"highly unlikely", 10, 20, 1};
  if (p <= .35) return {"unlikely", 25, 35, 2};
  if (p < .55) return {"realistic possibility", 40, 50, 3};
  if (p < .80) return {"likely", 55, 75, 4};
  if (p < .95) return {"highly likely", 80, 90, 5};
  return {"almost certain", 95, 100, 6};
}

inline Question judged(std::string id, double p, double prior, std::string confidence, double seen, std::string why) {
  Question q;
  q.id = std::move(id);
  q.judged = true;
  q.probability = p;
  q.prior = prior;
  q.term = phia(p);
  q.confidence = std::move(confidence);
  q.would_have_seen = seen;
  q.why = std::move(why);
  return q;
}

// The probability that the lines add up to, clipped, and its term.
inline void settle(Question& q) {
  double odds = std::log10(q.prior / (1 - q.prior));
  for (const Because& b : q.because) odds += b.log10_lr;
  for (const Because& b : q.against) odds += b.log10_lr;
  q.probability = std::clamp(1 / (1 + std::pow(10, -odds)), .01, .99);
  q.term = phia(q.probability);
}

inline Question cannot_say(std::string id, double prior, double seen, std::string why) {
  Question q;
  q.id = std::move(id);
  q.probability = prior;
  q.prior = prior;
  q.would_have_seen = seen;
  q.why = std::move(why);
  return q;
}

inline Advisory advisory() {
  Advisory a;
  a.id = "report--5a0b1c2d-0000-4000-8000-000000000001";
  a.name = "APT29 targets COVID-19 vaccine development V1.1";
  a.version = "V1.1";
  a.publishers = {"NCSC", "CSE", "NSA", "CISA"};
  a.published = at("2020-07-16");
  a.activity_from = at("2020-01-01");
  a.tlp = Tlp::clear;
  a.hash = std::string(64, 'a');
  a.origin = "built in";
  a.actor = "APT29";
  a.malware = {"WellMess", "WellMail"};
  Judgement j;
  j.id = "opinion--1";
  j.text = "APT29 is almost certainly part of the Russian intelligence services";
  j.term = "almost certainly";
  j.scale = "PHIA";
  j.publisher = "NCSC";
  j.low = 95;
  j.high = 100;
  a.judgements = {j};
  return a;
}

inline Profile profile() {
  Profile p;
  p.given = true;
  p.organisation = "Larkmoor Institute (research segment)";
  p.sector = "research";
  p.country = "UK";
  p.own_networks = {"192.0.2.0/24", "10.20.0.0/16"};
  p.own_domains = {"larkmoor.example"};
  p.service_accounts = {"svc-ldap-ctx", "svc-backup"};
  p.hosts_in_scope = 58;
  return p;
}

inline EvidenceItem item(std::string id, std::string path, std::string shape, std::uint64_t bytes,
                         std::uint64_t records, std::string_view first, std::string_view last,
                         std::vector<std::string> hosts = {}, std::string parent = "", std::string member = "") {
  EvidenceItem e;
  e.id = std::move(id);
  e.path = std::move(path);
  e.shape = std::move(shape);
  e.kind = records > 0 ? "records" : "container";
  e.bytes = bytes;
  e.records = records;
  if (!first.empty()) e.first = at(first);
  if (!last.empty()) e.last = at(last);
  e.hosts = std::move(hosts);
  e.parent = std::move(parent);
  e.member = std::move(member);
  e.sha256 = std::string(56, '0') + e.id.substr(0, 1) + "00" + e.id.substr(1) + "f";
  e.sha256.resize(64, '0');
  return e;
}

inline std::vector<EvidenceItem> evidence() {
  return {
      item("E0001", "intrusion/gateway/ctx-gw-01.tar.zst", "zstd", 812'331, 0, "", ""),
      item("E0002", "intrusion/gateway/ctx-gw-01.tar.zst!ctx-gw-01.tar", "tar", 9'400'320, 0, "", "", {}, "E0001",
           "ctx-gw-01.tar"),
      item("E0003", "intrusion/gateway/ctx-gw-01.tar.zst!ctx-gw-01.tar!var/log/httpaccess.log.0.gz", "gzip", 400'120, 0,
           "", "", {}, "E0002", "var/log/httpaccess.log.0.gz"),
      item("E0004", "intrusion/gateway/ctx-gw-01.tar.zst!ctx-gw-01.tar!var/log/httpaccess.log.0.gz!httpaccess.log.0",
           "access_combined", 8'123'400, 74'000, "2020-04-01T00:00:12Z", "2020-07-16T23:59:40Z", {"ctx-gw-01"}, "E0003",
           "httpaccess.log.0"),
      item("E0005", "intrusion/zeek/conn.log.gz", "gzip", 2'100'000, 0, "", ""),
      item("E0006", "intrusion/zeek/conn.log.gz!conn.log", "zeek_conn", 33'000'000, 315'000, "2020-04-18T00:00:00Z",
           "2020-07-16T23:59:59Z", {}, "E0005", "conn.log"),
      item("E0007", "intrusion/proxy/access.json", "proxy_json", 21'000'000, 60'000, "2020-03-20T06:00:00Z",
           "2020-07-16T18:25:00Z"),
      item("E0008", "intrusion/mail/m.okafor-report.eml", "mail", 18'210, 1, "2020-04-28T09:05:00Z",
           "2020-04-28T09:05:00Z")};
}

inline DetectorInfo detector(DetectorKind kind, std::string id, std::string title, std::string klass, std::string stage,
                             std::vector<std::string> techniques = {}) {
  DetectorInfo d;
  d.kind = kind;
  d.id = std::move(id);
  d.title = std::move(title);
  d.level = "high";
  d.author = "Assay";
  d.hash = std::string(64, 'd');
  d.techniques = std::move(techniques);
  d.meaning.klass = std::move(klass);
  d.meaning.stage = std::move(stage);
  return d;
}

inline Sighting sighting(std::uint32_t finding, std::string detector_id, std::string_view time, std::string_view until,
                         std::uint64_t count, std::string evidence, std::uint64_t offset, std::uint64_t length,
                         std::string host, std::string account, std::string why) {
  Sighting s;
  std::string digits = std::to_string(finding);
  s.id = "sgt--" + std::string(32 - digits.size(), '0') + digits;
  s.finding = finding;
  s.detector_id = std::move(detector_id);
  s.time = at(time);
  s.until = until.empty() ? s.time : at(until);
  s.count = count;
  s.records = {{std::move(evidence), offset, length}};
  s.host = std::move(host);
  s.account = std::move(account);
  s.why = std::move(why);
  return s;
}

inline std::string sid(std::uint32_t finding) {
  const std::string digits = std::to_string(finding);
  return "sgt--" + std::string(32 - digits.size(), '0') + digits;
}

inline Fixture intrusion() {
  Fixture f;
  CaseData& d = f.data;
  d.as_of = at("2020-07-16T23:59:59Z");
  d.evidence = evidence();
  d.rules_loaded = 214;
  d.records_total = 652'773;
  d.duplicates_total = 6'118;
  d.knowledge.advisories = {advisory()};
  d.profile = profile();
  d.profile.tests = {{"own scanner", {"192.0.2.250"}, {}, {}}};
  d.catalogue = {detector(DetectorKind::check, "assay.citrix-exploit", "CVE-2019-19781 request chain on a gateway",
                          "typical", "exploit", {"T1190"}),
                 detector(DetectorKind::check, "assay.wellmess-cookie", "WellMess cookie structure", "unique", "c2",
                          {"T1071.001"}),
                 detector(DetectorKind::indicator, "indicator--103", "WellMess C2 address", "unique", "c2"),
                 detector(DetectorKind::analytic, "analytic.bulk-out", "Bulk outbound transfer", "generic",
                          "exfiltration", {"T1048"}),
                 detector(DetectorKind::check, "assay.lure", "Lure to named people", "typical", "lure", {"T1566.002"}),
                 detector(DetectorKind::sigma, "f2f0b3d2-1111-4222-8333-444455556666", "Security log cleared",
                          "generic", "impact", {"T1070.001"}),
                 detector(DetectorKind::check, "assay.scan", "Request of a known exploit, refused", "contact", "scan")};
  d.catalogue[2].value = "103.253.41.102";
  d.catalogue[5].false_positives = {"Newly imaged machines"};
  d.not_loaded = {{"rules/broken.yml", "", "line 3: a map was expected"}};
  d.blind = {{"winlogbeat/security", "proc-cmdline", "process.command_line"}};
  d.sightings = {
      sighting(2, "assay.citrix-exploit", "2020-04-16T02:12:07Z", "2020-04-16T02:12:11Z", 1, "E0004", 4'100'233, 187,
               "ctx-gw-01", "",
               "POST /vpns/portal/scripts/newbm.pl answered 200, then GET of its .xml 4 s later, from 198.18.77.41"),
      sighting(7, "assay.lure", "2020-04-28T09:05:00Z", "", 4, "E0008", 0, 911, "", "LARKMOOR\\m.okafor",
               "mail from hr@login-1arkmoor.example to 4 named staff with a link to login-1arkmoor.example"),
      sighting(11, "assay.wellmess-cookie", "2020-05-01T00:20:00Z", "2020-07-16T18:20:00Z", 1'840, "E0007", 90'112, 420,
               "bkp-app-03", "", "cookie built as WellMess builds it, in a POST to http://103.253.41.102/index.html"),
      sighting(12, "indicator--103", "2020-04-20T02:00:00Z", "2020-07-16T18:20:00Z", 2'100, "E0006", 1'200, 132,
               "bkp-app-03", "", "went to listed address 103.253.41.102"),
      sighting(24, "analytic.bulk-out", "2020-05-21T00:05:00Z", "2020-05-21T03:50:00Z", 14, "E0006", 19'020'100, 140,
               "stats-07", "", "14 flows to 198.18.140.9 carried 431,206,912 bytes, against a habit of 2 MB a night"),
      sighting(40, "f2f0b3d2-1111-4222-8333-444455556666", "2020-06-08T14:00:00Z", "", 1, "E0007", 77, 300, "ws-114",
               "j.smith", "event 1102 on ws-114"),
      sighting(41, "assay.scan", "2020-04-14T08:31:00Z", "2020-07-16T20:00:00Z", 1'904, "E0004", 1'000, 160,
               "ctx-gw-01", "", "requests of known exploits, all refused"),
      sighting(42, "assay.scan", "2020-04-06T03:00:00Z", "2020-07-13T03:00:00Z", 38, "E0004", 2'000, 160, "ctx-gw-01",
               "", "exact exploit request from 192.0.2.250"),
  };
  d.sightings[0].role = Role::contacting;
  d.sightings[2].role = Role::contacted;
  d.sightings[2].outcome = Outcome::allowed;
  d.sightings[2].fields = {{"cookie", "RmFrZQ=.RmFrZQ+"}, {"destination", "103.253.41.102"}};
  d.sightings[3].role = Role::contacted;
  d.sightings[3].fields = {{"matched", "103.253.41.102"}};
  d.sightings[4].fields = {{"account", "m.okafor"}, {"destination", "198.18.140.9"}};
  d.sightings[6].role = Role::contacting;
  d.sightings[7].role = Role::contacting;
  d.sightings[7].fields = {{"source", "192.0.2.250"}};
  d.sightings[2].records.push_back({"E0007", 120'000, 418});
  d.sightings[2].copies = {{"E0006", 55, 100}};
  d.mentions = {{"E0008", "report--5a0b1c2d-0000-4000-8000-000000000001", 214}};
  d.notices = {
      {NoticeKind::not_recognised, "intrusion/misc/core.bin", 0, 1, "looked at as plain bytes"},
      {NoticeKind::recognised_not_read, "intrusion/dc/Security.evtx", 0, 1, "Windows event log: export it as JSON"},
      {NoticeKind::damaged_record, "intrusion/zeek/conn.log.gz!conn.log", 771, 2, "a line of 3 columns"},
      {NoticeKind::gap, "intrusion/zeek/conn.log.gz!conn.log", 0, 1, "3 May to 7 May"}};

  Table coverage(coverage_spec());
  for (std::int64_t day = at("2020-04-18").day(); day <= at("2020-07-16").day(); ++day) {
    const bool outage = day >= at("2020-05-03").day() && day <= at("2020-05-07").day();
    const std::int64_t noon = day * kDay + 12 * kHour;
    if (!outage)
      coverage.add({"intrusion/zeek/conn.log.gz!conn.log", "flow", "", std::to_string(day)},
                   std::vector<std::int64_t>{3'500, noon, noon, 0xffffff});
    coverage.add({"intrusion/proxy/access.json", "proxy", "bkp-app-03", std::to_string(day)},
                 std::vector<std::int64_t>{500, noon, noon, 0xffff});
    if (day % 3 != 0) {
      coverage.add({"gw", "gateway", "ctx-gw-01", std::to_string(day)},
                   std::vector<std::int64_t>{day % 7 == 0 ? 40 : 800, noon, noon, 0xfff});
    }
  }
  d.tables = {coverage};

  Assessment& a = f.assessment;
  Question targeted = judged("targeted", .985, .05, "high", .8, "lure to 4 named staff");
  targeted.because = {{{sid(7)}, 1.9, "a lure to 4 named staff, one of them m.okafor"},
                      {{sid(2)}, 1.2, "exploitation with follow-on"}};
  targeted.against = {{{}, -.1, "mail trace was visible for 27 of 119 days and showed no second wave"}};
  Question access = judged("access", .99, .02, "high", .9, "exploit request with success on ctx-gw-01");
  access.because = {{{sid(2)}, 2.1, "exploit request with success on ctx-gw-01"},
                    {{sid(11), sid(12)}, 2.4, "malware on bkp-app-03 implies entry"}};
  access.would_change = {{"ctx-gw-02 /var/log, or its loghost copy", .06},
                         {"Security log of the domain controllers, April and May", .03}};
  Question malware = judged("malware", .99, .01, "high", .9, "cookie structure, listed address");
  malware.because = {{{sid(11)}, 2.3, "WellMess cookie structure in 1,840 requests of bkp-app-03"},
                     {{sid(12)}, 1.1, "listed address contacted 2,100 times"}};
  Question ongoing =
      judged("ongoing", .97, .01, "high", .9, "last beacon 16 Jul 18:20Z, 5 h before the end of the proxy log");
  ongoing.because = {{{sid(11)}, 3.6, "last beacon within its usual interval of the end of the log"}};
  Question exfiltration = judged("exfiltration", .87, .01, "moderate", .8, "14 flows on 21 May");
  exfiltration.because = {{{sid(24)}, 2.83, "14 flows on 21 May, far above the host's habit"}};
  exfiltration.would_change = {{"firewall log of April and May", .05}};
  Question impact = judged("impact", .28, .02, "low", .7, "one log cleared");
  impact.because = {{{sid(40)}, 1.28, "one security log cleared"}};
  Question actor = judged("actor", .97, .3, "high", .8, "3 independent kinds of evidence");
  actor.because = {{{sid(11), sid(7), sid(12)}, 2.0, "software, infrastructure and lure agree"}};
  a.questions = {targeted, access, malware, exfiltration, impact, actor, ongoing};
  for (Question& q : a.questions) settle(q);
  a.claims = {{"claim.wellmess-c2", "WellMess talks to its server over HTTP", 1'840, .8, "seen", ""},
              {"claim.dc", "A domain controller was taken", 0, .1, "cannot_say",
               "logs begin 2 Jun; ask backup for April and May"},
              {"claim.sorefang", "SoreFang uploads by multipart form", 0, .7, "not_seen", ""}};
  a.initial_access = {{"exploited_application", .7}, {"phishing_credentials", .22}, {"phishing_malware", 0},
                      {"password_guessing", 0},      {"valid_account", .03},        {"supplier", 0},
                      {"not_determined", .05}};
  a.actors = {{"APT29", .78, {"software", "infrastructure"}}, {"unknown", .2, {}}};
  a.exfiltration.reached_reads = 3'870;
  a.exfiltration.reached_where = {"\\\\fs-res-01\\vx19"};
  a.exfiltration.reached_sightings = {sid(24)};
  a.exfiltration.staged_bytes = 432'013'312;
  a.exfiltration.bounded = true;
  a.exfiltration.left_low = 431'206'912;
  a.exfiltration.left_high = 1'088'000'000;
  a.exfiltration.lines = {{"14 flows of 21 May", "198.18.140.9", "stats-07", 431'206'912, 431'206'912, {sid(24)}},
                          {"beacons of bkp-app-03", "103.253.41.102", "bkp-app-03", 0, 2'310'000, {sid(12)}},
                          {"unexplained bytes above habit", "", "stats-07", 0, 654'483'088, {}}};
  a.exfiltration.destinations = {"198.18.140.9", "103.253.41.102"};
  a.exfiltration.hosts = {"stats-07", "bkp-app-03"};
  a.scope.confirmed = {"bkp-app-03", "stats-07", "ctx-gw-01"};
  a.scope.suspected = {"ws-114"};
  a.scope.examined = 46;
  a.scope.in_scope = 58;
  a.scope.not_examined = {"ctx-gw-02", "dc-01", "dc-02"};
  a.scope.accounts = {"m.okafor", "svc-ldap-ctx"};
  a.scope.earliest = at("2020-04-16T02:12:07Z");
  a.scope.earliest_not_before = at("2020-04-01");
  a.scope.latest = at("2020-07-16T18:20:00Z");
  a.credentials = {
      {"m.okafor", "person", "typed into a phishing page", at("2020-04-28T09:42:00Z"), "yes"},
      {"svc-ldap-ctx", "service", "stands in ns.conf, which was served", at("2020-04-16T02:14:00Z"), "cannot_say"}};
  const auto action = [](int phase, std::string what, std::string on, std::string owner) {
    Action x;
    x.phase = phase;
    x.what = std::move(what);
    x.on = std::move(on);
    x.because = "F02";
    x.owner_role = std::move(owner);
    return x;
  };
  a.actions = {action(0, "Image the gateways before anyone patches or reboots them", "ctx-gw-01, ctx-gw-02", "network"),
               action(0, "Stop log rotation: Zeek of 18 Apr is overwritten tonight", "", "network"),
               action(0, "Take memory of the hosts with malware", "bkp-app-03", "IT"),
               action(1, "Keep this off e-mail, then decide on one time for all", "", "lead"),
               action(2, "Cut both hosts and the VPN together", "bkp-app-03, stats-07", "network"),
               action(4, "Reset the account of m.okafor", "m.okafor", "IT")};
  a.actions[4].destroys = {"memory"};
  a.actions[5].after = {"evict bkp-app-03"};
  a.about_to_be_lost = {{"Zeek", at("2020-07-17"), at("2020-04-18"), "Copy the folder, or stop its rotation."}};
  a.coverage = {
      {"flow (Zeek)", 0, 315'000, at("2020-04-18"), at("2020-07-16T23:59:59Z"), {{at("2020-05-03"), at("2020-05-08")}}},
      {"gateway (access log)",
       1,
       74'000,
       at("2020-04-01"),
       at("2020-07-16T23:59:40Z"),
       {{at("2020-05-09"), at("2020-05-12")}}}};
  a.explained = {
      {sid(41), "1,904 requests of known exploits from 61 addresses", "internet-wide scanning; none succeeded"},
      {sid(42), "weekly exact exploit request from 192.0.2.250", "our own scanner (profile)"}};
  a.assumptions = {"clock of stats-07 is 7 m 40 s fast"};
  a.not_seen = {"gateway 02 (no logs)", "domain controllers before 2 Jun", "12 hosts"};
  return f;
}

inline Fixture benign() {
  Fixture f = intrusion();
  f.data.records_total = 430'118;
  f.data.sightings.erase(f.data.sightings.begin(), f.data.sightings.begin() + 6);
  Assessment a;
  a.questions = {cannot_say("targeted", .05, .27, "the mail trace covers 27 of 119 days"),
                 judged("access", .12, .05, "moderate", .8, "no trace of entry in the gateway log"),
                 judged("malware", .03, .02, "moderate", .9, ""),
                 judged("exfiltration", .02, .02, "moderate", .9, ""),
                 judged("impact", .04, .03, "moderate", .7, ""),
                 cannot_say("actor", .3, .5, "there is nothing to compare"),
                 judged("ongoing", .02, .02, "moderate", .8, "")};
  a.questions[1].against = {{{}, -.5, "two gateways' worth of log without a success"}};
  a.questions[1].would_change = {{"ctx-gw-02 /var/log, or its loghost copy", .2}};
  a.questions[0].would_change = {{"message trace before 20 Jun: the export ended at exactly 50,000 rows", .1}};
  a.claims = {{"claim.wellmess-c2", "WellMess talks to its server over HTTP", 0, .8, "not_seen", ""},
              {"claim.dc", "A domain controller was taken", 0, .5, "cannot_say", "logs begin 2 Jun"}};
  a.scope.examined = 46;
  a.scope.in_scope = 58;
  a.scope.not_examined = {"ctx-gw-02"};
  a.explained = f.assessment.explained;
  a.not_seen = {"gateway 02 (no logs)", "12 hosts", "mail before 20 Jun", "3-7 May (Zeek)"};
  a.coverage = f.assessment.coverage;
  f.assessment = a;
  return f;
}

inline Fixture empty() {
  Fixture f;
  f.data.knowledge.advisories = {advisory()};
  f.data.notices = {{NoticeKind::empty, "evidence", 0, 1, "an empty folder"}};
  for (const char* id : {"targeted", "access", "malware", "exfiltration", "impact", "actor", "ongoing"}) {
    f.assessment.questions.push_back(cannot_say(id, .05, 0, "no record could be read"));
  }
  f.assessment.assumptions = {"no profile: hosts in scope are not known"};
  return f;
}

inline Fixture foreign() {
  Fixture f = empty();
  f.data.notices.clear();
  f.data.evidence = {item("E0001", "logs/site.log", "access_combined", 91'000, 400, "2016-01-02T00:00:00Z",
                          "2016-03-01T00:00:00Z", {"www"})};
  f.data.records_total = 400;
  for (Question& q : f.assessment.questions)
    q.why = "no record comes from the time of the campaign or names an own network";
  f.assessment.not_seen = {"the whole activity window: records end on 1 Mar 2016"};
  return f;
}

inline Fixture other_actor() {
  Fixture f = intrusion();
  for (Question& q : f.assessment.questions) {
    if (q.id == "actor")
      q = cannot_say("actor", .3, .8, "the entry is there, but nothing that only this campaign does");
    if (q.id == "malware") q = judged("malware", .03, .01, "moderate", .9, "");
    if (q.id == "exfiltration") q = cannot_say("exfiltration", .01, .2, "no source that counts bytes");
    if (q.id == "ongoing")
      q = cannot_say("ongoing", .01, .3, "the gateway log ends before the last foothold could speak again");
    if (q.id == "targeted") q = judged("targeted", .3, .05, "low", .6, "scanned by everybody");
  }
  f.assessment.exfiltration = {};
  f.assessment.credentials.clear();
  return f;
}

// Columns of a line that an output printed.
inline std::size_t columns_of_line(std::string_view line) {
  std::size_t n = 0;
  while (!line.empty()) {
    const report::CodePoint c = report::next_code_point(line);
    n += report::columns_of(c.code);
    line.remove_prefix(c.size);
  }
  return n;
}

inline ReportOptions options() {
  ReportOptions o;
  o.case_path = "assay-1.case";
  o.custody_head = "7c1e0000111122223333444455556666777788889999aaaabbbbccccddd09a04";
  return o;
}

}  // namespace assay::fixtures
