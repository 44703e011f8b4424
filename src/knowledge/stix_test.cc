#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "core/json.h"
#include "core/limits.h"
#include "knowledge/advisory.h"
#include "knowledge/test_support.h"

namespace assay {
namespace {

Advisory read(std::string_view json) {
  auto result = read_stix("test", json);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
  return result.ok() ? std::move(*result) : Advisory{};
}

std::string bundle(std::string_view objects) {
  return "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[" + std::string(objects) + "]}";
}

const std::string kIndicator =
    R"({"type":"indicator","id":"indicator--1","created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:00Z","pattern_type":"stix",)"
    R"("pattern":"[ipv4-addr:value = '192.0.2.1']","valid_from":"2020-01-01T00:00:00Z")";

// Read, written, read again: nothing lost, and the canonical form is a fixed point.
Advisory round_trip(std::string_view json) {
  Advisory advisory = read(json);
  const auto parsed = parse_json(json);
  EXPECT_TRUE(parsed.ok());
  const std::string written = write_stix(advisory);
  EXPECT_EQ(written, dump_json(canonical(*parsed)));
  if (written.size() < (std::size_t{4} << 20)) {
    EXPECT_EQ(write_stix(read(written)), written);
  }
  return advisory;
}

TEST(Stix, NotABundle) {
  EXPECT_EQ(read_stix("f.json", "{").error().where, "f.json: byte 1");
  EXPECT_EQ(read_stix("f.json", "[]").error().what, "not a STIX bundle");
  EXPECT_EQ(read_stix("f.json", R"({"type":"bundle"})").error().what, "not a STIX bundle");
  EXPECT_EQ(read_stix("f.json", R"({"type":"indicator","objects":[]})").error().what, "not a STIX bundle");
  EXPECT_EQ(read_stix("f.json", "").ok(), false);
  EXPECT_TRUE(read_stix("f.json", "\xef\xbb\xbf" + bundle("")).ok());
}

TEST(Stix, DeepNestingIsAnError) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  EXPECT_EQ(read_stix("f", bundle(deep)).ok(), false);
}

TEST(Stix, EmptyBundle) {
  const Advisory advisory = read(bundle(""));
  EXPECT_EQ(advisory.id, "bundle--1");
  EXPECT_EQ(advisory.tlp, Tlp::unmarked);
  EXPECT_TRUE(advisory.indicators.empty());
  EXPECT_TRUE(advisory.problems.empty());
}

TEST(Stix, UnknownObjectsAndPropertiesStay) {
  const Advisory advisory = round_trip(bundle(
      R"({"type":"x-other-thing","id":"x-other-thing--1","deep":{"z":[1,2.5,-3,null,true,"\u00e9\u0000"],"a":{}}},)"
      R"({"type":"file","id":"file--1","hashes":{"MD5":"x"},"x_extra":[[[]]]},)" +
      kIndicator + R"(,"x_strange":"kept"},7,"text",null,{},{"id":"no type"})"));
  EXPECT_EQ(advisory.objects.size(), 8U);
}

TEST(Stix, OddMembersAreProblemsNotErrors) {
  const Advisory advisory = read(bundle(R"(7,"text",null,{},{"type":"malware"},)" + kIndicator + "}"));
  EXPECT_EQ(advisory.problems.size(), 5U);
  EXPECT_EQ(advisory.indicators.size(), 1U);
}

TEST(Stix, NewestVersionCounts) {
  const std::string older = kIndicator + R"(,"name":"old"})";
  std::string newer = kIndicator + R"(,"name":"new"})";
  newer.replace(newer.find("\"modified\":\"2020-01-01"), 22, "\"modified\":\"2020-02-01");
  for (const std::string& both : {older + "," + newer, newer + "," + older}) {
    const Advisory advisory = read(bundle(both));
    ASSERT_EQ(advisory.indicators.size(), 1U);
    EXPECT_EQ(advisory.indicators[0].name, "new");
    EXPECT_EQ(advisory.objects.size(), 2U);  // both are kept
    EXPECT_TRUE(advisory.problems.empty());
  }
}

TEST(Stix, SameIdAndTimeTwice) {
  const std::string a = kIndicator + R"(,"name":"a"})", b = kIndicator + R"(,"name":"b"})";
  EXPECT_TRUE(read(bundle(a + "," + a)).problems.empty());
  const Advisory one = read(bundle(a + "," + b)), other = read(bundle(b + "," + a));
  EXPECT_EQ(one.problems.size(), 1U);
  EXPECT_EQ(one.indicators[0].name, other.indicators[0].name);
}

TEST(Stix, RevokedIndicatorIsKeptAsRevoked) {
  const Advisory advisory =
      read(bundle(kIndicator + R"(,"revoked":true},{"type":"malware","id":"malware--1","name":"M","revoked":true})"));
  ASSERT_EQ(advisory.indicators.size(), 1U);
  EXPECT_TRUE(advisory.indicators[0].revoked);
  EXPECT_TRUE(advisory.malware.empty());
}

TEST(Stix, CirclesInTheGraph) {
  const Advisory advisory = read(bundle(
      R"({"type":"malware","id":"malware--1","name":"M","created_by_ref":"malware--1","object_marking_refs":["marking-definition--1"]},)"
      R"({"type":"marking-definition","id":"marking-definition--1","object_marking_refs":["marking-definition--1"]},)"
      R"({"type":"relationship","id":"relationship--1","relationship_type":"indicates","source_ref":"indicator--1","target_ref":"malware--1"},)"
      R"({"type":"relationship","id":"relationship--2","relationship_type":"indicates","source_ref":"malware--1","target_ref":"indicator--1"},)"
      R"({"type":"relationship","id":"relationship--3","relationship_type":"attributed-to","source_ref":"relationship--3","target_ref":"relationship--3"},)" +
      kIndicator + "}"));
  ASSERT_EQ(advisory.indicators.size(), 1U);
  EXPECT_EQ(advisory.indicators[0].indicates, std::vector<std::string>{"M"});
  EXPECT_EQ(advisory.tlp, Tlp::unmarked);
}

Tlp marked(std::string_view refs, std::string_view more = "") {
  return read(bundle(kIndicator + R"(,"object_marking_refs":[)" + std::string(refs) + "]}" + std::string(more))).tlp;
}

TEST(Stix, Markings) {
  EXPECT_EQ(marked(R"("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")"), Tlp::clear);
  EXPECT_EQ(marked(R"("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9")"), Tlp::clear);
  EXPECT_EQ(marked(R"("marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003")"), Tlp::amber_strict);
  EXPECT_EQ(marked(R"("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed")"), Tlp::red);
  EXPECT_EQ(
      marked(
          R"("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487","marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421")"),
      Tlp::amber);
  EXPECT_EQ(marked(""), Tlp::unmarked);
  EXPECT_EQ(marked(R"("marking-definition--nowhere")"), Tlp::unmarked);
}

TEST(Stix, MarkingObjects) {
  EXPECT_EQ(
      marked(
          R"("marking-definition--9")",
          R"(,{"type":"marking-definition","id":"marking-definition--9","definition_type":"tlp","definition":{"tlp":"amber"}})"),
      Tlp::amber);
  EXPECT_EQ(marked(R"("marking-definition--9")",
                   R"(,{"type":"marking-definition","id":"marking-definition--9","extensions":)"
                   R"({"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":{"tlp_2_0":"amber+strict"}}})"),
            Tlp::amber_strict);
  EXPECT_EQ(
      marked(
          R"("marking-definition--9")",
          R"(,{"type":"marking-definition","id":"marking-definition--9","definition_type":"statement","definition":{"statement":"x"}})"),
      Tlp::unmarked);
}

TEST(Stix, ABundleCannotSoftenAKnownMarking) {
  EXPECT_EQ(
      marked(
          R"("marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed")",
          R"(,{"type":"marking-definition","id":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed","definition_type":"tlp","definition":{"tlp":"white"}})"),
      Tlp::red);
}

