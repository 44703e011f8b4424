// The signs of values by name, and what the report's own links are told by.
#include "text/extract/signs.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "text/extract/extract.h"
#include "text/extract/fetches.h"
#include "text/extract/nature.h"
#include "text/extract/prepare.h"
#include "text/extract/roles.h"

namespace assay {
namespace {

struct Read {
  explicit Read(std::string_view text) : prepared(prepare(text)), lines(outline(prepared)) {
    std::size_t left_out = 0;
    found = find_values(prepared, lines, 1000, left_out);
    habits = habits_of(prepared, lines, found);
    values = signs_of(prepared, lines, found, habits);
  }
  [[nodiscard]] bool has(std::string_view value, std::string_view sign) const {
    for (const ValueSigns& v : values) {
      if (v.value != value) continue;
      for (const SignId id : v.signs) {
        if (sign_names()[id] == sign) return true;
      }
      return false;
    }
    ADD_FAILURE() << "not found: " << value;
    return false;
  }

  Prepared prepared;
  std::vector<ReportLine> lines;
  std::vector<Found> found;
  ReportHabits habits;
  std::vector<ValueSigns> values;
};

std::set<std::string> hunted(std::string_view text) {
  std::set<std::string> out;
  for (const Candidate& c : extract_report(text, {}).candidates) {
    if (c.role == ReportRole::attacker) out.insert(c.value);
  }
  return out;
}

TEST(Signs, OfFilesByTheirNamesAndFolders) {
  const Read read(
      "It holds minutes.docx.exe, plan.docx, /opt/fjord/.x1/fjordd, /home/kim/.git/config, "
      "C:\\Windows\\System32\\fjordsvc.exe, C:\\Windows\\System32\\svchost.exe, `src/fjord/load.js`, "
      "C:\\PerfLogs\\fjord.exe, /etc/cron.d/fjord and C:\\Fjord\\bin\\fjord.exe.");
  EXPECT_TRUE(read.has("minutes.docx.exe", "a program behind a document's ending"));
  EXPECT_FALSE(read.has("plan.docx", "a program behind a document's ending"));
  EXPECT_TRUE(read.has("/opt/fjord/.x1/fjordd", "in a hidden folder"));
  EXPECT_FALSE(read.has("/home/kim/.git/config", "in a hidden folder"));
  EXPECT_TRUE(read.has("C:\\Windows\\System32\\fjordsvc.exe", "unknown in the system's folder"));
  EXPECT_FALSE(read.has("C:\\Windows\\System32\\svchost.exe", "unknown in the system's folder"));
  EXPECT_TRUE(read.has("src/fjord/load.js", "in a source tree"));
  EXPECT_TRUE(read.has("C:\\PerfLogs\\fjord.exe", "where anybody may write"));
  EXPECT_FALSE(read.has("C:\\Fjord\\bin\\fjord.exe", "where anybody may write"));
  EXPECT_TRUE(read.has("/etc/cron.d/fjord", "where programs are started from"));
}

TEST(Signs, WhatStandsBelowTheRows) {
  const std::string rows = "MD5     0cc175b9c0f1b6a831c399e269772661\nSize    1024\n\n";
  const std::string says = "This is a legitimate program of a maker of printers.\n";
  EXPECT_TRUE(Read(rows + "Description\n\n" + says).has("0cc175b9c0f1b6a831c399e269772661", "behind: benign"));
  EXPECT_FALSE(
      Read(rows + "Fjord Printer Service\n\n" + says).has("0cc175b9c0f1b6a831c399e269772661", "behind: benign"));
}

TEST(Signs, AHashIsCalledAsItsFileIs) {
  const Read read(
      "The dropper fjord.exe is malicious. It starts ostsee.exe, which is a legitimate program.\n\n"
      "- fjord.exe 0cc175b9c0f1b6a831c399e269772661\n- ostsee.exe 92eb5ffee6ae2fec3ad71c777531578f\n");
  EXPECT_TRUE(read.has("92eb5ffee6ae2fec3ad71c777531578f", "its file is called good"));
  EXPECT_FALSE(read.has("0cc175b9c0f1b6a831c399e269772661", "its file is called good"));
  EXPECT_TRUE(read.has("0cc175b9c0f1b6a831c399e269772661", "its file is called bad"));
}

TEST(Signs, WhatACommandGets) {
  for (const std::string_view tool : {"$ git clone --depth 1 ", "run git submodule add ", "python3 -m pip install git+",
                                      "docker pull ", "go install ", "x && git clone \"", "`gh repo clone "})
    EXPECT_EQ(fetch_of(tool), Fetch::repository) << tool;
  for (const std::string_view packages :
       {"deb [signed-by=/a] ", "rpm --import ", "helm repo add fjord ", "npm install "})
    EXPECT_EQ(fetch_of(packages), Fetch::package) << packages;
  for (const std::string_view other : {"curl -s ", "git clone a; curl ", "the attacker's ", "", "pip install x, then "})
    EXPECT_EQ(fetch_of(other), Fetch::none) << other;
  EXPECT_TRUE(runs_what_it_gets(" | sudo bash"));
  EXPECT_TRUE(runs_what_it_gets("' |iex\""));
  EXPECT_FALSE(runs_what_it_gets(" | loader | c2 |"));
  EXPECT_FALSE(runs_what_it_gets("; echo a | sh"));
  EXPECT_TRUE(names_commit("cd fjord && git checkout "));
  EXPECT_TRUE(names_commit("the fix is commit `"));
  EXPECT_FALSE(names_commit("sha1 of the sample: "));
}

TEST(Signs, NewNamesOfPrograms) {
  EXPECT_TRUE(says_renamed("rclone was renamed to ", " and run"));
  EXPECT_TRUE(says_renamed("\x01\x01 (renamed `", "`)"));
  EXPECT_TRUE(says_renamed("then ", "` is a renamed copy of \x01"));
  EXPECT_FALSE(says_renamed("the attacker ran ", " from there"));
  EXPECT_TRUE(names_commit("v3 moved from `"));
  EXPECT_TRUE(names_commit("v3 moved from `\x01\x01` to `"));
  EXPECT_FALSE(names_commit("from `\x01\x01` to `"));
}

TEST(Signs, NamesOfHostsInWords) {
  EXPECT_TRUE(named_in("the brix tuner of that maker", "brix-tuner"));
  EXPECT_TRUE(named_in("as larkstone wrote", "larkstone"));
  EXPECT_FALSE(named_in("as larkstones wrote", "larkstone"));
  EXPECT_FALSE(named_in("a larkstone, a lab", "larkstonelab"));  // a mark between them
  EXPECT_FALSE(named_in("the api", "api"));                      // too short to say anything
}

TEST(Signs, LinksWithWordsOfTheirOwn) {
  EXPECT_TRUE(behind_words("see [our report](", "fjordlab.com"));
  EXPECT_TRUE(behind_words("[![lint](https://github.com/a/b.svg)](", "github.com"));
  EXPECT_FALSE(behind_words("| [fjordlab.com](", "fjordlab.com"));
  EXPECT_FALSE(behind_words("[http://ost.top/a](", "ost.top"));
  EXPECT_FALSE(behind_words("our report (", "fjordlab.com"));
}

// What writers say of themselves: where the text stands, how they sign, mailboxes that are hidden from senders of spam.
TEST(Signs, WhoPublishes) {
  const std::string body =
      "\nThe script asked http://ost-mirror.top/a.sh and ran it.\n\nThat is all that I know. It came at noon.\n";
  EXPECT_EQ(Read("Fjord Diary\nhttps://fjordlog.org/2026-07-21\n" + body).habits.publisher, "fjordlog.org");
  EXPECT_EQ(Read("Diary\n<https://fjordlog.org/2026-07-21>\n" + body).habits.publisher, "fjordlog.org");
  EXPECT_EQ(Read("Diary\n" + body + "\n--\nKim\nhttps://fjordlog.org\n").habits.publisher, "fjordlog.org");
  EXPECT_EQ(Read("Diary\n" + body).habits.publisher, "");
  // The foot of each page, in a list of indicators too.
  const std::string page = "  fjordlog.org                      ";
  EXPECT_EQ(Read("# Indicators\n\n- ost-a.top\n" + page + "1\n- ost-b.top\n" + page + "2\n").habits.publisher,
            "fjordlog.org");
  const Read mailbox("Diary\n" + body + "\n--\nKim\nkim at fjordlog dot org\n");
  EXPECT_EQ(mailbox.habits.publisher, "fjordlog.org");
  EXPECT_FALSE(mailbox.has("kim@fjordlog.org", "defanged"));
  EXPECT_TRUE(mailbox.has("kim@fjordlog.org", "below a signature"));
  // In a sentence it is written so as not to be written to.
  EXPECT_TRUE(
      Read("The sender was kim.ost at fjordlog dot org, and no other.").has("kim.ost@fjordlog.org", "defanged"));
}

// Who answers at an address stands behind it; a key of two words is whole.
TEST(Signs, ServicesBehindTheirAddress) {
  EXPECT_TRUE(Read("peer 193.0.14.6 (time1.fjordlab.com)").has("193.0.14.6", "address of a service"));
  EXPECT_FALSE(Read("peer 193.0.14.6 (ost.fjordlab.com)").has("193.0.14.6", "address of a service"));
  const Read key("It reads HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings too.");
  ASSERT_EQ(key.values.size(), 1U);
  EXPECT_EQ(key.values[0].value, "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings");
}

TEST(Signs, OfHosts) {
  const Read read(
      "See https://github.com/fjordlab/viewer and https://github.com/ost88/a/releases/download/1/a.zip. It asked "
      "193.0.14.6 first.\n\nThe attackers came from 193.0.14.9.");
  EXPECT_TRUE(read.has("https://github.com/fjordlab/viewer", "source kept in public"));
  EXPECT_FALSE(read.has("https://github.com/ost88/a/releases/download/1/a.zip", "source kept in public"));
  // Addresses of one network are of one site.
  EXPECT_TRUE(read.has("193.0.14.6", "site again"));
}

TEST(Signs, FormsThatWereNotFound) {
  const auto found = [](std::string_view text) { return Read(text).values.size(); };
  EXPECT_EQ(found("Attachment ost_copy.r00 holds it."), 1U);
  EXPECT_EQ(found("The binary is at `/overlay/upper/usr/sbin/fjordd` now."), 1U);
  EXPECT_EQ(found("# Host\n\nFJRD-7f3b-4410 (mutex)\n"), 1U);
}

// Links and hosts that are written as references are: none is an indicator.
TEST(Signs, ReferencesAreNoIndicators) {
  const std::string loader = "# Ost loader\n\nThe loader asks api.ost-sync[.]net and hxxp://45[.]77[.]10[.]9/a.\n\n";
  const std::set<std::string> only = {"api.ost-sync.net", "http://45.77.10.9/a", "45.77.10.9"};
  for (const std::string_view says :
       {"```\n$ git clone https://github.com/fjordlab-research/ost-rules\n```\n",
        "```\n$ cd ost-rules && git checkout 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8\n```\n",
        "Fjordlab's own licensing host is license.fjordlab.com.\n", "[Our first post](https://fjordlab.com/first)\n",
        "Follow Kim (@kim@fjordlab.social).\n", "A fixed version is at <https://fjordlab.com/download/>.\n",
        "The genuine site of the bank is fjordbank.com.\n"})
    EXPECT_EQ(hunted(loader + std::string(says)), only) << says;
}

// What is said to be left alone is, defanged or not.
TEST(Signs, WhatIsWithdrawn) {
  EXPECT_EQ(
      hunted("# Indicators\n\nWithdrawn: 193[.]0[.]14[.]6 was in Update 2 as a source of attacks. It belongs to a "
             "research scanner.\n\n- ost-sync[.]net\n"),
      std::set<std::string>{"ost-sync.net"});
}

TEST(Signs, WhatIsEvident) {
  EXPECT_TRUE(
      hunted("The archive holds Minutes.docx.exe (signed by a maker of printers).").contains("Minutes.docx.exe"));
  EXPECT_TRUE(hunted("A note, FJORD_README.txt, is in each folder.").contains("FJORD_README.txt"));
  EXPECT_TRUE(hunted("# Indicators\n\n- /etc/cron.d/fjord\n").contains("/etc/cron.d/fjord"));
  EXPECT_TRUE(hunted("Rclone was renamed to fjordhost.exe there.").contains("fjordhost.exe"));
  EXPECT_TRUE(hunted("A cracked game, FjordQuest_Crack.exe, brought it.").contains("FjordQuest_Crack.exe"));
  EXPECT_TRUE(hunted("Screenshots are kept in `%TEMP%\\fjq\\` until sent.").contains("%TEMP%\\fjq\\"));
  EXPECT_TRUE(hunted("Its certificate has SHA-1 86f7e437faa5a7fce15d1ddcb9eaeaea377667b8.")
                  .contains("86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"));
  // A word of the row says what else it is.
  EXPECT_EQ(hunted("# Indicators\n\n| Path | Note |\n|---|---|\n| /opt/fjord/view | legitimate |\n").size(), 0U);
}

// A host that is named in passing needs more points than one that is listed, and which these are.
TEST(Signs, PlainlyNamed) {
  const Read read(
      "It went to fjord-ost.com, Larkstone has larkstone.com, evil-fjord[.]com, kim@fjord-ost.com, kim.ost@tuta.io and "
      "http://45.77.10.9/a. Then "
      "evil[.]top "
      "was asked, as https://fjord-ost.com/a says.\n\n# Indicators\n\n- ost-listed.com\n");
  std::map<std::string, int> plain;
  for (const ValueSigns& v : read.values) {
    if (plainly_named(v) > 0) plain[v.value] = plainly_named(v);
  }
  EXPECT_EQ(plain,
            (std::map<std::string, int>{
                {"fjord-ost.com", 1}, {"larkstone.com", 3}, {"kim@fjord-ost.com", 1}, {"https://fjord-ost.com/a", 2}}));
  ValueSigns one;
  one.value = "fjord-ost.com";
  const auto role = [&](std::string_view weights) { return roles_of({one}, RoleWeights(weights)).front().role; };
  EXPECT_EQ(role("threshold\t-500\nplain\t400\n"), ReportRole::attacker);
  EXPECT_NE(role("threshold\t-500\nplain\t600\n"), ReportRole::attacker);
}

}  // namespace
}  // namespace assay
