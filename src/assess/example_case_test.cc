#include "assess/example_case.h"

#include <algorithm>
#include <array>

namespace assay::example {
namespace {

Table& table(CaseData& data, const TableSpec& spec) {
  for (Table& one : data.tables) {
    if (one.spec().name == spec.name) return one;
  }
  return data.tables.emplace_back(spec);
}

TableSpec flows_spec() {
  return {"flows",
          {"item", "class", "src", "dst", "port", "hour"},
          {"bytes_out", "bytes_in", "count", "blocked_bytes", "bogus_out", "bogus_in", "bogus", "gets", "posts",
           "named", "web", "first_ref"},
          {Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum, Merge::sum,
           Merge::sum, Merge::sum, Merge::min}};
}

Claim claim(std::string id, std::vector<std::string> questions, std::vector<std::string> classes,
            std::vector<std::string> fields, std::string hosts, double sensitivity, std::string klass) {
  Claim out;
  out.id = std::move(id);
  out.text = "It would show as " + out.id + ".";
  out.questions = std::move(questions);
  out.source_classes = std::move(classes);
  out.fields = std::move(fields);
  out.hosts = std::move(hosts);
  out.sensitivity = sensitivity;
  out.klass = std::move(klass);
  return out;
}

}  // namespace

Time at(std::int64_t day, int hour, int minute) { return Time{day * kDay + hour * kHour + minute * kMinute}; }

CaseData empty_case() {
  CaseData data;
  data.as_of = at(kLastDay, 23, 0);
  Profile& profile = data.profile;
  profile.given = true;
  profile.sector = "health research";
  profile.country = "GB";
  profile.own_networks = {"10.0.0.0/8", "192.0.2.0/24"};
  profile.own_domains = {"institute.example"};
  const auto host = [&](std::string name, std::string address, std::string kind, std::string partner = "") {
    ProfileHost one;
    one.name = std::move(name);
    one.addresses = {std::move(address)};
    one.kind = std::move(kind);
    one.partner = std::move(partner);
    profile.hosts.push_back(std::move(one));
  };
  host("gw-1", "192.0.2.10", "gateway", "gw-2");
  host("gw-2", "192.0.2.11", "gateway", "gw-1");
  host("proxy", "10.0.0.30", "proxy");
  host("mx", "10.0.0.25", "mail");
  for (int i = 1; i <= 4; ++i) host("srv-" + std::to_string(i), "10.0.1." + std::to_string(i), "server");
  host("ws-1", "10.0.2.1", "workstation");
  host("soc", "10.0.9.1", "analysis");
  profile.proxies = {"10.0.0.30"};
  profile.tests.push_back({"own scanner", {"192.0.2.250"}, {}, {}});
  profile.analysis_folders = {"soc-share"};
  profile.transfers.push_back({"archive", "srv-4", {"203.0.113.240"}});

  Advisory advisory;
  advisory.id = "report--1";
  advisory.name = "Campaign against institutes";
  advisory.actor = "GROUP-1";
  advisory.sectors = {"health-research"};
  advisory.countries = {"GB"};
  advisory.activity_from = at(kFirstDay, 0);
  advisory.activity_until = at(kLastDay, 0);
  advisory.published = at(kLastDay, 0);
  const std::vector<std::string> malware = {"malware", "targeted", "access", "actor", "ongoing"};
  advisory.claims = {
      claim("claim.cookie", malware, {"proxy", "http"}, {"@cookie"}, "any", .7, "unique"),
      claim("claim.c2", malware, {"proxy", "network_flow"}, {}, "any", .6, "typical"),
      claim("claim.file", malware, {"file", "process"}, {}, "any", .6, "unique"),
      claim("claim.exploit", {"access", "targeted"}, {"web_access"}, {"@path"}, "gateway", .8, "typical"),
      claim("claim.attempt", {"targeted"}, {"web_access"}, {"@path"}, "gateway", .9, "contact"),
      claim("claim.lure", {"targeted"}, {"mail", "message_trace"}, {}, "any", .5, "typical"),
      claim("claim.bulk", {"exfiltration"}, {"network_flow", "proxy"}, {"@bytes_out"}, "any", .8, "typical"),
      claim("claim.cleared", {"impact"}, {"windows_security"}, {}, "any", .8, "generic")};
  data.knowledge.advisories.push_back(std::move(advisory));

  detector(data, "cookie", DetectorKind::sigma, "unique", "c2", "wellmess-cookie", "claim.cookie");
  detector(data, "cert", DetectorKind::sigma, "unique", "c2", "tunis-certificate", "");
  detector(data, "listed", DetectorKind::indicator, "typical", "c2", "listed-infrastructure", "claim.c2",
           "198.51.100.9");
  detector(data, "malware-file", DetectorKind::yara, "unique", "malware", "wellmess-file", "claim.file");
  detector(data, "exploit", DetectorKind::check, "typical", "exploit", "citrix-exploit", "claim.exploit");
  detector(data, "attempt", DetectorKind::check, "contact", "attempt", "citrix-attempt", "claim.attempt");
  detector(data, "noise", DetectorKind::sigma, "generic", "", "noisy-family", "");
  detector(data, "cleared", DetectorKind::check, "generic", "impact", "log-clearing", "claim.cleared");
  detector(data, "analytic.credential-given", DetectorKind::analytic, "typical", "credential", "credential-given", "");
  detector(data, "analytic.file-reads", DetectorKind::analytic, "generic", "collection", "file-reads", "");
  return data;
}

void detector(CaseData& data, std::string id, DetectorKind kind, std::string klass, std::string stage,
              std::string family, std::string claim_id, std::string value) {
  DetectorInfo info;
  info.kind = kind;
  info.id = std::move(id);
  info.title = "Detector " + info.id;
  info.advisory = "report--1";
  info.value = std::move(value);
  info.meaning.klass = std::move(klass);
  info.meaning.stage = std::move(stage);
  info.meaning.family = std::move(family);
  if (!claim_id.empty()) info.meaning.claims = {std::move(claim_id)};
  data.catalogue.push_back(std::move(info));
}

void cover(CaseData& data, std::string_view source_class, std::string_view host, std::int64_t first,
           std::int64_t last) {
  Table& coverage = table(data, coverage_spec());
  for (std::int64_t day = first; day <= last; ++day) {
    const std::array<std::int64_t, 4> row{10, at(day, 1).ns, at(day, 22).ns, 0xffffff};
    coverage.add({"/evidence/" + std::string(source_class) + "/log", std::string(source_class), std::string(host),
                  std::to_string(day)},
                 row);
  }
}

void carry(CaseData& data, std::string_view source_class, std::string_view field, std::int64_t first,
           std::int64_t last) {
  Table& fields = table(data, field_coverage_spec());
  for (std::int64_t day = first; day <= last; ++day) {
    const std::array<std::int64_t, 2> row{10, 10};
    fields.add({std::string(source_class), std::string(field), std::to_string(day)}, row);
  }
}

void without(CaseData& data, std::string_view source_class) {
  for (Table& one : data.tables) {
    Table kept(one.spec());
    const auto& keys = one.spec().keys;
    const auto at_class = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), "class") - keys.begin());
    for (const auto& [key, row] : one.rows()) {
      if (at_class < keys.size() && key[at_class] == source_class) continue;
      kept.add(key, row);
    }
    one = std::move(kept);
  }
}