TEST(Stix, GranularMarkingCounts) {
  EXPECT_EQ(
      read(
          bundle(
              kIndicator +
              R"(,"object_marking_refs":["marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"],)"
              R"("granular_markings":[{"selectors":["pattern"],"marking_ref":"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"}]})"))
          .tlp,
      Tlp::red);
}

TEST(Tlp, MostRestrictive) {
  EXPECT_EQ(most_restrictive(Tlp::clear, Tlp::green), Tlp::green);
  EXPECT_EQ(most_restrictive(Tlp::unmarked, Tlp::clear), Tlp::unmarked);
  EXPECT_EQ(most_restrictive(Tlp::amber, Tlp::unmarked), Tlp::unmarked);
  EXPECT_EQ(most_restrictive(Tlp::unmarked, Tlp::amber_strict), Tlp::amber_strict);
  EXPECT_EQ(most_restrictive(Tlp::amber_strict, Tlp::unmarked), Tlp::amber_strict);
  EXPECT_EQ(most_restrictive(Tlp::red, Tlp::unmarked), Tlp::red);
  EXPECT_EQ(name_of(Tlp::amber_strict), "TLP:AMBER+STRICT");
  EXPECT_EQ(name_of(Tlp::unmarked), "unmarked");
}

TEST(Stix, BadValuesOfAnIndicator) {
  const Advisory advisory = read(bundle(
      R"({"type":"indicator","id":"indicator--1","valid_from":"yesterday","valid_until":"2020-01-01","confidence":200,"pattern":"[x:y = 'z']"},)"
      R"({"type":"indicator","id":"indicator--2","pattern":"[x:y = 'z']","valid_from":"2020-02-01T00:00:00Z","valid_until":"2020-01-01T00:00:00Z"},)"
      R"({"type":"indicator","id":"indicator--3"})"));
  ASSERT_EQ(advisory.indicators.size(), 2U);
  EXPECT_FALSE(advisory.indicators[0].valid_from.known());
  EXPECT_FALSE(advisory.indicators[0].valid_until.known());  // no zone
  EXPECT_EQ(advisory.indicators[0].confidence, -1);
  EXPECT_EQ(advisory.indicators[0].pattern_type, "stix");
  EXPECT_TRUE(advisory.indicators[1].valid_from.known());
  EXPECT_FALSE(advisory.indicators[1].valid_until.known());
  EXPECT_EQ(advisory.problems.size(), 5U);
}

