#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "knowledge/importers/build.h"
#include "knowledge/importers/import.h"
#include "knowledge/importers/report/pdf.h"
#include "knowledge/importers/types.h"
#include "knowledge/test_support.h"

namespace assay {
namespace {

ImportOptions options() {
  ImportOptions out;
  out.names = built_in_names();
  return out;
}

// "type pattern-or-name [weightless] [revoked]" a line, sorted; then the problems.
std::string read(std::string_view name, std::string_view bytes, const ImportOptions& with = options()) {
  const auto made = import_advisory(name, bytes, with);
  if (!made.ok()) return made.error().text() + "\n";
  std::string out = made->kind + "\n";
  const auto bundle = parse_json(made->bundle);
  if (!bundle.ok()) return "not JSON";
  std::vector<std::string> lines;
  for (const Json& object : (*bundle)["objects"].items()) {
    const std::string& type = object["type"].as_string();
    if (type == "relationship" || type == "report" || type == "marking-definition" || type == "identity") continue;
    std::string line =
        type + " " + (object.has("pattern") ? object["pattern"].as_string() : object["name"].as_string());
    if (object["x_assay_weightless"].as_bool()) line += " weightless (" + object["x_assay_mark"].as_string() + ")";
    if (object["revoked"].as_bool()) line += " revoked";
    if (object.has("confidence") && type == "indicator") line += fmt::format(" {}", object["confidence"].as_int());
    lines.push_back(line);
  }
  std::sort(lines.begin(), lines.end());
  for (const std::string& line : lines) out += line + "\n";
  for (const std::string& problem : made->problems) out += "! " + problem + "\n";
  // What an importer writes is read without a complaint, twice the same.
  const auto advisory = read_stix("made", made->bundle);
  EXPECT_TRUE(advisory.ok());
  if (advisory.ok()) {
    EXPECT_TRUE(advisory->problems.empty()) << advisory->problems.front();
  }
  const auto again = import_advisory(name, bytes, with);
  EXPECT_EQ(again->bundle, made->bundle);
  return out;
}

TEST(Import, Uuid5) {
  // RFC 9562, appendix A.4: www.example.com in the namespace of DNS names.
  EXPECT_EQ(uuid5("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

TEST(Import, PlainList) {
  EXPECT_EQ(read("list.txt",
                 "# C2 of March\ncdn-sync[.]net\n45.77.10[.]9   # second stage\nhxxps://cdn-sync[.]net/a\n; "
                 "note\n0cc175b9c0f1b6a831c399e269772661\n198.18.0.0/15\nnot a value here\n0.0.0.0 ads-sync.net\n"),
            "list\nindicator [domain-name:value = 'ads-sync.net']\nindicator [domain-name:value = "
            "'cdn-sync.net']\nindicator [file:hashes.MD5 = '0cc175b9c0f1b6a831c399e269772661']\n"
            "indicator [ipv4-addr:value = '45.77.10.9']\nindicator [ipv4-addr:value ISSUBSET "
            "'198.18.0.0/15']\nindicator [url:value = 'https://cdn-sync.net/a']\n"
            "! line 8: 'not a value here' is not used: no value of a known kind\n");
}

TEST(Import, CsvWithTypeAndValue) {
  EXPECT_EQ(read("a.csv",
                 "Comment,Indicator,Type,First Seen,Confidence\nC2,cdn-sync[.]net,domain,2020-04-01,High\n\"loader, "
                 "first\",0cc175b9c0f1b6a831c399e269772661,FileHash-MD5,,50\nbad,xyz,sha256,,\n"),
            "csv\nindicator [domain-name:value = 'cdn-sync.net'] 85\nindicator [file:hashes.MD5 = "
            "'0cc175b9c0f1b6a831c399e269772661'] 50\n"
            "! row 4: 'xyz' is not used: sha256 has 64 hexadecimal digits, this has 3 characters\n");
}

TEST(Import, CsvWithOneColumnForEachKind) {
  EXPECT_EQ(
      read("a.csv", "name;md5;ip;to_ids\nloader;0cc175b9c0f1b6a831c399e269772661;45.77.10.9;1\nctx;;45.77.10.10;0\n"),
      "csv\nindicator [file:hashes.MD5 = '0cc175b9c0f1b6a831c399e269772661']\nindicator [ipv4-addr:value = "
      "'45.77.10.10'] weightless (not for detection, says the list (to_ids is off))\n"
      "indicator [ipv4-addr:value = '45.77.10.9']\n");
}

TEST(Import, CsvWithoutHeader) {
  EXPECT_EQ(read("x.csv", "cdn-sync.net\tC2 of the loader\n45.77.10.9\tsecond\n"),
            "csv\nindicator [domain-name:value = 'cdn-sync.net']\nindicator [ipv4-addr:value = '45.77.10.9']\n");
}

constexpr std::string_view kMisp =
    R"({"response":[{"Event":{"uuid":"5e8a7b1c-0000-4000-8000-000000000001","info":"Harbour case","date":"2020-04-01","publish_timestamp":"1585785600",
"Orgc":{"name":"CERT Nordhaven"},"Tag":[{"name":"tlp:amber"},{"name":"PAP:RED"},{"name":"misp-galaxy:threat-actor=\"APT29\""}],
"Galaxy":[{"GalaxyCluster":[{"type":"mitre-attack-pattern","value":"Exploit Public-Facing Application - T1190","meta":{"external_id":["T1190"]}}]}],
"Attribute":[
{"uuid":"5e8a7b1c-0000-4000-8000-000000000002","type":"ip-dst|port","category":"Network activity","value":"45.77.10.9|443","to_ids":true,"timestamp":"1585785600"},
{"uuid":"5e8a7b1c-0000-4000-8000-000000000003","type":"domain","value":"ctx-sync.net","to_ids":false},
{"uuid":"5e8a7b1c-0000-4000-8000-000000000004","type":"md5","value":"0cc175b9c0f1b6a831c399e269772661","to_ids":true,"deleted":true},
{"uuid":"5e8a7b1c-0000-4000-8000-000000000005","type":"url","value":"http://old-sync.net/","to_ids":"1","decay_score":[{"score":12.5,"decayed":true}]},
{"uuid":"5e8a7b1c-0000-4000-8000-000000000006","type":"domain","value":"listed-sync.net","to_ids":true,"warnings":[{"warninglist_name":"Top 1000"}]},
{"uuid":"5e8a7b1c-0000-4000-8000-000000000007","type":"phone-number","value":"+47 0000","to_ids":false}],
"Object":[{"uuid":"5e8a7b1c-0000-4000-8000-000000000008","name":"file","Attribute":[
{"uuid":"5e8a7b1c-0000-4000-8000-000000000009","type":"filename|sha1","value":"sync.dll|86f7e437faa5a7fce15d1ddcb9eaeaea377667b8","to_ids":true}]}]}}]})";

