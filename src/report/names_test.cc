// People in the outputs: masked names, numbers and parameters; the same masks everywhere; real names only with --names.
#include "report/names.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/ascii.h"
#include "report/defang.h"
#include "report/report_fixtures.h"
#include "report/words.h"

namespace assay {
namespace {

using namespace fixtures;
using report::mask_personal_numbers;
using report::NameMask;

CaseData people() {
  CaseData d;
  d.profile = profile();
  d.profile.shared_accounts = {"lab-kiosk"};
  for (const char* account : {"LARKMOOR\\M.Okafor", "m.okafor@larkmoor.example", "j.smith", "svc-backup", "WS-114$",
                              "root", "Mary Ann Okafor", "data"}) {
    Sighting s;
    s.account = account;
    d.sightings.push_back(s);
  }
  return d;
}

TEST(Names, KindsComeFromTheProfileAndFormsOfOneNameAgree) {
  const CaseData d = people();
  const NameMask mask(d, nullptr, false);
  EXPECT_EQ(mask.account("LARKMOOR\\M.Okafor"), mask.account("m.okafor@larkmoor.example"));
  EXPECT_TRUE(mask.account("m.okafor").starts_with("person-"));
  EXPECT_TRUE(mask.account("svc-backup").starts_with("service-"));
  EXPECT_TRUE(mask.account("lab-kiosk").starts_with("shared-"));
  EXPECT_EQ(mask.account("WS-114$"), "WS-114$");
  EXPECT_EQ(mask.account("root"), "root");
  EXPECT_NE(mask.account("m.okafor"), mask.account("j.smith"));
}

TEST(Names, AreMaskedInsideTextPathsAndLinks) {
  const CaseData d = people();
  const NameMask mask(d, nullptr, false);
  const std::string person = mask.account("m.okafor");
  EXPECT_EQ(mask.text("password of m.okafor, used"), "password of " + person + ", used");
  EXPECT_EQ(mask.text("C:\\Users\\M.Okafor\\x.pst"), "C:\\Users\\" + person + "\\x.pst");
  EXPECT_EQ(mask.text("m.okafor.pst"), person + ".pst");
  EXPECT_EQ(mask.text("mail to M.OKAFOR@larkmoor.example"), "mail to " + person + "@larkmoor.example");
  EXPECT_EQ(mask.text("Mary Ann Okafor logged on"), mask.account("mary ann okafor") + " logged on");
  EXPECT_EQ(mask.text("m.okaforx and xm.okafor stay"), "m.okaforx and xm.okafor stay");
  EXPECT_EQ(mask.text("/report?user=jane.doe&id=3"), "/report?user=[name masked]&id=3");
  EXPECT_EQ(mask.text("CN=Jane Doe,OU=Staff,DC=larkmoor,DC=example"),
            "CN=[name masked],OU=Staff,DC=larkmoor,DC=example");
  EXPECT_EQ(mask.text("certificate C=Tunis, O=IT, CN=*.x"), "certificate C=Tunis, O=IT, CN=*.x");
}

TEST(Names, AnAccountCalledByAnOrdinaryWordDoesNotSpoilProse) {
  const CaseData d = people();
  const NameMask mask(d, nullptr, false);
  EXPECT_EQ(mask.text("data left by way of the gateway"), "data left by way of the gateway");
  EXPECT_TRUE(mask.account("data").starts_with("person-"));
}

TEST(Names, PathsAndTablesNamePeopleToo) {
  CaseData d = people();
  d.evidence.push_back(item("E0001", "gw.tar!var/vpn/bookmark/h.lindqvist.xml", "xml", 1, 1, "", ""));
  d.evidence.push_back(item("E0002", "disk.tar!home/p_devlin2/.bash_history", "text", 1, 1, "", ""));
  Table logons({"logons", {"item", "account", "hour"}, {"n"}, {Merge::sum}});
  logons.add({"x", "s.nakamura", "1"}, std::vector<std::int64_t>{1});
  d.sightings[0].host = "stats-07";
  logons.add({"x", "STATS-07", "1"}, std::vector<std::int64_t>{1});
  logons.add({"x", "certificate", "1"}, std::vector<std::int64_t>{1});
  d.tables = {logons};
  const NameMask mask(d, nullptr, false);
  EXPECT_EQ(mask.text(d.evidence[0].path).find("lindqvist"), std::string::npos);
  EXPECT_TRUE(mask.text(d.evidence[0].path).ends_with(".xml"));
  EXPECT_EQ(mask.text(d.evidence[1].path).find("devlin"), std::string::npos);
  EXPECT_EQ(mask.text("share/s.nakamura/notes").find("nakamura"), std::string::npos);
  EXPECT_EQ(mask.text("went from stats-07"), "went from stats-07");
  EXPECT_EQ(mask.text("the certificate of the server"), "the certificate of the server");
}

TEST(Names, ShownOnRequestButNumbersStayMasked) {
  const CaseData d = people();
  const NameMask mask(d, nullptr, true);
  EXPECT_EQ(mask.account("LARKMOOR\\M.Okafor"), "LARKMOOR\\M.Okafor");
  EXPECT_EQ(mask.text("m.okafor opened record 943 476 5919"), "m.okafor opened record [number masked]");
}

TEST(Names, TheOrderOfNumbersDependsOnNamesAlone) {
  CaseData a = people(), b = people();
  std::reverse(b.sightings.begin(), b.sightings.end());
  EXPECT_EQ(NameMask(a, nullptr, false).key(), NameMask(b, nullptr, false).key());
  // What only the assessment names comes after, so that all outputs agree.
  Assessment more;
  more.scope.accounts = {"a.newcomer"};
  const auto with = NameMask(a, &more, false).key();
  for (const auto& [masked, name] : NameMask(a, nullptr, false).key()) {
    EXPECT_NE(std::find(with.begin(), with.end(), std::pair(masked, name)), with.end());
  }
}

TEST(PersonalNumbers, AreMaskedAndOthersStay) {
  EXPECT_EQ(mask_personal_numbers("nhs 943 476 5919."), "nhs [number masked].");
  EXPECT_EQ(mask_personal_numbers("x,9434765919,y"), "x,[number masked],y");
  EXPECT_EQ(mask_personal_numbers("943-476-5919"), "[number masked]");
  EXPECT_EQ(mask_personal_numbers("ssn 078-05-1120"), "ssn [number masked]");
  EXPECT_EQ(mask_personal_numbers("/p?mrn=00482211&x=1"), "/p?mrn=[number masked]&x=1");
  EXPECT_EQ(mask_personal_numbers("Patient_ID: 4822117"), "Patient_ID: [number masked]");
  EXPECT_EQ(mask_personal_numbers("PID|1||DOE^JANE^Q|"), "PID|1||[name masked]|");
  for (const char* same :
       {"431,206,912 bytes", "1587003127.123456", "1587003127", "2020-04-16T02:12:07Z", "103.253.41.102",
        "CVE-2019-19781", "port 25, 14 flows", "9434765918", "f2f0b3d2-1111-4222-8333-444455556666",
        "a1b2 9434765919aa", "49349 of 65536", "patient data", "x^y = 3"}) {
    EXPECT_EQ(mask_personal_numbers(same), same);
  }
}

// What people write is called after people; programs, logs and what an advisory lists are not.
TEST(Names, DocumentsCertificatesAndQueriesAreMasked) {
  Fixture f = intrusion();
  AdvisoryIndicator indicator;
  indicator.pattern = "[file:name = 'Vaccine_Order.pdf'] OR [file:name = 'other.docx']";
  f.data.knowledge.advisories.front().indicators.push_back(indicator);
  const NameMask mask(f.data, &f.assessment, false);
  for (const auto& [text, masked] : std::vector<std::pair<std::string, std::string>>{
           {"vx19/Doe_Jane biopsy.pdf", "vx19/[name masked].pdf"},
           {"C:\\Users\\Public\\Mrs Jane Doe, results (2).XLSX", "C:\\Users\\Public\\[name masked].XLSX"},
           {"mail!Letter%20to%20Doe.docx", "mail![name masked].docx"},
           {"sent \"Jane Doe.jpg\" and more", "sent \"[name masked].jpg\" and more"},
           {"0001.eml", "0001.eml"},
           {"/opt/.avamar/watchdogd", "/opt/.avamar/watchdogd"},
           {"httpaccess.log.0.gz", "httpaccess.log.0.gz"},
           {"Vaccine_Order.pdf", "Vaccine_Order.pdf"},
           {"drop/other.docx", "drop/other.docx"},
           {"https://x.example/find?q=Jane+Doe&page=2&z=zelda",
            "https://x.example/find?q=[name masked]&page=2&z=[name masked]"},
           {"CN=Jane Doe,O=Larkmoor,C=GB", "CN=[name masked],O=Larkmoor,C=GB"},
           {"CN=www.example.org,O=Example", "CN=www.example.org,O=Example"},
           {"CN=GlobalSign Root CA,O=x", "CN=GlobalSign Root CA,O=x"},
           {"C=Tunis, O=IT", "C=Tunis, O=IT"},
           {"/C=GB/O=x/CN=Jane Doe/emailAddress=jane@x.example",
            "/C=GB/O=x/CN=[name masked]/emailAddress=[name masked]"},
       }) {
    EXPECT_EQ(mask.text(text), masked);
  }
  const NameMask shown(f.data, &f.assessment, true);
  EXPECT_EQ(shown.text("Doe_Jane.pdf"), "Doe_Jane.pdf");
}

// Canaries: names, mail addresses, numbers and bodies planted where a run could carry them; none reaches an output by
// default.
TEST(Names, CanariesDoNotReachAnyOutput) {
  Fixture f = intrusion();
  f.data.profile.own_domains = {"larkmoor.example"};
  Sighting s = sighting(50, "assay.lure", "2020-05-01T00:00:00Z", "", 1, "E0008", 0, 10, "ws-1", "LARKMOOR\\zz.canary1",
                        "mail to zz.canary2@larkmoor.example about 943 476 5919");
  s.fields = {{"email.subject", "zz canary3"},
              {"email.body", "zz canary4"},
              {"url", "http://portal.example/p?patient=zzcanary5&mrn=77712345"},
              {"dn", "CN=Zz Canary6,OU=Staff,DC=larkmoor"},
              {"hl7", "CANARYSEVEN^ZZ"},
              {"file", "/home/zz.canary1/letter-9434765919.doc"}};
  f.data.sightings.push_back(s);
  f.data.evidence.push_back(
      item("E0009", "mail/zz.canary2@larkmoor.example/9434765919.eml", "mail", 10, 1, "2020-05-01", "2020-05-01"));
  f.data.notices.push_back({NoticeKind::bad_value, "home/zz.canary1/x.log", 1, 1, "a value of zz.canary1"});
  f.assessment.explained.push_back({s.id, "zz.canary1 read 943 476 5919", "zz.canary2@larkmoor.example said so"});
  f.assessment.credentials.push_back({"zz.canary8", "person", "typed", {}, "no"});
  f.assessment.not_seen.insert(f.assessment.not_seen.begin(), "laptop of zz.canary8");
  const auto mail = [](const std::string&, std::uint64_t, std::uint64_t) {
    return std::optional<std::string>("To: zz.canary2@larkmoor.example\n\nzz canary4 943 476 5919\n");
  };
  std::string all = terminal_page(f.data, f.assessment, options()) + html_report(f.data, f.assessment, options()) +
                    json_answer(f.data, f.assessment, options()) + jsonl_sightings(f.data, options()) +
                    explain(f.data, f.assessment, "F50", options(), mail);
  all = lower(all);
  for (const char* canary : {"canary1", "canary2", "canary3", "canary4", "canary5", "canary6", "canaryseven", "canary8",
                             "9434765919", "943 476 5919", "77712345"}) {
    EXPECT_EQ(all.find(canary), std::string::npos) << canary << ": " << all.substr(all.find(canary) - 60, 120);
  }
}

TEST(Defang, IndicatorsBecomeNoLinksAndOwnNamesStay) {
  const Fixture f = intrusion();
  const report::Defanger defang(f.data);
  EXPECT_EQ(defang.text("went to 103.253.41.102:443."), "went to 103[.]253[.]41[.]102:443.");
  EXPECT_EQ(defang.text("http://evil.example/a.html?x=http://b.example"),
            "hxxp://evil[.]example/a.html?x=hxxp://b[.]example");
  EXPECT_EQ(defang.text("HTTPS://login-1arkmoor.example/x"), "hxxps://login-1arkmoor[.]example/x");
  EXPECT_EQ(defang.text("login-1arkmoor.example and www.login-1arkmoor.example"),
            "login-1arkmoor[.]example and www[.]login-1arkmoor[.]example");
  EXPECT_EQ(defang.text("https://www.larkmoor.example/x"), "https://www.larkmoor.example/x");
  EXPECT_EQ(defang.text("192.0.2.250 and 10.20.1.1 and 127.0.0.1"), "192.0.2.250 and 10.20.1.1 and 127.0.0.1");
  EXPECT_EQ(defang.text("2001:db8::1 at 12:34:56"), "2001[:]db8::1 at 12:34:56");
  EXPECT_EQ(defang.text("access.log.1, v1.2.3.4.5, 300.1.1.1, newbm.pl"),
            "access.log.1, v1.2.3.4.5, 300.1.1.1, newbm.pl");
}

TEST(Defang, FileNamesAreNoDomains) {
  CaseData d;
  for (const auto& [title, value] : std::vector<std::pair<const char*, const char*>>{
           {"file name", "avamar.exe"}, {"file name", "drop.pl"}, {"domain", "evil.pl"}}) {
    DetectorInfo info;
    info.kind = DetectorKind::indicator;
    info.title = title;
    info.value = value;
    d.catalogue.push_back(info);
  }
  EXPECT_EQ(report::Defanger(d).text("avamar.exe drop.pl evil.pl"), "avamar.exe drop.pl evil[.]pl");
}

TEST(Words, BoundsStayBounds) {
  EXPECT_EQ(report::bytes_range(431'206'912, 1'088'000'000), "0.43 to 1.1 GB");
  EXPECT_EQ(report::bytes_range(325'999'999, 544'275'472), "320 to 550 MB");
  EXPECT_EQ(report::bytes_range(0, 999), "0 to 999 B");
  EXPECT_EQ(report::bytes_range(12, 5'000'000'000), "12 B to 5.0 GB");
  EXPECT_EQ(report::bytes_low(999'999), "990 kB");
  EXPECT_EQ(report::bytes_high(1'000'001), "1.1 MB");
  EXPECT_EQ(report::in_ten(.96), "more than 9 of 10");
  EXPECT_EQ(report::in_ten(.04), "fewer than 1 of 10");
  EXPECT_EQ(report::in_ten(.84), "8 of 10");
  EXPECT_EQ(report::signed_fixed(-.001, 2), "+0.00");
  EXPECT_EQ(report::date_span(at("2019-12-30"), at("2020-01-02")), "30 Dec 2019-2 Jan 2020");
}

}  // namespace
}  // namespace assay
