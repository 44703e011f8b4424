#include "text/extract/records.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "core/ascii.h"
#include "text/extract/beside.h"
#include "text/extract/extract.h"
#include "text/extract/prepare.h"
#include "text/extract/wording.h"

namespace assay {
namespace {

const std::string kMd5 = "0cc175b9c0f1b6a831c399e269772661";
const std::string kSha1 = "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8";
const std::string kSha256 = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
const std::string kOther = "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d";

std::set<std::string> hunted(std::string_view text) {
  std::set<std::string> out;
  for (const Candidate& c : extract_report(text, {}).candidates) {
    if (c.role == ReportRole::attacker) out.insert(c.value);
  }
  return out;
}

RecordLine record_at(std::string_view text, std::string_view row) {
  const Prepared prepared = prepare(text);
  const auto lines = outline(prepared);
  const std::string cues = lower(prepared.text);
  const auto records = records_of(cues, lines);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (cues.substr(lines[i].begin, lines[i].end - lines[i].begin).find(row) != std::string::npos) return records[i];
  }
  ADD_FAILURE() << "no such line: " << row;
  return {};
}

TEST(Records, ARowOrADescriptionSaysThatItIsGood) {
  const std::string rows = "\nMD5         " + kMd5 + "\nSHA1        " + kSha1 + "\n";
  EXPECT_EQ(record_at("FjordSvc.exe\nTags        benign signed" + rows, "md5").says, RecordSays::called_good);
  EXPECT_EQ(record_at("FjordSvc.exe\nTags        trojan" + rows, "md5").says, RecordSays::nothing);
  EXPECT_EQ(record_at("fjord.sys\n" + rows + "\nAn unmodified, signed driver of a disk tool.", "sha1").says,
            RecordSays::described_good);
  EXPECT_EQ(record_at("fjord.sys\n" + rows + "\nA legitimate setup that was modified to hold a loader.", "sha1").says,
            RecordSays::nothing);
}

TEST(Records, HeadsOfGoodOnes) {
  EXPECT_TRUE(heads_good_ones("good tarball (uploaded again, signed as before):"));
  EXPECT_TRUE(heads_good_ones("**legitimate files, for reference:**"));
  EXPECT_FALSE(heads_good_ones("legitimate services that the malware talks to, and its own:"));
  EXPECT_FALSE(heads_good_ones("clean up the host first. then look for the loader:"));
  EXPECT_FALSE(heads_good_ones("bad tarball:"));
}

TEST(Records, GoodOnesAreNoIndicators) {
  const auto of = [](std::string_view text) { return hunted(text); };
  const std::string tarballs =
      "The attackers changed the archive on the mirror. It asks evil-fjord[.]top.\n\nBad tarball:\n\n  "
      "fjord-2.8.tar.gz\n  SHA256  " +
      kSha256 + "\n\nGood tarball (signed with the old key):\n\n  fjord-2.8.tar.gz\n  SHA256  " + kOther + "\n";
  EXPECT_TRUE(of(tarballs).contains(kSha256));
  EXPECT_FALSE(of(tarballs).contains(kOther));
  // The fence of a block of code is no cell of the table in it.
  const std::string fences = "The loader asks evil-fjord[.]top.\n\n```\n" + kSha256 + "  fjord.dat\n" + kMd5 +
                             "  fjord.bin\n```\n\nLegitimate files (for reference):\n\n```\n" + kOther +
                             "  FjordDesktop.exe\n```\n\n## Advice\n";
  EXPECT_TRUE(of(fences).contains(kSha256));
  EXPECT_FALSE(of(fences).contains(kOther));
  // A bracket that the end of the line cut.
  const std::string cut = "# Indicators\n\n  " + kSha256 + "  fjord-rc.exe (renamed,\n  known good 1.66.0)\n  " +
                          kOther + "  fjord-cl.exe\n";
  EXPECT_FALSE(of(cut).contains(kSha256));
  EXPECT_TRUE(of(cut).contains(kOther));
}

TEST(Records, ServicesSinkholesAndTheReadersFiles) {
  const std::string head = "The malware asks evil-fjord[.]top and bad-fjord[.]top. ";
  EXPECT_FALSE(hunted(head + "We registered the third as a sinkhole (`193.0.14.6`).").contains("193.0.14.6"));
  EXPECT_FALSE(hunted(head + "It posts to `discord.com/api/webhooks/`.").contains("discord.com/api/webhooks/"));
  EXPECT_TRUE(hunted(head + "It posts to hxxps://discord[.]com/api/webhooks/81/fjordabc.")
                  .contains("https://discord.com/api/webhooks/81/fjordabc"));
  EXPECT_FALSE(hunted(head + "Its contact is fjord.team@tuta[.]com.").contains("tuta.com"));
  EXPECT_FALSE(hunted(head + "\n\n## Recommendations\n\n- List all rules:\n\n      fjordctl rules > /tmp/rules.csv\n")
                   .contains("/tmp/rules.csv"));
  EXPECT_FALSE(hunted(head + "Look at a process in `%LOCALAPPDATA%\\Programs` that reads them.")
                   .contains("%LOCALAPPDATA%\\Programs"));
}

TEST(Records, WhatIsCalledSomebodysOwn) {
  const std::string head = "The malware asks evil-fjord[.]top and bad-fjord[.]top. ";
  const auto own =
      hunted(head + "Connections from our own login nodes, 193.0.14.6 and 193.0.14.9, have to be looked at.");
  EXPECT_FALSE(own.contains("193.0.14.6"));
  EXPECT_FALSE(own.contains("193.0.14.9"));
  EXPECT_FALSE(hunted(head + "Fjord's own licensing host is\nlicense.fjordnet.org.").contains("license.fjordnet.org"));
  EXPECT_TRUE(hunted(head + "The malware asks the group's own server 193.0.14.6, from which it gets its payload.")
                  .contains("193.0.14.6"));
  EXPECT_TRUE(called_ones_own("connections from our own login nodes, \x01\x01 and "));
  EXPECT_FALSE(called_ones_own("our own analysis found "));
  EXPECT_FALSE(called_ones_own("it asks the group's own server "));
}

TEST(Records, HashesThatAreSaidToBeGoodFiles) {
  const auto counted = [&](std::string_view before, std::string_view after) {
    return hunted("The attackers sent a loader. It asks evil-fjord[.]top and bad-fjord[.]top.\n\n" +
                  std::string(before) + kSha256 + std::string(after) + "\n")
        .contains(kSha256);
  };
  EXPECT_FALSE(counted("The hash ", " belongs to the legitimate installer of FjordView."));
  EXPECT_FALSE(counted("Note: ", " is the hash of the genuine driver and should not be blocked."));
  EXPECT_FALSE(counted("The fixed version 4.2.3 has the SHA-256 ", "."));
  EXPECT_FALSE(counted("Die legitime Datei FjordDrive.exe (SHA-256: ", ") wird missbraucht, um sync.dll zu laden."));
  EXPECT_FALSE(counted("A free decryptor is given out by the police. Its SHA-256 is ", "."));
  EXPECT_FALSE(counted("### Legitimate files that were abused\n\n- ", " FjordDrive.exe"));
  EXPECT_FALSE(counted("Our PGP key: ", ""));
  EXPECT_FALSE(called_good_file("the modified version of the legitimate installer has the sha-256 ", "."));
  EXPECT_FALSE(called_good_file("the legitimate file \x01\x01\x01 loads \x01\x01 (sha-256: ", ")."));
  EXPECT_TRUE(called_good_file("\x01\x01 (legitimate, signed, `", "`) loads"));
  EXPECT_TRUE(called_good_file("the legitimate file \x01\x01\x01 (sha-256: ", ")."));
  EXPECT_TRUE(counted("The loader has the SHA-256 ", "."));
}

TEST(Records, WhatAQueryLooksFor) {
  const std::string head = "The malware was seen in March.\n\n```\nDeviceNetworkEvents | where RemoteUrl has ";
  EXPECT_TRUE(hunted(head + "\"kql-fjord.top\"\n```\n").contains("kql-fjord.top"));
  EXPECT_FALSE(hunted(head + "\"login.microsoftonline.com\"\n```\n").contains("login.microsoftonline.com"));
}

TEST(Records, WhatIsToBeLeftAlone) {
  const std::string head = "The malware asks evil-fjord[.]top and bad-fjord[.]top. ";
  EXPECT_FALSE(hunted(head + "45.77.10[.]77 is a shared host; do not block it.").contains("45.77.10.77"));
  EXPECT_TRUE(hunted(head + "It asks 45.77.10[.]77. Do not block it by name alone.").contains("45.77.10.77"));
  EXPECT_FALSE(hunted(head + "The package name is com.fjord.viewer.app.").contains("com.fjord.viewer.app"));
  EXPECT_FALSE(hunted(head + "The victim's NAT address is 193.0.14.6.").contains("193.0.14.6"));
  EXPECT_TRUE(
      hunted(head + "The lure is \"Tender 2026 - Annex B.pdf.lnk\".").contains("Tender 2026 - Annex B.pdf.lnk"));
}

TEST(Records, TheDeskThatIsToBeWrittenTo) {
  const std::string text =
      "The malware asks evil-fjord[.]top and bad-fjord[.]top.\n\n7. POINTS OF CONTACT\n\n   Analysis desk   "
      "soc[at]fjordshare[dot]org\n   Portal          https://portal.fjordshare.org/alerts/FS-2026-231\n";
  EXPECT_EQ(extract_report(text, {}).publisher_domain, "fjordshare.org");
  EXPECT_FALSE(hunted(text).contains("https://portal.fjordshare.org/alerts/FS-2026-231"));
}

TEST(Records, FormsThatWereNotFound) {
  const std::string head = "# Indicators\n\nThe loader asks evil-fjord[.]top.\n\n";
  // A list of whole hashes is not one of halves.
  std::string list = "MD5, SHA-1 and SHA-256 of the same files.\n\n";
  std::set<std::string> wanted;
  for (const char c : {'1', '2', '3'}) {
    std::string hash = kMd5;
    hash[5] = c;
    list += hash + "\n";
    wanted.insert(hash);
  }
  const auto found = hunted(head + list);
  EXPECT_TRUE(std::includes(found.begin(), found.end(), wanted.begin(), wanted.end()));
  EXPECT_TRUE(hunted(head + "| Host | Mutex |\n|---|---|\n| a1[.]evil-fjord[.]top | FjordMutex_6SI8 |\n")
                  .contains("FjordMutex_6SI8"));
  EXPECT_TRUE(
      hunted(head + "It asks for the time. The mutex is new\ntoo: fj-build62-single.").contains("fj-build62-single"));
  EXPECT_FALSE(hunted(head + "- The mutex is new. It writes to `AppData\\Local\\Temp`.").contains("Local\\Temp"));
  EXPECT_TRUE(hunted(head + "| lc64, SHA-256 | " + kSha256 + " |\n| fj = Fjord 6.2, SHA-256 | " + kOther + " |\n")
                  .contains("lc64"));
  const auto urls = hunted(head + "C2: hxxps://evil-fjord[.]top/live/\nC2: hxxps://bad-fjord[.]top/live/\n");
  EXPECT_TRUE(urls.contains("https://evil-fjord.top/live/"));
  EXPECT_FALSE(urls.contains("https://evil-fjord.top/live/C2"));
  const std::string rule =
      "```\nrule Fjord {\n  meta:\n    sha256 = \"" + kSha256 +
      "\"\n    reference = \"https://fjord-lab.com/b\"\n  strings:\n    $a = \"Global\\fj-7712\" wide\n    $b = "
      "\"/sync/poll\"\n  condition:\n    all of them\n}\n```\n";
  const auto kept = hunted(head + rule);
  EXPECT_TRUE(kept.contains(kSha256));
  EXPECT_TRUE(kept.contains("Global\\fj-7712"));
  EXPECT_EQ(kept.size(), 3U);
  EXPECT_TRUE(hunted("The archive FjordTrack.apk comes from hxxps://evil-fjord[.]top/apk/FjordTrack.apk.")
                  .contains("FjordTrack.apk"));
  EXPECT_TRUE(
      hunted(head + "A job in `/etc/cron.hourly/0fjordstat` restored it.").contains("/etc/cron.hourly/0fjordstat"));
}

}  // namespace
}  // namespace assay
