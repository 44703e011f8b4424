#include <fcntl.h>
#include <gtest/gtest.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "core/limits.h"
#include "evidence/containers/expander.h"
#include "evidence/discover.h"
#include "evidence/file_record.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_literals;

// ---- makers
// ------------------------------------------------------------------------------------------------------------

std::string gzip(std::string_view text, std::string_view name = {}, std::string_view comment = {},
                 std::string_view extra = {}, bool header_sum = false) {
  std::string out = "\x1f\x8b\x08"s;
  out += static_cast<char>((extra.empty() ? 0 : 4) | (name.empty() ? 0 : 8) | (comment.empty() ? 0 : 16) |
                           (header_sum ? 2 : 0));
  out += std::string(5, '\0') + '\x03';
  if (!extra.empty())
    out +=
        std::string{static_cast<char>(extra.size() & 255), static_cast<char>(extra.size() >> 8)} + std::string(extra);
  if (!name.empty()) out += std::string(name) + '\0';
  if (!comment.empty()) out += std::string(comment) + '\0';
  const auto bytes = [](std::string_view view) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(view.data()));
  };
  const auto little = [&out](std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
  };
  if (header_sum) little(crc32_gzip_refl(0, bytes(out), out.size()), 2);
  std::string body(text.size() + text.size() / 100 + 1024, '\0');
  isal_zstream stream;
  isal_deflate_stateless_init(&stream);
  stream.end_of_stream = 1;
  stream.next_in = bytes(text);
  stream.avail_in = static_cast<std::uint32_t>(text.size());
  stream.next_out = bytes(body);
  stream.avail_out = static_cast<std::uint32_t>(body.size());
  EXPECT_EQ(isal_deflate_stateless(&stream), COMP_OK);
  body.resize(body.size() - stream.avail_out);
  out += body;
  little(crc32_gzip_refl(0, bytes(text), text.size()), 4);
  little(static_cast<std::uint32_t>(text.size()), 4);
  return out;
}

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string octal(std::uint64_t value, std::size_t size) {
  std::string out(size, '0');
  out.back() = '\0';
  for (std::size_t i = size - 1; i-- > 0; value >>= 3) out[i] = static_cast<char>('0' + (value & 7));
  return out;
}

void put(std::string& block, std::size_t at, std::string_view text) { block.replace(at, text.size(), text); }

void seal(std::string& block) {
  put(block, 148, "        ");
  std::uint64_t sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  put(block, 148, octal(sum, 7) + " ");
}

std::string tar_header(std::string_view name, std::uint64_t size, char type = '0', bool gnu = false) {
  std::string block(512, '\0');
  put(block, 0, name.substr(0, 100));
  put(block, 100, octal(0644, 8));
  put(block, 108, octal(0, 8));
  put(block, 116, octal(0, 8));
  put(block, 124, octal(size, 12));
  put(block, 136, octal(1587003127, 12));
  block[156] = type;
  put(block, 257, gnu ? std::string_view("ustar  \0", 8) : std::string_view("ustar\00000", 8));
  seal(block);
  return block;
}

std::string padded(std::string_view text) {
  return std::string(text) + std::string((512 - text.size() % 512) % 512, '\0');
}
std::string tar_member(std::string_view name, std::string_view text) {
  return tar_header(name, text.size()) + padded(text);
}
std::string tar_end() { return std::string(1024, '\0'); }