Sighting& add(CaseData& data, const Hit& hit) {
  Sighting s;
  char number[40];
  std::snprintf(number, sizeof number, "sgt--%032zu", data.sightings.size() + 1);
  s.id = number;
  s.finding = static_cast<std::uint32_t>(data.sightings.size() + 1);
  s.detector_id = hit.detector;
  s.host = hit.host;
  s.account = hit.account;
  s.time = hit.time;
  s.until = hit.until.known() ? hit.until : hit.time;
  s.count = hit.count;
  s.role = hit.role;
  s.outcome = hit.outcome;
  s.fields = hit.fields;
  s.records = {{"E0001", data.sightings.size() * 100, 90}};
  return data.sightings.emplace_back(std::move(s));
}

void flow(CaseData& data, std::string_view klass, std::string_view src, std::string_view dst, Time when,
          std::int64_t out, std::int64_t bogus, std::int64_t gets, std::int64_t posts, std::int64_t named,
          std::int64_t blocked) {
  const std::array<std::int64_t, 12> row{
      out, 0, 1, blocked, bogus, 0, bogus > 0, gets, posts, named, klass == "network_flow" ? 0 : 1, 0};
  table(data, flows_spec())
      .add({"/evidence/" + std::string(klass) + "/log", std::string(klass), std::string(src), std::string(dst), "443",
            std::to_string(when.hour())},
           row);
}

