// zip: what its directory and its members' own headers say, and what happens when they disagree.
#include <gtest/gtest.h>

#include <random>

#include "evidence/containers/makers.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_literals;
using namespace makers;

std::string listed(std::string_view bytes, std::span<const std::string> passwords = {}, std::size_t piece = 4096) {
  return list(ContainerKind::zip, bytes, passwords, piece);
}

TEST(Zip, StoredAndDeflated) {
  const std::string text(100000, 'a');
  const std::string bytes =
      zip({stored("a.txt", "one"), deflated("d/b.log", text), stored("d/", ""), stored("empty", "")}, "note");
  const std::string expected = "file a.txt [one]\nfile d/b.log [100000 bytes]\ndirectory d/ []\nfile empty []\n";
  for (const std::size_t piece : {1UL, 333UL, 1UL << 20}) EXPECT_EQ(listed(bytes, {}, piece), expected);
  EXPECT_EQ(recognise_container(bytes), ContainerKind::zip);
  EXPECT_EQ(listed(zip({})), "empty 1: an archive without members\n");
  EXPECT_EQ(recognise_container(zip({})), ContainerKind::zip);
}

TEST(Zip, NamesAreText) {
  ZipPart flagged = stored("fl\xc3\xa4g", "1");
  flagged.flags = 0x800;
  EXPECT_EQ(
      listed(zip({stored("../../etc/passwd", "1"), stored("/abs", "1"), stored("C:\\w\\x", "1"),
                  stored("n\x1b[31m\n\x00z"s, "1"), flagged, stored("caf\x82", "1"), stored("caf\xc3\xa9", "1")})),
      "file ../../etc/passwd [1]\nfile /abs [1]\nfile C:\\w\\x [1]\n"
      "file n\xef\xbf\xbd[31m\xef\xbf\xbd\xef\xbf\xbdz [1]\n"
      "file fl\xc3\xa4g [1]\nfile caf\xc3\xa9 [1]\nfile caf\xc3\xa9 [1]\n");
  // Info-ZIP's Unicode path counts when it belongs to this very name.
  ZipPart unicode = stored("x?", "1");
  unicode.extra = "\x75\x70" + number(5 + 3, 2) + "\x01" + number(crc("x?"), 4) + "x\xc2\xb5";
  ZipPart foreign = stored("y?", "1");
  foreign.extra = unicode.extra;
  EXPECT_EQ(listed(zip({unicode, foreign})), "file x\xc2\xb5 [1]\nfile y? [1]\n");
}

TEST(Zip, TimesOnlyWhereTheyAreUtc) {
  ZipPart seconds = stored("a", "1");
  seconds.extra = "UT" + number(5, 2) + "\x01" + number(1587003127, 4);
  ZipPart ticks = stored("b", "1");
  ticks.extra = number(0x000a, 2) + number(32, 2) + number(0, 4) + number(1, 2) + number(24, 2) +
                number(116444736000000000 + 15870031270000000, 8) + number(0, 16);
  const std::string bytes = zip({seconds, ticks, stored("c", "1")});
  const auto source = source_of_memory(bytes);
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  const auto reader = open_archive(ContainerKind::zip, *below, source.get(), gauge);
  ArchiveMember member;
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(reader->next(member));
    EXPECT_EQ(format_utc(member.modified), "2020-04-16T02:12:07Z");
    EXPECT_TRUE(member.in_place);
    EXPECT_EQ(bytes.substr(member.offset, member.size), "1");
  }
  ASSERT_TRUE(reader->next(member));
  EXPECT_FALSE(member.modified.known());
}

TEST(Zip, DataDescriptors) {
  ZipPart one = deflated("one", std::string(5000, 'x'));
  one.flags = 8;
  ZipPart two = stored("two", "PK is no mark");
  two.flags = 8;
  const std::string bytes = zip({one, two, stored("three", "3")});
  const std::string expected = "file one [5000 bytes]\nfile two [PK is no mark]\nfile three [3]\n";
  EXPECT_EQ(listed(bytes), expected);
  // Without the directory their ends are found all the same.
  const std::string cut = bytes.substr(0, bytes.find("PK\x01\x02"));
  EXPECT_TRUE(listed(cut).starts_with(expected + "truncated 1: no end record")) << listed(cut);
}

TEST(Zip, Zip64) {
  const std::string text = "large in name only";
  ZipPart part = stored("big", text);
  const std::string wide = number(1, 2) + number(16, 2) + number(text.size(), 8) + number(text.size(), 8);
  part.extra = wide;
  std::string bytes = zip_local(part);
  bytes.replace(18, 8, std::string(8, '\xff'));
  bytes += text;
  std::string central = zip_central(part, 0);
  central.replace(20, 8, std::string(8, '\xff'));
  const std::size_t at = bytes.size();
  bytes += central;
  const std::size_t end64 = bytes.size();
  bytes += "PK\x06\x06" + number(44, 8) + number(45, 2) + number(45, 2) + number(0, 8) + number(1, 8) + number(1, 8) +
           number(central.size(), 8) + number(at, 8);
  bytes += "PK\x06\x07" + number(0, 4) + number(end64, 8) + number(1, 4);
  std::string end = zip_end(0xffff, 0xffffffff, 0xffffffff);
  EXPECT_EQ(listed(bytes + end), "file big [large in name only]\n");
}

