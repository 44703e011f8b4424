// Lines that syslog carries and that have a clock of their own: it counts, and the transport's stamp is held against
// it.
#include <algorithm>

#include "hunt/testing_unit.h"

namespace assay {
namespace {

testing_unit::Read unit_of(const std::string& log) {
  return testing_unit::read("messages-20200401", log, {},
                            "title: None\nid: 6f1c1d4e-0000-4000-8000-000000000004\nlogsource: {category: firewall}\n"
                            "detection: {s: {src_ip: 203.0.113.250}, condition: s}\n");
}
// The earliest time of the records, then conflicts.
std::string read(const std::string& log) {
  const auto unit = unit_of(log);
  return format_utc(unit.result.items.at(0).first) + "\n" + testing_unit::notices(unit, {NoticeKind::clock_conflict});
}

constexpr std::string_view kCef = "CEF:0|Vendor|Product|1.0|100|name|5|src=192.0.2.1 dst=198.51.100.7 ";
std::string cef(std::string_view head, std::string_view extension) {
  return std::string(head) + std::string(kCef) + std::string(extension) + "\n";
}
std::string apart(std::string_view other, std::string_view used, std::string_view size) {
  return "clock_conflict x1: " + std::string(other) + " differs from " + std::string(used) + " by about " +
         std::string(size) + "; " + std::string(used) + " is used\n";
}

TEST(InnerClock, TheDevicesTimeInCef) {
  // 1585449001000 is 2020-03-29T02:30:01Z.
  EXPECT_EQ(read(cef("2020-03-29T02:30:03Z gw ", "rt=1585449001000")), "2020-03-29T02:30:01Z\n");
  for (const std::string_view head :
       {"2020-03-30T02:30:01Z gw ", "2020-03-30T02:30:01Z gw agent: ", "<134>1 2020-03-30T02:30:01Z gw agent - - - "}) {
    EXPECT_EQ(read(cef(head, "rt=1585449001000")), "2020-03-29T02:30:01Z\n" + apart("time", "msg.rt", "+24 h 00 m"))
        << head;
  }
  EXPECT_EQ(read(cef("2020-03-30T02:30:01Z gw ", "rt=Mar 29 2020 04:30:01.5 +0200")),
            "2020-03-29T02:30:01.5Z\n" + apart("time", "msg.rt", "+24 h 00 m"));
}

TEST(InnerClock, EndAndStartStandInForTheDevicesTime) {
  // What lasted half an hour is no conflict of clocks.
  const std::string lasted = "start=1585447201000 end=1585449001000";
  EXPECT_EQ(read(cef("2020-03-29T02:30:03Z gw ", "rt=1585449001000 " + lasted)), "2020-03-29T02:30:01Z\n");
  EXPECT_EQ(read(cef("2020-03-29T02:30:03Z gw ", lasted)), "2020-03-29T02:30:01Z\n");
  EXPECT_EQ(read(cef("", "rt=1585449001000 " + lasted)), "2020-03-29T02:30:01Z\n");
  EXPECT_EQ(read(cef("", "start=1585449001000")), "2020-03-29T02:30:01Z\n");
}

// A stamp without a year cannot conflict by years: the better clock says which year it is.
TEST(InnerClock, TheYearOfAStampIsThatOfTheBetterClock) {
  EXPECT_EQ(read(cef("Mar 29 02:30:01 gw ", "rt=1427596201000")), "2015-03-29T02:30:01Z\n");
  EXPECT_EQ(read(cef("Dec 31 23:59:59 gw ", "rt=1577836801000")), "2020-01-01T00:00:01Z\n");
  EXPECT_EQ(read(cef("Mar 29 04:30:01 gw ", "rt=1585449001000")),
            "2020-03-29T02:30:01Z\n" + apart("time", "msg.rt", "+2 h 00 m"));
}

TEST(InnerClock, TheKernelsAudit) {
  const std::string event = "type=USER_LOGIN msg=audit(1585449001.123:7): pid=5 uid=0 res=failed\n";
  EXPECT_EQ(read("Mar 29 02:30:02 gw audispd: " + event), "2020-03-29T02:30:01.123Z\n");
  EXPECT_EQ(read("Mar 29 03:30:01 gw audispd: " + event),
            "2020-03-29T02:30:01.123Z\n" + apart("syslog_time", "time", "+1 h 00 m"));
  // Among other lines it stays syslog.
  const std::string others = "Mar 29 03:00:00 gw app: x\nMar 29 03:00:00 gw app: y\n";
  EXPECT_EQ(read(others + "Mar 29 03:30:01 gw kernel: [  1.5] audit: type=1400 audit(1585449001.123:4): a=b\n"),
            "2020-03-29T02:30:01.123Z\n" + apart("time", "msg.audit_time", "+1 h 00 m"));
  EXPECT_EQ(read(others + "Mar 29 03:30:01 gw audispd: " + event),
            "2020-03-29T02:30:01.123Z\n" + apart("time", "msg.audit_time", "+1 h 00 m"));
}

// date and time are the device's local ones; eventtime is UTC, and tz says how the two differ.
TEST(InnerClock, FortiGate) {
  const auto line = [](std::string_view head, std::string_view more) {
    return std::string(head) + "date=2020-03-29 time=04:30:01 " + std::string(more) +
           " logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" srcip=192.0.2.1 dstip=198.51.100.7\n";
  };
  const auto all = [](const std::string& log) {
    return testing_unit::notices(unit_of(log), {NoticeKind::clock_conflict, NoticeKind::assumption});
  };
  for (const std::string_view head : {"", "<189>", "<189>Mar 29 04:30:01 192.0.2.9 "}) {
    EXPECT_EQ(read(line(head, "tz=\"+0200\"")), "2020-03-29T02:30:01Z\n") << head;
    EXPECT_EQ(all(line(head, "tz=\"+0200\"")), "");
    EXPECT_EQ(all(line(head, "eventtime=1585449001 tz=\"+0200\"")), "");
    EXPECT_EQ(all(line(head, "eventtime=1585449001123456789")), "");
    EXPECT_EQ(read(line(head, "eventtime=1585449001123456789")), "2020-03-29T02:30:01.123456789Z\n");
  }
  EXPECT_EQ(read(line("", "eventtime=1585449001 tz=\"+0000\"")),
            "2020-03-29T02:30:01Z\n" + apart("date", "eventtime", "+2 h 00 m"));
  EXPECT_NE(all(line("", "")).find("local times without a zone"), std::string::npos);
}

}  // namespace
}  // namespace assay