std::string pax_line(std::string_view key, std::string_view value) {
  std::size_t size = key.size() + value.size() + 3;
  while (std::to_string(size).size() + key.size() + value.size() + 3 != size) {
    size = std::to_string(size).size() + key.size() + value.size() + 3;
  }
  return std::to_string(size) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

std::string sample(std::size_t size, unsigned seed = 1) {
  std::mt19937 random(seed);
  static constexpr std::array kWords = {"GET ", "/vpn/", "index.html ", "200 ", "10.20.3.4 ", "admin ", "x", "7", "\n"};
  std::string out;
  while (out.size() < size) out += random() % 7 == 0 ? std::to_string(random()) : kWords[random() % kWords.size()];
  out.resize(size);
  return out;
}

// ---- readers
// -----------------------------------------------------------------------------------------------------------

// Gives at most `most` bytes at a time to whoever asks, but fills as the contract says.
std::string drain(ByteStream& stream, std::size_t piece = 65536) {
  std::string out, buffer(piece, '\0');
  while (true) {
    const std::size_t got = stream.read(buffer);
    out.append(buffer, 0, got);
    if (got < buffer.size()) break;
  }
  EXPECT_EQ(stream.read(buffer), 0U);
  return out;
}

struct Drained {
  std::string text;
  std::optional<StreamProblem> problem;
};

using Opener = std::unique_ptr<ByteStream> (*)(ByteStream&, ExpansionGauge&);

Drained expand(Opener open, std::string_view bytes, std::size_t piece = 65536) {
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  const auto stream = open(*below, gauge);
  Drained out;
  out.text = drain(*stream, piece);
  out.problem = stream->problem();
  return out;
}

std::string list_tar(std::string_view bytes, std::size_t piece = 4096) {
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  TarReader reader(*below, gauge);
  TarMember member;
  std::string out;
  while (reader.next(member)) {
    static constexpr std::array kKinds = {"file", "directory", "link", "special"};
    const std::string text = drain(reader.content(), piece);
    if (member.offset + text.size() <= bytes.size()) {
      EXPECT_EQ(bytes.substr(member.offset, text.size()), text);
    }
    out += kKinds[static_cast<std::size_t>(member.kind)] + " "s + member.path + " " + std::to_string(member.size) +
           " " + format_utc(member.modified) + " [" +
           (text.size() > 40 ? std::to_string(text.size()) + " bytes" : text) + "]\n";
  }
  if (const auto problem = reader.problem()) out += std::string(name_of(problem->kind)) + ": " + problem->detail + "\n";
  return out;
}

// ---- streams
// -----------------------------------------------------------------------------------------------------------

TEST(Stream, PeekConsumesNothing) {
  const std::string text = sample(10000);
  for (const std::size_t piece : {1UL, 7UL, 4096UL}) {
    const auto below = open_memory(text);
    PeekStream stream(*below);
    EXPECT_EQ(stream.peek(100), text.substr(0, 100));
    EXPECT_EQ(stream.peek(4000), text.substr(0, 4000));
    std::string head(50, '\0');
    EXPECT_EQ(stream.read(head), 50U);
    EXPECT_EQ(stream.peek(20), text.substr(50, 20));
    EXPECT_EQ(stream.peek(20000), text.substr(50));
    EXPECT_TRUE(head + drain(stream, piece) == text);
    EXPECT_EQ(stream.peek(10), "");
  }
}

class Folder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "assay-evidence-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name, std::ios::binary) << text;
  }
  std::string told(const Notices& notices) const {
    std::string out;
    for (const Notice& notice : notices.sorted()) {
      out += std::string(name_of(notice.kind)) + " " + notice.item.substr(root_.string().size()) + ": " +
             notice.detail + "\n";
    }
    return out;
  }
  std::filesystem::path root_;
};

