#include "case_builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace assay::calibrate {
namespace {

Claim claim(std::string id, std::vector<std::string> questions, std::vector<std::string> classes,
            std::vector<std::string> fields, std::string hosts, double sensitivity, std::string klass) {
  Claim out;
  out.text = "It would show as " + id + ".";
  out.id = std::move(id);
  out.questions = std::move(questions);
  out.source_classes = std::move(classes);
  out.fields = std::move(fields);
  out.hosts = std::move(hosts);
  out.sensitivity = sensitivity;
  out.klass = std::move(klass);
  return out;
}

}  // namespace

Time at(std::int64_t day, std::int64_t hour, std::int64_t minute) {
  return Time{day * kDay + hour * kHour + minute * kMinute};
}

CaseBuilder::CaseBuilder(std::int64_t first_day, std::int64_t last_day)
    : first(first_day),
      last(last_day),
      coverage_(coverage_spec()),
      fields_(field_coverage_spec()),
      flows_({"flows",
              {"item", "class", "src", "dst", "port", "hour"},
              {"bytes_out", "bytes_in", "count", "blocked", "bogus_out", "bogus_in", "bogus", "gets", "posts", "named",
               "web", "refs"},
              {Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum,
               Merge::sum, Merge::sum, Merge::sum, Merge::min}}) {
  data.as_of = at(last_day, 23);
  data.profile.given = true;
  data.profile.sector = "health research";
  data.profile.country = "GB";
  data.profile.own_networks = {"10.0.0.0/8", "192.0.2.0/24"};
  data.profile.own_domains = {"institute.example"};
  EvidenceItem item;
  item.id = "E0001";
  item.path = "/evidence/log";
  data.evidence.push_back(item);
  data.records_total = 1000;
}

void CaseBuilder::host(const std::string& name, const std::string& address, const std::string& kind) {
  ProfileHost one;
  one.name = name;
  one.addresses = {address};
  one.kind = kind;
  data.profile.hosts.push_back(std::move(one));
  if (kind == "proxy") data.profile.proxies.push_back(address);
}

void CaseBuilder::detector(const std::string& id, DetectorKind kind, const std::string& klass, const std::string& stage,
                           const std::string& family, const std::string& claim_id, const std::string& level,
                           const std::string& value) {
  DetectorInfo info;
  info.kind = kind;
  info.id = id;
  info.title = "Detector " + id;
  info.level = level;
  if (klass != "generic" || !claim_id.empty()) info.advisory = "report--1";
  info.value = value;
  info.meaning.klass = klass;
  info.meaning.stage = stage;
  info.meaning.family = family;
  if (!claim_id.empty()) info.meaning.claims = {claim_id};
  data.catalogue.push_back(std::move(info));
}

void CaseBuilder::cover(const std::string& source_class, const std::string& host, std::int64_t from,
                        std::int64_t until) {
  for (std::int64_t day = from; day <= until; ++day) {
    const std::array<std::int64_t, 4> row{10, at(day, 1).ns, at(day, 22).ns, 0xffffff};
    coverage_.add({"/evidence/" + source_class, source_class, host, std::to_string(day)}, row);
  }
}

void CaseBuilder::carry(const std::string& source_class, const std::string& field, std::int64_t from,
                        std::int64_t until) {
  for (std::int64_t day = from; day <= until; ++day) {
    const std::array<std::int64_t, 2> row{10, 10};
    fields_.add({source_class, field, std::to_string(day)}, row);
  }
}

Sighting& CaseBuilder::sighting(const std::string& detector_id, const std::string& host, Time time, Time until,
                                std::uint64_t count, Role role, std::vector<NamedValue> values) {
  Sighting s;
  s.id = fmt::format("sgt--{:032}", data.sightings.size() + 1);
  s.detector_id = detector_id;
  s.host = host;
  s.time = time;
  s.until = until;
  s.count = count;
  s.role = role;
  s.outcome = Outcome::allowed;
  s.fields = std::move(values);
  s.records = {{"E0001", data.sightings.size() * 100, 90}};
  return data.sightings.emplace_back(std::move(s));
}

void CaseBuilder::flow(const std::string& source_class, const std::string& src, const std::string& dst, Time when,
                       std::int64_t bytes, std::int64_t gets, std::int64_t posts, std::int64_t named) {
  const std::array<std::int64_t, 12> row{bytes, 0, 1, 0, 0, 0, 0, gets, posts, named, source_class == "proxy" ? 1 : 0,
                                         0};
  flows_.add({"/evidence/" + source_class, source_class, src, dst, "443", std::to_string(when.hour())}, row);
}

