#include "text/extract/roles.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "content/content.h"
#include "text/extract/nature.h"
#include "text/extract/prepare.h"
#include "text/extract/vocabulary.h"

namespace assay {
namespace {

TEST(Vocabulary, TheShippedFileIsReadWhole) {
  std::vector<std::string> problems;
  const Vocabulary words{content::find("reports/words.txt"), &problems};
  EXPECT_EQ(problems, std::vector<std::string>());
  EXPECT_GE(words.kinds().size(), 15U);
}

TEST(Vocabulary, TheLongerOfTwoCounts) {
  std::vector<std::string> problems;
  const Vocabulary words{"[bad]\nmalicious*\n[good]\nnot malicious\n[both]\nmalicious\nbroken", &problems};
  EXPECT_TRUE(problems.empty());
  const auto read = [&](std::string_view text) {
    std::string out;
    for (const WordHit& hit : words.hits(text))
      out +=
          fmt::format("{}-{}:{}{}{} ", hit.begin, hit.end, (hit.kinds & words.bit("bad")) != 0 ? "b" : "",
                      (hit.kinds & words.bit("good")) != 0 ? "g" : "", (hit.kinds & words.bit("both")) != 0 ? "B" : "");
    return out;
  };
  EXPECT_EQ(read("it is not\n  malicious"), "6-21:g ");
  EXPECT_EQ(read("malicious, maliciously; unbroken broken"), "0-9:bB 11-22:b 33-39:B ");
  EXPECT_EQ(words.whole("malicious"), words.bit("bad") | words.bit("both"));
  EXPECT_EQ(words.whole("malicious one"), 0U);
}

// A kind with a plus stands beside the others and takes no word from them.
TEST(Vocabulary, KindsBesideTheOthers) {
  const Vocabulary words{"[act]\nconnect*\n[own]\nour\n[reach+]\nconnects to our\n"};
  EXPECT_EQ(words.beside(), words.bit("reach"));
  std::string out;
  for (const WordHit& hit : words.hits("connects to our site"))
    out += fmt::format("{}-{}:{} ", hit.begin, hit.end, hit.kinds);
  EXPECT_EQ(out, "0-8:1 0-15:4 12-15:2 ");
}

TEST(Vocabulary, LinesThatCannotBeReadAreNamed) {
  std::vector<std::string> problems;
  (void)Vocabulary("orphan\n[a]\nUpper\nx*y\nfine\nfine", &problems);
  ASSERT_EQ(problems.size(), 4U);
  EXPECT_EQ(problems[0], "line 1: no word of a kind: orphan");
  EXPECT_EQ(problems[3], "line 6: twice: fine");
}

TEST(RoleWeights, TheShippedFileIsReadWhole) {
  std::vector<std::string> problems;
  const RoleWeights weights{content::find("reports/weights.txt"), &problems};
  EXPECT_EQ(problems, std::vector<std::string>());
  EXPECT_GT(weights.threshold(), 0);
}

TEST(RoleWeights, PointsOfAGroupAreAddedToThoseOfAll) {
  std::vector<std::string> problems;
  const RoleWeights weights{
      "threshold\t500\n1\tall\tdefanged\t1000\t0\t0\t-200\n1\turl\tdefanged\t50\t0\t0\t0\n"
      "1\tall\tno such sign\t1\t1\t1\t1\n1\tall\tdefanged\t1\n",
      &problems};
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0], "line 4: no such group or sign: 1\tall\tno such sign\t1\t1\t1\t1");
  const std::vector<SignId> defanged = {0};
  EXPECT_EQ(sign_names()[0], "defanged");
  EXPECT_EQ(weights.points(0, ValueGroup::url, defanged), (std::array<std::int64_t, 4>{1050, 0, 0, -200}));
  EXPECT_EQ(weights.points(0, ValueGroup::mail, defanged), (std::array<std::int64_t, 4>{1000, 0, 0, -200}));
  EXPECT_EQ(weights.points(1, ValueGroup::url, defanged), (std::array<std::int64_t, 4>{}));
}

// A neighbour's margin reaches a value of which nothing is said, and the value's own does not count twice.
TEST(Roles, ByCompany) {
  const RoleWeights weights{
      "threshold\t500\n1\tall\tdefanged\t3000\t0\t0\t0\n2\tall\tdefanged\t3000\t0\t0\t0\n"
      "2\tall\tits row is clearly the attacker's\t2000\t0\t0\t0\n2\tall\tkind ipv4\t0\t0\t0\t100\n"};
  ValueSigns first, second;
  first.kind = second.kind = Observable::domain;
  first.value = "cdn-sync.net";
  first.signs = {0};
  first.rows = second.rows = {4};
  second.value = "cdn-sync.org";
  std::vector<Verdict> verdicts = roles_of({first, second}, weights);
  ASSERT_EQ(verdicts.size(), 2U);
  EXPECT_EQ(verdicts[0].role, ReportRole::attacker);
  EXPECT_EQ(verdicts[1].role, ReportRole::attacker);
  EXPECT_EQ(verdicts[1].reason, "its row is clearly the attacker's");
  second.rows = {9};
  verdicts = roles_of({first, second}, weights);
  EXPECT_EQ(verdicts[0].role, ReportRole::attacker);
  EXPECT_NE(verdicts[1].role, ReportRole::attacker);
}

