// The JSON answer against docs/answer.schema.json, with a validator for the few keywords that the schema uses (an
// unknown keyword fails the test, so that the schema cannot outgrow it).
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "core/ascii.h"
#include "core/json.h"
#include "report/report_fixtures.h"

namespace assay {
namespace {

using namespace fixtures;

class Schema {
 public:
  explicit Schema(Json root) : root_(std::move(root)) {}

  std::vector<std::string> check(const Json& value) const {
    std::vector<std::string> out;
    check(root_, value, "", out);
    return out;
  }
  std::vector<std::string> check_definition(std::string_view name, const Json& value) const {
    std::vector<std::string> out;
    check(root_["$defs"][name], value, "", out);
    return out;
  }

 private:
  static bool is_type(const Json& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "null") return value.is_null();
    if (type == "boolean") return value.type() == Json::Type::boolean;
    if (type == "integer") return value.type() == Json::Type::integer;
    if (type == "number") return value.is_number();
    return false;
  }

  // The schema's patterns, by hand: 'd' stands for a digit. An unknown pattern matches nothing.
  static bool matches(std::string_view pattern, std::string_view text) {
    if (pattern == "^F[0-9]{2,}$")
      return text.size() >= 3 && text[0] == 'F' && std::all_of(text.begin() + 1, text.end(), is_digit);
    if (!pattern.starts_with("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:")) return false;
    constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
    if (text.size() <= kShape.size() || text.back() != 'Z') return false;
    for (std::size_t i = 0; i < kShape.size(); ++i) {
      if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) return false;
    }
    const std::string_view fraction = text.substr(kShape.size(), text.size() - kShape.size() - 1);
    return fraction.empty() || (fraction[0] == '.' && fraction.size() > 1 && fraction.size() <= 10 &&
                                std::all_of(fraction.begin() + 1, fraction.end(), is_digit));
  }

  void check(const Json& schema, const Json& value, const std::string& where, std::vector<std::string>& out) const {
    static const std::set<std::string> kKnown = {
        "$schema", "$id",      "title",    "description", "$defs",
        "$ref",    "type",     "required", "properties",  "additionalProperties",
        "items",   "maxItems", "minItems", "enum",        "const",
        "pattern", "minimum",  "maximum",  "minLength",   "oneOf",
        "if",      "then"};
    for (const auto& [key, unused] : schema.members()) {
      if (!kKnown.contains(key)) out.push_back(where + ": the validator does not know " + key);
    }
    if (schema.has("$ref")) {
      const std::string& ref = schema["$ref"].as_string();
      const std::string name = ref.substr(ref.rfind('/') + 1);
      if (!root_["$defs"].has(name)) out.push_back(where + ": no definition " + name);
      check(root_["$defs"][name], value, where, out);
    }
    if (schema.has("type")) {
      const Json& type = schema["type"];
      bool fits = type.is_string() && is_type(value, type.as_string());
      for (const Json& one : type.items()) fits |= is_type(value, one.as_string());
      if (!fits) {
        out.push_back(where + ": wrong type: " + dump_json(value).substr(0, 60));
        return;
      }
    }
    if (schema.has("const") && !(schema["const"] == value)) out.push_back(where + ": not the constant");
    if (schema.has("enum")) {
      bool fits = false;
      for (const Json& one : schema["enum"].items()) fits |= one == value;
      if (!fits) out.push_back(where + ": not in the list: " + dump_json(value));
    }
    if (schema.has("pattern") && value.is_string() && !matches(schema["pattern"].as_string(), value.as_string())) {
      out.push_back(where + ": does not match " + schema["pattern"].as_string());
    }
    if (schema.has("minLength") && value.is_string() &&
        static_cast<std::int64_t>(value.as_string().size()) < schema["minLength"].as_int())
      out.push_back(where + ": too short");
    if (schema.has("minimum") && value.is_number() && value.as_double() < schema["minimum"].as_double())
      out.push_back(where + ": too small");
    if (schema.has("maximum") && value.is_number() && value.as_double() > schema["maximum"].as_double())
      out.push_back(where + ": too large");
    if (schema.has("oneOf")) {
      int fits = 0;
      for (const Json& one : schema["oneOf"].items()) {
        std::vector<std::string> problems;
        check(one, value, where, problems);
        fits += problems.empty();
      }
      if (fits != 1) out.push_back(where + ": fits " + std::to_string(fits) + " of oneOf");
    }
    if (schema.has("if")) {
      std::vector<std::string> problems;
      check(schema["if"], value, where, problems);
      if (problems.empty()) check(schema["then"], value, where, out);
    }
    if (value.is_array()) {
      const auto n = static_cast<std::int64_t>(value.items().size());
      if (schema.has("maxItems") && n > schema["maxItems"].as_int()) out.push_back(where + ": too many");
      if (schema.has("minItems") && n < schema["minItems"].as_int()) out.push_back(where + ": too few");
      if (schema.has("items")) {
        for (std::size_t i = 0; i < value.items().size(); ++i)
          check(schema["items"], value.items()[i], where + "/" + std::to_string(i), out);
      }
    }
    if (value.is_object()) {
      for (const Json& name : schema["required"].items()) {
        if (!value.has(name.as_string())) out.push_back(where + ": " + name.as_string() + " is missing");
      }
      for (const auto& [name, member] : value.members()) {
        if (schema["properties"].has(name)) {
          check(schema["properties"][name], member, where + "/" + name, out);
        } else if (schema.has("additionalProperties")) {
          check(schema["additionalProperties"], member, where + "/" + name, out);
        }
      }
    }
  }

