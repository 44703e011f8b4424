#include <fmt/format.h>
#include <gtest/gtest.h>

#include "text/extract/extract.h"
#include "text/extract/prepare.h"

namespace assay {
namespace {

// The values that are told to be the attacker's, one a line.
std::string hunted(std::string_view text) {
  std::string out;
  for (const Candidate& c : extract_report(text, {}).candidates) {
    if (c.role == ReportRole::attacker) out += c.value + "\n";
  }
  return out;
}

// What is listed with names that everybody has, what runtimes bring along, programs of the system in their place, what
// a compiler leaves, pages of services: nobody's weapon, whatever else is said.
TEST(Extract, WhatEverybodyHas) {
  EXPECT_EQ(hunted("# Loader\n\nThe malware ends winword.exe, excel.exe, ostkasse.exe and outlook.exe.\n"), "");
  EXPECT_EQ(hunted("# Fake viewer\n\nThe malicious archive holds icudtl.dat, libEGL.dll and app.asar.\n"), "");
  EXPECT_EQ(hunted("# Bot\n\nThe bot renames its process to /usr/sbin/crond and ends /usr/sbin/dropbear.\n"), "");
  EXPECT_EQ(hunted("# Stealer\n\nThe malware was built in "
                   "`/root/.cargo/registry/src/index.crates.io-6f17/ring-0.17/src/aead.rs`.\n"),
            "");
  EXPECT_EQ(hunted("# Kit\n\nThe lure goes over https://www.google.com/url?q= and the loader takes "
                   "https://github.com/xmrig/xmrig/releases to mine. C2: ost-fjord[.]top\n"),
            "ost-fjord.top\n");
  EXPECT_EQ(
      hunted(
          "# Persistence\n\nThe malware writes a value below HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run "
          "and saves HKLM\\SAM.\n"),
      "");
  // Beside its hash it may be another one under that name.
  EXPECT_EQ(hunted("# Indicators\n\n| File | MD5 |\n|---|---|\n| icudtl.dat | 0cc175b9c0f1b6a831c399e269772661 |\n"),
            "icudtl.dat\n0cc175b9c0f1b6a831c399e269772661\n");
}

// Where names begin and end: blanks behind a hash, marks in front, patterns of queries, fields of logs, placeholders.
TEST(Extract, WhereANameBeginsAndEnds) {
  const auto values = [](std::string_view text) {
    std::string out;
    for (const Candidate& c : extract_report(text, {}).candidates)
      out += fmt::format("{} {}\n", name_of(c.kind), c.value);
    return out;
  };
  EXPECT_EQ(values("# Hashes\n\n0cc175b9c0f1b6a831c399e269772661  Minutes of the fair.lnk\n"
                   "92eb5ffee6ae2fec3ad71c777531578f  ost.dll\n"),
            "md5 0cc175b9c0f1b6a831c399e269772661\nfile_name Minutes of the fair.lnk\n"
            "md5 92eb5ffee6ae2fec3ad71c777531578f\nfile_name ost.dll\n");
  EXPECT_EQ(values("The note is !!!FJORD_README!!!.txt in each folder."), "file_name !!!FJORD_README!!!.txt\n");
  EXPECT_EQ(values("    tasklist /fi \"imagename eq lsass.exe\"\n"), "file_name lsass.exe\n");
  EXPECT_EQ(values("process.args : (\"*\\\\AppData\\\\*\", \"*\\\\Users\\\\Public\\\\*\")"), "");
  EXPECT_EQ(values("10:00 1 attachment, from=billing@ost-fjord.com\n"),
            "mail_address billing@ost-fjord.com\ndomain ost-fjord.com\n");
  EXPECT_EQ(values("It asks http://45.77.10.9/gate.php?id=[host] daily."),
            "url http://45.77.10.9/gate.php?id=\nipv4 45.77.10.9\n");
  EXPECT_EQ(values("It uses libc++_shared.so too."), "");
  EXPECT_EQ(values("Wallets: Fjord Live.app and Ostsee.app."), "");
  EXPECT_EQ(values("An entry calls /data/.fjord/mond every day."), "file_path /data/.fjord/mond\n");
  EXPECT_EQ(values("Mutex: `Global\\fj-7d19`. Extension: `.fjord1`."), "mutex Global\\fj-7d19\n");
  // A file that a path names too, and one beside its hash, are no domains.
  EXPECT_EQ(values("`/tmp/fj.sh` is run. Then fj.sh ends."), "file_path /tmp/fj.sh\nfile_name fj.sh\n");
  EXPECT_EQ(values("- ost.zip, MD5 0cc175b9c0f1b6a831c399e269772661"),
            "file_name ost.zip\nmd5 0cc175b9c0f1b6a831c399e269772661\n");
  // Packages are no files.
  EXPECT_EQ(values("# Packages\n\n| Name | Version | SHA-1 |\n|---|---|---|\n"
                   "| fjord-utils | 1.0.1 | 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8 |\n"),
            "sha1 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\n");
}

// Under "no SHA-256" two MD5 stay two.
TEST(Prepare, DeniedKindsAreNotJoined) {
  const std::string text =
      "## Samples (MD5, where there is no "
      "SHA-256)\n\n0cc175b9c0f1b6a831c399e269772661\n92eb5ffee6ae2fec3ad71c777531578f\n";
  EXPECT_EQ(prepare(text).text, text);
}

}  // namespace
}  // namespace assay