TEST(Import, Misp) {
  EXPECT_EQ(read("event.json", kMisp),
            "misp\nattack-pattern Exploit Public-Facing Application\nindicator [domain-name:value = 'ctx-sync.net'] "
            "weightless (to_ids is off: context, not for detection)\n"
            "indicator [domain-name:value = 'listed-sync.net'] weightless (on the warning list Top 1000)\nindicator "
            "[file:hashes.'SHA-1' = '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8']\n"
            "indicator [file:hashes.MD5 = '0cc175b9c0f1b6a831c399e269772661'] revoked\nindicator [file:name = "
            "'sync.dll']\nindicator [ipv4-addr:value = '45.77.10.9']\n"
            "indicator [url:value = 'http://old-sync.net/'] weightless (decayed, says every decay model of the event) "
            "12\nintrusion-set APT29\n"
            "! attribute 5e8a7b1c-0000-4000-8000-000000000007: attributes of type 'phone-number' are not taken over\n");
  const auto made = import_advisory("event.json", kMisp, options());
  const auto advisory = read_stix("made", made->bundle);
  ASSERT_TRUE(advisory.ok());
  EXPECT_EQ(advisory->name, "Harbour case");
  EXPECT_EQ(advisory->publishers, std::vector<std::string>{"CERT Nordhaven"});
  EXPECT_EQ(advisory->tlp, Tlp::amber);
  EXPECT_EQ(advisory->pap, "PAP:RED");
  EXPECT_EQ(advisory->id, "report--5e8a7b1c-0000-4000-8000-000000000001");
  EXPECT_EQ(format_date(advisory->published), "2020-04-02");
  EXPECT_EQ(advisory->actor, "APT29");
}