TEST(Stix, ValidityIsNotActivity) {
  const Advisory advisory = read(bundle(
      kIndicator +
      R"(},{"type":"campaign","id":"campaign--1","name":"C","first_seen":"2019-04-01T00:00:00Z","last_seen":"2019-09-01T00:00:00Z"})"));
  EXPECT_EQ(format_date(advisory.activity_from), "2019-04-01");
  EXPECT_EQ(format_date(advisory.activity_until), "2019-09-01");
  EXPECT_EQ(format_date(advisory.indicators[0].valid_from), "2020-01-01");
}

TEST(Stix, ManyCampaignsWithoutAReportGiveNoWindow) {
  const Advisory advisory =
      read(bundle(R"({"type":"campaign","id":"campaign--1","name":"A","first_seen":"2019-04-01T00:00:00Z"},)"
                  R"({"type":"campaign","id":"campaign--2","name":"B","first_seen":"2010-04-01T00:00:00Z"})"));
  EXPECT_FALSE(advisory.activity_from.known());
}

TEST(Stix, ClaimsAreChecked) {
  const Advisory advisory = read(bundle(
      R"({"type":"x-assay-claim","id":"x-assay-claim--1","claim_id":"claim.b","text":"B","questions":["access","weather"],"hosts":"fridge","sensitivity":1.5,"evidence_class":"magic"},)"
      R"({"type":"x-assay-claim","id":"x-assay-claim--2","claim_id":"claim.a","text":"A","questions":["malware"],"source_classes":["proxy"],"fields":["@cookie"],)"
      R"("hosts":"server","sensitivity":0.7,"evidence_class":"unique","window_from":"2020-01-01T00:00:00Z"},)"
      R"({"type":"x-assay-claim","id":"x-assay-claim--3","claim_id":"claim.a","text":"again","questions":["malware"],"evidence_class":"unique"},)"
      R"({"type":"x-assay-claim","id":"x-assay-claim--4","claim_id":"claim.none","text":"no question"},)"
      R"({"type":"x-assay-claim","id":"x-assay-claim--5","text":"no id","questions":["malware"]},)" +
      kIndicator + R"(,"x_assay_claims":["claim.a","claim.gone"]})"));
  ASSERT_EQ(advisory.claims.size(), 2U);
  EXPECT_EQ(advisory.claims[0].id, "claim.a");
  EXPECT_EQ(advisory.claims[0].fields, std::vector<std::string>{"@cookie"});
  EXPECT_EQ(format_date(advisory.claims[0].from), "2020-01-01");
  EXPECT_EQ(advisory.claims[1].hosts, "any");
  EXPECT_EQ(advisory.claims[1].klass, "generic");
  EXPECT_EQ(advisory.claims[1].sensitivity, 0.5);
  EXPECT_EQ(advisory.claims[1].questions, std::vector<std::string>{"access"});
  std::string all;
  for (const std::string& problem : advisory.problems) all += problem + "\n";
  EXPECT_EQ(all,
            "x-assay-claim--1: unknown question 'weather' in claim.b, left out\n"
            "x-assay-claim--1: unknown kind of hosts in claim.b, read as any\n"
            "x-assay-claim--1: 'sensitivity' of claim.b is not between 0 and 1, read as 0.5\n"
            "x-assay-claim--1: 'evidence_class' of claim.b is none of ours, read as generic\n"
            "x-assay-claim--3: claim claim.a stands twice, the second is not used\n"
            "x-assay-claim--4: claim.none speaks for no question, not used\n"
            "x-assay-claim--5: claim without 'claim_id' or 'text', not used\n"
            "indicator--1: names the unknown claim claim.gone\n");
}