CaseData CaseBuilder::finish() {
  data.tables = {std::move(coverage_), std::move(fields_), std::move(flows_)};
  std::sort(data.sightings.begin(), data.sightings.end(), [](const Sighting& a, const Sighting& b) {
    return std::tie(a.detector_id, a.host, a.time, a.id) < std::tie(b.detector_id, b.host, b.time, b.id);
  });
  for (std::size_t i = 0; i < data.sightings.size(); ++i) data.sightings[i].finding = static_cast<std::uint32_t>(i + 1);
  return std::move(data);
}

Advisory invented_advisory(std::int64_t first_day, std::int64_t last_day) {
  Advisory a;
  a.id = "report--1";
  a.name = "Campaign against institutes";
  a.actor = "GROUP-1";
  a.malware = {"Quillware"};
  a.sectors = {"health-research"};
  a.activity_from = at(first_day, 0);
  a.activity_until = at(last_day, 0);
  a.published = at(last_day, 0);
  const std::vector<std::string> malware = {"malware", "targeted", "access", "actor", "ongoing"};
  a.claims = {claim("claim.cookie", malware, {"proxy", "http"}, {"@cookie"}, "any", .7, "unique"),
              claim("claim.c2", malware, {"proxy", "network_flow"}, {}, "any", .6, "typical"),
              claim("claim.file", malware, {"file", "process"}, {}, "any", .6, "unique"),
              claim("claim.exploit", {"access", "targeted"}, {"web_access"}, {"@path"}, "gateway", .8, "typical"),
              claim("claim.follow-on", {"access"}, {"web_access", "appliance"}, {}, "gateway", .5, "typical"),
              claim("claim.attempt", {"targeted"}, {"web_access"}, {"@path"}, "gateway", .9, "contact"),
              claim("claim.lure", {"targeted"}, {"mail", "message_trace"}, {}, "any", .5, "typical"),
              claim("claim.credential", {"access", "targeted"}, {"proxy"}, {}, "any", .5, "typical"),
              claim("claim.lateral", {"access"}, {"windows_security"}, {}, "any", .4, "typical"),
              claim("claim.reads", {"exfiltration"}, {"file_audit"}, {}, "server", .5, "generic"),
              claim("claim.bulk", {"exfiltration"}, {"network_flow", "proxy"}, {"@bytes_out"}, "any", .8, "typical"),
              claim("claim.cleared", {"impact"}, {"windows_security"}, {}, "any", .8, "generic"),
              claim("claim.destroyed", {"impact"}, {"windows_security", "process"}, {}, "any", .7, "typical")};
  return a;
}

void add_campaign_detectors(CaseBuilder& b) {
  b.detector("cookie", DetectorKind::sigma, "unique", "c2", "quill-cookie", "claim.cookie");
  b.detector("certificate", DetectorKind::sigma, "unique", "c2", "quill-certificate", "");
  b.detector("quill-file", DetectorKind::yara, "unique", "malware", "quill-file", "claim.file");
  b.detector("quill-hash", DetectorKind::indicator, "unique", "malware", "quill-hashes", "claim.file", "", "00ff");
  b.detector("task-name", DetectorKind::sigma, "typical", "malware", "task-name", "claim.file");
  for (int i = 0; i < 4; ++i)
    b.detector(fmt::format("listed-{}", i), DetectorKind::indicator, "typical", "c2", "listed-infrastructure",
               "claim.c2", "", fmt::format("198.51.100.{}", 10 + i));
  b.detector("exploit", DetectorKind::check, "typical", "exploit", "gateway-exploit", "claim.exploit");
  b.detector("follow-on", DetectorKind::check, "typical", "follow_on", "gateway-follow-on", "claim.follow-on");
  b.detector("attempt", DetectorKind::check, "contact", "attempt", "gateway-attempt", "claim.attempt");
  b.detector("lure", DetectorKind::sigma, "typical", "lure", "look-alike", "claim.lure");
  b.detector("lure-hash", DetectorKind::sigma, "unique", "lure", "lure-file", "claim.lure");
  b.detector("credential-given", DetectorKind::analytic, "typical", "credential", "credential-given",
             "claim.credential");
  b.detector("lateral", DetectorKind::check, "typical", "lateral", "odd-movement", "claim.lateral");
  b.detector("reads", DetectorKind::analytic, "generic", "collection", "file-reads", "claim.reads");
  b.detector("archive", DetectorKind::check, "generic", "staging", "archives", "");
  b.detector("bulk", DetectorKind::analytic, "generic", "exfiltration", "bulk", "");
  b.detector("cleared", DetectorKind::check, "generic", "impact", "log-clearing", "claim.cleared");
  b.detector("destroyed", DetectorKind::check, "typical", "impact", "destruction", "claim.destroyed");
}

}  // namespace assay::calibrate