TEST(Import, MispOfManyAttributes) {
  std::string event = R"({"Event":{"info":"many","Attribute":[)";
  for (int i = 0; i < 100'000; ++i)
    event += fmt::format(R"({}{{"type":"domain","value":"d{}.sync.net"}})", i ? "," : "", i);
  const auto made = import_advisory("e.json", event + "]}}", options());
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->counts.at("indicator domain"), 100'000U);
}

constexpr std::string_view kOpenIoc = R"(<?xml version="1.0"?>
<ioc xmlns="http://schemas.mandiant.com/2010/ioc" id="5e8a7b1c-0000-4000-8000-000000000010" last-modified="2020-04-01T00:00:00">
<short_description>SYNC (FAMILY)</short_description><authored_by>Nordhaven</authored_by>
<definition><Indicator operator="OR" id="5e8a7b1c-0000-4000-8000-000000000011">
<IndicatorItem id="5e8a7b1c-0000-4000-8000-000000000012" condition="is"><Context document="FileItem" search="FileItem/Md5sum" type="mir"/><Content type="md5">0cc175b9c0f1b6a831c399e269772661</Content></IndicatorItem>
<IndicatorItem id="5e8a7b1c-0000-4000-8000-000000000013" condition="contains"><Context document="Network" search="Network/DNS" type="mir"/><Content type="string">cdn-sync</Content></IndicatorItem>
<Indicator operator="AND" id="5e8a7b1c-0000-4000-8000-000000000014">
<IndicatorItem condition="is"><Context search="FileItem/FileName"/><Content>sync.dll</Content></IndicatorItem>
<IndicatorItem condition="is"><Context search="FileItem/Sha1sum"/><Content>86f7e437faa5a7fce15d1ddcb9eaeaea377667b8</Content></IndicatorItem>
</Indicator>
<Indicator operator="AND"><IndicatorItem condition="is"><Context search="FileItem/FileName"/><Content>a.dll</Content></IndicatorItem>
<IndicatorItem condition="is"><Context search="FileItem/SizeInBytes"/><Content>4096</Content></IndicatorItem></Indicator>
</Indicator></definition></ioc>)";

TEST(Import, OpenIoc) {
  EXPECT_EQ(read("a.ioc", kOpenIoc),
            "openioc\nindicator [domain-name:value LIKE '%cdn-sync%']\nindicator [file:hashes.MD5 = "
            "'0cc175b9c0f1b6a831c399e269772661']\n"
            "indicator [file:name = 'sync.dll' AND file:hashes.'SHA-1' = '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8']\n"
            "! the term 'FileItem/SizeInBytes' (is) has no counterpart in STIX patterns that are read: left out\n"
            "! an AND of 2 terms is left out: one of them cannot be written, and without it more would match\n");
}

TEST(Import, HostileXml) {
  EXPECT_EQ(read("a.ioc", "<!DOCTYPE x [<!ENTITY a \"&b;&b;\">]><ioc xmlns=\"http://openioc.org/\">&a;</ioc>"),
            "a.ioc: it declares a document type, which is not read (remove the <!DOCTYPE ...> and its entities)\n");
  std::string deep = "<ioc xmlns=\"http://schemas.mandiant.com/2010/ioc\">";
  for (int i = 0; i < 1000; ++i) deep += "<Indicator operator=\"OR\">";
  EXPECT_EQ(read("a.ioc", deep), "a.ioc: terms nested deeper than 32 (no OpenIOC file is)\n");
  for (std::size_t cut = 0; cut < kOpenIoc.size(); cut += 37)
    (void)import_advisory("a.ioc", kOpenIoc.substr(0, cut), options());
}