TEST_F(Folder, RangeOfADescriptor) {
  const std::string text = sample(100000);
  write("a", text);
  const int fd = ::open((root_ / "a").c_str(), O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(drain(*open_range(fd, 10, 70000), 999), text.substr(10, 70000 - 10));
  const auto beyond = open_range(fd, 99990, 100010);
  EXPECT_EQ(drain(*beyond), text.substr(99990));
  EXPECT_EQ(beyond->problem()->kind, NoticeKind::truncated);
  ::close(fd);
  const auto closed = open_range(fd, 0, 10);
  EXPECT_EQ(drain(*closed), "");
  EXPECT_EQ(closed->problem()->kind, NoticeKind::unreadable);
}

TEST(Gzip, ReadsHeadersMembersAndPadding) {
  const std::string text = sample(300000);
  for (const std::size_t piece : {1UL, 333UL, 65536UL}) {
    EXPECT_TRUE(expand(open_gzip, gzip(text), piece).text == text);
    const std::string many = gzip(text.substr(0, 1000), "name.log", "a comment", "extra", true) + gzip("") +
                             gzip(text.substr(1000), "b") + std::string(700, '\0');
    const Drained out = expand(open_gzip, many, piece);
    EXPECT_TRUE(out.text == text);
    EXPECT_FALSE(out.problem);
  }
  // The border between two inputs of the decoder at every place of a member's end and of the next one's header.
  const std::string first = gzip(text.substr(0, 100));
  const std::size_t plain = gzip("", "n", "c").size() - 1;
  for (std::size_t back = 0; back < 60; ++back) {
    const std::size_t comment = Expander::kInputBytes - back - plain - first.size();
    const std::string moved = gzip("", "n", std::string(comment, 'c')) + first +
                              gzip(text.substr(100, 100), "name", "comment", "extra", true);
    const Drained out = expand(open_gzip, moved);
    EXPECT_TRUE(out.text == text.substr(0, 200)) << back;
    EXPECT_FALSE(out.problem) << back;
  }
  // Many short members, so that every place of a member's end relative to the input buffer comes up.
  std::string members, expected;
  for (unsigned i = 0; i < 4000; ++i) {
    const std::string part = sample(i % 97, i);
    members += gzip(part);
    expected += part;
  }
  EXPECT_TRUE(expand(open_gzip, members).text == expected);
}

TEST(Gzip, TellsDamage) {
  const std::string text = sample(5000);
  const std::string whole = gzip(text);
  Drained out = expand(open_gzip, whole + "garbage");
  EXPECT_TRUE(out.text == text);
  EXPECT_EQ(out.problem->detail, "bytes after the last gzip member");
  std::string wrong = whole;
  wrong[wrong.size() - 6] = static_cast<char>(wrong[wrong.size() - 6] ^ 1);
  out = expand(open_gzip, wrong);
  EXPECT_TRUE(out.text == text);
  EXPECT_EQ(out.problem->kind, NoticeKind::damaged_file);
  wrong = whole;
  wrong[wrong.size() - 2] = static_cast<char>(wrong[wrong.size() - 2] ^ 1);
  EXPECT_EQ(expand(open_gzip, wrong).problem->kind, NoticeKind::damaged_file);
  EXPECT_EQ(expand(open_gzip, "").problem->kind, NoticeKind::truncated);
  EXPECT_EQ(expand(open_gzip, "plain text").problem->kind, NoticeKind::damaged_file);
  // A broken member costs what follows, not what came before.
  out = expand(open_gzip, gzip("first\n") + "\x1f\x8b\x08\xff" + std::string(50, 'x'));
  EXPECT_EQ(out.text, "first\n");
  EXPECT_TRUE(out.problem);
}

TEST(Expanders, CutAtEveryByteGivesAPrefixAndAProblem) {
  const std::string text = sample(3000);
  const std::string zipped = gzip(text.substr(0, 1500), "n") + gzip(text.substr(1500));
  const std::size_t border = gzip(text.substr(0, 1500), "n").size();
  for (std::size_t cut = 0; cut < zipped.size(); ++cut) {
    const Drained out = expand(open_gzip, std::string_view(zipped).substr(0, cut));
    EXPECT_TRUE(text.starts_with(out.text));
    EXPECT_EQ(out.problem.has_value(), cut != border) << cut;
  }
  const std::string frames = zstd(text.substr(0, 1500)) + zstd(text.substr(1500));
  const std::size_t frame = zstd(text.substr(0, 1500)).size();
  for (std::size_t cut = 0; cut < frames.size(); ++cut) {
    const Drained out = expand(open_zstd, std::string_view(frames).substr(0, cut));
    EXPECT_TRUE(text.starts_with(out.text));
    EXPECT_EQ(out.problem.has_value(), cut != frame) << cut;
  }
}

TEST(Expanders, EveryBitFlipEndsAndNeverInventsMore) {
  const std::string text = sample(600);
  for (const Opener open : {&open_gzip, &open_zstd}) {
    const std::string whole = open == &open_gzip ? gzip(text) : zstd(text);
    for (std::size_t i = 0; i < whole.size() * 8; ++i) {
      std::string wrong = whole;
      wrong[i / 8] = static_cast<char>(wrong[i / 8] ^ (1 << (i % 8)));
      const Drained out = expand(open, wrong);
      EXPECT_LT(out.text.size(), std::size_t{1} << 21);
      if (open == &open_gzip && out.text != text) {
        EXPECT_TRUE(out.problem) << i;
      }
    }
  }
}

TEST(Zstd, ReadsFramesSkippableOnesAndTellsTheRest) {
  const std::string text = sample(400000);
  const std::string skippable = "\x50\x2a\x4d\x18\x05\x00\x00\x00hello"s;
  for (const std::size_t piece : {1UL, 333UL, 65536UL}) {
    const Drained out =
        expand(open_zstd, skippable + zstd(text.substr(0, 10)) + skippable + zstd("") + zstd(text.substr(10)), piece);
    EXPECT_TRUE(out.text == text);
    EXPECT_FALSE(out.problem);
  }
  EXPECT_EQ(recognise_container(skippable + zstd(text)), ContainerKind::zstd);
  EXPECT_EQ(recognise_container(skippable + "\x04\x22\x4d\x18"), ContainerKind::lz4);
  EXPECT_EQ(recognise_container(skippable), ContainerKind::none);
  EXPECT_EQ(expand(open_zstd, zstd(text) + "garbage").problem->detail, "bytes after the last zstd frame");
  EXPECT_EQ(expand(open_zstd, "").problem->kind, NoticeKind::truncated);
  // A window of 2 GiB (descriptor 0xa8: exponent 21) is refused before memory is taken.
  EXPECT_EQ(expand(open_zstd, "\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00"s).problem->kind, NoticeKind::limit_other);
}

// ---- caps
// --------------------------------------------------------------------------------------------------------------

TEST(Caps, BombsEndAtTheRatio) {
  const std::string zeros(std::size_t{64} << 20, '\0');
  const std::string bomb = zstd(zeros);  // about 10,000 to 1
  const Drained out = expand(open_zstd, bomb);
  EXPECT_EQ(out.problem->kind, NoticeKind::limit_output);
  EXPECT_LE(out.text.size(), (bomb.size() + Expander::kInputBytes) * limits::kContainerRatio + (1U << 20));
  // The cut falls on the same byte however it is read.
  EXPECT_EQ(expand(open_zstd, bomb, 7).text.size(), out.text.size());
  EXPECT_EQ(expand(open_zstd, bomb, 1000003).text.size(), out.text.size());
  // Ordinary, even very regular content is not touched.
  const std::string lines = [] {
    std::string text;
    for (int i = 0; i < 200000; ++i) text += "10.0.0.1 - - GET / 200 " + std::to_string(i) + "\n";
    return text;
  }();
  EXPECT_TRUE(expand(open_zstd, zstd(lines)).text == lines);
  EXPECT_TRUE(expand(open_gzip, gzip(lines)).text == lines);
}

TEST(Caps, NestingGainsNothing) {
  // 64 MiB of zeros, packed three times by gzip: each layer by itself stays near 1000 to 1.
  std::string nested(std::size_t{64} << 20, '\0');
  for (int i = 0; i < 3; ++i) nested = gzip(nested);
  const auto below = open_memory(nested);
  ExpansionGauge gauge;
  const auto one = open_gzip(*below, gauge);
  const auto two = open_gzip(*one, gauge);
  const auto three = open_gzip(*two, gauge);
  const std::string out = drain(*three);
  EXPECT_EQ(three->problem()->kind, NoticeKind::limit_output);
  EXPECT_LE(gauge.output, (nested.size() + 1) * limits::kContainerRatio + (std::uint64_t{4} << 20));
  EXPECT_LT(out.size(), std::size_t{64} << 20);
}

TEST(Caps, ASelfReproducingChainEndsByTheGauge) {
  // Level upon level of one small gzip: no ratio is ever large, so the count of levels is the caller's cap; the gauge
  // still counts every level's output and goes back to zero open streams.
  std::string nested = sample(1000);
  for (int i = 0; i < 100; ++i) nested = gzip(nested);
  const auto below = open_memory(nested);
  ExpansionGauge gauge;
  {
    std::vector<std::unique_ptr<ByteStream>> chain;
    ByteStream* top = below.get();
    for (std::size_t i = 0; i < limits::kContainerDepth; ++i) {
      chain.push_back(open_gzip(*top, gauge));
      top = chain.back().get();
    }
    PeekStream head(*top);
    EXPECT_EQ(recognise_container(head.peek(512)), ContainerKind::gzip);
    drain(head);
    EXPECT_EQ(gauge.open, limits::kContainerDepth);
  }
  EXPECT_EQ(gauge.open, 0U);
  EXPECT_EQ(gauge.input, nested.size());
}

TEST(Caps, MembersOfATar) {
  std::string tar;
  const std::string one = tar_header("f", 0);
  tar.reserve(200000 * 512);
  for (int i = 0; i < 200000; ++i) tar += one;
  const auto below = open_memory(tar);
  ExpansionGauge gauge;
  TarReader reader(*below, gauge);
  TarMember member;
  std::size_t members = 0;
  while (reader.next(member)) ++members;
  EXPECT_EQ(members, limits::kContainerMembers);
  EXPECT_EQ(reader.problem()->kind, NoticeKind::limit_members);
}

TEST(Caps, TarHeadersThatDescribeNothing) {
  std::string tar;
  for (int i = 0; i < 110000; ++i) tar += tar_header("pax", 0, 'x');
  EXPECT_EQ(list_tar(tar), "limit_members: too many extended headers\n");
  const std::string huge = tar_header("long", std::size_t{2} << 20, 'L') + std::string(std::size_t{2} << 20, 'x') +
                           tar_member("plain", "text") + tar_end();
  EXPECT_EQ(list_tar(huge),
            "file plain 4 2020-04-16T02:12:07Z [text]\nlimit_other: an extended header larger than 1 MiB\n");
}

// ---- tar
// ---------------------------------------------------------------------------------------------------------------

TEST(Tar, ReadsEveryKindOfHeader) {
  std::string tar;
  tar += tar_header("etc/", 0, '5') + tar_member("etc/passwd", "root:x:0:0\n");
  tar += tar_header("link", 0, '2') + tar_header("hard", 77, '1') + tar_header("dev/null", 0, '3') +
         tar_header("fifo", 0, '6');
  const std::string long_name(300, 'n');
  tar += tar_header("././@LongLink", long_name.size() + 1, 'L', true) + padded(long_name + '\0') +
         tar_member("cut", "long");
  tar += tar_header("././@LongLink", 4, 'K', true) + padded("aim\0"s) + tar_header("soft", 0, '2', true);
  const std::string pax =
      pax_line("path", "pax/n\xc3\xa4me") + pax_line("mtime", "1587003127.25") + pax_line("size", "9");
  tar += tar_header("PaxHeader/x", pax.size(), 'x') + padded(pax) + tar_header("x", 0) + padded("nine chrs");
  const std::string global = pax_line("comment", "none");
  tar += tar_header("pax_global_header", global.size(), 'g') + padded(global);
  std::string split = tar_header("tail", 3);
  put(split, 345, "a/deep/prefix");
  seal(split);
  tar += split + padded("abc");
  std::string big = tar_header("base256", 0, '0', true);
  put(big, 124, "\x80\0\0\0\0\0\0\0\0\0\0\x05"s);
  put(big, 136, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s);
  seal(big);
  tar += big + padded("12345");
  std::string old = tar_header("v7", 2);
  put(old, 257, std::string(255, '\0'));
  old[156] = '\0';
  seal(old);
  tar += old + padded("ok") + tar_header("sparse", 4, 'S', true) + padded("data") + tar_header("strange", 1, 'Z') +
         padded("z");
  tar += tar_member("bad\xff\n\x1b[31m\xc2\x9bname", "") + tar_end();
  const std::string expected =
      "directory etc/ 0 2020-04-16T02:12:07Z []\n"
      "file etc/passwd 11 2020-04-16T02:12:07Z [root:x:0:0\n]\n"
      "link link 0 2020-04-16T02:12:07Z []\n"
      "link hard 0 2020-04-16T02:12:07Z []\n"
      "special dev/null 0 2020-04-16T02:12:07Z []\n"
      "special fifo 0 2020-04-16T02:12:07Z []\n"
      "file " +
      long_name +
      " 4 2020-04-16T02:12:07Z [long]\n"
      "link soft 0 2020-04-16T02:12:07Z []\n"
      "file pax/n\xc3\xa4me 9 2020-04-16T02:12:07.25Z [nine chrs]\n"
      "file a/deep/prefix/tail 3 2020-04-16T02:12:07Z [abc]\n"
      "file base256 5 1969-12-31T23:59:59Z [12345]\n"
      "file v7 2 2020-04-16T02:12:07Z [ok]\n"
      "file sparse 4 2020-04-16T02:12:07Z [data]\n"
      "file strange 1 2020-04-16T02:12:07Z [z]\n"
      "file bad\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd[31m\xef\xbf\xbdname 0 2020-04-16T02:12:07Z []\n";
  EXPECT_EQ(list_tar(tar), expected);
  EXPECT_EQ(list_tar(tar, 1), expected);
  EXPECT_EQ(recognise_container(tar), ContainerKind::tar);
  EXPECT_EQ(recognise_container(old), ContainerKind::tar);
  EXPECT_EQ(recognise_container(std::string(1024, '\0')), ContainerKind::none);
}

TEST(Tar, ContentNotReadIsSkipped) {
  const std::string tar = tar_member("a", sample(5000)) + tar_member("b", "text") + tar_end();
  const auto below = open_memory(tar);
  ExpansionGauge gauge;
  TarReader reader(*below, gauge);
  TarMember member;
  ASSERT_TRUE(reader.next(member));
  std::string some(100, '\0');
  EXPECT_EQ(reader.content().read(some), 100U);
  ASSERT_TRUE(reader.next(member));
  EXPECT_EQ(member.path, "b");
  EXPECT_EQ(drain(reader.content()), "text");
  EXPECT_FALSE(reader.next(member));
  EXPECT_FALSE(reader.problem());
  EXPECT_EQ(gauge.members, 2U);
}

TEST(Tar, DamageCostsOneMember) {
  std::string wrong = tar_member("lost", sample(2000));
  wrong[3] = 'X';
  EXPECT_EQ(list_tar(tar_member("a", "1") + wrong + tar_member("b", "2") + tar_end()),
            "file a 1 2020-04-16T02:12:07Z [1]\n"
            "file b 1 2020-04-16T02:12:07Z [2]\n"
            "damaged_file: a header that does not add up; its member was passed over\n");
  // Two archives, one after the other, and rubbish after them.
  EXPECT_EQ(list_tar(tar_member("a", "1") + tar_end() + tar_member("b", "2") + tar_end()),
            "file a 1 2020-04-16T02:12:07Z [1]\nfile b 1 2020-04-16T02:12:07Z [2]\n");
  EXPECT_EQ(list_tar(tar_member("a", "1") + tar_end() + std::string(512, 'r')),
            "file a 1 2020-04-16T02:12:07Z [1]\ndamaged_file: bytes after the end of the archive\n");
  EXPECT_EQ(list_tar(""), "truncated: no tar header\n");
  const std::string pax = "99 path=x\n";
  EXPECT_EQ(list_tar(tar_header("p", pax.size(), 'x') + padded(pax) + tar_member("a", "1") + tar_end()),
            "file a 1 2020-04-16T02:12:07Z [1]\ndamaged_file: damaged pax header\n");
}

TEST(Tar, HugeDeclaredSizesAreOnlyTruncated) {
  std::string big = tar_header("huge", 0, '0', true);
  put(big, 124, "\x80\0\0\0\x0f\xff\xff\xff\xff\xff\xff\xff"s);
  seal(big);
  EXPECT_EQ(list_tar(big + "few bytes"),
            "file huge 1152921504606846975 2020-04-16T02:12:07Z [few bytes]\ntruncated: ends inside a member\n");
  put(big, 124, "\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff"s);
  seal(big);
  EXPECT_EQ(list_tar(big + "few bytes"), "damaged_file: a member of impossible size\n");
  put(big, 124, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s);
  seal(big);
  EXPECT_EQ(list_tar(big), "damaged_file: a header that does not add up; its member was passed over\n");
}

TEST(Tar, CutAtEveryByteIsTold) {
  const std::string pax = pax_line("path", "longer/name");
  const std::string tar =
      tar_member("a", sample(700)) + tar_header("p", pax.size(), 'x') + padded(pax) + tar_member("b", "2") + tar_end();
  const std::string whole = list_tar(tar);
  EXPECT_EQ(whole.find("truncated"), std::string::npos);
  for (std::size_t cut = 0; cut < tar.size(); ++cut) {
    const std::string out = list_tar(std::string_view(tar).substr(0, cut));
    if (out != whole) {
      EXPECT_NE(out.find("truncated: "), std::string::npos) << cut;
    }
    if (cut < tar.size() - 1024) {
      EXPECT_NE(out, whole) << cut;
    }
  }
}

TEST(Tar, RandomBytesEnd) {
  std::mt19937 random(7);
  const std::string tar = tar_member("a", sample(700)) + tar_header("p", 12, 'x') + padded("12 path=abc\n") +
                          tar_member("b", "2") + tar_end();
  for (int i = 0; i < 3000; ++i) {
    std::string wrong = tar;
    for (unsigned n = random() % 4; n != UINT32_MAX; --n) wrong[random() % wrong.size()] = static_cast<char>(random());
    if (random() % 2 == 0) {
      for (std::size_t at = 0; at + 512 <= wrong.size(); at += 512) {
        if (random() % 2 == 0) {
          std::string block = wrong.substr(at, 512);
          seal(block);
          wrong.replace(at, 512, block);
        }
      }
    }
    EXPECT_EQ(list_tar(wrong, 100), list_tar(wrong, 3));
  }
}

TEST(Chain, AProblemBelowIsTheOneTold) {
  const std::string zipped = gzip(tar_member("a", sample(200000)) + tar_end());
  const auto below = open_memory(std::string_view(zipped).substr(0, zipped.size() / 2));
  ExpansionGauge gauge;
  const auto inner = open_gzip(*below, gauge);
  TarReader reader(*inner, gauge);
  TarMember member;
  ASSERT_TRUE(reader.next(member));
  EXPECT_LT(drain(reader.content()).size(), 200000U);
  EXPECT_EQ(reader.content().problem()->detail, "ends inside a gzip member");
  EXPECT_FALSE(reader.next(member));
  EXPECT_EQ(reader.problem()->detail, "ends inside a gzip member");
}

TEST(Names, OfASingleMember) {
  EXPECT_EQ(inner_name("b.log.gz"), "b.log");
  EXPECT_EQ(inner_name("x/y/trees.tgz"), "trees.tar");
  EXPECT_EQ(inner_name("a.tar.zst"), "a.tar");
  EXPECT_EQ(inner_name("a.tar!b.GZ"), "b");
  EXPECT_EQ(inner_name("plain"), "plain.content");
  EXPECT_EQ(inner_name(".gz"), ".gz.content");
  EXPECT_EQ(inner_name("a.tar.xz"), "a.tar");
  EXPECT_EQ(inner_name("a.tbz2"), "a.tar");
  EXPECT_EQ(inner_name("a.log.Z"), "a.log");
}

// ---- what is known but not read
// ----------------------------------------------------------------------------------------

TEST(NotReadKinds, ByMagic) {
  const auto name = [](std::string_view head, std::string_view file = "x") {
    return std::string(recognise_not_read(head, file).name);
  };
  EXPECT_EQ(name("\xd4\xc3\xb2\xa1\x02\0\x04\0"s), "packet capture (pcap)");
  EXPECT_EQ(name("\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a"s), "packet capture (pcapng)");
  EXPECT_EQ(recognise_container("BZh91AY&SY"), ContainerKind::bzip2);
  EXPECT_EQ(recognise_container("BZh in a sentence"), ContainerKind::none);
  EXPECT_EQ(name("SQLite format 3\0"s), "SQLite database");
  EXPECT_EQ(name("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"s, "mail.MSG"), "Outlook message (.msg)");
  EXPECT_EQ(name("\x7f"
                 "ELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x04\0\x3e\0"s),
            "memory image (ELF core)");
  EXPECT_EQ(name("\xff\xfe"
                 "a\0b\0"s),
            "text in UTF-16");
  EXPECT_EQ(name("{\"a\":1}\n"), "");
  EXPECT_EQ(name("plain", "hiberfil.sys"), "");
  std::string utmp(384 * 3, '\0');
  for (std::size_t i = 0; i < 3; ++i) {
    utmp[i * 384] = 7;
    put(utmp, i * 384 + 8, "pts/0");
    put(utmp, i * 384 + 340, "\x01\x02\x03\x5e");
  }
  EXPECT_EQ(name(utmp), "login records (wtmp, btmp, utmp)");
  EXPECT_EQ(name(utmp.substr(0, 384)), "");
  EXPECT_EQ(name(utmp.substr(0, 384), "root/var/log/wtmp.1"), "login records (wtmp, btmp, utmp)");
  EXPECT_EQ(name(std::string(4096, '\0')), "");
  for (const std::string_view head : {"SQLite format 3\0"s, "regf"s, "!BDN"s}) {
    EXPECT_FALSE(recognise_not_read(head, "").convert.empty());
    EXPECT_FALSE(recognise_not_read(head, "").source_class.empty());
  }
}

TEST(BlobType, ByContent) {
  EXPECT_EQ(blob_type(""), "empty");
  EXPECT_EQ(blob_type("\x7f"
                      "ELF\x02\x01"),
            "elf");
  std::string pe(512, '\0');
  put(pe, 0, "MZ");
  put(pe, 0x3c, "\x80");
  put(pe, 0x80, "PE\0\0"s);
  EXPECT_EQ(blob_type(pe), "pe");
  put(pe, 0x80, "XX\0\0"s);
  EXPECT_EQ(blob_type(pe), "data");
  EXPECT_EQ(blob_type("#!/bin/sh\necho\n"), "script");
  EXPECT_EQ(blob_type("\xef\xbb\xbf <?php echo 1;"), "script");
  EXPECT_EQ(blob_type("  <!DOCTYPE HTML><p>"), "html");
  EXPECT_EQ(blob_type("<?xml version=\"1.0\"?><user username=\"x\">"), "xml");
  EXPECT_EQ(blob_type("plain words\n"), "text");
  EXPECT_EQ(blob_type("{\"a\": 1}"), "json");
  EXPECT_EQ(blob_type("caf\xc3\xa9"), "text");
  EXPECT_EQ(blob_type("a\0b"s), "data");
  EXPECT_EQ(blob_type(gzip("x")), "gzip");
  EXPECT_EQ(blob_type(tar_member("a", "b")), "tar");
  EXPECT_EQ(blob_type("%PDF-1.4"), "pdf");
}

// ---- discovery
// ---------------------------------------------------------------------------------------------------------

TEST_F(Folder, DiscoverListsFilesInOrderAndTellsTheRest) {
  write("in/b/2.log", "2");
  write("in/a.log", "a");
  write("in/b.log", "b");
  write("out/secret", "s");
  std::filesystem::create_hard_link(root_ / "in/a.log", root_ / "in/z.log");
  std::filesystem::create_symlink("a.log", root_ / "in/same");
  std::filesystem::create_symlink("../out/secret", root_ / "in/away");
  std::filesystem::create_symlink("..", root_ / "in/b/up");
  std::filesystem::create_symlink("nothing", root_ / "in/dangling");
  std::filesystem::create_symlink("loop", root_ / "in/loop");
  ASSERT_EQ(::mkfifo((root_ / "in/fifo").c_str(), 0600), 0);
  Notices notices;
  const std::string in = (root_ / "in").string();
  const std::vector<std::string> arguments = {in + "/", in + "/b", in + "/a.log", (root_ / "missing").string()};
  const auto found = discover(arguments, notices);
  std::string names;
  for (const FoundFile& file : found) names += file.name.substr(root_.string().size()) + "\n";
  EXPECT_EQ(names, "/in/a.log\n/in/b.log\n/in/b/2.log\n");
  EXPECT_EQ(found[0].size, 1U);
  EXPECT_TRUE(found[0].modified.known());
  EXPECT_EQ(told(notices),
            "unreadable /missing: No such file or directory\n"
            "duplicate_file /in/z.log: another name of a file that is already listed\n"
            "special_file /in/away: a link out of the evidence, not followed\n"
            "special_file /in/b/up: a link to a folder that contains it\n"
            "special_file /in/dangling: a link to nothing\n"
            "special_file /in/fifo: a pipe\n"
            "special_file /in/loop: a link to itself\n");
  // The order of the arguments changes nothing; a link given as an argument is meant.
  Notices again;
  const std::vector<std::string> shuffled(arguments.rbegin(), arguments.rend());
  const auto same = discover(shuffled, again);
  ASSERT_EQ(same.size(), found.size());
  for (std::size_t i = 0; i < same.size(); ++i) EXPECT_EQ(same[i].name, found[i].name);
  EXPECT_EQ(told(again), told(notices));
  const std::vector<std::string> by_link = {(root_ / "in/away").string()};
  EXPECT_EQ(discover(by_link, again).size(), 1U);
}

}  // namespace
}  // namespace assay
