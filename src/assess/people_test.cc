// What people say: judgements take weight away or add it, expire, are replaced; statements weigh by their code.
#include "assess/people.h"

#include <gtest/gtest.h>

#include "assess/example_case.h"
#include "assess/statements.h"

namespace assay {
namespace {

using namespace example;

Disposition judged(const CaseData& data, std::string_view detector, Verdict verdict) {
  Disposition out;
  for (const Sighting& s : data.sightings) {
    if (s.detector_id == detector) out.sighting = s.id;
  }
  EXPECT_FALSE(out.sighting.empty()) << detector;
  out.verdict = verdict;
  out.reason = "a reason";
  out.by = "A. Analyst";
  out.at = at(kLastDay + 5, 9);
  out.after_answer = true;
  return out;
}

double p(const CaseData& data, std::string_view id) { return assess(data, Scale::phia).find(id)->probability; }

TEST(People, BenignAndTestTakeTheWeightAwayAndAreShown) {
  CaseData data = quiet_case();
  add(data, {"cookie",
             "srv-1",
             "",
             at(kFirstDay + 20, 2),
             {},
             1,
             Role::none,
             Outcome::allowed,
             {{"@dst_ip", "198.51.100.9"}, {"@src_ip", "10.0.1.1"}}});
  const double with = p(data, "malware");
  EXPECT_GT(with, .5);
  for (const Verdict verdict : {Verdict::benign, Verdict::test}) {
    CaseData less = data;
    less.dispositions.push_back(judged(data, "cookie", verdict));
    EXPECT_LT(p(less, "malware"), .2);
    const Assessment a = assess(less, Scale::phia);
    ASSERT_EQ(a.people.size(), 1U);
    EXPECT_TRUE(a.people[0].counts);
    EXPECT_NE(a.people[0].text.find("after the answer was seen"), std::string::npos) << a.people[0].text;
    EXPECT_NE(a.people[0].text.find("A. Analyst"), std::string::npos);
    ASSERT_FALSE(a.explained.empty());
    EXPECT_NE(a.explained.front().explanation.find("A. Analyst"), std::string::npos) << a.explained.front().explanation;
  }
}

TEST(People, AnExpiredJudgementCountsNoMoreAndTheLastOneHolds) {
  CaseData data = quiet_case();
  add(data, {"cookie", "srv-1", "", at(kFirstDay + 20, 2), {}, 1, Role::none, Outcome::allowed, {}});
  const double with = p(data, "malware");
  Disposition first = judged(data, "cookie", Verdict::benign);
  first.expires = at(kLastDay + 30, 0);
  data.dispositions = {first};
  data.today = at(kLastDay + 29, 12);
  EXPECT_LT(p(data, "malware"), with);
  data.today = at(kLastDay + 30, 0);
  EXPECT_EQ(p(data, "malware"), with);
  EXPECT_NE(assess(data, Scale::phia).people[0].text.find("EXPIRED"), std::string::npos);
  data.dispositions = {judged(data, "cookie", Verdict::benign), judged(data, "cookie", Verdict::confirmed)};
  data.dispositions[1].reason = "the host was looked at";
  EXPECT_GE(p(data, "malware"), with);
  const Assessment a = assess(data, Scale::phia);
  EXPECT_FALSE(a.people[0].counts);
  EXPECT_NE(a.people[0].text.find("replaced"), std::string::npos);
  EXPECT_TRUE(a.people[1].counts);
}

TEST(People, AConfirmedGenericRuleSpeaksForAccess) {
  CaseData data = quiet_case();
  add(data, {"noise", "srv-2", "", at(kFirstDay + 30, 3), {}, 1, Role::none, Outcome::unknown, {}});
  const double weak = p(data, "access");
  data.dispositions = {judged(data, "noise", Verdict::confirmed)};
  EXPECT_GT(p(data, "access"), weak);
  data.dispositions[0].sighting = "sgt--00000000000000000000000000000000";  // of another run
  EXPECT_EQ(p(data, "access"), weak);
  EXPECT_NE(assess(data, Scale::phia).people[0].text.find("not in this run"), std::string::npos);
}

TEST(People, AStatementWeighsByItsCode) {
  const CaseData without = quiet_case();
  Statement told;
  told.id = "S1";
  told.who = "user";
  told.about = "access";
  told.account = "m.okafor";
  told.text = "typed her password on a page that looked odd";
  double before = p(without, "access");
  const double none = before;
  for (const char* code : {"F6", "E1", "B5", "D3", "C3", "B2", "A1"}) {
    CaseData data = without;
    told.reliability = code;
    data.statements = {told};
    const double now = p(data, "access");
    EXPECT_GE(now, before) << code;
    if (!chance_told_anyway(code)) {
      EXPECT_EQ(now, none) << code;
    }
    before = now;
  }
  EXPECT_GT(before, none);
  // The same told twice is one line.
  CaseData once = without, twice = without;
  once.statements = {told};
  twice.statements = {told, told};
  twice.statements[1].id = "S2";
  EXPECT_EQ(p(once, "access"), p(twice, "access"));
  const Assessment a = assess(once, Scale::phia);
  ASSERT_EQ(a.credentials.size(), 1U);
  EXPECT_EQ(a.credentials[0].account, "m.okafor");
  bool cited = false;
  for (const Because& line : a.find("access")->because) cited = cited || line.reason.find("S1") != std::string::npos;
  EXPECT_TRUE(cited);
}

TEST(People, AStatementAboutALostCredentialAddsItsGround) {
  CaseData data = quiet_case();
  add(data, {"analytic.credential-given",
             "ws-1",
             "m.okafor",
             at(kFirstDay + 27, 9),
             {},
             1,
             Role::none,
             Outcome::allowed,
             {}});
  Statement told;
  told.id = "S1";
  told.who = "user";
  told.about = "access";
  told.account = "INSTITUTE\\M.Okafor";
  told.reliability = "B2";
  told.text = "typed her password on a page that looked odd";
  data.statements = {told};
  const Assessment a = assess(data, Scale::phia);
  ASSERT_EQ(a.credentials.size(), 1U);
  EXPECT_NE(a.credentials[0].how.find("Detector analytic.credential-given"), std::string::npos) << a.credentials[0].how;
  EXPECT_NE(a.credentials[0].how.find("told by user (S1)"), std::string::npos) << a.credentials[0].how;
  EXPECT_EQ(a.credentials[0].exposed_at.ns, at(kFirstDay + 27, 9).ns);
}

TEST(People, CodesAndWordsAreChecked) {
  EXPECT_EQ(*admiralty_code("b2"), "B2");
  for (const char* bad : {"", "B", "G1", "A7", "B22", "22"}) EXPECT_FALSE(admiralty_code(bad).ok()) << bad;
  EXPECT_TRUE(verdict_from("Benign").ok());
  EXPECT_FALSE(verdict_from("fine").ok());
  EXPECT_TRUE(day_or_time("--expires", "2020-12-31").ok());
  EXPECT_FALSE(day_or_time("--expires", "soon").ok());
}

}  // namespace
}  // namespace assay