TEST(Import, RuleFiles) {
  EXPECT_EQ(read("a.yar", "import \"pe\"\nrule A { condition: true }\nrule B { strings: $a = \"}\" condition: $a }\n"),
            "yara\nindicator import \"pe\"\nrule A { condition: true }\nindicator import \"pe\"\nrule B { strings: $a "
            "= \"}\" condition: $a }\n");
  const std::string one =
      "title: Sync\nid: 5e8a7b1c-0000-4000-8000-000000000020\nlogsource:\n  product: windows\ndetection:\n  a:\n    "
      "Image: x\n  condition: a\n";
  EXPECT_EQ(read("a.yml", one), "sigma\nindicator " + one + "\n");
  // An alias bomb ends in a message.
  std::string bomb = "title: x\nlogsource: {}\na0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i)
    bomb += fmt::format("a{0}: &a{0} [*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1},*a{1}]\n", i, i - 1);
  bomb += "detection:\n  condition: a\n";
  EXPECT_FALSE(import_advisory("a.yml", bomb, options()).ok());
}

TEST(Import, Stix20) {
  EXPECT_EQ(
      read("b.json",
           R"({"type":"bundle","id":"bundle--5e8a7b1c-0000-4000-8000-000000000030","spec_version":"2.0","objects":[
{"type":"indicator","id":"indicator--5e8a7b1c-0000-4000-8000-000000000031","created":"2020-04-01T00:00:00.000Z","modified":"2020-04-01T00:00:00.000Z","labels":["malicious-activity"],"pattern":"[domain-name:value = 'cdn-sync.net']","valid_from":"2020-04-01T00:00:00Z"},
{"type":"malware","id":"malware--5e8a7b1c-0000-4000-8000-000000000032","created":"2020-04-01T00:00:00.000Z","modified":"2020-04-01T00:00:00.000Z","labels":["trojan"],"name":"Sync"}]})"),
      "stix20\nindicator [domain-name:value = 'cdn-sync.net']\nmalware Sync\n");
}

TEST(Import, WhatIsRefusedSaysWhatToDo) {
  EXPECT_EQ(read("s.xml", "<stix:STIX_Package xmlns:stix=\"http://stix.mitre.org/stix-1\">"),
            "s.xml: STIX 1 is not read (convert it: the OASIS program stix2-elevator writes STIX 2.1)\n");
  EXPECT_EQ(read("b.json", R"({"type":"bundle","objects":[{"type":"malware","spec_version":"2.1"}]})"),
            "b.json: this is STIX 2.1 already and needs no import (use it with --advisory, or put it in force with "
            "advisory add)\n");
  EXPECT_EQ(read("e.txt", "  \n"), "e.txt: the file is empty (name a file that lists indicators)\n");
  ImportOptions wrong = options();
  wrong.kind = "tea";
  EXPECT_EQ(read("a", "x", wrong),
            "--kind: there is no importer \"tea\" (one of misp, stix20, openioc, yara, sigma, csv, list, pdf, html, "
            "markdown, text)\n");
}

TEST(Import, ReportsInThreeForms) {
  const std::string_view kExpected =
      "\nmalware WellMess\nvulnerability "
      "CVE-2019-19781\nx-assay-candidate [url:value = 'https://www.cisa.gov/x']\n";
  EXPECT_EQ(read("r.txt",
                 "Harbour report\n\nWellMess came through CVE-2019-19781.\n\nIndicators of "
                 "Compromise\n\ncdn-sync[.]net\n\nReferences\n\nhttps://www.cisa.gov/x\n"),
            "text\nindicator [domain-name:value = 'cdn-sync.net'] 65" + std::string(kExpected));
  EXPECT_EQ(read("r.md",
                 "# Harbour report\n\nWellMess came through CVE-2019-19781.\n\n## Indicators of Compromise\n\n- "
                 "cdn-sync[.]net\n\n## References\n\n- https://www.cisa.gov/x\n"),
            "markdown\nindicator [domain-name:value = 'cdn-sync.net'] 65" + std::string(kExpected));
  EXPECT_EQ(read("r.html",
                 "<!DOCTYPE html><html><body><h1>Harbour report</h1><p>WellMess came through "
                 "CVE-2019-19781.</p><h2>Indicators of "
                 "Compromise</h2><table><tr><td>domain</td><td>cdn-sync[.]net</td></tr></table>"
                 "<h2>References</h2><p><a href=\"https://www.cisa.gov/x\">CISA</a></p></body></html>"),
            "html\nindicator [domain-name:value = 'cdn-sync.net'] 65" + std::string(kExpected));
}

