// The table of evidence as text: goldens at two widths; accounts that add up; hostile names.
#include "report/evidence/evidence_page.h"

#include <gtest/gtest.h>

#include "core/ascii.h"
#include "core/json.h"
#include "report/escape.h"
#include "report/report_golden.h"

namespace assay {
namespace {

EvidenceItem item(std::string path, std::string kind, std::string shape) {
  EvidenceItem out;
  out.path = std::move(path);
  out.kind = std::move(kind);
  out.shape = std::move(shape);
  return out;
}

CaseData sample() {
  CaseData data;
  const std::string sensor = "export/sensor.tar!2020-05-0";
  for (const char day : {'1', '2'}) {
    EvidenceItem log = item(sensor + day + "/conn.log", "records", "zeek-tsv");
    log.bytes = 1000;
    log.records = 9;
    log.record_bytes = 800;
    log.between_bytes = 150;
    log.damaged_bytes = 30;
    log.skipped_bytes = 20;
    log.damaged = 1;
    log.routes = {{"zeek-tsv/conn", 9}};
    log.hosts = {"192.0.2.7", "192.0.2.8"};
    log.first = *parse_iso8601(std::string("2020-05-0") + day + "T00:00:10Z");
    log.last = *parse_iso8601(std::string("2020-05-0") + day + "T23:59:50Z");
    data.evidence.push_back(log);
  }
  data.evidence.push_back(item("export/sensor.tar", "container", "tar"));
  EvidenceItem events =
      item("export/a folder with a rather long name/security-workstations-2020-05.json", "records", "json-lines");
  events.bytes = events.record_bytes = 5'000'000;
  events.records = 12'345;
  events.copied = 45;
  events.routes = {{"winlogbeat/security", 12'000}, {"winlogbeat/security_process", 345}};
  events.hosts = {"ws-1"};
  events.first = *parse_iso8601("2020-05-01T00:00:00Z");
  events.last = *parse_iso8601("2020-05-03T23:00:00Z");
  data.evidence.push_back(events);
  data.evidence.push_back(item("export/notes.txt", "blob", "text"));
  data.evidence.push_back(item("export/disk.e01", "blob", "E01 disk image"));
  data.evidence.push_back(item("export/bad\x1b[31mname", "empty", "empty"));
  for (std::size_t i = 0; i < data.evidence.size(); ++i) data.evidence[i].id = "E000" + std::to_string(i + 1);

  Table coverage(coverage_spec());
  for (std::int64_t hour = 0; hour < 72; ++hour) {
    if (hour >= 30 && hour < 40) continue;
    const std::int64_t day = 18383 + hour / 24, bit = std::int64_t{1} << (hour % 24);
    coverage.add({events.path, "windows_security", "ws-1", std::to_string(day)},
                 std::vector<std::int64_t>{1, 0, 0, bit});
  }
  data.tables.push_back(std::move(coverage));
  data.notices = {{NoticeKind::not_recognised, "export/notes.txt", 0, 1, "no log: looked at as a file of type text"},
                  {NoticeKind::recognised_not_read, "export/disk.e01", 0, 1, "E01 disk image: mount it"},
                  {NoticeKind::empty, "export/bad\x1b[31mname", 0, 1, "holds nothing"},
                  {NoticeKind::damaged_record, sensor + "1/conn.log", 40, 1, "records that their format cannot parse"},
                  {NoticeKind::damaged_record, sensor + "2/conn.log", 40, 1, "records that their format cannot parse"}};
  return data;
}

TEST(EvidencePage, AsText) {
  fixtures::expect_golden("evidence_80.txt", evidence_page(sample(), {80, false}));
  fixtures::expect_golden("evidence_120_all.txt", evidence_page(sample(), {120, true}));
}

TEST(EvidencePage, AsJson) { fixtures::expect_golden("evidence.json", evidence_json(sample())); }

TEST(EvidencePage, NoLineIsWiderThanAskedAndNoByteIsSentRaw) {
  for (const std::size_t width : {80U, 93U, 120U}) {
    const std::string page = evidence_page(sample(), {width, true});
    for (const std::string_view line : split(page, '\n')) EXPECT_LE(line.size(), width) << line;
    EXPECT_EQ(page.find('\x1b'), std::string::npos);
  }
}

TEST(EvidencePage, TotalsAddUp) {
  const auto json = parse_json(evidence_json(sample()));
  ASSERT_TRUE(json.ok());
  const Json& t = (*json)["totals"];
  EXPECT_EQ(t["bytes"].as_int(), t["record_bytes"].as_int() + t["between_bytes"].as_int() +
                                     t["damaged_bytes"].as_int() + t["skipped_bytes"].as_int());
  EXPECT_EQ(t["records"].as_int(), t["kept"].as_int() + t["outside"].as_int() + t["copied"].as_int());
}

TEST(EvidencePage, NothingAtAll) { EXPECT_NE(evidence_page({}, {}).find("0 log files"), std::string::npos); }

}  // namespace
}  // namespace assay
