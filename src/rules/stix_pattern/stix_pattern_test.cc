#include <gtest/gtest.h>

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
  EXPECT_EQ(lowered("[file:name = 'a']"), "source any\nfile:name equals cased \"a\"\n");
  EXPECT_EQ(lowered("[ipv4-addr:value = '1.2.3.4' AND network-traffic:dst_port = 443]"),
            "source any\nall\n  ipv4-addr:value equals \"1.2.3.4\"\n  network-traffic:dst_port equals cased 443\n");
  EXPECT_EQ(
      lowered("[a:b = 'x' OR a:c = 'y' AND a:d = 'z']"),
      "source any\nany\n  a:b equals cased \"x\"\n  all\n    a:c equals cased \"y\"\n    a:d equals cased \"z\"\n");
  EXPECT_EQ(
      lowered("[(a:b = 'x' OR a:c = 'y') AND a:d = 'z']"),
      "source any\nall\n  any\n    a:b equals cased \"x\"\n    a:c equals cased \"y\"\n  a:d equals cased \"z\"\n");
  EXPECT_EQ(lowered("[a:b IN ('x', 'it\\'s', 5, true)]"),
            "source any\na:b equals cased any of \"x\" \"it's\" 5 \"true\"\n");
  EXPECT_EQ(lowered("[a:b != 'x']"), "source any\nall\n  a:b exists \"true\"\n  not\n    a:b equals cased \"x\"\n");
  EXPECT_EQ(lowered("[a:b NOT = 'x']"), lowered("[a:b != 'x']"));
  EXPECT_EQ(lowered("[a:b LIKE 'x%y_']"), "source any\na:b wildcard cased {\"x\" * \"y\" ?}\n");
  EXPECT_EQ(lowered("[a:b MATCHES '^x+$']"), "source any\na:b regex \"^x+$\"\n");
  EXPECT_EQ(lowered("[a:b > 5 AND a:b <= 6.5]"), "source any\nall\n  a:b greater 5\n  a:b less_equal 6.5\n");
  EXPECT_EQ(lowered("[EXISTS a:b]"), "source any\na:b exists \"true\"\n");
  EXPECT_EQ(lowered("[ipv4-addr:value ISSUBSET '10.0.0.0/8']"), "source any\nipv4-addr:value cidr \"10.0.0.0/8\"\n");
  EXPECT_EQ(lowered("[file:hashes.'MD5' = 'A']"), "source any\nfile:hashes.MD5 equals \"A\"\n");
  EXPECT_EQ(lowered("[file:hashes.'SHA-256' = 'A']"), "source any\nfile:hashes.'SHA-256' equals \"A\"\n");
  EXPECT_EQ(lowered("[x:a.b[*].c_ref.value = 'q' /* note */ ] // end"),
            "source any\nx:a.b[*].c_ref.value equals \"q\"\n");
  EXPECT_EQ(lowered("[a:b = 'x'] OR [a:c = 'y']"),
            "source any\nany\n  a:b equals cased \"x\"\n  a:c equals cased \"y\"\n");
}

TEST(StixPattern, SeveralObservations) {
  EXPECT_EQ(lowered("([a:b = 'x'] FOLLOWEDBY [a:c = 'y']) WITHIN 5 SECONDS"),
            "window sequence >=2 within 5 s distinct\n  base observation 1 source any\n    a:b equals cased \"x\"\n  "
            "base observation 2 source any\n    a:c equals cased \"y\"\n");
  EXPECT_EQ(lowered("([a:b = 'x'] AND [a:c = 'y']) WITHIN 5 SECONDS").substr(0, 45),
            "window together >=2 within 5 s distinct\n  bas");
  EXPECT_EQ(lowered("[a:b = 'x'] REPEATS 3 TIMES WITHIN 60 SECONDS").substr(0, 35),
            "window event_count >=3 within 60 s\n");
  EXPECT_EQ(lowered("[a:b = 'x'] FOLLOWEDBY [a:c = 'y']"),
            "refused patterns over several observations are evaluated as (...) WITHIN n SECONDS only");
  EXPECT_EQ(lowered("[a:b = 'x'] REPEATS 3 TIMES"),
            "refused patterns over several observations are evaluated as (...) WITHIN n SECONDS only");
  EXPECT_EQ(lowered("[a:b = 'x'] START t'2020-01-01T00:00:00Z' STOP t'2021-01-01T00:00:00Z'"),
            "refused START and STOP are not evaluated");
  EXPECT_EQ(lowered("[a:b = t'2020-01-01T00:00:00Z']"), "refused comparisons with timestamps are not evaluated");
  EXPECT_EQ(lowered("[a:b = h'00ff']"), "refused comparisons with binary values are not evaluated");
  EXPECT_EQ(lowered("[a:b ISSUPERSET '10.0.0.0/8']"), "refused ISSUPERSET is not evaluated");
  EXPECT_EQ(lowered("[a:b > 'x']"), "refused order of strings is not evaluated");
}

TEST(StixPattern, Errors) {
  for (const char* text : {"",
                           "[",
                           "[]",
                           "[a = 'x']",
                           "[a:b]",
                           "[a:b =]",
                           "[a:b = 'x]",
                           "[a:b = 'x'",
                           "[a:b = 'x'] AND",
                           "a:b = 'x'",
                           "[a:b = 'x'] extra",
                           "[a:b IN 'x']",
                           "[a:b IN ()]",
                           "([a:b = 'x']",
                           "[a:b = 'x'] WITHIN x SECONDS",
                           "[a:b = 'x'] WITHIN 5 MINUTES",
                           "[a:b = 'x'] REPEATS 0 TIMES",
                           "[a:b = h'0']",
                           "[a:b = b'*']",
                           "[a:b[x] = 5]",
                           "[a:b MATCHES '(']",
                           "[a: = 5]"}) {
    EXPECT_EQ(lowered(text).substr(0, 5) == "error" || lowered(text).starts_with("refused the regular"), true)
        << text << ": " << lowered(text);
  }
  EXPECT_EQ(lowered("[a:b = 'x'] extra"), "error character 13: unexpected text after the pattern");
  const std::string deep = std::string(5000, '(') + "[a:b = 'x']" + std::string(5000, ')');
  EXPECT_EQ(lowered(deep).substr(0, 5), "error");
  const std::string inner = "[" + std::string(5000, '(') + "a:b = 'x'" + std::string(5000, ')') + "]";
  EXPECT_EQ(lowered(inner).substr(0, 5), "error");
}

}  // namespace
}  // namespace assay::stix
