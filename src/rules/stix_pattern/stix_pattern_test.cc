#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <tuple>

#include "core/json.h"
#include "rules/stix_pattern/lower.h"
#include "rules/stix_pattern/pattern.h"

namespace assay::stix {
namespace {

std::string lowered(std::string_view text) {
  auto pattern = parse_pattern(text);
  if (!pattern.ok()) return "error " + pattern.error().text();
  ir::Detector d;
  d.kind = DetectorKind::stix_pattern;
  d.id = "x";
  if (auto status = lower_pattern(*pattern, d); !status.ok()) return "refused " + status.error().what;
  if (auto status = ir::check(d); !status.ok()) return "unchecked " + status.error().what;
  std::string out = ir::to_text(d);
  return out.substr(out.find('\n') + 1);
}

TEST(StixPattern, OneObservation) {
  EXPECT_EQ(lowered("[file:name = 'a']"),
            "source any\nany\n  file:name equals cased \"a\"\n  @file_name equals cased \"a\"\n");
  EXPECT_EQ(lowered("[network-traffic:src_ref.value = '1.2.3.4' AND network-traffic:x = 443]"),
            "source any\nall\n  any\n    network-traffic:src_ref.value equals \"1.2.3.4\"\n    @src_ip equals "
            "\"1.2.3.4\"\n  network-traffic:x equals cased 443\n");
  EXPECT_EQ(
      lowered("[a:b = 'x' OR a:c = 'y' AND a:d = 'z']"),
      "source any\nany\n  a:b equals cased \"x\"\n  all\n    a:c equals cased \"y\"\n    a:d equals cased \"z\"\n");
  EXPECT_EQ(
      lowered("[(a:b = 'x' OR a:c = 'y') AND a:d = 'z']"),
      "source any\nall\n  any\n    a:b equals cased \"x\"\n    a:c equals cased \"y\"\n  a:d equals cased \"z\"\n");
  EXPECT_EQ(lowered("[a:b IN ('x', 'it\\'s')]"), "source any\na:b equals cased any of \"x\" \"it's\"\n");
  EXPECT_EQ(lowered("[a:b != 'x']"), "source any\na:b differs from equals cased \"x\"\n");
  EXPECT_EQ(lowered("[a:b NOT = 'x']"),
            "source any\nall\n  a:b as text exists \"true\"\n  not\n    a:b equals cased \"x\"\n");
  EXPECT_EQ(lowered("[a:b LIKE 'x%y_']"), "source any\na:b as text wildcard cased {\"x\" * \"y\" ?}\n");
  EXPECT_EQ(lowered("[a:b MATCHES '^x+$']"), "source any\na:b as text regex \"^x+$\"s\n");
  EXPECT_EQ(lowered("[a:b > 5 AND a:b <= 6.5]"), "source any\nall\n  a:b greater 5\n  a:b less_equal 6.5\n");
  EXPECT_EQ(lowered("[a:b > 'x']"), "source any\na:b as text greater \"x\"\n");
  EXPECT_EQ(lowered("[a:b = t'2020-01-01T00:00:00Z']"), "source any\na:b as time equals \"2020-01-01T00:00:00Z\"\n");
  EXPECT_EQ(lowered("[a:b = h'6162']"), "source any\na:b as bytes equals cased \"ab\"\n");
  EXPECT_EQ(lowered("[EXISTS a:b]"), "source any\na:b as text exists \"true\"\n");
  EXPECT_EQ(lowered("[NOT EXISTS a:b]"), "source any\na:b as text exists \"false\"\n");
  EXPECT_EQ(lowered("[x:a ISSUBSET '10.0.0.0/8']"), "source any\nx:a cidr \"10.0.0.0/8\"\n");
  EXPECT_EQ(lowered("[x:a ISSUPERSET '10.0.0.0/8']"), "source any\nx:a superset \"10.0.0.0/8\"\n");
  EXPECT_EQ(lowered("[file:hashes.'MD5' = 'A']"),
            "source any\nany\n  file:hashes.MD5 equals \"A\"\n  @md5 equals \"A\"\n");
  EXPECT_EQ(lowered("[file:hashes.'sha512' = 'A']"), "source any\nfile:hashes.'SHA-512' equals \"A\"\n");
  EXPECT_EQ(lowered("[x:a.b[*].c_ref.value = 'q' /* note */ ] // end"),
            "source any\nx:a.b[*].c_ref.value equals \"q\"\n");
  EXPECT_EQ(lowered("[x:a.b[2] = 'q']"), "source any\nx:a.b[*] number 2 equals cased \"q\"\n");
  EXPECT_EQ(lowered("[a:b = 'x'] OR [a:c = 'y']"),
            "source any\nany\n  a:b equals cased \"x\"\n  a:c equals cased \"y\"\n");
  EXPECT_EQ(lowered("[a:b = 'x'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'"),
            "source any\nall\n  a:b equals cased \"x\"\n  all\n    @event_time as time greater_equal "
            "\"2020-01-01T00:00:00Z\"\n    @event_time as time less \"2021-01-01T00:00:00Z\"\n");
}

TEST(StixPattern, SeveralObservations) {
  EXPECT_EQ(lowered("([a:b = 'x'] FOLLOWEDBY [a:c = 'y']) WITHIN 5 SECONDS"),
            "window pattern (observation 1 then observation 2) within 4999999999 ns\n  base observation 1 source any\n "
            "   a:b equals cased \"x\"\n  base observation 2 source any\n    a:c equals cased \"y\"\n");
  const auto head = [](std::string_view text) {
    const std::string all = lowered(text);
    return all.substr(0, all.find('\n'));
  };
  EXPECT_EQ(head("[a:b = 'x'] AND [a:c = 'y'] OR [a:d = 'z']"),
            "window pattern ((observation 1 and observation 2) or observation 3)");
  EXPECT_EQ(head("[a:b = 'x'] REPEATS 3 TIMES WITHIN 60 SECONDS"),
            "window pattern observation 1 x3 within 59999999999 ns");
  EXPECT_EQ(head("[a:b = 'x'] WITHIN 60 SECONDS REPEATS 3 TIMES"), "window pattern observation 1 x3");
  EXPECT_EQ(head("([a:b = 'x'] AND [a:c = 'y']) WITHIN 60 SECONDS REPEATS 3 TIMES"),
            "window pattern ((observation 1 and observation 2) within 59999999999 ns) x3");
  EXPECT_EQ(head("[a:b = 'x'] AND [a:b = 'x']"), "window pattern (observation 1 and observation 1)");
  EXPECT_EQ(head("([a:b = 'x']) WITHIN 5 SECONDS"), "source any");
  EXPECT_EQ(head("([a:b = 'x'] AND [a:c = 'y']) REPEATS 100000 TIMES"),
            "refused more than 2000 records in one binding");
  EXPECT_EQ(head("[a:b = 'x'] REPEATS 99999999999999999999 TIMES"),
            "window pattern observation 1 x9223372036854775807");
}

TEST(StixPattern, Printed) {
  for (const char* text : {
           "[file:name = 'a']",
           "[a:b NOT IN ('x', 'it\\'s') OR a:c != 5 AND (a:d > 1.5 OR a:d <= -2)]",
           "[a:b = true AND NOT EXISTS a:'c d'[*].e[3] AND a:f MATCHES 'a\\\\.b']",
           "[a:b = t'2020-01-01T00:00:00.5Z' OR a:b = h'00ff']",
           "([a:b = 1] AND [a:b = 2]) WITHIN 5.5 SECONDS FOLLOWEDBY [a:b = 3] REPEATS 3 TIMES",
           "(([a:b = 1] WITHIN 5 SECONDS) REPEATS 2 TIMES) OR [a:b = 2] START t'2020-01-01T00:00:00Z' STOP "
           "t'2021-01-01T00:00:00Z'",
           "([a:b = 1] OR [a:b = 2]) AND ([a:b = 3] FOLLOWEDBY ([a:b = 4] OR [a:b = 5]))",
           "[a:b IN ()]",
       }) {
    const auto pattern = parse_pattern(text);
    ASSERT_TRUE(pattern.ok()) << text << ": " << pattern.error().text();
    const auto again = parse_pattern(to_text(*pattern));
    ASSERT_TRUE(again.ok()) << to_text(*pattern);
    EXPECT_EQ(*again, *pattern) << text << "\n" << to_text(*pattern);
    EXPECT_EQ(to_text(*again), to_text(*pattern));
  }
  EXPECT_EQ(to_text(*parse_pattern("[ a : b=h'AB' ]AND[c:'d'IN(1,2)]")), "[a:b = h'ab'] AND [c:d IN (1, 2)]");
}

// What is wrong, where (in characters, from 1), and the way out.
TEST(StixPattern, Errors) {
  const std::tuple<std::string, std::size_t, std::string> cases[] = {
      {"", 1, "an empty pattern"},
      {"[", 2, "an object path (type:property) is expected, here stands the end"},
      {"[]", 2, "an object path (type:property) is expected, here stands ']'"},
      {"[a = 'x']", 4, "':' is expected after the object type 'a'"},
      {"[a:b]", 5, "a comparison operator is expected"},
      {"[a:b = ]", 8, "a value is expected, here stands ']'"},
      {"[a:b = 'x]", 8, "the string is not closed"},
      {"[a:b = 'x'", 11, "']' is expected"},
      {"[a:b = 'x'] AND", 16, "'[' is expected"},
      {"a:b = 'x'", 1, "'[' is expected"},
      {"[a:b = 'x'] extra", 13, "text after the end of the pattern"},
      {"[a:b IN 'x']", 9, "'(' is expected after IN"},
      {"[a:b IN ('x', 5)]", 15, "the values of a set are of one kind"},
      {"([a:b = 'x']", 13, "')' is expected"},
      {"[a:b = 'x'] WITHIN x SECONDS", 20, "a number is expected, here stands 'x'"},
      {"[a:b = 'x'] WITHIN 5 MINUTES", 22, "SECONDS is expected"},
      {"[a:b = 'x'] WITHIN -5 SECONDS", 20, "WITHIN takes a number above 0"},
      {"[a:b = 'x'] WITHIN 0 SECONDS", 20, "WITHIN takes a number above 0"},
      {"[a:b = 'x'] WITHIN 1e308 SECONDS", 21, "SECONDS is expected"},
      {"[a:b = 'x'] REPEATS 0 TIMES", 21, "REPEATS takes a whole number above 0"},
      {"[a:b = 'x'] REPEATS 1.5 TIMES", 21, "a whole number is expected"},
      {"[a:b = 'x'] WITHIN 5 SECONDS WITHIN 6 SECONDS", 30, "the same qualifier twice"},
      {"[a:b = 'x'] START t'2020-01-01T00:00:00Z'", 42, "STOP is expected"},
      {"[a:b = 'x'] START '2020-01-01T00:00:00Z' STOP '2021-01-01T00:00:00Z'", 19, "a timestamp is expected"},
      {"[a:b = h'0']", 8, "h'' takes pairs of hexadecimal digits"},
      {"[a:b = b'*']", 8, "b'' takes Base64, padded with ="},
      {"[a:b = b'====']", 8, "b'' takes Base64, padded with ="},
      {"[a:b = t'2457-73-22T32:81:84.1Z']", 8, "not a timestamp"},
      {"[a:b = t'2021-02-30T00:00:00Z']", 8, "not a timestamp"},
      {"[a:b = 1.]", 9, "']' is expected"},
      {"[a:b = 007]", 8, "a whole number does not begin with 0"},
      {"[a:b = 'C:\\Windows\\']", 11, "a single backslash in a string"},
      {"[a:b[x] = 5]", 6, "a number is expected, here stands 'x'"},
      {"[a:b MATCHES '(']", 14, "not a regular expression"},
      {"[a:b ISSUBSET 'x']", 15, "not an address or a network"},
      {"[a:b = +5]", 8, "a value is expected, here stands '+'"},
      {"[a:b = 9007199254740992]", 8, "the number is out of range"},
      {"[a:b LIKE 5]", 11, "this operator takes a string"},
      {"[a:b > true]", 8, "true and false have no order"},
      {"[a: = 5]", 5, "the name of a property is expected, here stands '='"},
      {"[file:hashes.SHA-256 = 'x']", 14, "'SHA-256' holds a hyphen"},
      {"[NOT a:b = 5]", 6, "NOT stands before the operator"},
      {"[a:b = 5 and a:c = 6]", 10, "']' is expected"},
      {"[a:b = 5] and [a:c = 6]", 11, "text after the end of the pattern"},
      {"[a:b = 1 AND c:d = 2]", 14, "AND joins comparisons of one object; 'a' and 'c' are two"},
      {"[\xc3\xa4:b = 1]", 2, "an object path (type:property) is expected, here stands '\xc3\xa4'"},
      {"[a:b = '\xc3\xa4' x]", 12, "']' is expected"},
      {"[a:b = '\xff']", 9, "the pattern is not UTF-8"},
      {"[a:IN = 1]", 4, "the name of a property is expected, here stands the keyword IN"},
      {"[a:b = 1 /* open ]", 10, "']' is expected"},
  };
  for (const auto& [text, column, what] : cases) {
    ParseReport report;
    const auto pattern = parse_pattern(text, false, &report);
    ASSERT_FALSE(pattern.ok()) << text;
    EXPECT_TRUE(pattern.error().what.starts_with(what)) << text << ": " << pattern.error().what;
    EXPECT_EQ(report.column, column) << text << ": " << pattern.error().what;
  }
}

TEST(StixPattern, Valid) {
  for (const char* text :
       {"[user-account:value = 'Peter'] AND [user-account:value != 'Paul'] AND [user-account:value = 'Mary'] WITHIN 5 "
        "SECONDS",
        "( [(network-traffic:dst_port IN(443,6443,8443) AND network-traffic:src_packets != 0) ])",
        "[x_whatever:detected == t'2018-03-22T12:11:14.1Z']", "[foo:bar=1] REPEATS 9 TIMES",
        "([a:b = 1] WITHIN 5 SECONDS) WITHIN 6 SECONDS", "([a:b = 1] REPEATS 2 TIMES) REPEATS 2 TIMES",
        "[type-a:a = 1 AND (type-a:a = 2 OR type-b:b = 1)]",
        "[(type-a:a = 1 OR type-b:b = 2) AND (type-a:a = 2 OR type-b:b = 1)]", "[a:b = 1 OR c:d = 2]",
        "[a:b MATCHES'x']", "[a:b = 'x']REPEATS 5TIMES", "[a:b = .5]", "[a:b = h'']", "[a:b = ''] // end",
        "/* x */ [a:b\xc2\xa0= 1]", "[a:b = t'2016-12-31T23:59:60Z']"}) {
    const auto pattern = parse_pattern(text);
    EXPECT_TRUE(pattern.ok()) << text << ": " << (pattern.ok() ? "" : pattern.error().text());
  }
}

TEST(StixPattern, Lenient) {
  for (const char* text : {"[a:b = 'C:\\x'] and [a:c = 1]", "[file:hashes.SHA-256 = 'x']", "[NOT a:b = 5]",
                           "[a:b = 1] START '2020-01-01T00:00:00Z' STOP '2021-01-01T00:00:00Z'",
                           "[a:b = 1 AND c:d = 2]", "[a:b IN ('x', 5)]"}) {
    EXPECT_FALSE(parse_pattern(text).ok()) << text;
    ParseReport report;
    const auto pattern = parse_pattern(text, true, &report);
    ASSERT_TRUE(pattern.ok()) << text << ": " << pattern.error().text();
    EXPECT_FALSE(report.forgiven.empty()) << text;
    ir::Detector d;
    d.id = "x";
    EXPECT_TRUE(lower_pattern(*pattern, d).ok()) << text;
    EXPECT_TRUE(ir::check(d).ok()) << text;
  }
}

TEST(StixPattern, Hostile) {
  const std::string deep = std::string(5000, '(') + "[a:b = 'x']" + std::string(5000, ')');
  EXPECT_EQ(lowered(deep).substr(0, 5), "error");
  const std::string inner = "[" + std::string(5000, '(') + "a:b = 'x'" + std::string(5000, ')') + "]";
  EXPECT_EQ(lowered(inner).substr(0, 5), "error");
  const std::string nested = "[" + std::string(200, '(') + "a:b = 'x'" + std::string(200, ')') + "]";
  EXPECT_EQ(lowered(nested), lowered("[a:b = 'x']"));
  std::string many = "[a:b = 'x'";
  for (int i = 0; i < 70'000; ++i) many += " OR a:b = 1";
  EXPECT_EQ(lowered(many + "]").substr(0, 5), "error");
  EXPECT_EQ(lowered("[a:b = '" + std::string(std::size_t{2} << 20, 'x') + "']").substr(0, 5), "error");
  std::string path = "[a:b";
  for (int i = 0; i < 1000; ++i) path += ".c";
  EXPECT_EQ(lowered(path + " = 1]").substr(0, 5), "error");
  std::string observations = "[a:b = 1]";
  for (int i = 2; i < 3000; ++i) observations += " AND [a:b = " + std::to_string(i) + "]";
  EXPECT_EQ(lowered(observations).substr(0, 9), "unchecked");
  EXPECT_EQ(lowered("[a:b = 'x'] WITHIN " + std::string(400, '9') + ".5 SECONDS"), lowered("[a:b = 'x']"));
  EXPECT_EQ(lowered("[a:b = 'x'] WITHIN " + std::string(400, '9') + " SECONDS").substr(0, 5), "error");
}

// testdata/syntax.jsonl: what is valid and where it is not, written from the text of the standard and its grammar alone
// by somebody else than the tables above.
TEST(StixPattern, Standard) {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/src/rules/stix_pattern/testdata/syntax.jsonl");
  std::size_t valid = 0, broken = 0, places = 0;
  for (std::string line; std::getline(in, line);) {
    const Json test = parse_json(line).value();
    ParseReport report;
    const auto pattern = parse_pattern(test["pattern"].as_string(), false, &report);
    const bool differs = test["reading"].is_string();  // docs/rules/stix_pattern.md says why
    EXPECT_EQ(pattern.ok(), test["ok"].as_bool() != differs) << line << "\n"
                                                             << (pattern.ok() ? "accepted" : pattern.error().text());
    ++(pattern.ok() ? valid : broken);
    if (pattern.ok()) {
      const auto again = parse_pattern(to_text(*pattern));
      EXPECT_TRUE(again.ok() && *again == *pattern) << line << "\n" << to_text(*pattern);
    } else if (test["column"].is_number()) {
      EXPECT_EQ(static_cast<std::int64_t>(report.column), test["column"].as_int()) << line << "\n"
                                                                                   << pattern.error().text();
      ++places;
    }
  }
  EXPECT_GT(valid, 300U);
  EXPECT_GT(broken, 300U);
  EXPECT_GT(places, 100U);
}

}  // namespace
}  // namespace assay::stix
