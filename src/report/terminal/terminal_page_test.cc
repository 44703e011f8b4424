// The page as text: goldens, and what holds for every page.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/ascii.h"
#include "report/escape.h"
#include "report/report_fixtures.h"
#include "report/report_golden.h"

namespace assay {
namespace {

using namespace fixtures;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  for (const std::string_view line : split(text, '\n')) out.emplace_back(line);
  return out;
}

struct Named {
  const char* name;
  Fixture fixture;
};

std::vector<Named> all() {
  std::vector<Named> out;
  out.push_back({"intrusion", intrusion()});
  out.push_back({"benign", benign()});
  out.push_back({"empty", empty()});
  out.push_back({"foreign", foreign()});
  out.push_back({"other_actor", other_actor()});
  return out;
}

// A whole word, whatever its case.
bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t i = 0; i + word.size() <= text.size(); ++i) {
    if (equals_icase(text.substr(i, word.size()), word) && (i == 0 || !is_alnum(text[i - 1])) &&
        (i + word.size() == text.size() || !is_alnum(text[i + word.size()]))) {
      return true;
    }
  }
  return false;
}

TEST(TerminalPage, Goldens) {
  for (const Named& n : all())
    expect_golden(std::string("page_") + n.name + ".txt",
                  terminal_page(n.fixture.data, n.fixture.assessment, options()));
  ReportOptions named = options();
  named.names = true;
  const Fixture f = intrusion();
  expect_golden("page_intrusion_names.txt", terminal_page(f.data, f.assessment, named));
}

TEST(TerminalPage, FitsEightyColumnsAndNeverUsesTheForbiddenWords) {
  for (const Named& n : all()) {
    const std::string page = terminal_page(n.fixture.data, n.fixture.assessment, options());
    for (const std::string& line : lines_of(page)) EXPECT_LE(columns_of_line(line), 80u) << n.name << ": " << line;
    for (const char* word : {"clean", "safe", "no compromise"})
      EXPECT_FALSE(has_word(page, word)) << n.name << ": " << word;
  }
}

TEST(TerminalPage, TwelveLinesWithoutPercentagesRulesOrTechniques) {
  for (const Named& n : all()) {
    const auto lines = lines_of(terminal_page(n.fixture.data, n.fixture.assessment, options()));
    ASSERT_GT(lines.size(), 13u);
    bool not_seen = false;
    for (std::size_t i = 0; i < 12; ++i) {
      EXPECT_EQ(lines[i].find('%'), std::string::npos) << lines[i];
      for (const DetectorInfo& d : n.fixture.data.catalogue) {
        EXPECT_EQ(lines[i].find(d.title), std::string::npos) << lines[i];
        for (const std::string& t : d.techniques) EXPECT_EQ(lines[i].find(t), std::string::npos) << lines[i];
      }
      not_seen |= lines[i].starts_with("  NOT SEEN");
    }
    EXPECT_TRUE(not_seen) << n.name;
    std::string head;
    for (std::size_t i = 0; i < 12; ++i) head += lines[i] + "\n";
    EXPECT_NE(head.find("NEXT HOUR"), std::string::npos) << n.name;
  }
}

TEST(TerminalPage, SentencesThatDoNotFitTheHeadStayOutOfIt) {
  Fixture f = intrusion();
  f.assessment.actions.insert(f.assessment.actions.begin(), Action{});
  f.assessment.actions.front().what = "Look at T1190 hits (93%)";
  f.assessment.not_seen.insert(f.assessment.not_seen.begin(), "30% of WellMess cookie structure");
  const auto lines = lines_of(terminal_page(f.data, f.assessment, options()));
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_EQ(lines[i].find("T1190"), std::string::npos);
    EXPECT_EQ(lines[i].find('%'), std::string::npos);
  }
}

TEST(TerminalPage, LikelihoodAndConfidenceShareNoSentence) {
  const Fixture f = intrusion();
  const auto lines = lines_of(terminal_page(f.data, f.assessment, options()));
  for (std::size_t i = 0; i < 12; ++i) EXPECT_FALSE(has_word(lines[i], "confidence")) << lines[i];
}

TEST(TerminalPage, SaysWhenTheRunWasNotComplete) {
  Fixture f = benign();
  f.data.complete = false;
  const auto lines = lines_of(terminal_page(f.data, f.assessment, options()));
  bool said = false;
  for (std::size_t i = 0; i < 12; ++i) said |= lines[i].find("INCOMPLETE") != std::string::npos;
  EXPECT_TRUE(said);
}

TEST(TerminalPage, LureWithoutEntryIsNotNoSignOfTheCampaign) {
  Fixture f = benign();
  f.assessment.questions[0] = judged("targeted", .9, .05, "moderate", .8, "lure");
  const std::string page = terminal_page(f.data, f.assessment, options());
  EXPECT_EQ(page.find("NO SIGN OF THIS CAMPAIGN"), std::string::npos);
  EXPECT_NE(page.find("AIMED AT US: HIGHLY LIKELY"), std::string::npos);
  EXPECT_NE(page.find("NO SIGN THAT THEY GOT IN"), std::string::npos);
}

TEST(TerminalPage, NothingToContainIsSaidBeforeWhatToFetch) {
  Fixture f = benign();
  f.assessment.actions = {intrusion().assessment.actions[1], intrusion().assessment.actions[2]};
  const auto lines = lines_of(terminal_page(f.data, f.assessment, options()));
  const auto at = std::find(lines.begin(), lines.begin() + 12, "  NEXT HOUR  nothing to contain.  Then:");
  ASSERT_NE(at, lines.begin() + 12);
  EXPECT_TRUE((at + 1)->starts_with("             1 Stop log rotation"));
}

TEST(TerminalPage, MiddlingAccessIsCannotSayYet) {
  Fixture f = benign();
  f.assessment.questions[1] = judged("access", .45, .05, "low", .8, "one odd request");
  const std::string page = terminal_page(f.data, f.assessment, options());
  EXPECT_NE(page.find("CANNOT SAY YET whether somebody got in: realistic possibility."), std::string::npos);
}

}  // namespace
}  // namespace assay
