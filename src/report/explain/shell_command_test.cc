// The printed command is run by bash on archives made here, with ordinary and with hostile names, and must give the
// very bytes.
#include "report/explain/shell_command.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/hash.h"
#include "report/escape.h"

namespace assay::report {
namespace {

using Open = ChainStep::Open;

// One ustar member; names of at most 100 bytes.
std::string tar_entry(const std::string& name, const std::string& content) {
  std::string block(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { block.replace(at, text.size(), text); };
  char number[16];
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  std::snprintf(number, sizeof number, "%011lo", static_cast<unsigned long>(content.size()));
  put(124, number);
  put(136, "00000000000");
  put(148, "        ");
  block[156] = '0';
  put(257, std::string("ustar\0"
                       "00",
                       8));
  unsigned sum = 0;
  for (const char c : block) sum += static_cast<unsigned char>(c);
  std::snprintf(number, sizeof number, "%06o", sum);
  put(148, number);
  block[155] = ' ';
  std::string body = content;
  body.resize((content.size() + 511) / 512 * 512, '\0');
  return block + body;
}

std::string random_bytes(std::mt19937_64& random, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += static_cast<char>(random() % 256);
  return out;
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  ASSERT_TRUE(out.good()) << path;
}

std::string run(const std::filesystem::path& folder, const std::string& command) {
  write_file(folder / "command.sh", command + "\n");
  const std::string line = "cd '" + folder.string() + "' && bash command.sh 2>/dev/null";
  FILE* pipe = ::popen(line.c_str(), "r");
  if (pipe == nullptr) return "(bash did not start)";
  std::string out;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, n);
  ::pclose(pipe);
  return out;
}

// Compresses by the tool itself, so that the test does not rest on our own reader.
std::string compress(const std::filesystem::path& folder, const std::string& tool, const std::string& bytes) {
  write_file(folder / "in.tmp", bytes);
  return run(folder, tool + " -c < in.tmp");
}

class ShellCommandTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "assay-shell-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

const std::vector<std::string>& hostile_names() {
  static const std::vector<std::string> kNames = {"plain.log",
                                                  "-dash",
                                                  "--help",
                                                  "sp ace",
                                                  "quo'te",
                                                  "dou\"ble",
                                                  "dollar$HOME",
                                                  "back\\slash",
                                                  "back\\nslash",
                                                  "tick`id`",
                                                  "semi;id",
                                                  "new\nline",
                                                  "tab\tx",
                                                  "\x1b[31mred",
                                                  "star*x",
                                                  "quest?x",
                                                  "[br]ack",
                                                  "{a,b}",
                                                  "bang!x",
                                                  "a.gz!b",
                                                  "tilde~",
                                                  "hash#x",
                                                  "amp&x",
                                                  "pipe|x",
                                                  "gt>x",
                                                  "\xc3\xa9.log",
                                                  "\xe2\x80\xae"
                                                  "gnp.exe",
                                                  "\xff\xfe"
                                                  "bad",
                                                  "trailing ",
                                                  "trailing\n",
                                                  "%s%n",
                                                  "x\\x41",
                                                  "colon:x",
                                                  "$(id)",
                                                  "\\",
                                                  "'",
                                                  "-"};
  return kNames;
}

TEST_F(ShellCommandTest, EveryHostileNameGivesItsBytes) {
  std::mt19937_64 random(20200716);
  for (const std::string& name : hostile_names()) {
    const std::string bytes = random_bytes(random, 3000);
    const std::uint64_t offset = random() % 2000, length = 1 + random() % 900;
    const std::string want = bytes.substr(offset, length);

    // A file of that name.
    write_file(folder_ / name, bytes);
    const std::vector<ChainStep> file = {{Open::file, name, 0}};
    ShellCommand command = shell_command(file, offset, length);
    EXPECT_EQ(printable(command.text, 100'000), command.text) << "a command must pass a terminal unchanged";
    EXPECT_EQ(run(folder_, command.text), want) << command.text;
    EXPECT_EQ(run(folder_, command.text + " | sha256sum").substr(0, 64), sha256_hex(want)) << command.text;

    // A member of that name, between others, in a tar inside zstd, and gzip inside the tar.
    const std::string tar = tar_entry("first", "other content") + tar_entry(name, bytes) +
                            tar_entry(name + ".gz", compress(folder_, "gzip", bytes)) +
                            tar_entry("last", "other content") + std::string(1024, '\0');
    write_file(folder_ / "a.tar.zst", compress(folder_, "zstd -q", tar));
    const std::vector<ChainStep> member = {
        {Open::file, "a.tar.zst", 0}, {Open::zstd, "a.tar", 0}, {Open::tar, name, 0}};
    command = shell_command(member, offset, length);
    EXPECT_EQ(run(folder_, command.text), want) << command.text;
    std::vector<ChainStep> deep = {
        {Open::file, "a.tar.zst", 0}, {Open::zstd, "a.tar", 0}, {Open::tar, name + ".gz", 0}, {Open::gzip, name, 0}};
    command = shell_command(deep, offset, length);
    EXPECT_EQ(run(folder_, command.text), want) << command.text;
    std::filesystem::remove(folder_ / name);
  }
}

TEST_F(ShellCommandTest, RandomNamesGiveTheirBytes) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 60; ++round) {
    std::string name;
    const std::size_t size = 1 + random() % 24;
    while (name.size() < size) {
      const char c = static_cast<char>(1 + random() % 255);
      if (c != '/') name += c;
    }
    if (name == "." || name == "..") continue;
    const std::string bytes = random_bytes(random, 500);
    const std::uint64_t offset = random() % 400, length = random() % 100;
    write_file(folder_ / "t.tar", tar_entry("d/other", "x") + tar_entry("d/" + name, bytes) + std::string(1024, '\0'));
    const std::vector<ChainStep> chain = {{Open::file, "t.tar", 0}, {Open::tar, "d/" + name, 0}};
    const ShellCommand command = shell_command(chain, offset, length);
    EXPECT_EQ(printable(command.text, 100'000), command.text);
    if (std::string_view(name).find("\xef\xbf\xbd") == std::string_view::npos) {
      EXPECT_EQ(run(folder_, command.text), bytes.substr(offset, length)) << command.text;
    }
  }
}

TEST_F(ShellCommandTest, AReplacedNameIsFoundByPatternAndSaidSo) {
  const std::string bytes = "the bytes of the member\n";
  for (const auto& [stored, shown] :
       std::vector<std::pair<std::string, std::string>>{{"logs/a\x1b[31m.log", "logs/a\xef\xbf\xbd[31m.log"},
                                                        {"logs/\xff\xfe.log", "logs/\xef\xbf\xbd\xef\xbf\xbd.log"},
                                                        {"lo*gs/x\ny?", "lo*gs/x\xef\xbf\xbdy?"}}) {
    write_file(folder_ / "t.tar",
               tar_entry("logs/other.txt", "no") + tar_entry(stored, bytes) + std::string(1024, '\0'));
    const std::vector<ChainStep> chain = {{Open::file, "t.tar", 0}, {Open::tar, shown, 0}};
    const ShellCommand command = shell_command(chain, 4, 5);
    ASSERT_EQ(command.remarks.size(), 1u);
    EXPECT_NE(command.remarks[0].find("replaced"), std::string::npos);
    EXPECT_EQ(run(folder_, command.text), "bytes") << command.text;
  }
}

TEST_F(ShellCommandTest, TheSameNameTwiceIsToldApart) {
  write_file(folder_ / "t.tar", tar_entry("x.log", "first content") + tar_entry("y", "") +
                                    tar_entry("x.log", "other content") + std::string(1024, '\0'));
  std::vector<ChainStep> chain = {{Open::file, "t.tar", 0}, {Open::tar, "x.log", 2}};
  const ShellCommand command = shell_command(chain, 0, 5);
  EXPECT_EQ(run(folder_, command.text), "other") << command.text;
  EXPECT_EQ(command.remarks.size(), 1u);
  chain[1].occurrence = 1;
  EXPECT_EQ(run(folder_, shell_command(chain, 0, 5).text), "first");
}

// A zip of stored members, byte by byte.
std::string zip_of(const std::vector<std::pair<std::string, std::string>>& members) {
  const auto number = [](std::uint64_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
    return out;
  };
  const auto crc = [](const std::string& bytes) {
    std::uint32_t sum = 0xffffffff;
    for (const char c : bytes) {
      sum ^= static_cast<unsigned char>(c);
      for (int i = 0; i < 8; ++i) sum = (sum & 1) != 0 ? sum >> 1 ^ 0xedb88320U : sum >> 1;
    }
    return ~sum;
  };
  std::string out, central;
  for (const auto& [name, bytes] : members) {
    const std::string common = number(0, 4) + number(0x21, 4) + number(crc(bytes), 4) + number(bytes.size(), 4) +
                               number(bytes.size(), 4) + number(name.size(), 2) + number(0, 2);
    central += "PK\x01\x02" + number(0x0314, 2) + number(20, 2) + common + number(0, 2) + number(0, 4) +
               number(std::uint64_t{0100644} << 16, 4) + number(out.size(), 4) + name;
    out += "PK\x03\x04" + number(20, 2) + common + name + bytes;
  }
  return out + central + "PK\x05\x06" + number(0, 4) + number(members.size(), 2) + number(members.size(), 2) +
         number(central.size(), 4) + number(out.size(), 4) + number(0, 2);
}

bool have(const char* tool) {
  return std::system((std::string("command -v ") + tool + " >/dev/null 2>&1").c_str()) == 0;
}

TEST_F(ShellCommandTest, MembersOfZipAndSevenZip) {
  std::mt19937_64 random(20200717);
  std::size_t nth = 0;
  for (const std::string& name : hostile_names()) {
    const std::string bytes = random_bytes(random, 3000);
    const std::uint64_t offset = random() % 2000, length = 1 + random() % 900;
    const std::string want = bytes.substr(offset, length);
    write_file(folder_ / "a.zip", zip_of({{"first", "other"}, {name, bytes}, {"last", "other"}}));
    for (const char* archive : {"a.zip", "-odd [name]*.zip"}) {
      if (std::string(archive) != "a.zip")
        std::filesystem::copy_file(folder_ / "a.zip", folder_ / archive,
                                   std::filesystem::copy_options::overwrite_existing);
      const std::vector<ChainStep> chain = {{Open::file, archive, 0}, {Open::zip, name, 0}};
      const ShellCommand command = shell_command(chain, offset, length);
      EXPECT_EQ(printable(command.text, 100'000), command.text);
      EXPECT_EQ(run(folder_, command.text), want) << command.text;
    }
    if (nth++ % 4 != 0) continue;  // a process for each tool: some of the names do
    // The same archive through 7z, and in a tar in xz.
    const std::vector<ChainStep> seven = {{Open::file, "a.zip", 0}, {Open::seven_zip, name, 0}};
    EXPECT_EQ(run(folder_, shell_command(seven, offset, length).text), want)
        << shell_command(seven, offset, length).text;
    write_file(folder_ / "b.tar.xz",
               compress(folder_, "xz", tar_entry("a.zip", zip_of({{name, bytes}})) + std::string(1024, '\0')));
    const std::vector<ChainStep> deep = {
        {Open::file, "b.tar.xz", 0}, {Open::xz, "b.tar", 0}, {Open::tar, "a.zip", 0}, {Open::zip, name, 0}};
    EXPECT_EQ(run(folder_, shell_command(deep, offset, length).text), want) << shell_command(deep, offset, length).text;
  }
  const std::vector<ChainStep> twin = {{Open::file, "a.zip", 0}, {Open::zip, "x", 2}};
  EXPECT_TRUE(shell_command(twin, 0, 1).text.empty());
}

TEST_F(ShellCommandTest, MembersThatBsdtarReads) {
  for (const char* name : {"plain.log", "sp ace", "star*x", "[br]ack", "-dash"}) {
    write_file(folder_ / name, "some bytes of a record");
    ASSERT_EQ(run(folder_, "bsdtar -cf c.cpio --format newc -- " + shell_quote(std::string("./") + name)), "");
    const std::vector<ChainStep> chain = {{Open::file, "c.cpio", 0}, {Open::library, std::string("./") + name, 0}};
    EXPECT_EQ(run(folder_, shell_command(chain, 5, 5).text), "bytes") << shell_command(chain, 5, 5).text;
  }
}

TEST_F(ShellCommandTest, CompressedStreams) {
  for (const auto& [tool, open] : {std::pair("xz", Open::xz), std::pair("bzip2", Open::bzip2),
                                   std::pair("lzip", Open::lzip), std::pair("lz4", Open::lz4)}) {
    // Tools that a build machine need not have.
    if ((open == Open::lzip || open == Open::lz4) && !have(tool)) continue;
    write_file(folder_ / "x", compress(folder_, tool, "some bytes of a record"));
    const std::vector<ChainStep> chain = {{Open::file, "x", 0}, {open, "y", 0}};
    EXPECT_EQ(run(folder_, shell_command(chain, 5, 5).text), "bytes") << shell_command(chain, 5, 5).text;
  }
}

TEST_F(ShellCommandTest, AMemberDoesNotDragItsNeighboursAlong) {
  write_file(folder_ / "t.tar", tar_entry("/abs/x", "absolute") + tar_entry("../up", "upwards!") +
                                    tar_entry("/abs/x/y", "below..") + std::string(1024, '\0'));
  EXPECT_EQ(run(folder_,
                shell_command(std::vector<ChainStep>{{Open::file, "t.tar", 0}, {Open::tar, "/abs/x", 0}}, 0, 100).text),
            "absolute");
  EXPECT_EQ(run(folder_,
                shell_command(std::vector<ChainStep>{{Open::file, "t.tar", 0}, {Open::tar, "../up", 0}}, 0, 100).text),
            "upwards!");
}

TEST(ShellCommandNames, ChainsByTheirEndings) {
  EXPECT_EQ(shell_command("a.tar.zst!x/y.log.gz!y.log", 1200, 132).text,
            "zstd -dcq < 'a.tar.zst' | tar -xOf - -- 'x/y.log.gz' | gzip -dcq | tail -c +1201 | head -c 132");
  EXPECT_EQ(shell_command("a.tar.zst!a.tar!x/y.log.gz!y.log", 1200, 132).text,
            "zstd -dcq < 'a.tar.zst' | tar -xOf - -- 'x/y.log.gz' | gzip -dcq | tail -c +1201 | head -c 132");
  EXPECT_EQ(shell_command("a.tgz!x", 0, 1).text, "gzip -dcq < 'a.tgz' | tar -xOf - -- 'x' | tail -c +1 | head -c 1");
  EXPECT_EQ(shell_command("dir/what!a.log", 5, 6).text, "tail -c +6 < 'dir/what!a.log' | head -c 6");
  EXPECT_EQ(shell_command("a.zip!d/x.log", 0, 1).text, "unzip -qqp 'a.zip' 'd/x.log' | tail -c +1 | head -c 1");
  EXPECT_EQ(shell_command("a.7z!d/x.log", 0, 1).text, "7z x -so -spd '-i!d/x.log' -- 'a.7z' | tail -c +1 | head -c 1");
  EXPECT_EQ(shell_command("a.tar.xz!x.log", 0, 1).text,
            "xz -dcq < 'a.tar.xz' | tar -xOf - -- 'x.log' | tail -c +1 | head -c 1");
  EXPECT_EQ(shell_command("a.zip!b.zip!x", 0, 1).text,
            "unzip -qqp 'a.zip' 'b.zip' | { t=$(mktemp) && cat > \"$t\" && unzip -qqp \"$t\" 'x'; rm -f \"$t\"; } | "
            "tail -c +1 "
            "| head -c 1");
  EXPECT_EQ(shell_command("a.log.gz!a.log", 5, 6).text, "gzip -dcq < 'a.log.gz' | tail -c +6 | head -c 6");
}

TEST(ShellCommandNames, TheCaseKnowsContainersWithoutTellingNames) {
  CaseData data;
  const auto add = [&](const char* id, const char* path, const char* parent, const char* member, const char* shape) {
    EvidenceItem e;
    e.id = id;
    e.path = path;
    e.parent = parent;
    e.member = member;
    e.shape = shape;
    data.evidence.push_back(e);
  };
  add("E0001", "odd!name", "", "", "gzip");
  add("E0002", "odd!name!odd!name.content", "E0001", "odd!name.content", "tar");
  add("E0003", "odd!name!odd!name.content!b!ang.log", "E0002", "b!ang.log", "access_combined");
  EXPECT_EQ(shell_command(data, data.evidence[2], 9, 3).text,
            "gzip -dcq < 'odd!name' | tar -xOf - -- 'b!ang.log' | tail -c +10 | head -c 3");
}

TEST(ShellCommandNames, QuotesNothingThatAShellReads) {
  EXPECT_EQ(shell_quote("a b"), "'a b'");
  EXPECT_EQ(shell_quote("a'b"), "$'a\\047b'");
  EXPECT_EQ(shell_quote("a\nb!"), "$'a\\012b\\041'");
  EXPECT_EQ(shell_quote("\xc3\xa9"), "$'\\303\\251'");
}

TEST(ShellCommandNames, SaysWhenNoCommandLeadsThere) {
  const std::vector<ChainStep> chain = {{Open::file, "x.pst", 0}, {Open::unknown, "folder/mail", 0}};
  EXPECT_TRUE(shell_command(chain, 0, 1).text.empty());
  EXPECT_EQ(shell_command(chain, 0, 1).remarks.size(), 1u);
}

}  // namespace
}  // namespace assay::report
