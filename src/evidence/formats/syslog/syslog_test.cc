#include <gtest/gtest.h>

#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

using drain::schemas;
// The fields of one line, without the message's own.
std::string fields_of(std::string_view line) {
  std::string out;
  const auto visit = [&](RecordReader& reader, std::string&) {
    reader.all_fields([&](std::string_view path, Value value) {
      if (path.starts_with("msg.")) return;
      out += (out.empty() ? "" : "|") + std::string(path) + "=" + std::string(value.text);
    });
  };
  (void)drain::run(syslog_format(), line, "syslog", schemas(), drain::whole(), visit);
  return out;
}
int score(std::string_view head) { return syslog_format().recognise(head, true, "x", schemas()).score; }

TEST(Syslog, TagsAndHosts) {
  EXPECT_EQ(fields_of("Jan  5 02:12:07 gw app[1]: x"),
            "time=Jan  5 02:12:07|host=gw|program=app|app=app|pid=1|message=x");
  EXPECT_EQ(fields_of("Jan  5 02:12:07 gw app: x: y"), "time=Jan  5 02:12:07|host=gw|program=app|app=app|message=x: y");
  EXPECT_EQ(fields_of("Jan  5 02:12:07 2001:db8::1 app: x"),
            "time=Jan  5 02:12:07|host=2001:db8::1|program=app|app=app|message=x");
  EXPECT_EQ(fields_of("Jan  5 02:12:07 gw no tag here"), "time=Jan  5 02:12:07|host=gw|message=no tag here");
  EXPECT_EQ(fields_of("Jan  5 02:12:07 gw 10:20:30 is a time"),
            "time=Jan  5 02:12:07|host=gw|message=10:20:30 is a time");
  EXPECT_EQ(fields_of("Jan  5 02:12:07 app[1]: x"), "time=Jan  5 02:12:07|program=app|app=app|pid=1|message=x");
  EXPECT_EQ(fields_of("Jan  5 02:12:07 "), "time=Jan  5 02:12:07|message=");
  EXPECT_EQ(fields_of("Jan  5 02:12:07"), "time=Jan  5 02:12:07|message=");
  EXPECT_EQ(fields_of("Jan  5 02:12:07x gw app: y"), "message=Jan  5 02:12:07x gw app: y");
}

TEST(Syslog, PrioritiesOutOfRangeAreText) {
  EXPECT_EQ(fields_of("<191>Jan  5 02:12:07 gw a: x"),
            "pri=191|facility=local7|severity=debug|time=Jan  5 02:12:07|host=gw|program=a|app=a|message=x");
  for (const char* line : {"<192>Jan  5 02:12:07 gw a: x", "<>Jan  5 02:12:07 gw a: x", "<1x>Jan  5 02:12:07 gw a: x"})
    EXPECT_EQ(fields_of(line), "message=" + std::string(line));
}

TEST(Syslog, NewFormThatIsNoneIsReadAsTheOld) {
  EXPECT_EQ(fields_of("<13>1 yesterday gw app - - - x"),
            "pri=13|facility=user|severity=notice|message=1 yesterday gw app - - - x");
}

TEST(Syslog, RecognisedByStampsWithAHostAndAProgram) {
  EXPECT_GT(score("Jan  5 02:12:07 gw app: x\n"), 80);
  EXPECT_GT(score("-- Logs begin at Sun 2020-01-05 --\nJan  5 02:12:07 gw app: x\n"), 80);
  EXPECT_EQ(score("Jan  5 02:12:07 only words\n"), 0);
  EXPECT_EQ(score("a\nb\nJan  5 02:12:07 gw app: x\n"), 0);
  EXPECT_EQ(score("2020-04-16T02:12:07Z\n"), 0);
  EXPECT_EQ(score(""), 0);
}

// A pattern's parts, and none for a program that has no patterns or a text that no pattern knows.
TEST(Syslog, MessagesAreTakenApartByProgram) {
  const auto user = [](std::string_view line) {
    std::string out = "none";
    (void)drain::run(syslog_format(), line, "syslog", schemas(), drain::whole(),
                     [&](RecordReader& reader, std::string&) {
                       Projection projection;
                       const Slot slot = projection.add("msg.user");
                       FieldTable table;
                       table.reset(1);
                       reader.read(projection, table);
                       if (table.has(slot)) out = table.first(slot).text;
                     });
    return out;
  };
  EXPECT_EQ(user("Jan  5 02:12:07 gw sshd[1]: Accepted password for alice from 192.0.2.1 port 22 ssh2"), "alice");
  // A user name may hold what looks like the rest of the line; the last one counts.
  EXPECT_EQ(user("Jan  5 02:12:07 gw sshd[1]: Failed password for invalid user a from 192.0.2.9 port 1 from 192.0.2.1 "
                 "port 22"),
            "a from 192.0.2.9 port 1");
  EXPECT_EQ(user("Jan  5 02:12:07 gw sshd[1]: Accepted password for alice"), "none");
  EXPECT_EQ(user("Jan  5 02:12:07 gw other[1]: Accepted password for alice from 192.0.2.1 port 22 ssh2"), "none");
}

}  // namespace
}  // namespace assay
