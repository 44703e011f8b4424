#include "text/tokens.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "core/lanes.h"
#include "text/defang.h"

namespace assay {
namespace {

std::string cut(std::string_view text) {
  std::string out;
  cut_tokens(text, [&](const Token& token) {
    if (!out.empty()) out += ' ';
    out += std::string(name_of(token.kind)) + "=" + std::string(token.text);
    EXPECT_EQ(text.substr(token.offset, token.text.size()), token.text);
  });
  return out;
}

TEST(Tokens, Addresses) {
  EXPECT_EQ(cut("from 203.0.113.7:443, then 198.51.100.4."), "address=203.0.113.7 address=198.51.100.4");
  EXPECT_EQ(cut("(1.2.3.4)[5.6.7.8]=9.8.7.6/24"), "address=1.2.3.4 address=5.6.7.8 address=9.8.7.6");
  for (const char* text :
       {"1.2.3.4.5", "v1.2.3.4", "1.2.3.4-5", "1.2.3.256", "01.2.3.4", "1.2.3", "1..2.3.4", "1.2.3.4x"}) {
    EXPECT_EQ(cut(text).find("address="), std::string::npos) << text << " " << cut(text);
  }
  EXPECT_EQ(cut("dst 2001:db8::1, ::1 and fe80::1:2."), "address=2001:db8::1 address=::1 address=fe80::1:2");
  EXPECT_EQ(cut("[2001:db8:0:0:0:0:0:1]:80"), "address=2001:db8:0:0:0:0:0:1");
  EXPECT_EQ(cut("::ffff:192.0.2.1"), "address=::ffff:192.0.2.1");
  EXPECT_EQ(cut("12:34:56 00:11:22:33:44:55 a::b::c std::vector"), "");
}

TEST(Tokens, DomainsHashesFiles) {
  EXPECT_EQ(cut("see evil.example.com."), "domain=evil.example.com file_name=evil.example.com");
  EXPECT_EQ(cut("notevil.com/x"), "domain=notevil.com file_name=notevil.com");
  EXPECT_EQ(cut("\xe2\x80\x9c"
                "evil.com\xe2\x80\x9d\xe2\x80\x94"
                "so"),
            "domain=evil.com file_name=evil.com");
  EXPECT_EQ(cut("\xc3\xa9vil.com"), "domain=\xc3\xa9vil.com file_name=\xc3\xa9vil.com");
  EXPECT_EQ(cut("d41d8cd98f00b204e9800998ecf8427e"), "hash=d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(cut("MD5=d41d8cd98f00b204e9800998ecf8427e,x"), "hash=d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(cut("d41d8cd98f00b204e9800998ecf8427e0"), "");
  EXPECT_EQ(cut("C:\\Temp\\update.exe -x"), "domain=update.exe file_name=update.exe");
  EXPECT_EQ(cut("version 1.2.3 of it. e.g. this"), "file_name=1.2.3 file_name=e.g");
  EXPECT_EQ(cut("--- ... ___"), "");
}

TEST(Tokens, UrlsAndMail) {
  EXPECT_EQ(cut("go to https://evil.com/a(b)?c=d)."),
            "url=https://evil.com/a(b)?c=d domain=evil.com file_name=evil.com");
  EXPECT_EQ(cut("<http://203.0.113.7:8080/x>"), "url=http://203.0.113.7:8080/x address=203.0.113.7");
  EXPECT_EQ(cut("mail a.b+c@evil.com now"),
            "file_name=a.b mail_address=a.b+c@evil.com domain=evil.com file_name=evil.com");
  EXPECT_EQ(cut("://x ://"), "");
}

TEST(Tokens, LongRunsStayLinear) {
  const std::string run(200'000, 'a');
  EXPECT_EQ(cut(run), "");
  std::string colons;
  for (int i = 0; i < 50'000; ++i) colons += "a:";
  EXPECT_EQ(cut(colons), "");
  std::string ats;
  for (int i = 0; i < 50'000; ++i) ats += "a@";
  EXPECT_EQ(cut(ats), "");
}

TEST(Defang, Forms) {
  const auto one = [](std::string_view text) { return refang(text).text; };
  EXPECT_EQ(one("hxxp://evil[.]com/x"), "http://evil.com/x");
  EXPECT_EQ(one("hXXps[:]//evil(.)com"), "https://evil.com");
  EXPECT_EQ(one("hxxps[://]evil{.}com[/]a"), "https://evil.com/a");
  EXPECT_EQ(one("evil[dot]com evil(DOT)org"), "evil.com evil.org");
  EXPECT_EQ(one("a[@]evil[.]com b(at)c.de d[at]e.fr"), "a@evil.com b@c.de d@e.fr");
  EXPECT_EQ(one("203[.]0[.]113[.]7"), "203.0.113.7");
  EXPECT_EQ(one("evil [.] com"), "evil.com");
  EXPECT_EQ(one("evil\\.com"), "evil.com");
  for (const char* text :
       {"http://plain.com", "array[0]", "f(x)", "C:\\.config", "hashxxp://", "a [b] c", "(:", "happy"}) {
    EXPECT_EQ(one(text), text);
    EXPECT_TRUE(refang(text).changed.empty()) << text;
  }
}

TEST(Defang, TheQuickLookMissesNothing) {
  std::mt19937 random(9);
  const std::string letters = "\n [(.{:/@dotaht xXpPs*_])}\\";
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 12; i > 0; --i) text += letters[random() % letters.size()];
    if (!refang(text).changed.empty()) {
      ASSERT_TRUE(may_be_defanged(text)) << text;
    }
  }
}

// Texts that could hold a token are seen as such, also when they hold it only after undoing what hides it.
TEST(Tokens, TheQuickLookMissesNothing) {
  std::mt19937 random(31);
  const std::vector<std::string> parts = {"a",    "evil", ".",  ":", "@",    "[.]",  "(dot)", "{.}",     " [ . ] ",
                                          "[at]", "[:]",  "::", "/", "hxxp", "http", "://",   "198",     " ",
                                          "0f",   "_",    "-",  "x", "51",   "\\.",  "[://]", "\xc3\xa9"};
  std::size_t with = 0, without = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    for (std::size_t i = random() % 9; i > 0; --i) text += parts[random() % parts.size()];
    if (random() % 8 == 0) {
      const std::size_t digits = 30 + random() % 12;
      text.insert(random() % (text.size() + 1), std::string(digits, "0af9"[random() % 4]));
    }
    bool any = false;
    const auto seen = [&](const Token&) { any = true; };
    cut_tokens(text, seen);
    cut_tokens(refang(text).text, seen);
    if (any) {
      ASSERT_TRUE(may_hold_token(text)) << text;
    }
    ++(may_hold_token(text) ? with : without);
  }
  EXPECT_GT(with, 10'000U);
  EXPECT_GT(without, 10'000U);
}

// Marks say what the loops over bytes say, at every length and place in a block.
TEST(Tokens, MarksSayTheSame) {
  std::mt19937 random(47);
  const std::vector<std::string> parts = {"a", "evil", ".",  ":",   "@",    "[",   "(",    "{",      ")",     "]",
                                          "}", "  ",   "::", "/",   "hxxp", "://", "Z9",   "198.5",  "xn--a", "0f",
                                          "_", "-",    "x",  "com", "\\.",  "\"",  "51.1", "h",      "p",     "T",
                                          "<", "`",    "~",  "%",   "+",    "\n",  "\x7f", "\x01",   "https", "'",
                                          "|", "^",    ">",  "G",   "=",    ";",   "1:2",  "fe80::1"};
  const auto told = [](const auto& text) {
    std::string out;
    cut_tokens(text, TokenKinds::all(), [&](const Token& token) {
      out +=
          std::string(name_of(token.kind)) + "=" + std::string(token.text) + "@" + std::to_string(token.offset) + "\n";
    });
    return out;
  };
  TokenMarks marks;
  std::size_t tokens = 0, unmarked = 0, plain = 0;
  if (lanes() < Lanes::avx2) {
    EXPECT_FALSE(marks.read("evil.com"));
    return;
  }
  for (int round = 0; round < 100'000; ++round) {
    std::string text(random() % 70, "x ./"[random() % 4]);
    for (std::size_t i = random() % (round % 50 == 0 ? 400 : 24); i > 0; --i) text += parts[random() % parts.size()];
    if (random() % 8 == 0)
      text.insert(random() % (text.size() + 1), std::string(28 + random() % 40, "0af9"[random() % 4]));
    if (random() % 16 == 0) text.resize(std::min<std::size_t>(text.size(), 64 * (1 + random() % 3)));
    ASSERT_TRUE(marks.read(text));
    const std::string expected = told(std::string_view(text));
    ASSERT_EQ(told(marks), expected) << text;
    ASSERT_TRUE(marks.may_hold_token() || !may_hold_token(text)) << text;
    ASSERT_TRUE(marks.may_be_defanged() || !may_be_defanged(text)) << text;
    tokens += expected.empty() ? 0U : 1U;
    unmarked += marks.may_hold_token() ? 0U : 1U;
    plain += marks.may_be_defanged() ? 0U : 1U;
  }
  EXPECT_GT(tokens, 10'000U);
  EXPECT_GT(unmarked, 100U);
  EXPECT_GT(plain, 10'000U);
  const std::string most(TokenMarks::kBytes, 'a'), more(TokenMarks::kBytes + 1, 'a'), high = "a.b\xc3\xa9";
  EXPECT_TRUE(marks.read(most));
  EXPECT_EQ(told(marks), "");
  EXPECT_FALSE(marks.read(more));
  EXPECT_FALSE(marks.read(high));
  EXPECT_TRUE(marks.read(""));
  EXPECT_EQ(told(marks), "");
  const LimitLanes limit(Lanes::plain);
  EXPECT_FALSE(marks.read("evil.com"));
}

TEST(Defang, TouchesJustTheDefangedTokens) {
  const Refanged out = refang("good.com evil[.]com other.com hxxp://last.com/");
  std::string seen;
  cut_tokens(out.text, [&](const Token& token) {
    if (out.touches(token.offset, token.offset + token.text.size())) seen += std::string(token.text) + " ";
  });
  EXPECT_EQ(seen, "evil.com evil.com http://last.com/ ");
}

}  // namespace
}  // namespace assay
