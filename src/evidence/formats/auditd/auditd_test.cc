#include <gtest/gtest.h>

#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

const SchemaSet& schemas() {
  static const SchemaSet kSchemas = SchemaSet::load({}).value();
  return kSchemas;
}
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
  EXPECT_EQ(count(records_of(line("1", "a=1") + line("2", "a=2") + line("1", "a=3")), "record "), 3U);
  EXPECT_EQ(count(records_of("node=x " + line("1", "a=1") + "node=y " + line("1", "a=2")), "record "), 2U);
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
