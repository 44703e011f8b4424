// Logs that a worker reads in several windows: what stands where one ends is met as anywhere else, looked for line by
// line or in many lines together.
#include <fmt/format.h>

#include "hunt/testing_unit.h"
#include "hunt/worker_state.h"
#include "rules/indicator/normalise.h"

namespace assay {
namespace {

RuleSet listed() {
  RuleSet rules;
  const std::pair<Indicator::Kind, const char*> values[] = {{Indicator::Kind::domain, "evil.example"},
                                                            {Indicator::Kind::url, "http://drop.example/a"},
                                                            {Indicator::Kind::ipv4, "203.0.113.9"}};
  for (const auto& [kind, value] : values) {
    Indicator one;
    one.kind = kind;
    one.value = *normalise(kind, value);
    one.id = std::string("indicator--") + value;
    one.advisory = "report--1";
    rules.indicators.push_back(one);
  }
  return rules;
}

// A log of some windows; of each fifty lines about one holds something, and those around the ends of windows all do.
template <class Line>
std::string log_of(std::string head, Line&& line) {
  std::string out = std::move(head);
  for (std::size_t i = 0; out.size() < 3 * kReadBytes + 5000; ++i) {
    const std::size_t in = out.size() % kReadBytes;
    out += line(i, i % 50 == 7 || in < 400 || in + 400 > kReadBytes);
  }
  return out;
}

std::vector<std::uint64_t> places(const testing_unit::Read& read) {
  std::vector<std::uint64_t> out;
  for (const KeyedMatch& match : read.matches) out.push_back(match.match.ref.offset);
  std::sort(out.begin(), out.end());
  return out;
}

void check(const std::string& name, const std::string& log, std::string_view sign) {
  EngineOptions plain;
  plain.line_filter = false;
  const auto together = places(testing_unit::read(name, log, Profile{}, listed()));
  const auto each = places(testing_unit::read(name, log, Profile{}, listed(), {}, plain));
  EXPECT_EQ(together, each);
  std::vector<std::uint64_t> planted;
  for (std::size_t begin = 0; begin < log.size();) {
    const std::size_t end = std::min(log.find('\n', begin), log.size());
    if (std::string_view(log).substr(begin, end - begin).find(sign) != std::string_view::npos) planted.push_back(begin);
    begin = end + 1;
  }
  EXPECT_GT(planted.size(), 100U);
  EXPECT_EQ(together, planted);
}

TEST(LongLogs, AccessLogs) {
  check("access.log",
        log_of("",
               [](std::size_t i, bool bad) {
                 return fmt::format(
                     "198.51.100.{} - - [16/Jul/2020:10:{:02}:{:02} +0000] \"GET /page{} HTTP/1.1\" 200 17 \"{}\" "
                     "\"Mozilla/5.0 (X11)\"\n",
                     i % 200, i / 60 % 60, i % 60, i,
                     bad ? "https://www.evil.example/x" : "https://www.good.example/x");
               }),
        "evil.example");
}

TEST(LongLogs, ZeekLogsOfTwoKinds) {
  const std::string head = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n";
  const std::string conn =
      head + "#path\tconn\n#fields\tts\tuid\tid.orig_h\tid.resp_h\tproto\n#types\ttime\tstring\taddr\taddr\tenum\n";
  const std::string http = head +
                           "#path\thttp\n#fields\tts\tuid\tid.orig_h\tid.resp_h\thost\turi\n#"
                           "types\ttime\tstring\taddr\taddr\tstring\tstring\n";
  check("conn.log",
        log_of(conn,
               [](std::size_t i, bool bad) {
                 return fmt::format("{}.000001\tC{}\t10.0.0.{}\t{}\ttcp\n", 1594857600 + i, i, i % 250,
                                    bad ? "203.0.113.9" : "203.0.113.10");
               }),
        "203.0.113.9\t");
  // Logs joined into one file: another kind of record from the middle on.
  std::string both = log_of(conn, [](std::size_t i, bool) {
    return fmt::format("{}.000001\tC{}\t10.0.0.{}\t203.0.113.10\ttcp\n", 1594857600 + i, i, i % 250);
  });
  both += http;
  for (std::size_t i = 0; i < 9000; ++i)
    both += fmt::format("{}.000001\tC{}\t10.0.0.1\t203.0.113.10\t{}\t{}\n", 1594957600 + i, i,
                        i % 40 == 3 ? "drop.example" : "good.example", i % 40 == 3 ? "/a" : "/b");
  check("conn.log", both, "drop.example\t/a");
}

}  // namespace
}  // namespace assay
