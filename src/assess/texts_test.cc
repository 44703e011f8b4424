// The director's sentence over random questions: the term or nothing stronger, every gap, no number but the bounds.
#include "assess/texts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "assess/example_case.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 7> kPhia = {"remote chance",         "highly unlikely", "unlikely",
                                                   "realistic possibility", "likely",          "highly likely",
                                                   "almost certain"};
constexpr std::array<std::string_view, 7> kIcd = {
    "almost no chance", "very unlikely", "unlikely", "roughly even chance", "likely", "very likely", "almost certain"};

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The terms of a scale that stand in a text, as whole words, the longest first: "highly unlikely" holds no "unlikely".
std::vector<int> terms_in(std::string text, const std::array<std::string_view, 7>& scale) {
  std::vector<std::size_t> order = {0, 1, 2, 3, 4, 5, 6};
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return scale[a].size() > scale[b].size(); });
  std::vector<int> out;
  for (const std::size_t rank : order) {
    for (std::size_t at = 0; (at = text.find(scale[rank], at)) != std::string::npos;) {
      const std::size_t end = at + scale[rank].size();
      if ((at == 0 || !letter(text[at - 1])) && (end == text.size() || !letter(text[end]))) {
        out.push_back(static_cast<int>(rank));
        text.replace(at, scale[rank].size(), std::string(scale[rank].size(), '#'));
      }
      at = end;
    }
  }
  return out;
}

TEST(Texts, TheSentenceHoldsTheTermAndEveryGapAndNothingStronger) {
  std::mt19937_64 random(5);
  const std::array<const char*, 7> ids = {"targeted", "access", "malware", "exfiltration",
                                          "impact",   "actor",  "ongoing"};
  for (int round = 0; round < 4000; ++round) {
    const Scale scale = round % 2 == 0 ? Scale::phia : Scale::icd203;
    const auto& words = scale == Scale::phia ? kPhia : kIcd;
    Question q;
    q.id = ids[random() % ids.size()];
    q.judged = random() % 4 != 0;
    q.probability = .01 + .98 * static_cast<double>(random() % 10'000) / 10'000;
    q.term = term_for(q.probability, scale);
    q.confidence = random() % 2 == 0 ? "high" : "low";
    q.why = q.judged ? "a reason" : "only 12 % of the host-days where it would show are covered";
    for (std::uint64_t i = 0; i < random() % 6; ++i) q.gaps.push_back("source " + std::to_string(i) + " before 3 May");
    Exfiltration taken;
    taken.bounded = random() % 2 == 0;
    taken.left_low = random() % 1'000'000'000;
    taken.left_high = taken.left_low + random() % 1'000'000'000;
    const std::string text = director_sentence(q, taken, scale);
    const std::vector<int> found = terms_in(text, words);
    if (q.judged) {
      ASSERT_EQ(found.size(), 1U) << text;
      EXPECT_EQ(found.front(), q.term.rank) << text;
    } else {
      EXPECT_TRUE(found.empty()) << text;
      EXPECT_NE(text.find("cannot say"), std::string::npos) << text;
    }
    for (const std::string& gap : q.gaps) EXPECT_NE(text.find(gap), std::string::npos) << text;
    EXPECT_EQ(text.find("confidence"), std::string::npos) << text;
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 0);
    EXPECT_EQ(text.back(), '.');
    EXPECT_TRUE(text.front() >= 'A' && text.front() <= 'Z') << text;
    for (const std::string_view word :
         {"certainly", "proved", "definitely", "clean", "safe", "no compromise", "stolen"})
      EXPECT_EQ(text.find(word), std::string::npos) << text;
    // No sentence of the analyst's paragraph speaks of likelihood and of confidence at once.
    const std::string paragraph = analyst_paragraph(q, taken, scale);
    for (std::size_t at = 0; at < paragraph.size();) {
      std::size_t end = paragraph.find(". ", at);
      if (end == std::string::npos) end = paragraph.size();
      const std::string one = paragraph.substr(at, end - at);
      if (one.find("onfidence") != std::string::npos) {
        EXPECT_TRUE(terms_in(one, words).empty()) << one;
      }
      at = end + 2;
    }
  }
}

TEST(Texts, GapsOfACaseAreInItsSentences) {
  using namespace example;
  for (const CaseData& data : {empty_case(), quiet_case(), intrusion_case()}) {
    const Assessment a = assess(data, Scale::phia);
    for (const Question& q : a.questions) {
      EXPECT_FALSE(q.director.empty());
      EXPECT_FALSE(q.analyst.empty());
      for (const std::string& gap : q.gaps) EXPECT_NE(q.director.find(gap), std::string::npos) << q.director;
    }
  }
  // The gateway without logs is a gap of the question whether somebody got in.
  const Assessment a = assess(quiet_case(), Scale::phia);
  EXPECT_NE(a.find("access")->director.find("gw-2"), std::string::npos) << a.find("access")->director;
  const Assessment b = assess(intrusion_case(), Scale::phia);
  EXPECT_NE(b.find("exfiltration")->director.find("if so"), std::string::npos) << b.find("exfiltration")->director;
}

}  // namespace
}  // namespace assay