  Json root_;
};

Schema schema() {
  std::ifstream in(std::string(ASSAY_SOURCE_DIR) + "/docs/answer.schema.json", std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  auto read = parse_json(text.str());
  EXPECT_TRUE(read.ok());
  return Schema(std::move(*read));
}

Json answer(const Fixture& f, const ReportOptions& o = options()) {
  auto read = parse_json(json_answer(f.data, f.assessment, o));
  EXPECT_TRUE(read.ok());
  return std::move(*read);
}

TEST(JsonAnswer, FollowsItsSchema) {
  const Schema s = schema();
  for (const Fixture& f : {intrusion(), benign(), empty(), foreign(), other_actor()}) {
    for (const std::string& problem : s.check(answer(f))) ADD_FAILURE() << problem;
  }
}

TEST(JsonAnswer, TheValidatorFindsFaults) {
  const Schema s = schema();
  Json broken = answer(intrusion());
  broken.set("assay", Json("2"));
  broken.set("sightings_total", Json(-1));
  broken.set("mentions", Json("none"));
  broken.set("as_of", Json("16 Jul 2020"));
  EXPECT_EQ(s.check(broken).size(), 4u);
  Json question = answer(empty())["questions"].items()[0];
  question.set("why", Json(""));
  EXPECT_EQ(s.check_definition("question", question).size(), 1u);  // cannot say needs its reason
}

TEST(JsonAnswer, NamesAndOrderOfTheContract) {
  const Json a = answer(intrusion());
  std::vector<std::string> names;
  for (const auto& [name, value] : a.members()) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"assay",
                                             "complete",
                                             "reproducible",
                                             "as_of",
                                             "advisories",
                                             "evidence",
                                             "rules",
                                             "sightings_total",
                                             "sightings",
                                             "mentions",
                                             "questions",
                                             "claims",
                                             "initial_access",
                                             "actors",
                                             "exfiltration",
                                             "scope",
                                             "credentials",
                                             "actions",
                                             "about_to_be_lost",
                                             "coverage",
                                             "retention",
                                             "notices"}));
  EXPECT_EQ(a.at_path("exfiltration/left/low").as_int(), 431'206'912);
  EXPECT_EQ(a["sightings"].items()[0]["finding"].as_string(), "F02");
  EXPECT_EQ(a["sightings"].items()[0].at_path("detector/kind").as_string(), "check");
}

TEST(JsonAnswer, PartsThatWereNotBuiltAreAbsentAndUnknownIsNull) {
  const Json a = answer(empty());
  EXPECT_FALSE(a.has("actors"));
  EXPECT_FALSE(a.has("initial_access"));
  EXPECT_TRUE(a["as_of"].is_null());
  EXPECT_TRUE(a.at_path("exfiltration/left/low").is_null());
  EXPECT_TRUE(a["questions"].items()[1]["term"].is_null());
  EXPECT_EQ(a["questions"].items()[1]["state"].as_string(), "cannot_say");
}

TEST(JsonAnswer, SaysWhyItIsNotReproducible) {
  Fixture f = benign();
  f.data.reproducible = false;
  f.data.not_reproducible_because = "the memory limit of a worker fired";
  EXPECT_EQ(answer(f)["not_reproducible_because"].as_string(), "the memory limit of a worker fired");
}

TEST(JsonAnswer, MentionsAreNoSightings) {
  Fixture f = intrusion();
  f.data.sightings[0].mention = true;
  const Json a = answer(f);
  EXPECT_EQ(a["sightings_total"].as_int(), 7);
  EXPECT_EQ(a["sightings"].items().size(), 7u);
}

TEST(JsonAnswer, AtMostTenThousandSightings) {
  Fixture f = benign();
  const Sighting one = f.data.sightings.front();
  for (std::uint32_t i = 100; i < 10'200; ++i) {
    Sighting s = one;
    s.id = sid(i);
    s.finding = i;
    f.data.sightings.push_back(s);
  }
  const Json a = answer(f);
  EXPECT_EQ(a["sightings_total"].as_int(), 10'102);
  EXPECT_EQ(a["sightings"].items().size(), 10'000u);
  std::size_t lines = 0;
  for (const std::string_view line : split(jsonl_sightings(f.data, options()), '\n')) lines += !line.empty();
  EXPECT_EQ(lines, 10'102u);
}

TEST(JsonLines, EachLineIsASighting) {
  const Fixture f = intrusion();
  const Schema s = schema();
  const std::string all = jsonl_sightings(f.data, options());
  const Json a = answer(f);
  std::size_t n = 0;
  for (const std::string_view line : split(all, '\n')) {
    if (line.empty()) continue;
    const auto read = parse_json(line);
    ASSERT_TRUE(read.ok());
    EXPECT_TRUE(s.check_definition("sighting", *read).empty());
    EXPECT_EQ(*read, a["sightings"].items()[n]);  // the same masks in both outputs
    ++n;
  }
  EXPECT_EQ(n, f.data.sightings.size());
}

TEST(JsonAnswer, BodiesAreNotCopied) {
  Fixture f = intrusion();
  f.data.sightings[1].fields = {{"email.body", "Dear Ms Okafor, your result"},
                                {"link", "http://login-1arkmoor.example/"}};
  const std::string text = json_answer(f.data, f.assessment, options());
  EXPECT_EQ(text.find("your result"), std::string::npos);
  EXPECT_NE(text.find("http://login-1arkmoor.example/"), std::string::npos);  // a machine gets the value itself
}

}  // namespace
}  // namespace assay
