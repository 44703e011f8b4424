// Whole answers over hand-made cases.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "assess/assessment.h"
#include "assess/example_case.h"
#include "assess/needs.h"
#include "assess/visibility.h"
#include "content/content.h"
#include "core/ascii.h"

namespace assay {
namespace {

using namespace example;

const Question& question(const Assessment& a, std::string_view id) {
  const Question* found = a.find(id);
  EXPECT_NE(found, nullptr) << id;
  return *found;
}

std::string show(const Assessment& a) {
  std::string out;
  for (const Question& q : a.questions) {
    out += q.id + ": " + (q.judged ? std::string(q.term.words) : "cannot say") + " p=" + std::to_string(q.probability) +
           " prior=" + std::to_string(q.prior) + " seen=" + std::to_string(q.would_have_seen) +
           " conf=" + q.confidence + " | " + q.why + "\n";
    for (const Because& b : q.because) out += "    +" + std::to_string(b.log10_lr) + " " + b.reason + "\n";
    for (const Because& b : q.against) out += "    " + std::to_string(b.log10_lr) + " " + b.reason + "\n";
  }
  return out;
}

TEST(Assess, AnEmptyCaseCannotSayAnything) {
  const Assessment a = assess(empty_case(), Scale::phia);
  ASSERT_EQ(a.questions.size(), 7U);
  for (const Question& q : a.questions) {
    EXPECT_FALSE(q.judged) << q.id;
    EXPECT_EQ(q.confidence, "low");
    EXPECT_FALSE(q.why.empty());
  }
  EXPECT_EQ(question(a, "access").why, "there is no evidence");
}

TEST(Assess, ForeignAndOldEvidenceCannotSayForReasonsThatDiffer) {
  CaseData foreign = empty_case();
  cover(foreign, "web_access", "www.somebody-else.example", kFirstDay, kLastDay);
  cover(foreign, "web_access", "198.51.100.7", kFirstDay, kLastDay);
  CaseData old = empty_case();
  cover(old, "web_access", "gw-1", 16'000, 16'020);
  const Assessment a = assess(foreign, Scale::phia), b = assess(old, Scale::phia),
                   c = assess(empty_case(), Scale::phia);
  for (const Assessment* one : {&a, &b, &c}) {
    for (const Question& q : one->questions) EXPECT_FALSE(q.judged) << q.id << ": " << show(*one);
  }
  EXPECT_NE(question(a, "access").why.find("another organisation"), std::string::npos) << question(a, "access").why;
  EXPECT_NE(question(b, "access").why.find("nothing from the time"), std::string::npos) << question(b, "access").why;
  EXPECT_NE(question(a, "access").why, question(c, "access").why);
}

TEST(Assess, AnApplianceThatDoesNotLogItShowsNothingOfIt) {
  ASSERT_TRUE(Appliance::parse(content::find("weights/appliances.yaml")).ok());
  for (const Appliance& one : Appliance::shipped()) {
    for (const std::string& claim : one.claims) EXPECT_TRUE(claim.starts_with("claim.")) << claim;
  }
  // Gateways that log everything else every day: the claim's own logs give nothing, whatever their number.
  const auto seen = [](std::string_view product, std::string_view claim, std::string_view source_class) {
    CaseData data = empty_case();
    data.profile.hosts = {{}};
    data.profile.hosts[0].name = "gw-1";
    data.profile.hosts[0].kind = "gateway";
    data.profile.hosts[0].product = product;
    cover(data, "vpn", "gw-1", kFirstDay, kLastDay);
    cover(data, source_class, "gw-1", kFirstDay, kLastDay);
    Claim one;
    one.id = claim;
    one.source_classes = {std::string(source_class), "file"};
    one.hosts = "gateway";
    one.from = at(kFirstDay, 0);
    one.until = at(kLastDay, 23);
    const Visibility visibility(data, Weights::shipped());
    return visibility.of(one);
  };
  EXPECT_EQ(seen("FortiGate 60E", "claim.gateway-exploit-attempt", "appliance"), 0);
  EXPECT_EQ(seen("FortiGate 60E", "claim.gateway-exploit-attempt", "web_access"), 0);
  EXPECT_EQ(seen("FortiGate 60E", "claim.stolen-credential-use", "vpn"), 1);
  EXPECT_EQ(seen("Pulse Connect Secure", "claim.gateway-exploit-success", "appliance"), 0);
  EXPECT_EQ(seen("Pulse Connect Secure", "claim.gateway-exploit-attempt", "web_access"), 1);  // it was switched on
  EXPECT_EQ(seen("Citrix ADC", "claim.gateway-exploit-attempt", "web_access"), 1);
  EXPECT_EQ(seen("", "claim.gateway-exploit-attempt", "web_access"), 1);
}

TEST(Assess, AnApplianceIsKnownByItsRecordsWhereTheProfileIsSilent) {
  CaseData data = empty_case();
  data.profile.hosts.clear();
  cover(data, "appliance", "fw-9", kFirstDay, kLastDay);
  const Table& coverage = *data.table("coverage");
  const std::size_t item_at = key_index(coverage, "item");
  ASSERT_NE(item_at, std::string::npos);
  EvidenceItem item;
  item.path = coverage.rows().begin()->first[item_at];
  item.routes = {{"fortigate/event", 100}};
  data.evidence = {item};
  EXPECT_NE(SilentAppliances(data).of("claim.gateway-exploit-attempt", "fw-9"), nullptr);
  data.evidence[0].routes["syslog/sshd"] = 3;  // a file of many hosts does not say whose is what
  EXPECT_EQ(SilentAppliances(data).of("claim.gateway-exploit-attempt", "fw-9"), nullptr);
}

TEST(Assess, AClaimThatRestsOnASilenceNeedsTheSourceThatIsSilent) {
  ASSERT_TRUE(parse_needs(content::find("weights/needs.yaml")).ok());
  EXPECT_FALSE(parse_needs("claim.x: {needs: smtp, days: -1, reason: r}").ok());
  const auto seen = [](std::int64_t mail_from, std::int64_t mail_until) {
    CaseData data = empty_case();
    data.profile.hosts.resize(1);
    data.profile.hosts_in_scope.reset();
    const std::string host = data.profile.hosts[0].name;
    cover(data, "tls", host, kFirstDay, kLastDay);
    if (mail_from <= mail_until) cover(data, "smtp", host, mail_from, mail_until);
    Claim one;
    one.id = "claim.wellmail-tls25";
    one.source_classes = {"tls"};
    one.hosts = "any";
    one.from = at(kFirstDay, 0);
    one.until = at(kLastDay, 23);
    return Visibility(data, Weights::shipped()).of(one);
  };
  EXPECT_EQ(seen(0, -1), 0);  // no SMTP for any host: cannot say
  EXPECT_EQ(seen(kFirstDay, kLastDay), 1);
  const double length = static_cast<double>(kLastDay - kFirstDay + 1);
  EXPECT_DOUBLE_EQ(seen(kFirstDay, kFirstDay), 8 / length);  // that day and seven after it
}

TEST(Assess, AQuietCoveredEstateIsHighlyUnlikelyOrLower) {
  const Assessment a = assess(quiet_case(), Scale::phia);
  for (const char* id : {"access", "malware", "exfiltration"}) {
    const Question& q = question(a, id);
    EXPECT_TRUE(q.judged) << show(a);
    EXPECT_LE(q.probability, .20) << show(a);
    EXPECT_GE(q.would_have_seen, .3) << show(a);
    EXPECT_LT(q.probability, q.prior);
  }
  EXPECT_FALSE(question(a, "actor").judged);
  EXPECT_FALSE(question(a, "ongoing").judged);
  EXPECT_TRUE(a.exfiltration.bounded);
  EXPECT_EQ(a.exfiltration.left_high, 0U);
  EXPECT_EQ(a.scope.confirmed.size(), 0U);
  ASSERT_EQ(a.scope.not_examined.size(), 1U);
  EXPECT_EQ(a.scope.not_examined.front(), "gw-2");
  ASSERT_FALSE(a.not_seen.empty());
  EXPECT_EQ(a.not_seen.front(), "gateway gw-2 (no logs)");
}

// Gateways that a profile names are no list of the scope: the other hosts of the evidence stay in it.
TEST(Assess, GatewaysAloneAreNoListOfTheScope) {
  CaseData data = intrusion_case();
  std::erase_if(data.profile.hosts, [](const ProfileHost& host) { return host.kind != "gateway"; });
  for (ProfileHost& host : data.profile.hosts) host.only_gateway = true;
  ASSERT_FALSE(data.profile.hosts.empty());
  ASSERT_FALSE(data.profile.lists_scope());
  const Assessment a = assess(data, Scale::phia);
  EXPECT_GT(a.scope.examined, data.profile.hosts.size()) << show(a);
  EXPECT_GE(question(a, "malware").probability, .95) << show(a);
  EXPECT_EQ(question(a, "malware").confidence, "low") << "nobody said what the scope is";
}

TEST(Assess, TheIntrusionIsFoundAndBounded) {
  const Assessment a = assess(intrusion_case(), Scale::phia);
  for (const char* id : {"targeted", "access", "malware", "actor", "ongoing"}) {
    EXPECT_TRUE(question(a, id).judged) << show(a);
    EXPECT_GE(question(a, id).probability, .95) << show(a);
  }
  EXPECT_GE(question(a, "exfiltration").probability, .8) << show(a);
  // 48,312 served; 400,000,000 in one flow; beacons of 1,100 bytes that proxy and sensor both saw: 19 an hour on 88
  // days.
  const std::uint64_t truth = 48'312 + 400'000'000 + 88ULL * 19 * 1'100;
  EXPECT_EQ(a.exfiltration.left_low, truth);
  EXPECT_GE(a.exfiltration.left_high, truth);
  EXPECT_LE(a.exfiltration.left_high, 4 * truth);
  EXPECT_EQ(a.scope.confirmed, (std::vector<std::string>{"gw-1", "srv-1"}));
  EXPECT_EQ(a.initial_access.front().first, "exploited_application");
  EXPECT_GT(a.initial_access.front().second, .5);
  EXPECT_EQ(a.actors.front().name, "GROUP-1");
}

TEST(Assess, ContributionsAddUpToTheUnclippedLogOdds) {
  const CaseData data = intrusion_case();
  const Assessment a = assess(data, Scale::phia);
  for (const Question& q : a.questions) {
    double sum = std::log10(q.prior / (1 - q.prior));
    for (const Because& b : q.because) sum += b.log10_lr;
    for (const Because& b : q.against) sum += b.log10_lr;
    const double p = 1 / (1 + std::pow(10, -sum));
    if (q.id == "actor") continue;  // capped by the kinds of artefact
    EXPECT_NEAR(std::clamp(p, .01, .99), q.probability, 2e-4) << q.id << "\n" << show(a);
  }
}

TEST(Assess, DoubledEvidenceChangesNothing) {
  const CaseData once = intrusion_case();
  CaseData twice = once;
  for (const Sighting& s : once.sightings) {
    Sighting copy = s;
    copy.id.back() = 'f';
    twice.sightings.push_back(copy);
  }
  const Assessment a = assess(once, Scale::phia), b = assess(twice, Scale::phia);
  for (std::size_t i = 0; i < a.questions.size(); ++i)
    EXPECT_EQ(a.questions[i].probability, b.questions[i].probability) << a.questions[i].id;
  EXPECT_EQ(a.exfiltration.left_low, b.exfiltration.left_low);
}

// The same, through the lines that a case gives: one artefact that many lists name under families of their own.
TEST(Assess, ManyFamiliesOfOneThingStayWithinTheirBound) {
  const auto odds_with = [](int families) {
    CaseData data = quiet_case();
    for (int i = 0; i < families; ++i) {
      const std::string id = "list-" + std::to_string(i);
      detector(data, id, DetectorKind::sigma, "typical", "malware", id, "claim.file");
      add(data, {id, "srv-1", "", at(kFirstDay + 20, 1), {}, 1, Role::file, Outcome::unknown, {}});
    }
    double sum = 0;
    const Assessment a = assess(data, Scale::phia);
    for (const Because& b : question(a, "malware").because) sum += b.sightings.empty() ? 0 : b.log10_lr;
    return sum;
  };
  const double one = odds_with(1), many = odds_with(30);
  EXPECT_GT(one, .5);
  EXPECT_GE(many, one);
  // 1 / (1 - .8); a line's weight on M falls short of its ratio, and a little more so the nearer P(M) is to 1.
  EXPECT_LE(many, one * 5.5);
}

TEST(Assess, WithholdingASourceFromAQuietCaseNeverLowersNorRaisesConfidence) {
  const std::vector<std::string> order = {"low", "moderate", "high"};
  const auto rank = [&](const std::string& word) {
    return std::find(order.begin(), order.end(), word) - order.begin();
  };
  const Assessment whole = assess(quiet_case(), Scale::phia);
  for (const char* source :
       {"network_flow", "proxy", "windows_security", "process", "file", "web_access", "message_trace"}) {
    CaseData less = quiet_case();
    without(less, source);
    const Assessment a = assess(less, Scale::phia);
    for (std::size_t i = 0; i < a.questions.size(); ++i) {
      const Question &before = whole.questions[i], &after = a.questions[i];
      if (before.judged && after.judged && after.id != "ongoing") {
        EXPECT_GE(after.probability, before.probability - 1e-6) << source << " " << after.id;
        EXPECT_LE(rank(after.confidence), rank(before.confidence)) << source << " " << after.id;
      }
    }
    for (std::size_t i = 0; i < a.claims.size(); ++i)
      EXPECT_LE(a.claims[i].visible, whole.claims[i].visible + 1e-9) << source;
  }
}

TEST(Assess, BlockedBeaconsAreMalwareAndNoBytes) {
  CaseData data = intrusion_case();
  for (Sighting& s : data.sightings) {
    if (s.detector_id == "cookie" || s.detector_id == "listed") s.outcome = Outcome::blocked;
  }
  std::erase_if(data.tables, [](const Table& t) { return t.spec().name == "flows"; });
  flow(data, "proxy", "10.0.1.1", "198.51.100.9", at(kLastDay, 1), 0, 0, 0, 1, 0, 1'100);
  const Assessment a = assess(data, Scale::phia);
  EXPECT_GE(question(a, "malware").probability, .95) << show(a);
  EXPECT_EQ(a.exfiltration.left_low, 48'312U);
}

TEST(Assess, AnotherActorIsSaidSo) {
  CaseData data = quiet_case();
  detector(data, "follow", DetectorKind::check, "typical", "follow_on", "citrix-follow-on", "");
  add(data, {"exploit",
             "gw-1",
             "",
             at(kFirstDay + 15, 2),
             {},
             1,
             Role::none,
             Outcome::unknown,
             {{"@src_ip", "198.18.77.41"}}});
  add(data, {"follow",
             "gw-1",
             "",
             at(kFirstDay + 15, 3),
             {},
             1,
             Role::none,
             Outcome::unknown,
             {{"@src_ip", "198.18.77.41"}}});
  const Assessment a = assess(data, Scale::phia);
  EXPECT_GE(question(a, "access").probability, .95) << show(a);
  const Question& actor = question(a, "actor");
  EXPECT_TRUE(!actor.judged || actor.probability <= .35) << show(a);
  EXPECT_LT(question(a, "malware").probability, .35) << show(a);
  ASSERT_FALSE(a.actors.empty());
  EXPECT_EQ(a.actors.front().name, "unknown") << show(a);

  // With little to see of the campaign, techniques still name nobody; with an artefact of its own it is compared.
  for (const char* klass : {"network_flow", "proxy", "file", "process", "windows_security", "message_trace"})
    without(data, klass);
  const Assessment blind = assess(data, Scale::phia);
  EXPECT_FALSE(question(blind, "actor").judged) << show(blind);
  EXPECT_EQ(blind.actors.front().name, "unknown") << show(blind);
  double all = 0;
  for (const ActorRank& one : blind.actors) all += one.probability;
  EXPECT_NEAR(all, 1, 1e-5);
  cover(data, "file", "srv-1", kLastDay, kLastDay);
  add(data, {"malware-file", "srv-1", "", at(kFirstDay + 19, 1), {}, 1, Role::file, Outcome::unknown, {}});
  const Assessment both = assess(data, Scale::phia);
  EXPECT_TRUE(question(both, "actor").judged) << show(both);
  EXPECT_EQ(both.actors.front().name, "GROUP-1") << show(both);
}

TEST(Assess, AClearedLogOfANewMachineIsShownWithWhatExplainsIt) {
  const Assessment quiet = assess(quiet_case(), Scale::phia);
  CaseData data = quiet_case();
  detector(data, "analytic.log-cleared-new-machine", DetectorKind::analytic, "context", "", "log-clearing-imaging", "");
  for (const char* host : {"srv-1", "ws-1"})
    add(data,
        {"analytic.log-cleared-new-machine", host, "", at(kFirstDay + 20, 8), {}, 1, Role::none, Outcome::unknown, {}});
  // The same clearing, as a rule sees it.
  add(data, {"cleared", "ws-1", "", at(kFirstDay + 20, 8), {}, 1, Role::none, Outcome::unknown, {}});
  const Assessment a = assess(data, Scale::phia);
  EXPECT_NEAR(question(a, "impact").probability, question(quiet, "impact").probability, .01) << show(a);
  const auto line = std::find_if(a.explained.begin(), a.explained.end(), [](const Explained& e) {
    return e.explanation.find("new machine") != std::string::npos && e.text.find("2 x") == 0;
  });
  EXPECT_NE(line, a.explained.end()) << show(a);
}

TEST(Assess, WhatIsExplainedWeighsNothing) {
  const Assessment quiet = assess(quiet_case(), Scale::phia);
  CaseData data = quiet_case();
  const Time evening = at(kLastDay, 20);
  // A scan, our own scanner with an answer that fits, analysts after publication, a listed scanner after publication, a
  // mention.
  for (int i = 0; i < 40; ++i) {
    add(data, {"attempt",
               "gw-1",
               "",
               at(kFirstDay + i, 3),
               {},
               40,
               Role::none,
               Outcome::unknown,
               {{"@src_ip", "203.0.113." + std::to_string(i)}}});
  }
  add(data, {"exploit",
             "gw-1",
             "",
             at(kFirstDay + 20, 3, 30),
             {},
             1,
             Role::none,
             Outcome::unknown,
             {{"@src_ip", "192.0.2.250"}}});
  add(data, {"cookie",
             "soc",
             "",
             evening,
             {},
             5,
             Role::none,
             Outcome::allowed,
             {{"@src_ip", "10.0.9.1"}, {"@dst_ip", "198.51.100.9"}}});
  add(data, {"listed", "gw-1", "", evening, {}, 12, Role::contacting, Outcome::unknown, {{"@src_ip", "198.51.100.9"}}});
  add(data, {"listed", "", "", evening, {}, 51, Role::text_only, Outcome::unknown, {}});
  const Assessment a = assess(data, Scale::phia);
  for (const char* id : {"targeted", "access", "malware", "exfiltration"}) {
    const double before = question(quiet, id).probability, after = question(a, id).probability;
    EXPECT_NEAR(std::log10(after / (1 - after)), std::log10(before / (1 - before)), .05) << id << "\n" << show(a);
  }
  EXPECT_GE(a.explained.size(), 5U);
  const auto has = [&](std::string_view words) {
    return std::any_of(a.explained.begin(), a.explained.end(),
                       [&](const Explained& e) { return e.explanation.find(words) != std::string::npos; });
  };
  EXPECT_TRUE(has("own scanner"));
  EXPECT_TRUE(has("own analysts"));
  EXPECT_TRUE(has("after publication"));
  EXPECT_TRUE(has("internet-wide"));
}

TEST(Assess, OrdinaryVisitorsOfAListedAddressAreSharedHosting) {
  CaseData data = quiet_case();
  for (int i = 1; i <= 3; ++i) {
    const std::string host = "srv-" + std::to_string(i), address = "10.0.1." + std::to_string(i);
    add(data, {"listed",
               host,
               "user" + std::to_string(i),
               at(kFirstDay + 10 * i, 10),
               at(kFirstDay + 60, 10),
               50,
               Role::contacted,
               Outcome::allowed,
               {{"@src_ip", address}, {"@dst_ip", "198.51.100.9"}}});
    flow(data, "proxy", address, "198.51.100.9", at(kFirstDay + 10 * i, 10), 30'000, 0, 45, 5, 50);
  }
  const Assessment a = assess(data, Scale::phia);
  EXPECT_LE(question(a, "access").probability, .20) << show(a);
  EXPECT_LE(question(a, "malware").probability, .20) << show(a);
  EXPECT_EQ(a.scope.confirmed.size() + a.scope.suspected.size(), 0U);
  EXPECT_EQ(a.exfiltration.left_low, 0U);
  EXPECT_TRUE(std::any_of(a.explained.begin(), a.explained.end(), [](const Explained& e) {
    return e.explanation.find("shared hosting") != std::string::npos;
  }));
}

TEST(Assess, NoisyGenericRulesOnOneHostDoNotConvictTheEstate) {
  CaseData data = quiet_case();
  for (int i = 0; i < 200; ++i) {
    const std::string id = "noise-" + std::to_string(i);
    detector(data, id, DetectorKind::sigma, "generic", "", id, "");
    add(data, {id, "ws-1", "", at(kFirstDay + i % 100, 9), {}, 3, Role::none, Outcome::unknown, {}});
  }
  const Assessment a = assess(data, Scale::phia);
  EXPECT_LE(question(a, "access").probability, .55) << show(a);
}

// A listed file and rules that never fired before: on one host they are one story, on two they may be two chances. And
// without the file nothing is left of what it added.
TEST(Assess, RulesBesideTheMalwareSayMoreThanRulesElsewhere) {
  const auto with = [](const std::string& host, bool file) {
    CaseData data = quiet_case();
    if (file) add(data, {"malware-file", "srv-1", "", at(kLastDay - 20, 2), {}, 1, Role::file, Outcome::unknown, {}});
    for (int i = 0; i < 4; ++i) {
      const std::string id = "rule-" + std::to_string(i);
      detector(data, id, DetectorKind::sigma, "generic", "", id, "");
      data.catalogue.back().level = "high";
      if (!host.empty()) add(data, {id, host, "", at(kLastDay - 20, 3 + i), {}, 1, Role::none, Outcome::unknown, {}});
    }
    return assess(data, Scale::phia);
  };
  const auto odds = [](const Assessment& a) {  // before the clip
    double sum = 0;
    for (const Because& b : question(a, "access").because) sum += b.log10_lr;
    for (const Because& b : question(a, "access").against) sum += b.log10_lr;
    return sum;
  };
  const Assessment alone = with("", true), beside = with("srv-1", true), elsewhere = with("srv-2", true),
                   bare = with("srv-1", false), bare_elsewhere = with("srv-2", false);
  EXPECT_GT(odds(elsewhere), odds(alone) - 1e-9);
  EXPECT_GT(odds(beside), odds(elsewhere) + .1) << show(beside);
  EXPECT_NEAR(odds(bare), odds(bare_elsewhere), 1e-9);
}

TEST(Assess, WithoutAScopeConfidenceIsLowAndSaidSo) {
  CaseData data = quiet_case();
  data.profile.hosts.clear();
  data.profile.given = false;
  const Assessment a = assess(data, Scale::phia);
  for (const Question& q : a.questions) EXPECT_EQ(q.confidence, "low") << q.id;
  EXPECT_GE(a.assumptions.size(), 2U);
}

TEST(Assess, FewHostsLeftMakeTheNegativeCannotSay) {
  CaseData data = quiet_case();
  data.profile.hosts_in_scope = 60;
  for (const char* source : {"network_flow", "proxy", "windows_security", "process", "file"}) without(data, source);
  cover(data, "windows_security", "srv-1", kFirstDay, kLastDay);
  const Assessment a = assess(data, Scale::phia);
  for (const char* id : {"malware", "exfiltration"}) EXPECT_FALSE(question(a, id).judged) << show(a);
}

// Found on event logs of laboratory machines: cleared logs moved a question up, and the page called it highly unlikely.
TEST(Assess, AWeakSignAmongLittleEvidenceCallsNothingUnlikely) {
  CaseData data = quiet_case();
  data.profile.hosts_in_scope = 60;
  for (const char* source : {"network_flow", "proxy", "windows_security", "process", "file"}) without(data, source);
  cover(data, "windows_security", "srv-1", kFirstDay, kLastDay);
  detector(data, "cleared", DetectorKind::check, "generic", "impact", "log-cleared", "");
  for (int i = 0; i < 12; ++i)
    add(data,
        {"cleared", "ws-" + std::to_string(i), "", at(kFirstDay + i, 9), {}, 3, Role::none, Outcome::unknown, {}});
  const Assessment a = assess(data, Scale::phia);
  const Question& impact = question(a, "impact");
  ASSERT_LT(impact.probability, .35) << show(a);
  ASSERT_GT(impact.probability, 2.1 * impact.prior) << show(a);
  EXPECT_FALSE(impact.judged) << show(a);
}

TEST(Assess, ActionsKeepTheirOrder) {
  const Assessment a = assess(intrusion_case(), Scale::phia);
  ASSERT_FALSE(a.actions.empty());
  EXPECT_EQ(a.actions.front().phase, 0);
  int phase = 0, contain = 0;
  std::vector<std::string> seen;
  for (const Action& action : a.actions) {
    EXPECT_GE(action.phase, phase);
    phase = action.phase;
    contain += action.phase == 2;
    for (const std::string& after : action.after)
      EXPECT_NE(std::find(seen.begin(), seen.end(), after), seen.end()) << action.id << " after " << after;
    // What destroys evidence names a preservation of that asset before it.
    if (!action.destroys.empty()) {
      EXPECT_TRUE(std::any_of(action.after.begin(), action.after.end(), [](const std::string& id) {
        return id.starts_with("preserve.");
      })) << action.id;
    }
    seen.push_back(action.id);
  }
  EXPECT_EQ(contain, 1);
  EXPECT_NE(a.actions.front().what.find("gw-1"), std::string::npos);
  EXPECT_NE(a.actions.front().what.find("gw-2"), std::string::npos);
}

TEST(Assess, ARollingEdgeNamesSourceAndDay) {
  CaseData data = intrusion_case();
  without(data, "network_flow");
  for (const char* host : {"srv-1", "srv-2"}) cover(data, "network_flow", host, kLastDay - 89, kLastDay);
  const Assessment a = assess(data, Scale::phia);
  ASSERT_EQ(a.about_to_be_lost.size(), 1U);
  EXPECT_EQ(format_date(a.about_to_be_lost.front().oldest), "2020-04-18");
  EXPECT_EQ(format_date(a.about_to_be_lost.front().on), "2020-07-17");
  EXPECT_NE(a.about_to_be_lost.front().source.find("network"), std::string::npos);
}

TEST(Assess, TheSameCaseTwiceGivesTheSameAnswer) {
  const CaseData data = intrusion_case();
  EXPECT_EQ(show(assess(data, Scale::phia)), show(assess(data, Scale::phia)));
}

}  // namespace
}  // namespace assay