TEST(Zip, DirectoryAgainstHeaders) {
  ZipPart hidden = stored("hidden", "left over");
  hidden.listed = false;
  ZipPart renamed = stored("shown", "x");
  renamed.local_name = "other";
  ZipPart missing = stored("missing", "x");
  missing.local = false;
  EXPECT_EQ(listed(zip({stored("a", "1"), hidden, renamed})),
            "file a [1]\nfile hidden [left over]\nfile shown [x]\n"
            "damaged_file 1: members that the directory does not list: they are read all the same\n"
            "damaged_file 1: a member's own header gives another name: the directory's is used\n");
  EXPECT_EQ(listed(zip({stored("a", "1"), missing})),
            "file a [1]\ndamaged_file 1: no member where the directory says\n");
  std::string wrong = zip({stored("a", "1234")});
  wrong.replace(wrong.find("1234"), 4, "12x4");
  EXPECT_EQ(listed(wrong), "file a [12x4] damaged_file: the check sum does not fit the content\n");
  // The same name twice is two members; one member with two entries is read once.
  const std::string twice = zip({stored("a", "1"), stored("a", "2")});
  EXPECT_EQ(listed(twice), "file a [1]\nfile a [2]\n");
  const ZipPart part = stored("a", "1");
  std::string shared = zip_local(part) + part.packed;
  const std::size_t at = shared.size();
  ZipPart second = part;
  second.name = "b";
  const std::string central = zip_central(part, 0) + zip_central(second, 0);
  shared += central + zip_end(2, central.size(), at);
  EXPECT_EQ(listed(shared),
            "file a [1]\ndamaged_file 1: several entries of the directory for one member: it is read once\n");
}

TEST(Zip, BytesBeforeAndBehind) {
  const std::string bytes = zip({stored("a", "1"), deflated("b", "2")});
  EXPECT_EQ(listed("#!/bin/sh\nexit\n" + bytes), "file a [1]\nfile b [2]\n");
  EXPECT_TRUE(ends_as_zip(*source_of_memory("MZ and more" + bytes)));
  EXPECT_FALSE(ends_as_zip(*source_of_memory("a text about PK\x05\x06 and its kin")));
  EXPECT_EQ(listed(bytes + "\n"), "file a [1]\nfile b [2]\n");
  EXPECT_EQ(listed(bytes + "tail"), "file a [1]\nfile b [2]\ndamaged_file 1: bytes after the end of the archive\n");
  // Two archives in one file: readers of directories see the last one, readers of streams the first one.
  EXPECT_EQ(listed(zip({stored("first", "1")}) + bytes),
            "file first [1]\nfile a [1]\nfile b [2]\n"
            "damaged_file 1: members that the directory does not list: they are read all the same\n");
  // An end record inside a comment.
  EXPECT_TRUE(listed(zip({stored("a", "1")}, zip_end(0, 0, 0))).find("more than one end record") != std::string::npos ||
              listed(zip({stored("a", "1")}, zip_end(0, 0, 0))).find("file a [1]") != std::string::npos);
}

TEST(Zip, ContentBehindATypeIsRead) {
  ZipPart folder = stored("d/", "not empty");
  ZipPart pipe = stored("p", "packed from a pipe");
  pipe.made_by = 3 << 8;
  pipe.attributes = 0010600U << 16;
  ZipPart link = stored("l", "aim");
  link.made_by = 3 << 8;
  link.attributes = 0120777U << 16;
  EXPECT_EQ(listed(zip({folder, pipe, link})), "file d/ [not empty]\nfile p [packed from a pipe]\nlink l [aim]\n");
}

TEST(Zip, MethodsWithoutAReader) {
  ZipPart part = stored("a", "whatever");
  part.method = 9;
  EXPECT_EQ(
      listed(zip({part, stored("b", "2")})),
      "file a [] recognised_not_read: compressed by Deflate64 (method 9), which is not read: unpack it with 7z and "
      "give the folder\nfile b [2]\n");
}

TEST(Zip, CutAtEveryByteIsTold) {
  const std::string bytes = zip({deflated("a", std::string(300, 'a')), stored("b", "bbb"), deflated("c", "ccc")});
  for (std::size_t cut = 4; cut < bytes.size(); ++cut) {
    const std::string out = listed(std::string_view(bytes).substr(0, cut));
    EXPECT_NE(out.find("truncated"), std::string::npos) << cut << "\n" << out;
  }
}

TEST(Zip, BrokenBytesEndAndReadTheSameInAnyPieces) {
  std::mt19937 random(5);
  ZipPart behind = deflated("behind", std::string(2000, 'q'));
  behind.flags = 8;
  const std::string bytes =
      zip({deflated("a", std::string(3000, 'a')), stored("b", "bbb"), behind, deflated("c", "ccc")}, "comment");
  for (int i = 0; i < 3000; ++i) {
    std::string wrong = bytes;
    for (unsigned n = random() % 4 + 1; n > 0; --n) wrong[random() % wrong.size()] = static_cast<char>(random());
    if (random() % 4 == 0) wrong.resize(random() % wrong.size());
    EXPECT_EQ(listed(wrong, {}, 100), listed(wrong, {}, 7));
  }
}

}  // namespace
}  // namespace assay
