// Hostile strings through every text field of a case and its assessment, into every output: nothing of them arrives
// raw.
#include <gtest/gtest.h>

#include <functional>

#include "core/ascii.h"
#include "core/json.h"
#include "report/escape.h"
#include "report/report_fixtures.h"

namespace assay {
namespace {

using namespace fixtures;

const std::vector<std::string>& hostile() {
  static const std::vector<std::string> kStrings = {
      "<script>alert(1)</script>",
      "\"><img src=x onerror=alert(1)>",
      "' onmouseover='alert(1)",
      "</style></title></svg><svg onload=alert(1)>",
      "]]><!--<![CDATA[",
      "javascript:alert(1)",
      "{{7*7}}${7*7}<%= 7*7 %>`id`",
      "\x1b[2J\x1b[1;31mred\x1b]0;title\x07",
      "\x9b"
      "31m\xc2\x9b"
      "31m",
      "line\nNO COMPROMISE\r\n\n  NO SIGN OF THIS CAMPAIGN\n F99  all explained",
      "\x08\x08\x08\x08\x7f over",
      "\xe2\x80\xae"
      "fdp.exe\xe2\x81\xa6\xe2\x80\x8b\xef\xbb\xbf",
      "\xff\xfe\x80 not utf-8 \xed\xa0\x80",
      std::string("nul\0byte", 8),
      "cell\t=HYPERLINK(\"http://evil.example\")",
      "\xf3\xa0\x80\x81tags\xef\xb8\x8f",
      "\xe2\x80\xa8line separator\xe2\x80\xa9",
      std::string(20'000, 'A') + "\n\x1b[31m",
      "http://evil.example/?a=1&b=2",
  };
  return kStrings;
}

// Every std::string of the fixture that evidence, rules, advisories or the profile could fill.
void poison(Fixture& f, const std::string& x) {
  CaseData& d = f.data;
  d.not_reproducible_because = x;
  d.reproducible = false;
  for (EvidenceItem& e : d.evidence) {
    e.member = x;
    e.path = e.parent.empty() ? x : e.path + "!" + x;
    e.shape = x;
    e.copies = {x};
    e.hosts = {x};
    e.sha256 = x;
  }
  for (DetectorInfo& i : d.catalogue) {
    i.title = x;
    i.level = i.author = i.hash = i.advisory = i.description = i.mark = i.value = x;
    i.techniques = i.false_positives = {x};
    i.meaning.claims = {x};
  }
  for (auto* list : {&d.not_loaded, &d.not_evaluable, &d.blind}) *list = {{x, x, x}};
  for (Sighting& s : d.sightings) {
    s.host = s.account = s.why = x;
    s.fields = {{x, x}, {"destination", x}};
  }
  d.mentions = {{x, x, 3}};
  for (Notice& n : d.notices) n.item = n.detail = x;
  Advisory& a = d.knowledge.advisories[0];
  a.name = a.version = a.hash = a.actor = x;
  a.publishers = {x};
  for (Judgement& j : a.judgements) j.text = j.term = j.scale = j.publisher = x;
  Claim claim;
  claim.id = "claim.dc";
  claim.text = claim.hosts = claim.sensitivity_source = x;
  claim.source_classes = claim.fields = {x};
  a.claims = {claim};
  d.profile.organisation = x;
  d.profile.service_accounts = {x};
  Table coverage(coverage_spec());
  coverage.add({x, x, x, std::to_string(at("2020-05-01").day())}, std::vector<std::int64_t>{3, 0, 0, 1});
  coverage.add({x, x, x, x}, std::vector<std::int64_t>{3, 0, 0, 1});
  d.tables = {coverage};

  Assessment& r = f.assessment;
  for (Question& q : r.questions) {
    q.why = x;
    for (auto* list : {&q.because, &q.against}) {
      for (Because& b : *list) b.reason = x;
    }
    q.would_change = {{x, .1}};
  }
  for (ClaimResult& c : r.claims) c.text = c.why = x;
  for (ActorRank& k : r.actors) {
    k.name = x;
    k.because = {x};
  }
  r.exfiltration.reached_where = r.exfiltration.destinations = r.exfiltration.hosts = {x};
  for (Exfiltration::Line& l : r.exfiltration.lines) l.what = l.destination = l.host = x;
  r.scope.confirmed = r.scope.suspected = r.scope.touched = r.scope.not_examined = r.scope.accounts = {x};
  for (Credential& c : r.credentials) c.account = c.how = x;
  for (Action& k : r.actions) {
    k.what = k.on = k.because = k.owner_role = k.pap = k.source = x;
    k.destroys = k.after = k.evidence = {x};
  }
  for (AboutToBeLost& l : r.about_to_be_lost) l.source = l.what_to_do = x;
  for (CoverageLine& c : r.coverage) c.source = x;
  for (Explained& e : r.explained) e.text = e.explanation = x;
  r.assumptions = r.not_seen = {x};
}

// A terminal text: printable characters and line feeds only, and no line of it begins like one of ours because of the
// hostile text.
void check_terminal(const std::string& text, const std::string& what) {
  for (std::string_view rest = text; !rest.empty();) {
    const report::CodePoint c = report::next_code_point(rest);
    ASSERT_TRUE(c.valid) << what;
    ASSERT_TRUE(c.code == '\n' || !report::needs_escape(c.code))
        << what << " U+" << std::hex << static_cast<unsigned>(c.code);
    rest.remove_prefix(c.size);
  }
  for (const std::string_view line : split(text, '\n')) {
    const std::string_view start = trim(line);
    const std::size_t indent = line.size() - start.size();
    for (const char* forged : {"NO COMPROMISE", "NO SIGN OF THIS CAMPAIGN", "F99"}) {
      EXPECT_FALSE(start.starts_with(forged) && indent <= 2) << what << ": " << line;
    }
  }
}

void check_html(const std::string& html) {
  for (const char* raw : {"<script",
                          "<img",
                          "onerror=alert",
                          "onmouseover=",
                          "</style></title>",
                          "<svg onload",
                          "<![CDATA",
                          "{{",
                          "${",
                          "<%",
                          "`",
                          "\x1b",
                          "\x9b",
                          "\xc2\x9b",
                          "\xe2\x80\xae",
                          "\xe2\x80\x8b",
                          "\xef\xbb\xbf",
                          "\xf3\xa0\x80\x81",
                          "\xff",
                          "\x08",
                          "\x07",
                          "\r"}) {
    EXPECT_EQ(html.find(raw), std::string::npos) << raw;
  }
  // A command names files as they are; it stands in <code> and is no link.
  std::string prose = html;
  for (std::size_t at; (at = prose.find("<code>")) != std::string::npos;)
    prose.erase(at, prose.find("</code>", at) + 7 - at);
  const std::size_t linkable = prose.find("http://");
  EXPECT_EQ(linkable, std::string::npos) << prose.substr(linkable < 100 ? 0 : linkable - 100, 160);
  EXPECT_EQ(html.find('\0'), std::string::npos);
  EXPECT_TRUE(is_utf8(html));
}

TEST(HostileOutput, NothingArrivesRaw) {
  for (const std::string& x : hostile()) {
    Fixture f = intrusion();
    poison(f, x);
    for (const bool names : {false, true}) {
      ReportOptions o = options();
      o.names = names;
      o.case_path = x;
      o.custody_head = x;
      const std::string page = terminal_page(f.data, f.assessment, o);
      check_terminal(page, "page");
      for (const std::string_view line : split(page, '\n')) EXPECT_LE(columns_of_line(line), 80u) << line;
      EXPECT_LT(page.size(), 60'000u);
      for (const char* id : {"access", "exfiltration", "actor", "F02", "F07", "F11", "claim.dc"}) {
        const std::string text =
            explain(f.data, f.assessment, id, o,
                    [&](const std::string&, std::uint64_t, std::uint64_t) { return std::optional<std::string>(x); });
        EXPECT_FALSE(text.empty());
        check_terminal(text, std::string("explain ") + id);
      }
      check_html(html_report(f.data, f.assessment, o));

      const std::string json = json_answer(f.data, f.assessment, o);
      ASSERT_TRUE(parse_json(json).ok());
      check_terminal(json, "json");
      EXPECT_EQ(json.find('<'), std::string::npos);
      const std::string lines = jsonl_sightings(f.data, o);
      check_terminal(lines, "jsonl");
      for (const std::string_view line : split(lines, '\n')) EXPECT_TRUE(line.empty() || parse_json(line).ok());
    }
  }
}

TEST(HostileOutput, LinesOfARecordStandBehindAMark) {
  const Fixture f = intrusion();
  const std::string forged = "x\nF99  exploited\n  COMPROMISED: REMOTE CHANCE.\r\x1b[A";
  const std::string text =
      explain(f.data, f.assessment, "F02", options(),
              [&](const std::string&, std::uint64_t, std::uint64_t) { return std::optional<std::string>(forged); });
  std::size_t marked = 0;
  for (const std::string_view line : split(text, '\n')) {
    if (line.find("F99") != std::string_view::npos || line.find("COMPROMISED") != std::string_view::npos) {
      EXPECT_TRUE(line.starts_with("    | ")) << line;
      ++marked;
    }
  }
  EXPECT_EQ(marked, 2u);
  EXPECT_NE(text.find("\\x0D\\x1B[A"), std::string::npos);
}

TEST(Escape, ShowsWhatItEscapes) {
  using report::printable;
  EXPECT_EQ(printable("a\x1b[0m\x7f\r\n\t"), "a\\x1B[0m\\x7F\\x0D\\x0A\\x09");
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u{202E}");
  EXPECT_EQ(printable("\xc2\x85"), "\\x85");
  EXPECT_EQ(printable("\xff"), "\\xFF");
  EXPECT_EQ(printable("caf\xc3\xa9 \xd0\xb0 \xe6\xbc\xa2"), "caf\xc3\xa9 \xd0\xb0 \xe6\xbc\xa2");
  EXPECT_EQ(printable("C:\\x86 \\u{1}"), "C:\\\\x86 \\\\u{1}");  // written escapes differ from shown ones
  EXPECT_EQ(printable("abcdef", 4), "abcd..(+2 bytes)");
  EXPECT_EQ(printable("ab\xc3\xa9", 3), "ab..(+2 bytes)");  // never half a character
}

TEST(Escape, EveryCodePointIsPrintableOrEscaped) {
  for (char32_t c = 0; c <= 0x10ffff; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string utf8;
    if (c < 0x80) {
      utf8 += static_cast<char>(c);
    } else if (c < 0x800) {
      utf8 += static_cast<char>(0xc0 | c >> 6);
      utf8 += static_cast<char>(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      utf8 += static_cast<char>(0xe0 | c >> 12);
      utf8 += static_cast<char>(0x80 | (c >> 6 & 0x3f));
      utf8 += static_cast<char>(0x80 | (c & 0x3f));
    } else {
      utf8 += static_cast<char>(0xf0 | c >> 18);
      utf8 += static_cast<char>(0x80 | (c >> 12 & 0x3f));
      utf8 += static_cast<char>(0x80 | (c >> 6 & 0x3f));
      utf8 += static_cast<char>(0x80 | (c & 0x3f));
    }
    const std::string out = report::printable(utf8);
    if (report::needs_escape(c)) {
      ASSERT_TRUE(std::all_of(out.begin(), out.end(), [](char b) { return b >= 0x20 && b < 0x7f; }))
          << std::hex << static_cast<unsigned>(c);
      ASSERT_EQ(out[0], '\\');
    } else {
      ASSERT_EQ(out, utf8);
    }
    // The marks that bidirectional text and invisible text are made of.
    const bool dangerous = c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
                           (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || c == 0xad ||
                           (c >= 0xe0000 && c <= 0xe0fff);
    ASSERT_TRUE(!dangerous || report::needs_escape(c)) << std::hex << static_cast<unsigned>(c);
  }
}

TEST(Escape, WrapKeepsEveryWordAndTheWidth) {
  const report::Plain text =
      report::show("one two three " + std::string(70, 'x') +
                   " four \xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2\xe6\xbc\xa2 five");
  for (std::size_t width = 4; width < 40; ++width) {
    std::string joined;
    for (const report::Plain& line : text.wrap(width)) {
      EXPECT_LE(line.columns(), width);
      joined += line.text();
    }
    std::string want = text.text();
    std::erase(want, ' ');
    std::erase(joined, ' ');
    EXPECT_EQ(joined, want);
  }
}

}  // namespace
}  // namespace assay