TEST(Roles, WhatNoReportCanMakeAnIndicator) {
  const RoleWeights all{"threshold\t-100000\n"};  // everything is the attacker's
  const auto role = [&](Observable kind, std::string value) {
    ValueSigns one;
    one.kind = kind;
    one.value = std::move(value);
    return roles_of({one}, all).front().role;
  };
  EXPECT_EQ(role(Observable::ipv4, "45.77.10.9"), ReportRole::attacker);
  EXPECT_NE(role(Observable::ipv4, "192.168.1.7"), ReportRole::attacker);
  EXPECT_NE(role(Observable::cidr, "10.0.0.0/8"), ReportRole::attacker);
  EXPECT_NE(role(Observable::ipv4, "8.8.8.8"), ReportRole::attacker);
  EXPECT_NE(role(Observable::domain, "dc1.nordhaven.local"), ReportRole::attacker);
  EXPECT_NE(role(Observable::url, "https://www.harbour.example/a"), ReportRole::attacker);
  EXPECT_NE(role(Observable::md5, "d41d8cd98f00b204e9800998ecf8427e"), ReportRole::attacker);
}

// Values by their form alone: "kind value" each.
std::string forms(std::string_view text) {
  const Prepared prepared = prepare(text);
  std::size_t left_out = 0;
  std::string out;
  for (const Found& f : find_values(prepared, outline(prepared), 100, left_out))
    out += fmt::format("{} {}\n", name_of(f.kind), f.value);
  return out;
}

TEST(Find, NetworksOfOneAddress) {
  EXPECT_EQ(forms("45.77.10[.]9/32, 45.77.10.0/24"), "ipv4 45.77.10.9\ncidr 45.77.10.0/24\n");
}
TEST(Find, AddressesInOddForms) {
  EXPECT_EQ(forms("to 31 . 214 . 157 . 88 and 31,214,157,31 now"), "ipv4 31.214.157.88\nipv4 31.214.157.31\n");
  EXPECT_EQ(forms("a sum of 1,234,567,890 and ports 6606,7707,8808,1"), "");
  EXPECT_EQ(forms("2a0e[:]97c0[:]3f0[::]1b"), "ipv6 2a0e:97c0:3f0::1b\n");
}
TEST(Find, TurnedSlashesAndWildcards) {
  EXPECT_EQ(forms("hxxp:\\\\cdn-sync[.]net\\tmp\\a.php"), "url http://cdn-sync.net/tmp/a.php\n");
  EXPECT_EQ(forms("block *.cdn-sync.net now"), "domain cdn-sync.net\n");
}
TEST(Find, SentencesInOtherLettersAreNoNames) {
  EXPECT_EQ(forms("\xe7\xa2\xba\xe8\xaa\x8d\xe3\x80\x82\xe3\x81\xaa\xe3\x81\x8a"), "");
}
TEST(Find, NamesWithSpacesInQuotes) {
  EXPECT_EQ(forms("sent as \"Order 17 signed.vbs\" and `.thumbs.php`."),
            "file_name Order 17 signed.vbs\nfile_name .thumbs.php\n");
  EXPECT_EQ(forms("runs \"rundll32.exe sync.dll\""), "file_name rundll32.exe\nfile_name sync.dll\n");
}
TEST(Find, PathsOfOtherRoots) {
  EXPECT_EQ(forms("writes /data/etc/sync.sh and loads libsync.so.2.4"),
            "file_path /data/etc/sync.sh\nfile_name libsync.so.2.4\n");
  EXPECT_EQ(forms("a request for /owa/auth/x.aspx"), "");
  EXPECT_EQ(forms("copies \\EFI\\Boot\\sync.efi"), "file_path \\EFI\\Boot\\sync.efi\n");
}
TEST(Find, ObjectsOfTheSystem) {
  EXPECT_EQ(forms("object BaseNamedObjects\\SyncMtx01"), "mutex SyncMtx01\n");
  EXPECT_EQ(forms("{\"mutex\": \"Sync_Mtx_01\", \"user\": \"admin_888\"}"), "mutex Sync_Mtx_01\n");
}
TEST(Find, HashesThatCellsAndLinesCut) {
  EXPECT_EQ(forms("sha256     e7c68a42a28a97d8fafcccda13420a5c017d1626   sync.zip\n"
                  "           4b5985a84d4023cdef38d163\n"),
            "sha256 e7c68a42a28a97d8fafcccda13420a5c017d16264b5985a84d4023cdef38d163\nfile_name sync.zip\n");
  EXPECT_EQ(forms("the link was hxxps://harbour-\nnews[.]org/docs/a.rar; it"),
            "url https://harbour-news.org/docs/a.rar\n");
}
TEST(Find, FilesInAColumn) {
  EXPECT_EQ(forms("```\nmd5,name,type\n"
                  "0cc175b9c0f1b6a831c399e269772661,syncd64,Harbourcat\n```\n"),
            "md5 0cc175b9c0f1b6a831c399e269772661\nfile_name syncd64\n");
}

}  // namespace
}  // namespace assay
