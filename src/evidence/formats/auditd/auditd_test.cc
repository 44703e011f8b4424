#include <gtest/gtest.h>

#include <random>

#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

using drain::schemas;
std::string records_of(std::string_view bytes) {
  return drain::text(drain::run(auditd_format(), bytes, "auditd", schemas(), drain::whole()));
}
std::size_t count(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
  return n;
}
std::string line(std::string_view serial, std::string_view rest) {
  return "type=SYSCALL msg=audit(1587003127.123:" + std::string(serial) + "): " + std::string(rest) + "\n";
}

TEST(Auditd, NeighbouringLinesOfOneSerialAreOneEvent) {
  EXPECT_EQ(count(records_of(line("1", "a=1") + line("1", "a=2") + line("2", "a=3")), "record "), 2U);
  EXPECT_EQ(count(records_of("node=x " + line("1", "a=1") + "node=y " + line("1", "a=2")), "record "), 2U);
}

// Lines of events among one another are put together; the record names where the others stand.
TEST(Auditd, EventsAmongOneAnotherArePutTogether) {
  const std::string out = records_of(line("1", "a=1") + line("2", "a=2") + line("1", "b=3") + line("2", "b=4"));
  EXPECT_EQ(count(out, "record 0+"), 1U) << out;
  EXPECT_EQ(count(out, "  serial = "), 2U);
  EXPECT_LT(out.find("b = \"3\""), out.find("a = \"2\"")) << "of the first event";
  EXPECT_NE(out.find("also_at = \"92+45\""), std::string::npos) << out;
  EXPECT_EQ(count(out, "put together by their serial number"), 1U);
  EXPECT_NE(out.find("x2: audit events"), std::string::npos);
  // Behind its end nothing is looked for, and not beyond the reach.
  const std::string end = "type=EOE msg=audit(1587003127.123:1): \n";
  EXPECT_EQ(count(records_of(line("1", "a=1") + end + line("2", "a=2") + line("1", "a=3")), "  serial = "), 3U);
  std::string far = line("1", "a=1");
  for (int i = 0; i < 64; ++i) far += line(std::to_string(100 + i), "a=1");
  EXPECT_EQ(count(records_of(far + line("1", "a=3")), "  serial = "), 66U);
}

// Many events at once, in windows of any size: each once, whole, with the lines in their order.
TEST(Auditd, ManyEventsAmongOneAnotherHoweverTheStreamIsCut) {
  std::mt19937 random(4);
  std::vector<std::vector<std::string>> open;
  std::string text;
  std::size_t events = 0;
  for (int i = 0; i < 2000; ++i) {
    if (open.size() < 6 && events < 100) {
      const std::string serial = std::to_string(++events);
      open.push_back({line(serial, "p=3"), line(serial, "p=2"), line(serial, "p=1")});
    }
    if (open.empty()) break;
    std::vector<std::string>& event = open[random() % open.size()];
    text += event.back();
    event.pop_back();
    std::erase_if(open, [](const auto& one) { return one.empty(); });
  }
  const auto run = [&](const drain::Chunks& chunks) {
    return drain::text(drain::run(auditd_format(), text, "auditd", schemas(), chunks));
  };
  const std::string whole = run(drain::whole());
  EXPECT_EQ(count(whole, "  serial = "), events);
  EXPECT_EQ(count(whole, "  p = \"1\"\n"), events);
  EXPECT_EQ(count(whole, "  p = \"3\"\n"), events);
  EXPECT_EQ(run(drain::each(1)), whole);
  EXPECT_EQ(run([&] { return 1 + random() % 700; }), whole);
}

TEST(Auditd, BehindASyslogHead) {
  const std::string out =
      records_of("Mar 29 02:30:01 gw audispd: node=n " + line("1", "a=1") +
                 "Mar 29 02:30:01 gw kernel: [  1.5] audit: type=1309 audit(1587003127.123:2): argc=1 "
                 "a0=6C73\n");
  EXPECT_EQ(count(out, "  serial = "), 2U) << out;
  EXPECT_NE(out.find("syslog_time = \"Mar 29 02:30:01\""), std::string::npos);
  EXPECT_NE(out.find("type = \"EXECVE\""), std::string::npos);
  EXPECT_NE(out.find("command_line = \"ls\""), std::string::npos);
}

TEST(Auditd, HexadecimalIsDecodedWhereItStandsForText) {
  const std::string out = records_of("type=EXECVE msg=audit(1587003127.123:1): argc=2 a0=\"sh\" a1=6C73202F\n" +
                                     line("2", "a0=6162 comm=6162 exe=\"6162\" name=zz key=616 cwd=C3"));
  EXPECT_NE(out.find("a1 = \"ls /\""), std::string::npos) << out;
  EXPECT_NE(out.find("command_line = \"sh ls /\""), std::string::npos);
  EXPECT_NE(out.find("a0 = \"6162\""), std::string::npos) << "arguments of a system call are numbers";
  EXPECT_NE(out.find("comm = \"ab\""), std::string::npos);
  EXPECT_NE(out.find("exe = \"6162\""), std::string::npos) << "what is quoted is written as it is";
  EXPECT_NE(out.find("key = \"616\""), std::string::npos);
  EXPECT_NE(out.find("cwd = \"\xef\xbf\xbd\""), std::string::npos) << "not UTF-8";
}

TEST(Auditd, AnEventOfTooManyLinesIsCut) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += line("1", "a=1");
  EXPECT_EQ(count(records_of(text), "record "), 2U);
}

TEST(Auditd, RecognisedByItsHeads) {
  const auto score = [](std::string_view head) { return auditd_format().recognise(head, true, "x", schemas()).score; };
  EXPECT_EQ(score(line("1", "a=1")), 95);
  EXPECT_EQ(score("type=x msg=audit(1:2): \n"), 95);
  for (const char* bad : {"", "type=SYSCALL\n", "type=SYSCALL msg=audit(x:1): a=b\n", "type=SYSCALL msg=audit(1.0:1\n"})
    EXPECT_EQ(score(bad), 0) << bad;
}

}  // namespace
}  // namespace assay