TEST(Stix, JudgementsAndPositions) {
  const Advisory advisory = read(bundle(
      R"({"type":"identity","id":"identity--1","name":"NSA"},)"
      R"({"type":"note","id":"note--1","content":"It was them.","authors":["NCSC"],"x_assay_judgement":{"id":"J1","publisher":"NCSC","term":"almost certainly","scale":"PHIA","low":95,"high":100}},)"
      R"({"type":"opinion","id":"opinion--1","opinion":"agree","explanation":"so it is","created_by_ref":"identity--1","object_refs":["note--1"]},)"
      R"({"type":"opinion","id":"opinion--2","opinion":"neutral","authors":["CISA"],"object_refs":["note--1","note--gone"]},)"
      R"({"type":"note","id":"note--2","content":"A note like any other."})"));
  ASSERT_EQ(advisory.judgements.size(), 1U);
  const Judgement& j = advisory.judgements[0];
  EXPECT_EQ(j.publisher, "NCSC");
  EXPECT_EQ(j.scale, "phia");
  EXPECT_EQ(j.low, 95);
  EXPECT_EQ(j.high, 100);
  EXPECT_EQ(j.positions, (std::vector<std::string>{"CISA: neutral", "NSA: agree (so it is)"}));
}

TEST(Stix, OrderOfObjectsDoesNotMatter) {
  const auto parsed = parse_json(read_file(ASSAY_SOURCE_DIR "/content/advisories/apt29-2020/bundle.json"));
  ASSERT_TRUE(parsed.ok());
  std::vector<Json> objects = (*parsed)["objects"].items();
  const std::string straight = describe(read(dump_json(*parsed)));
  std::reverse(objects.begin(), objects.end());
  Json reversed = Json::array();
  for (Json& object : objects) reversed.push(std::move(object));
  Json other = *parsed;
  other.set("objects", std::move(reversed));
  const std::string backwards = describe(read(dump_json(other)));
  // The bytes differ, so does the hash; nothing else.
  const auto without_hash = [](std::string text) {
    return text.erase(text.find("hash "), text.find('\n', text.find("hash ")) - text.find("hash "));
  };
  EXPECT_EQ(without_hash(straight), without_hash(backwards));
}