void served(CaseData& data, std::string_view gateway, std::string_view client, std::string_view kind, Time when,
            std::int64_t bytes) {
  const std::array<std::int64_t, 3> row{bytes, 1, 0};
  table(data, {"served",
               {"item", "gateway", "client", "kind", "hour"},
               {"bytes", "count", "first_ref"},
               {Merge::sum, Merge::sum, Merge::min}})
      .add({"/evidence/gw/log", std::string(gateway), std::string(client), std::string(kind),
            std::to_string(when.hour())},
           row);
}

CaseData quiet_case() {
  CaseData data = empty_case();
  for (const ProfileHost& host : data.profile.hosts) {
    if (host.name == "gw-2") continue;
    if (host.kind != "gateway") {
      cover(data, "network_flow", host.name, kFirstDay, kLastDay);
      cover(data, "proxy", host.name, kFirstDay, kLastDay);
      cover(data, "windows_security", host.name, kFirstDay, kLastDay);
      cover(data, "process", host.name, kFirstDay, kLastDay);
      cover(data, "file", host.name, kLastDay, kLastDay);
    }
  }
  cover(data, "web_access", "gw-1", kFirstDay, kLastDay);
  cover(data, "mail", "", kFirstDay, kLastDay);
  cover(data, "message_trace", "", kFirstDay, kLastDay);
  carry(data, "proxy", "@cookie", kFirstDay, kLastDay);
  carry(data, "proxy", "@bytes_out", kFirstDay, kLastDay);
  carry(data, "network_flow", "@bytes_out", kFirstDay, kLastDay);
  carry(data, "web_access", "@path", kFirstDay, kLastDay);
  EvidenceItem item;
  item.id = "E0001";
  item.path = "/evidence/log";
  data.evidence.push_back(item);
  // Ordinary traffic, and a declared transfer.
  for (std::int64_t day = kFirstDay; day <= kLastDay; ++day) {
    flow(data, "network_flow", "10.0.1.1", "203.0.113.5", at(day, 10), 20'000);
    flow(data, "network_flow", "10.0.1.4", "203.0.113.240", at(day, 1), 38'000'000'000);
  }
  data.records_total = 1000;
  return data;
}

CaseData intrusion_case() {
  CaseData data = quiet_case();
  const std::int64_t in = kFirstDay + 15;
  add(data, {"exploit",
             "gw-1",
             "",
             at(in, 2, 12),
             at(in, 2, 12),
             1,
             Role::none,
             Outcome::unknown,
             {{"@src_ip", "198.18.77.41"}}});
  served(data, "gw-1", "198.18.77.41", "portal-template.large", at(in, 2, 14), 48'312);
  served(data, "gw-1", "198.18.77.41", "portal-template", at(in, 2, 14), 2'181);
  add(data, {"malware-file", "srv-1", "", at(in + 4, 1, 40), {}, 1, Role::file, Outcome::unknown, {}});
  const std::vector<NamedValue> c2 = {{"@dst_ip", "198.51.100.9"}, {"@src_ip", "10.0.1.1"}};
  add(data, {"cookie", "srv-1", "", at(in + 4, 2), at(kLastDay, 18, 20), 2100, Role::none, Outcome::allowed, c2});
  add(data, {"listed", "srv-1", "", at(in + 4, 2), at(kLastDay, 18, 20), 2100, Role::contacted, Outcome::allowed, c2});
  // The same bytes as the proxy and the sensor see them.
  for (std::int64_t day = in + 4; day <= kLastDay; ++day) {
    for (int hour = 0; hour < 19; ++hour) {
      flow(data, "proxy", "10.0.1.1", "198.51.100.9", at(day, hour), 1'100, 0, 0, 1, 0);
      flow(data, "network_flow", "10.0.0.30", "198.51.100.9", at(day, hour), 1'100);
    }
  }
  flow(data, "network_flow", "10.0.1.1", "198.51.100.9", at(in + 35, 1), 400'000'000, 60'000'000);
  return data;
}

}  // namespace assay::example
