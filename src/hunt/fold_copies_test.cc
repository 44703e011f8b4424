#include "hunt/fold_copies.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

Sighting sighting(const char* id, const char* path, std::uint64_t offset = 0) {
  Sighting s;
  s.id = id;
  s.detector_id = "indicator--1";
  s.role = Role::text_only;
  s.records = {{"E0001", offset, 80}};
  s.fields = {{"file", path}, {"indicator", "198.51.100.7"}};
  return s;
}

std::vector<std::string> left(std::vector<Sighting> all, const std::set<std::string>& of_copies) {
  fold_copies(all, of_copies);
  std::vector<std::string> out;
  for (const Sighting& s : all) out.push_back(s.id);
  return out;
}

TEST(FoldCopies, TheSameFileInAnotherPlaceIsOneFinding) {
  const Sighting kept = sighting("a", "/notes/list.txt");
  Sighting copy = sighting("b", "/again/notes/list.txt");
  copy.host = "again";
  EXPECT_EQ(left({kept, copy}, {"b"}), std::vector<std::string>{"a"});
  EXPECT_EQ(left({copy, kept}, {"b"}), std::vector<std::string>{"a"});
  // Two that stand in evidence of their own are two.
  EXPECT_EQ(left({kept, copy}, {}).size(), 2U);
}

TEST(FoldCopies, WhatOnlyTheCopysPathShowsStays) {
  // Another place in the file, another name, another value: nothing of the kept one says it.
  const Sighting kept = sighting("a", "/notes/list.txt");
  EXPECT_EQ(left({kept, sighting("b", "/again/notes/list.txt", 100)}, {"b"}).size(), 2U);
  EXPECT_EQ(left({kept, sighting("b", "/opt/.hidden")}, {"b"}).size(), 2U);
  Sighting other = sighting("b", "/again/notes/list.txt");
  other.fields[1].second = "198.51.100.8";
  EXPECT_EQ(left({kept, other}, {"b"}).size(), 2U);
  EXPECT_EQ(left({sighting("b", "/opt/x")}, {"b"}).size(), 1U);
}

// One log in two items, "E0001" of a named host and "E0002" of none, which share records.
Duplicates sharing(const char* a, const char* b) {
  Duplicates out;
  out.pairs[{b, a}] = 40;
  return out;
}

const std::map<std::string, std::string> kIds{{"hosts/gw/access.log", "E0001"}, {"access.log", "E0002"}};

std::vector<Sighting> in_two_items() {
  Sighting named = sighting("a", "/notes/list.txt"), nameless = sighting("b", "/notes/list.txt", 160);
  named.host = "gw";
  nameless.records.front().evidence = "E0002";
  return {named, nameless};
}

TEST(FoldNameless, TheItemWithoutAHostIsASecondPlace) {
  std::vector<Sighting> all = in_two_items();
  fold_nameless(all, sharing("hosts/gw/access.log", "access.log"), kIds, Profile{});
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().host, "gw");
  ASSERT_EQ(all.front().copies.size(), 1U);
  EXPECT_EQ(all.front().copies.front(), (Sighting::Reference{"E0002", 160, 80}));
}

TEST(FoldNameless, AnAddressOfTheRecordIsNoHost) {
  std::vector<Sighting> all = in_two_items();
  all.back().host = "198.51.100.7";  // the value of its field
  fold_nameless(all, sharing("hosts/gw/access.log", "access.log"), kIds, Profile{});
  EXPECT_EQ(all.size(), 1U);
}

TEST(FoldNameless, ItemsThatShareNothingAreTwoFindings) {
  std::vector<Sighting> all = in_two_items();
  fold_nameless(all, Duplicates{}, kIds, Profile{});
  EXPECT_EQ(all.size(), 2U);
  fold_nameless(all, sharing("hosts/gw/access.log", "other.log"), kIds, Profile{});
  EXPECT_EQ(all.size(), 2U);
}

TEST(FoldNameless, AnotherFindingOrAWiderOneStays) {
  for (const bool wider : {false, true}) {
    std::vector<Sighting> all = in_two_items();
    if (wider) {
      all.back().count = all.front().count + 1;
    } else {
      all.back().account = "j.doe";
    }
    fold_nameless(all, sharing("hosts/gw/access.log", "access.log"), kIds, Profile{});
    EXPECT_EQ(all.size(), 2U) << wider;
  }
}

}  // namespace
}  // namespace assay