TEST(Stix, ObjectLimit) {
  std::string objects;
  for (std::size_t i = 0; i <= limits::kStixObjects; ++i)
    objects += (i ? ",{" : "{") + std::string(R"("type":"x","id":"x--)") + std::to_string(i) + "\"}";
  const Advisory advisory = read(bundle(objects));
  EXPECT_EQ(advisory.objects.size(), limits::kStixObjects);
  ASSERT_EQ(advisory.problems.size(), 1U);
  EXPECT_EQ(advisory.problems[0], "100001 objects, only the first 100000 are read");
}

TEST(Stix, ProblemsAreBounded) {
  std::string objects;
  for (int i = 0; i < 3000; ++i) objects += i ? ",{}" : "{}";
  const Advisory advisory = read(bundle(objects));
  EXPECT_EQ(advisory.problems.size(), 1001U);
  EXPECT_EQ(advisory.problems.back(), "2000 more problems");
}

TEST(Stix, LongTextIsNotUsed) {
  const std::string name((std::size_t{64} << 10) + 1, 'x');
  const Advisory advisory = read(bundle(kIndicator + ",\"name\":\"" + name + "\"}"));
  EXPECT_EQ(advisory.indicators[0].name, "");
  EXPECT_EQ(advisory.problems.size(), 1U);
}

// The OASIS examples, the ATT&CK bundle and a public feed, when they are at hand.
TEST(Stix, PublicBundles) {
  namespace fs = std::filesystem;
  const std::string data = data_folder();
  if (data.empty() || !fs::is_directory(data + "/knowledge")) GTEST_SKIP() << "no public bundles here: set ASSAY_DATA";
  std::size_t bundles = 0, indicators = 0;
  for (const char* folder : {"/knowledge/stix-examples", "/knowledge/amnesty", "/knowledge/attack"}) {
    for (const auto& entry : fs::recursive_directory_iterator(data + folder)) {
      const std::string extension = entry.path().extension();
      if (extension != ".json" && extension != ".stix2") continue;
      SCOPED_TRACE(entry.path().string());
      const std::string text = read_file(entry.path().string());
      const Advisory advisory = round_trip(text);
      ++bundles;
      indicators += advisory.indicators.size();
      if (entry.path().filename() == "cytrox.stix2") {
        EXPECT_EQ(advisory.indicators.size(), 343U);
        EXPECT_EQ(advisory.malware, std::vector<std::string>{"Predator"});
        EXPECT_EQ(advisory.indicators[0].indicates, std::vector<std::string>{"Predator"});
      }
      if (entry.path().filename() == "apt1.json") {
        EXPECT_EQ(advisory.name, "APT1: Exposing One of China's Cyber Espionage Units");
        EXPECT_EQ(advisory.indicators.size(), 12U);
        EXPECT_EQ(advisory.actor, "APT1");
      }
      if (entry.path().filename() == "enterprise-attack.json") {
        EXPECT_GT(advisory.techniques.size(), 600U);
        EXPECT_EQ(advisory.actor, "");
        EXPECT_FALSE(advisory.activity_from.known());
      }
    }
  }
  EXPECT_GE(bundles, 13U);
  EXPECT_GE(indicators, 380U);
}

}  // namespace
}  // namespace assay
