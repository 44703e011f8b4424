// Pages laid out by spaces: what comes out is read as a person reads it, and each byte knows whence it came.
#include "text/extract/layout.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "text/extract/extract.h"

namespace assay {
namespace {

// Every byte that was copied stands where `origin` says; how many were written anew.
std::size_t written_anew(const std::string& given, const LaidOut& laid) {
  std::size_t anew = 0;
  for (std::size_t i = 0; i < laid.text.size(); ++i) {
    const std::size_t from = laid.origin(i);
    anew += from >= given.size() || given[from] != laid.text[i];
  }
  return anew;
}

TEST(Layout, ColumnsOfProseComeOneAfterTheOther) {
  const std::string page =
      "Persistence                                   Command and Control\n"
      "\n"
      "The package installs a library below          The implant talks to its servers over\n"
      "the folder of the program and adds a          HTTPS and asks for orders each hour. It\n"
      "service that starts it. The service           keeps the answer in a file next to the\n"
      "has a harmless name.                          library.\n"
      "\n"
      "Discovery                                     Exfiltration\n"
      "\n"
      "The actors listed shares and users            Archives were sent to one server, which\n"
      "with programs of the system.                  is named in the table below.\n";
  const LaidOut laid = lay_out(page);
  EXPECT_LT(laid.text.find("with programs of the system."), laid.text.find("Command and Control")) << laid.text;
  EXPECT_NE(laid.text.find("HTTPS and asks for orders each hour. It\nkeeps the answer"), std::string::npos)
      << laid.text;
  EXPECT_LE(written_anew(page, laid), 40U);
}

TEST(Layout, CellsThatLinesCutAreWhole) {
  const std::string table =
      " File                  SHA-256                           Note\n"
      " sync_helper_release_  0123456789abcdef0123456789abcdef  loader of the\n"
      " 2.exe                 fedcba9876543210fedcba9876543210  second stage\n"
      " other.dll             00112233445566778899aabbccddeeff  clean\n"
      "                       ffeeddccbbaa99887766554433221100\n";
  const LaidOut laid = lay_out(table);
  EXPECT_EQ(
      laid.text,
      "| File | SHA-256 | Note\n"
      "| sync_helper_release_2.exe | 0123456789abcdef0123456789abcdeffedcba9876543210fedcba9876543210 | loader of "
      "the second stage\n"
      "| other.dll | 00112233445566778899aabbccddeeffffeeddccbbaa99887766554433221100 | clean\n");
  EXPECT_EQ(laid.text.substr(laid.text.find("fedc"), 4), table.substr(laid.origin(laid.text.find("fedc")), 4));
}

TEST(Layout, WhatIsNoPageStaysAsItIs) {
  for (const std::string& text : {
           std::string("A line.\nAnother  with two spaces.\n\nAnd a third.\n"),
           std::string("Name    value\nOther   thing\n"),  // two columns without a head, nothing cut
           std::string("a\tb\tc\nd\te\tf\ng\th\ti\n"),
           std::string("| a | b |\n| c | d |\n| e | f |\n"),
           std::string(),
           std::string("\n\n\n"),
       }) {
    EXPECT_EQ(lay_out(text).text, text);
  }
}

TEST(Layout, ValuesAndTheirPlaces) {
  const std::string page =
      "   Indicators\n"
      "\n"
      " Indicator                        First seen  Remark\n"
      " hxxps://msp-telemetry-           2025-09-30  C2 path\n"
      " gateway[.]net/api/v3/checkin\n"
      " 194.165.16[.]72                  2025-06-02  Exploitation\n";
  const ReportFacts facts = extract_report(page, {});
  std::string got;
  for (const Candidate& found : facts.candidates) {
    got += std::string(name_of(found.role)) + " " + found.value + "\n";
    if (found.kind == Observable::ipv4) {
      EXPECT_EQ(found.offset, page.find("194.165.16"));
    }
  }
  EXPECT_EQ(got,
            "attacker https://msp-telemetry-gateway.net/api/v3/checkin\nattacker msp-telemetry-gateway.net\nattacker "
            "194.165.16.72\n");
}

TEST(Layout, AnyTextKeepsItsPlaces) {
  std::mt19937 random(7);
  const std::string alphabet = "ab.|-\\/ \n\t     0f\xc3\xa9";
  for (int n = 0; n < 3000; ++n) {
    std::string text;
    const std::size_t size = random() % 400;
    for (std::size_t i = 0; i < size; ++i) text += alphabet[random() % alphabet.size()];
    const LaidOut laid = lay_out(text);
    for (std::size_t i = 0; i < laid.text.size(); ++i) ASSERT_LE(laid.origin(i), text.size() + 2) << text;
    ASSERT_LE(laid.text.size(), 4 * text.size() + 64);
    // Nothing that is no space is lost.
    const auto letters = [](const std::string& of) {
      std::size_t count = 0;
      for (const char c : of) count += c != ' ' && c != '\n' && c != '|' && c != '\t';
      return count;
    };
    ASSERT_EQ(letters(laid.text), letters(text)) << text;
  }
}

}  // namespace
}  // namespace assay
