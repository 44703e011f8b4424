#include "knowledge/stix_check.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/limits.h"
#include "knowledge/stix_split.h"
#include "knowledge/test_support.h"

namespace assay {
namespace {

std::string check(std::string_view json) {
  const auto object = parse_json(json);
  if (!object.ok()) return "not JSON";
  std::vector<StixMessage> messages;
  check_stix_object(*object, messages);
  std::string out;
  for (const StixMessage& m : messages) out += m.property + ": " + m.what + "\n";
  return out;
}

const std::string kHead =
    R"("spec_version":"2.1","created":"2020-04-01T00:00:00.000Z","modified":"2020-04-01T00:00:00.000Z",)";

TEST(StixCheck, WholeObjectsHaveNothingToSay) {
  EXPECT_EQ(
      check(
          "{" + kHead +
          R"("type":"indicator","id":"indicator--5e8a7b1c-0000-4000-8000-000000000001","pattern":"[a:b = 1]","pattern_type":"stix","valid_from":"2020-04-01T00:00:00Z"})"),
      "");
  EXPECT_EQ(
      check(
          "{" + kHead +
          R"("type":"relationship","id":"relationship--5e8a7b1c-0000-4000-8000-000000000001","relationship_type":"uses","source_ref":"malware--5e8a7b1c-0000-4000-8000-000000000002","target_ref":"tool--5e8a7b1c-0000-4000-8000-000000000003"})"),
      "");
}

TEST(StixCheck, Messages) {
  EXPECT_EQ(check(R"({"type":"indicator","id":"malware--1"})"),
            "id: does not begin with the object's type and \"--\"\nspec_version: is required and missing (STIX 2.0 has "
            "none: assay advisory import)\ncreated: is required and missing\n"
            "modified: is required and missing\npattern: is required and missing\npattern_type: is required and "
            "missing\nvalid_from: is required and missing\n");
  EXPECT_EQ(
      check(
          "{" + kHead +
          R"("type":"campaign","id":"campaign--5e8a7b1c-0000-4000-8000-000000000001","name":"x","first_seen":"2020-05-01T00:00:00Z","last_seen":"2020-04-01T00:00:00Z","confidence":101})"),
      "confidence: is no whole number from 0 to 100\nlast_seen: is earlier than first_seen\n");
  EXPECT_EQ(
      check(
          "{" + kHead +
          R"("type":"opinion","id":"opinion--5e8a7b1c-0000-4000-8000-000000000001","opinion":"yes","object_refs":["x"],"created_by_ref":"tool--5e8a7b1c-0000-4000-8000-000000000001"})"),
      "object_refs: is no id of an object\ncreated_by_ref: names a tool, allowed is identity\nopinion: 'yes' is none "
      "of strongly-disagree, disagree, neutral, agree, strongly-agree\n");
  EXPECT_EQ(check("{" + kHead + R"("type":"teapot","id":"teapot--5e8a7b1c-0000-4000-8000-000000000001"})"),
            "type: 'teapot' is no type of STIX 2.1 and no extension of the object defines it\n");
  EXPECT_EQ(
      check(
          "{" + kHead +
          R"("type":"tool","id":"tool--5e8a7b1c-0000-4000-8000-000000000001","name":"x","granular_markings":[{"selectors":["labels.[3]"],"lang":"en"}]})"),
      "granular_markings[0].selectors: 'labels.[3]' selects nothing of the object\n");
}

// STIX 2.1, 2.9. Worked out apart, as UUID version 5 of {"value":"198.51.100.3"}.
TEST(StixCheck, DeterministicIds) {
  EXPECT_EQ(deterministic_id(parse_json(R"({"type":"ipv4-addr","value":"198.51.100.3"})").value()),
            "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4");
  EXPECT_EQ(deterministic_id(parse_json(R"({"type":"domain-name","value":"example.com"})").value()),
            "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7");
  EXPECT_EQ(
      check(R"({"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.4"})")
          .substr(0, 47),
      "id: is not the one that its properties give (ip");
  EXPECT_EQ(deterministic_id(parse_json(R"({"type":"process","pid":4})").value()), "");
}

TEST(StixSplit, PiecesAndErrors) {
  const auto pieces = split_stix("f", R"( {"id":"b", "objects": [ {"a":"]}\""}, 7 , [1,[2]] ], "type":"bundle"} )", 2);
  ASSERT_TRUE(pieces.ok());
  ASSERT_EQ(pieces->objects.size(), 2U);
  EXPECT_EQ(pieces->objects[0], R"({"a":"]}\""})");
  EXPECT_EQ(pieces->objects[1], "7");
  EXPECT_EQ(pieces->more, 1U);
  EXPECT_EQ(dump_json(pieces->envelope), R"({"id":"b","type":"bundle"})");
  for (const std::string_view broken :
       {"", "{", R"({"type":"bundle","objects":[)", R"({"type":"bundle","objects":[{]})",
        R"({"type":"bundle","objects":[]} x)", R"({"type":"bundle" "objects":[]})", "\"x"}) {
    EXPECT_FALSE(split_stix("f", broken, 10).ok()) << broken;
  }
  EXPECT_FALSE(split_stix("f", R"({"type":"bundle","objects":)" + std::string(100'000, '['), 10).ok());
}

TEST(StixCheck, PublicBundles) {
  namespace fs = std::filesystem;
  const std::string data = data_folder();
  if (data.empty() || !fs::is_directory(data + "/knowledge/stix-examples"))
    GTEST_SKIP() << "no public bundles here: set ASSAY_DATA";
  std::size_t objects = 0, messages_of_standard = 0;
  for (const auto& entry : fs::recursive_directory_iterator(data + "/knowledge/stix-examples")) {
    if (entry.path().extension() != ".json") continue;
    const std::string text = read_file(entry.path().string());
    const auto pieces = split_stix("f", text, limits::kStixObjects);
    if (!pieces.ok()) continue;
    for (const std::string_view piece : pieces->objects) {
      const auto object = parse_json(piece);
      ASSERT_TRUE(object.ok());
      std::vector<StixMessage> messages;
      check_stix_object(*object, messages);
      ++objects;
      messages_of_standard += messages.size();
    }
  }
  EXPECT_GT(objects, 50U);
  // The standard's own examples are whole but for a handful of slips of their own.
  EXPECT_LT(messages_of_standard, objects / 5);
}

}  // namespace
}  // namespace assay
