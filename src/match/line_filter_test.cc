#include "match/line_filter.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <random>

#include "core/lanes.h"
#include "evidence/format.h"
#include "evidence/route.h"
#include "match/engine.h"
#include "match/line_classes.h"
#include "match/line_look.h"
#include "rules/indicator/normalise.h"

namespace assay {
namespace {

Indicator listed(Indicator::Kind kind, std::string value) {
  Indicator out;
  out.kind = kind;
  out.value = *normalise(kind, value);
  out.id = "indicator--" + out.value;
  out.advisory = "report--1";
  return out;
}

struct Sample {
  Indicator::Kind kind;
  const char* value;
};

IndicatorList list_of(const std::vector<Sample>& samples) {
  IndicatorList out;
  for (const Sample& one : samples) out.push_back(listed(one.kind, one.value));
  return out;
}

// "yes" or "no" of each line.
std::string told(const std::vector<Sample>& samples, const std::vector<std::string>& lines) {
  const IndicatorIndex index(list_of(samples));
  const LineFilter filter(list_of(samples), index);
  std::string out = filter.usable() ? "" : "unusable: ";
  for (const std::string& line : lines) out += filter.may_hold(line) ? "yes " : "no ";
  return out;
}

using Kind = Indicator::Kind;

TEST(LineFilter, Words) {
  if (lanes() < Lanes::avx2) {
    EXPECT_EQ(told({{Kind::domain, "evil.com"}}, {"x"}), "unusable: yes ");
    return;
  }
  EXPECT_EQ(told({{Kind::domain, "evil.com"}}, {"a evil.com b", "a sub.EVIL.com/x", "notevil.com", "evil.com.example",
                                                "evil.co", "evil", "x@evil.com", "https://evil.com:80/"}),
            "yes yes no no no no yes yes ");
  // What a word cannot tell is left to the matcher.
  EXPECT_EQ(told({{Kind::domain, "evil.com"}},
                 {"a\\x2e", "caf\xc3\xa9", "hxxp://evil.com", "evil[.]com", "x (dot) y", "1::2", "1:2:3:4:5:6:7:8",
                  "end. of", "[10/Oct/2020:13:55:36 +0000]", "(Windows NT 10.0)", "http: https: https", "..."}),
            "yes yes yes yes yes yes yes yes no no no no ");
  EXPECT_EQ(told({{Kind::url, "http://evil.com:8080/drop"}}, {"http://evil.com:8080/", "evil.com", "http://good.com/"}),
            "yes yes no ");
  EXPECT_EQ(told({{Kind::url, "http://203.0.113.9/drop"}}, {"203.0.113.9", "203.0.113.8", "1.2.113.9"}), "yes no no ");
  EXPECT_EQ(told({{Kind::ipv4, "203.0.113.9"}}, {"203.0.113.9", "203.0.113.9:443", "203.0.113.8", "1203.0.113.9"}),
            "yes yes no no ");
  EXPECT_EQ(told({{Kind::cidr, "203.0.113.0/24"}, {Kind::ipv6, "2001:db8::7"}}, {"203.0.113.77", "203.0.114.77"}),
            "yes no ");
  const std::string md5(32, 'a');
  EXPECT_EQ(told({{Kind::md5, md5.c_str()}}, {md5, "x" + md5, md5 + "a", "0x" + md5, std::string(32, 'b'), "aa:" + md5,
                                              "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa",
                                              "baaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa", std::string(70, '-')}),
            "yes yes no yes no yes yes no yes ");
  EXPECT_EQ(told({{Kind::mail_address, "a@b.com"}}, {"x@y", "b.com"}), "yes no ");
  EXPECT_EQ(told({{Kind::file_name, "Drop It.exe"}}, {"/a/drop it.EXE", "it.exe", "drop.exe", "it.ex"}),
            "yes yes no no ");
  EXPECT_EQ(told({{Kind::file_path, "/opt/.cache/run"}}, {"GET /opt/.cache/run HTTP", "runs", "a/run?", "cache"}),
            "yes no yes no ");
  EXPECT_EQ(told({{Kind::domain, "localhost"}}, {"nothing"}), "unusable: yes ");
  // What undone defanging writes, and readers ("T" of a column of truth values).
  EXPECT_EQ(told({{Kind::file_name, "payload.http"}}, {"payload.hxxp: x"}), "unusable: yes ");
  EXPECT_EQ(told({{Kind::domain, "evil.https"}}, {"evil.h**ps: x"}), "unusable: yes ");
  EXPECT_EQ(told({{Kind::file_name, "true"}}, {"T"}), "unusable: yes ");
  EXPECT_EQ(told({{Kind::file_name, "1.2.3.4"}}, {"1.2.3.4", "x.3.4", "9.3.4"}), "yes no no ");
  // Words that are longer than what is looked at together.
  EXPECT_EQ(told({{Kind::ipv4, "203.0.113.9"}},
                 {std::string(4097, ' '), std::string(4096, ' '), std::string(130, 'z'), std::string(63, 'z'),
                  std::string(70, 'z') + ".com", std::string(64, '/'), ""}),
            "yes no yes no yes no no ");
  // A run is judged once, from wherever it is seen.
  EXPECT_EQ(told({{Kind::md5, md5.c_str()}},
                 {std::string(60, 'b'), std::string(300, 'b'), std::string(60, 'b') + " " + md5, "b:b:b:b:b:b:b"}),
            "no yes yes yes ");
}

// The wide looks say what a look at each character says.
TEST(LineFilter, ClassesAreThoseOfEachCharacter) {
  std::mt19937 random(7);
  for (const Lanes most : {Lanes::avx2, Lanes::avx512}) {
    if (lanes() < most) continue;
    const LimitLanes limit(most);
    for (int round = 0; round < 400; ++round) {
      std::string text(random() % 200, 0);
      for (char& c : text) c = static_cast<char>(random() % (round % 2 == 0 ? 256 : 128));
      const std::size_t blocks = text.size() / 64 + 1;
      std::vector<LineClasses> wide(blocks), plain(blocks);
      classify(text, wide);
      classify_plain(text, plain);
      for (std::size_t i = 0; i < blocks; ++i) ASSERT_EQ(std::memcmp(&wide[i], &plain[i], sizeof wide[i]), 0) << text;
    }
  }
}

// A line among others is told as it is by itself, wherever blocks and stretches end.
TEST(LineFilter, LooksAtManyLinesAsAtEach) {
  if (lanes() < Lanes::avx2) return;  // nothing is looked at then
  const IndicatorList list = list_of({{Kind::domain, "evil.com"},
                                      {Kind::ipv4, "203.0.113.9"},
                                      {Kind::md5, "d41d8cd98f00b204e9800998ecf8427e"},
                                      {Kind::ipv6, "2001:db8::7"},
                                      {Kind::file_name, "drop.exe"}});
  const IndicatorIndex index(list);
  const LineFilter filter(list, index);
  const std::vector<std::string> words = {"evil.com",
                                          "good.com",
                                          "203.0.113.9",
                                          "198.51.100.1",
                                          "5.0",
                                          "537.36",
                                          "d41d8cd98f00b204e9800998ecf8427e",
                                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                                          "1:2:3:4:5:6:7:8",
                                          "a::1",
                                          "drop.exe",
                                          "x",
                                          "-",
                                          "17:20:01",
                                          "(x)",
                                          "(.",
                                          "caf\xc3\xa9"};
  std::mt19937 random(99);
  std::string text;
  std::vector<std::pair<std::size_t, std::size_t>> lines;
  for (int i = 0; i < 8000; ++i) {
    const std::size_t begin = text.size();
    for (std::size_t n = random() % 12; n > 0; --n) {
      const std::size_t which = random() % 40;
      text += which < words.size() ? words[which] : std::string(1 + random() % 9, 'b');
      text += random() % 3 == 0 ? "/" : " ";
    }
    if (i % 500 == 77) text += std::string(static_cast<std::size_t>(i), ' ');  // some are too long
    lines.emplace_back(begin, text.size() - begin);
    text += '\n';
  }
  LineLook together(filter), alone(filter);
  together.expect(text);
  std::size_t held = 0;
  for (const auto& [begin, size] : lines) {
    const std::string_view line = std::string_view(text).substr(begin, size);
    const std::string copy(line);
    ASSERT_EQ(together.may_hold(line), filter.may_hold(copy)) << line;
    ASSERT_EQ(alone.may_hold(line), filter.may_hold(copy)) << line;
    held += filter.may_hold(copy) ? 1U : 0U;
  }
  EXPECT_GT(held, 1000U);
  EXPECT_LT(held, 7500U);
  // Asked again, and out of order.
  for (const std::size_t i : {4000U, 10U, 11U, 7999U, 4000U, 3999U}) {
    const std::string_view line = std::string_view(text).substr(lines[i].first, lines[i].second);
    EXPECT_EQ(together.may_hold(line), filter.may_hold(std::string(line))) << i;
  }
  // Records that zeros cut out of one line are told apart.
  const std::string zeros = "evil.com -" + std::string(80, '\0') + "y a.evil.com - (\nx evil.com\n";
  together.expect(zeros);
  const std::string_view bytes = zeros;
  EXPECT_TRUE(together.may_hold(bytes.substr(0, 10)));
  EXPECT_TRUE(together.may_hold(bytes.substr(90, 16)));
  EXPECT_TRUE(together.may_hold(bytes.substr(107, 10)));
  // Elsewhere by now.
  together.expect({});
  EXPECT_FALSE(together.expects(std::string_view(text).substr(0, 5)));
}

// With the filter the same matches as without, over lines that are made of what is listed, of its pieces and of what
// hides it; and it tells most lines.
TEST(LineFilter, ChangesNoMatch) {
  const auto schemas = SchemaSet::load({});
  ASSERT_TRUE(schemas.ok());
  std::mt19937 random(20201);
  const auto one_of = [&](const auto& list) { return list[random() % list.size()]; };
  const std::vector<Sample> all = {{Kind::domain, "evil.com"},
                                   {Kind::domain, "a.b.bad.example"},
                                   {Kind::url, "http://drop.net/a"},
                                   {Kind::url, "http://drop.net:8080/b"},
                                   {Kind::url, "http://203.0.113.4/c"},
                                   {Kind::ipv4, "198.51.100.7"},
                                   {Kind::ipv4, "1.1.1.1"},
                                   {Kind::ipv6, "2001:db8::7"},
                                   {Kind::md5, "d41d8cd98f00b204e9800998ecf8427e"},
                                   {Kind::ja3, "e7d705a3286e19ea42f587b344ee6865"},
                                   {Kind::file_name, "tool.exe"},
                                   {Kind::file_name, "my tool.7z"},
                                   {Kind::file_path, "/opt/x/run"},
                                   {Kind::file_name, "runme"},
                                   {Kind::mail_address, "a@lure.example"},
                                   {Kind::cidr, "10.9.0.0/16"},
                                   {Kind::domain, "xn--e1afmkfd.com"},
                                   {Kind::domain, "odd.c0m"},
                                   {Kind::domain, "1.2.3"}};
  const std::vector<std::string> parts = {"evil.com",
                                          "EVIL.com",
                                          "sub.",
                                          "a.b.bad.example",
                                          "b.bad.example",
                                          "drop.net",
                                          ":8080",
                                          "/a",
                                          "/b",
                                          "/c",
                                          "203.0.113.4",
                                          "198.51.100.7",
                                          "1.1.1.1",
                                          "1.2.3",
                                          "2001:db8::7",
                                          "2001:db8:0:0:0:0:0:7",
                                          "d41d8cd98f00b204e9800998ecf8427e",
                                          "D41D8CD9-8F00-B204-E980-0998ECF8427E",
                                          "e7d705a3286e19ea42f587b344ee6865",
                                          "tool.exe",
                                          "my tool.7z",
                                          "/opt/x/run",
                                          "run",
                                          "a@lure.example",
                                          "lure.example",
                                          "10.9.8.7",
                                          "xn--e1afmkfd.com",
                                          "odd.c0m",
                                          "http://",
                                          "hxxp://",
                                          "[.]",
                                          "(dot)",
                                          ".",
                                          "-",
                                          "_",
                                          "%2e",
                                          "x",
                                          "9",
                                          ":",
                                          "@",
                                          ",",
                                          "/",
                                          "?q=",
                                          "&",
                                          "=",
                                          ";",
                                          "(",
                                          ")",
                                          "Mozilla/5.0",
                                          "537.36",
                                          "Windows NT 10.0",
                                          "\\x2e",
                                          "\xc3\xa9",
                                          "0x",
                                          " ",
                                          " ",
                                          "evil.com.",
                                          "_evil.com",
                                          "runme",
                                          "RunMe",
                                          "evil[.]com",
                                          "evil(dot)com",
                                          "0xd41d8cd98f00b204e9800998ecf8427e",
                                          "d41d8cd98f00b204e9800998ecf8427e-",
                                          "/opt/x/run/",
                                          "hxxp://evil.com/",
                                          "http://u:p@"};
  // Most lines hold nothing that is left to the matcher as a whole.
  std::vector<std::string> clear;
  for (const std::string& part : parts) {
    if (part.find_first_of("\\@\xc3") == std::string::npos && part.find("::") == std::string::npos &&
        part.find("2001:") == std::string::npos)
      clear.push_back(part);
  }
  bool x_apart = false, dirty = false;
  const auto text = [&](bool spaces) {
    std::string out;
    if (random() % 4 != 0) return std::string("q9");
    for (std::size_t i = 1 + random() % (dirty ? 5 : 3); i > 0; --i) {
      std::string part = one_of(dirty ? parts : clear);
      if (!spaces) std::erase(part, ' ');
      if (x_apart) std::erase(part, 'x');
      out += part;
    }
    return out;
  };
  std::size_t hits = 0, told_lines = 0, lines = 0, unread = 0;
  for (int round = 0; round < 60; ++round) {
    RuleSet rules;
    for (const Sample& one : all) {
      if (random() % 3 == 0) rules.indicators.push_back(listed(one.kind, one.value));
    }
    EngineOptions without;
    without.line_filter = false;
    const auto with_filter = Engine::compile(rules, *schemas, Profile{}, EngineOptions{});
    const auto plain = Engine::compile(rules, *schemas, Profile{}, without);
    const IndicatorIndex index(rules.indicators);
    const LineFilter filter(rules.indicators, index);
    const bool zeek = round % 2 == 0;
    const char separator = round % 6 == 0 ? 'x' : '\t';
    x_apart = zeek && separator == 'x';
    std::string head =
        zeek ? "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\thttp\n"
               "#fields\tts\tid.orig_h\tid.resp_h\thost\turi\treferrer\tuser_agent\tmd5\torig_filenames\tja3\n"
             : "";
    if (zeek && separator == 'x') {
      head = "#separator x\n#set_separatorx,\n#pathxhttp\n#fieldsxtsxid.orig_hxid.resp_hxhostxurixreferrerxmd5\n";
    }
    std::string log = head;
    for (int i = 0; i < 600; ++i) {
      dirty = random() % 4 == 0;
      if (zeek) {
        log += "1594857600.1";
        for (int column = 0; column < (separator == 'x' ? 6 : 9); ++column) log += separator + text(separator != 'x');
      } else {
        log += text(false) + " - - [16/Jul/2020:10:00:01 +0000] \"GET /" + text(false) + " HTTP/1.1\" 200 17 \"" +
               text(true) + "\" \"" + text(true) + "\"";
      }
      log += '\n';
    }
    const std::string_view bytes = log;
    const Recognised known = recognise(bytes, true, zeek ? "http.log" : "access.log", *schemas);
    ASSERT_NE(known.format, nullptr);
    const std::size_t prologue = known.format->prologue_size(bytes);
    std::vector<std::string> seen[3];
    // Line by line without the filter and with it, and with the filter over all lines together.
    for (const int way : {0, 1, 2}) {
      const bool filtered = way > 0;
      Engine& engine = filtered ? *with_filter : *plain;
      const auto matcher = Matcher::make(engine);
      if (way == 2) matcher->expect(bytes);
      const auto reader = known.format->open(bytes.substr(0, prologue), known.recognition.shape, *schemas);
      std::map<ShapeId, std::vector<Projection>> projections;
      Notices notices;
      FieldTable fields;
      for (std::string_view rest = bytes.substr(prologue); !rest.empty();) {
        const Frame frame = reader->next(rest, true);
        if (frame.kind == Frame::Kind::done || frame.next == 0) break;
        if (frame.kind == Frame::Kind::record) {
          const std::string_view raw = rest.substr(frame.begin, frame.end - frame.begin);
          if (reader->begin(raw, notices)) {
            const ShapeId shape = reader->shape();
            const Schema& schema = schemas->at(shape);
            auto& routes = projections[shape];
            for (std::size_t r = routes.size(); r < schema.routes.size(); ++r)
              engine.bind(shape, static_cast<RouteId>(r), routes.emplace_back());
            RouteChooser chooser(schema);
            RecordContext context;
            context.route = chooser.choose(*reader, fields);
            fields.reset(routes[context.route].size());
            reader->read(routes[context.route], fields);
            context.shape = shape;
            context.raw = raw;
            context.fields = &fields;
            context.reader = reader.get();
            const bool surely_none = matcher->surely_none(*reader, shape, context.route, raw);
            unread += surely_none ? 1U : 0U;
            std::vector<Match> out;
            matcher->match(context, out, notices);
            ASSERT_TRUE(out.empty() || !surely_none) << raw;
            std::string line = std::string(raw) + " ->";
            for (const Match& m : out)
              line += " " + std::string(name_of(m.role)) + "=" + engine.catalogue()[m.detector].value +
                      (m.mention ? " mention" : "");
            hits += out.empty() ? 0U : 1U;
            seen[way].push_back(std::move(line));
            if (way == 1) {
              ++lines;
              told_lines += !filter.may_hold(raw) ? 1U : 0U;
            }
          }
        }
        rest.remove_prefix(frame.next);
      }
    }
    for (const int way : {1, 2}) {
      ASSERT_EQ(seen[0].size(), seen[way].size());
      for (std::size_t i = 0; i < seen[0].size(); ++i) ASSERT_EQ(seen[0][i], seen[way][i]) << "list " << round;
    }
    ASSERT_GT(seen[0].size(), 100U);
  }
  EXPECT_GT(hits, 2000U);
  if (lanes() >= Lanes::avx2) {
    EXPECT_GT(told_lines, lines / 3);
    EXPECT_GT(unread, lines / 3);
  }
}

}  // namespace
}  // namespace assay
