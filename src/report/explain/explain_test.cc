// explain as text: goldens for a question, a finding, a claim and the sums; and what it must not show.
#include <gtest/gtest.h>

#include "core/hash.h"
#include "report/report_fixtures.h"
#include "report/report_golden.h"

namespace assay {
namespace {

using namespace fixtures;

std::optional<std::string> bytes_of(const std::string& path, std::uint64_t offset, std::uint64_t length) {
  if (path.ends_with(".eml")) {
    std::string mail =
        "From: hr@login-1arkmoor.example\r\nTo: m.okafor@larkmoor.example\r\n\r\nDear colleague, the secret body\r\n";
    mail.resize(length, ' ');
    return mail;
  }
  std::string line = "{\"at\":" + std::to_string(offset) +
                     ",\"user\":\"LARKMOOR\\\\m.okafor\",\"url\":\"http://103.253.41.102/"
                     "index.html\",\"x\":\"\x1b[2J\nF99  NO COMPROMISE\"}";
  line.resize(length, '~');
  return line;
}

TEST(Explain, Goldens) {
  const Fixture f = intrusion();
  for (const char* id : {"access", "exfiltration", "F11", "F07", "claim.dc", "actor"}) {
    expect_golden(std::string("explain_") + id + ".txt", explain(f.data, f.assessment, id, options(), bytes_of));
  }
  const Fixture quiet = benign();
  expect_golden("explain_benign_targeted.txt", explain(quiet.data, quiet.assessment, "targeted", options()));
}

TEST(Explain, AnUnknownIdIsEmpty) {
  const Fixture f = intrusion();
  for (const char* id : {"", "F", "F0", "F00", "F999", "F99999999999999999999", "nothing", "claim.", "sgt--"}) {
    EXPECT_EQ(explain(f.data, f.assessment, id, options()), "") << id;
  }
  EXPECT_NE(explain(f.data, f.assessment, "f7", options()), "");
  EXPECT_NE(explain(f.data, f.assessment, sid(7), options()), "");
}

TEST(Explain, TheLinesAddUpToTheStatedProbability) {
  Fixture f = intrusion();
  const std::string text = explain(f.data, f.assessment, "impact", options());
  EXPECT_NE(text.find("-1.6902  prior"), std::string::npos) << text;  // .02
  EXPECT_NE(text.find("-0.4102  sum = probability 0.2800"), std::string::npos) << text;
  EXPECT_EQ(text.find("DO NOT ADD UP"), std::string::npos) << text;
  for (Question& q : f.assessment.questions) q.probability = .5;
  EXPECT_NE(explain(f.data, f.assessment, "impact", options()).find("stated: 0.5000. THE LINES ABOVE DO NOT ADD UP"),
            std::string::npos);
}

TEST(Explain, CommandsAreWithheldWhereThePathIsMasked) {
  Fixture f = intrusion();
  const std::string masked = explain(f.data, f.assessment, "F07", options());
  EXPECT_EQ(masked.find("tail -c"), std::string::npos);
  ReportOptions o = options();
  o.names = true;
  EXPECT_NE(explain(f.data, f.assessment, "F07", o)
                .find("tail -c +1 < 'intrusion/mail/m.okafor-report.eml' | head -c 911 | sha256sum"),
            std::string::npos);
}

TEST(Explain, BytesAreCappedAndBodiesStayOut) {
  Fixture f = intrusion();
  const std::string mail = explain(f.data, f.assessment, "F07", options(), bytes_of);
  EXPECT_EQ(mail.find("secret body"), std::string::npos);
  EXPECT_NE(mail.find("From: hr@login-1arkmoor[.]example"), std::string::npos);
  EXPECT_EQ(mail.find("okafor"), std::string::npos);

  f.data.sightings[0].records[0].length = 1 << 20;
  std::uint64_t asked = 0;
  const std::string big =
      explain(f.data, f.assessment, "F02", options(), [&](const std::string&, std::uint64_t, std::uint64_t n) {
        asked = n;
        return std::optional<std::string>(std::string(n, 'A'));
      });
  EXPECT_LE(asked, 4096u);
  EXPECT_LT(big.size(), 5000u);
  EXPECT_NE(big.find("(cut; the command shows all of it)"), std::string::npos);
}

TEST(Explain, SaysWhenTheEvidenceIsGone) {
  const Fixture f = intrusion();
  const std::string text = explain(f.data, f.assessment, "F02", options(),
                                   [](const std::string&, std::uint64_t, std::uint64_t) { return std::nullopt; });
  EXPECT_NE(text.find("not where it was"), std::string::npos);
}

}  // namespace
}  // namespace assay
