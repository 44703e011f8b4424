#include <gtest/gtest.h>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/notice.h"
#include "core/table.h"
#include "core/time.h"
#include "core/yaml.h"

namespace assay {
namespace {

TEST(Time, ReadsTheUsualForms) {
  EXPECT_EQ(format_utc(*parse_iso8601("2020-04-16T02:12:07.120Z")), "2020-04-16T02:12:07.12Z");
  EXPECT_EQ(format_utc(*parse_iso8601("2020-04-16 03:12:07 +0100")), "2020-04-16T02:12:07Z");
  EXPECT_EQ(format_utc(*parse_iso8601("2020-02-29")), "2020-02-29T00:00:00Z");
  EXPECT_FALSE(parse_iso8601("2019-02-29"));
  EXPECT_FALSE(parse_iso8601("2020-04-16T02:12:07", 0, true));
  EXPECT_EQ(format_utc(*parse_clf("16/Apr/2020:02:12:07 -0730")), "2020-04-16T09:42:07Z");
  EXPECT_FALSE(parse_clf("16/Apr/2020:24:12:07 +0000"));
  EXPECT_EQ(format_utc(*parse_epoch("1587003127.000000001")), "2020-04-16T02:12:07.000000001Z");
  EXPECT_EQ(format_utc(*parse_epoch("1587003127123")), "2020-04-16T02:12:07.123Z");
  EXPECT_EQ(format_utc(*parse_rfc5322("Tue, 28 Apr 2020 09:05:00 +0100 (BST)")), "2020-04-28T08:05:00Z");
}

TEST(Time, CivilRoundTrips) {
  for (std::int64_t day = -80000; day < 80000; day += 7) {
    const Time time{day * kDay + 12345 * kSecond + 6};
    EXPECT_EQ(from_civil(to_civil(time))->ns, time.ns);
  }
}

TEST(Json, ReadsWritesAndBoundsDepth) {
  const auto read = parse_json(R"({"a":[1,2.5,null,true,"x\u00e9"],"b":{"c":-7}})");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(dump_json(*read), R"({"a":[1,2.5,null,true,"x)"
                              "\xc3\xa9"
                              R"("],"b":{"c":-7}})");
  EXPECT_EQ(read->at_path("b/c").as_int(), -7);
  EXPECT_EQ(parse_json(std::string(100000, '[') + std::string(100000, ']')).error().code, ErrorCode::limit);
  EXPECT_FALSE(parse_json("{").ok());
  EXPECT_EQ(json_string("\x1b[31m\xff\x7f"), "\"\\u001b[31m\xef\xbf\xbd\\u007f\"");
}

TEST(Yaml, KeepsPlacesAndExpandsAliases) {
  const auto docs = parse_yaml("a: &x [1, 'two', 0x10]\nb: *x\n---\nc: ~\n");
  ASSERT_TRUE(docs.ok());
  ASSERT_EQ(docs->size(), 2u);
  EXPECT_EQ((*docs)[0]["b"].items[2].as_int(), 16);
  EXPECT_EQ((*docs)[0]["b"].items[1].line, 1);
  EXPECT_TRUE((*docs)[1]["c"].is_null());
  EXPECT_EQ(parse_yaml("a: [1,").error().where.empty(), false);
}

TEST(Yaml, RefusesAnAliasBomb) {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 9; ++i) {
    std::string list;
    for (int k = 0; k < 10; ++k) list += (k ? ",*a" : "*a") + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + list + "]\n";
  }
  const auto read = parse_yaml(bomb);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code, ErrorCode::limit);
}

TEST(Table, MergesInAnyOrder) {
  const TableSpec spec{"t", {"k"}, {"sum", "min", "max", "or"}, {Merge::sum, Merge::min, Merge::max, Merge::bit_or}};
  Table a(spec), b(spec), ab(spec), ba(spec);
  a.add({"x"}, std::vector<std::int64_t>{1, 5, 5, 1});
  b.add({"x"}, std::vector<std::int64_t>{2, 3, 9, 4});
  b.add({"y"}, std::vector<std::int64_t>{1, 1, 1, 1});
  ab.merge(a);
  ab.merge(b);
  ba.merge(b);
  ba.merge(a);
  Writer w1, w2;
  ab.save(w1);
  ba.save(w2);
  EXPECT_EQ(w1.bytes(), w2.bytes());
  Reader reader(w1.bytes());
  Table back;
  ASSERT_TRUE(back.load(reader));
  EXPECT_EQ(back, ab);
  EXPECT_EQ(back.find({"x"}), (TableRow{3, 3, 9, 5}));
}

TEST(Notices, MergeCountsAndKeepTheFirstPlace) {
  Notices notices;
  notices.add({NoticeKind::bad_value, "a.log", 900, 1, "escape"});
  notices.add({NoticeKind::bad_value, "a.log", 100, 2, "escape"});
  ASSERT_EQ(notices.sorted().size(), 1u);
  EXPECT_EQ(notices.sorted()[0].offset, 100u);
  EXPECT_EQ(notices.sorted()[0].count, 3u);
}

TEST(Notices, EveryKindHasItsName) {
  for (int i = 0; i <= static_cast<int>(NoticeKind::assumption); ++i) {
    const auto kind = static_cast<NoticeKind>(i);
    EXPECT_EQ(notice_kind_from(name_of(kind)), kind);
  }
}

TEST(Hash, KnownAnswers) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hash_hex(HashKind::md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(Ascii, LowerIntoSaysWhatLowerSays) {
  std::string all;
  for (int i = 0; i < 512; ++i) all += static_cast<char>(i);
  for (std::size_t begin = 0; begin < 300; begin += 3) {
    for (std::size_t size = 0; size < 40; ++size) {
      const std::string_view text = std::string_view(all).substr(begin, size);
      std::string out(size, '?');
      lower_into(text, out.data());
      ASSERT_EQ(out, lower(text)) << begin << " " << size;
    }
  }
}

TEST(Ascii, LastStepOfAPath) {
  EXPECT_EQ(last_step("C:\\a/b.txt"), "b.txt");
  EXPECT_EQ(last_step("b.txt"), "b.txt");
  EXPECT_EQ(last_step("a/"), "");
  EXPECT_EQ(last_step(""), "");
  EXPECT_EQ(last_step("x.tar!a\\b", "/!"), "a\\b");
}

TEST(Ascii, Base64AndUtf8) {
  EXPECT_EQ(*base64_decode("YWJjZA=="), "abcd");
  EXPECT_FALSE(base64_decode("YWJjZA="));
  EXPECT_FALSE(base64_decode("YW=jZA=="));
  EXPECT_TRUE(is_utf8("\xc3\xa9"));
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
  EXPECT_EQ(to_valid_utf8("a\xffz"), "a\xef\xbf\xbdz");
}

}  // namespace
}  // namespace assay