// Front matter makes a note look like YAML, and the rule that it quotes like a rule file: it is a report.
TEST(Import, ANoteThatQuotesARule) {
  EXPECT_EQ(
      read("note",
           "---\ntitle: Harbour note\n---\n\n# Indicators\n\n- cdn-sync[.]net\n\n```yaml\ntitle: Sync\nlogsource:\n  "
           "product: windows\ndetection:\n  sel:\n    Image: 'x'\n  condition: sel\n```\n"),
      "markdown\nindicator [domain-name:value = 'cdn-sync.net'] 65\nindicator title: Sync\nlogsource:\n  product: "
      "windows\n"
      "detection:\n  sel:\n    Image: 'x'\n  condition: sel\n\n");
}

TEST(Import, CandidatesCountWhenTheyArePromoted) {
  auto made = import_advisory(
      "r.txt", "Report\n\nIndicators\n\ncdn-sync[.]net\n\nReferences\n\nhttps://www.cisa.gov/x\n", options());
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(read_stix("a", made->bundle)->indicators.size(), 1U);
  const std::size_t at = made->bundle.find("\"promote\":false");
  ASSERT_NE(at, std::string::npos);
  made->bundle.replace(at, 15, "\"promote\":true");
  EXPECT_EQ(read_stix("a", made->bundle)->indicators.size(), 2U);
}

TEST(Import, ADateThatIsNotGivenStaysUnknown) {
  const auto made = import_advisory("list.txt", "cdn-sync.net\n45.77.10.9\n", options());
  ASSERT_TRUE(made.ok());
  const auto advisory = read_stix("a", made->bundle);
  EXPECT_FALSE(advisory->published.known());
  EXPECT_FALSE(advisory->indicators[0].valid_from.known());
}

TEST(Pdf, AbsentProgramAndDamagedFiles) {
  bool cut = false;
  const auto none = pdf_to_text("%PDF-1.4", false, cut, "/nonexistent/pdftotext");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::not_found);
  EXPECT_EQ(none.error().remedy, "install the package poppler-utils, or give the report as text");
  // A program that fails, and one that ends without an answer.
  EXPECT_FALSE(pdf_to_text("%PDF-1.4", false, cut, "/bin/false").ok());
  EXPECT_EQ(*pdf_to_text("%PDF-1.4", false, cut, "/bin/true"), "");
  for (const std::string_view bytes :
       {std::string_view("%PDF-1.4\n"),
        std::string_view("%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 1 0 R>>\nendobj\ntrailer<</Root 1 0 R>>\n")})
    EXPECT_FALSE(import_advisory("a.pdf", bytes, options()).ok());
}

TEST(Types, WordsOfOthers) {
  EXPECT_EQ(observable_from_word("FileHash-SHA256", ""), Observable::sha256);
  EXPECT_EQ(observable_from_word("IPv4 Address", "203.0.113.0/24"), Observable::cidr);
  EXPECT_EQ(observable_from_word("c2", "203.0.113.7"), Observable::ipv4);
  EXPECT_FALSE(observable_from_word("colour", "red"));
  const auto parts = parts_of("domain|ip", "cdn-sync.net|45.77.10.9");
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[1].kind, Observable::ipv4);
}

}  // namespace
}  // namespace assay
