#include <gtest/gtest.h>
#include <simdjson.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include "core/lanes.h"
#include "core/limits.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/json/framing.h"
#include "evidence/formats/json/scanner.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using drain::schemas;
using drain::slurp;

// Valid without any tolerance. Keys that stand twice and deep nesting are valid JSON.
bool strictly_valid(JsonScanner& scanner, std::string_view text) {
  return scanner.scan(text, true) == JsonVerdict::whole && scanner.faults().bad_values == 0 &&
         scanner.faults().not_utf8 == 0;
}

TEST(JsonScanner, AcceptsAndRejects) {
  JsonScanner scanner({});
  for (const char* good :
       {"{}", " { } ", R"({"a":1})", R"({"a":[],"b":{},"c":[[]]})", R"([1,-0,0.5e-7,true,false,null,"x"])", "1",
        "\"x\"", "[[[]]]", "\xEF\xBB\xBF{\"a\":1}", R"({"":0})", R"({"a":"\ud83d\ude00"})"}) {
    EXPECT_TRUE(strictly_valid(scanner, good)) << good;
  }
  for (const char* bad : {"",
                          "{",
                          "}",
                          "{]",
                          "[}",
                          R"({"a"})",
                          R"({"a":})",
                          R"({"a":1,})",
                          R"({,"a":1})",
                          R"({"a":1 "b":2})",
                          R"({a:1})",
                          "[1,]",
                          "[,1]",
                          "{}{}",
                          "{} x",
                          R"({"a":1)",
                          R"({"a":"b)",
                          R"({"a":tru})",
                          "01",
                          "1.",
                          ".5",
                          "+1",
                          "1e",
                          "--1",
                          "NaN",
                          R"({"a":"\x"})",
                          R"({"a":"\u12"})",
                          R"({"a":"\ud800"})",
                          R"({"a":"\udc00\ud800"})",
                          "{\"a\":\"\x01\"}",
                          "{\"a\":\"\xff\"}",
                          R"({"a"::1})",
                          R"({"a":1:2})",
                          R"({'a':1})"}) {
    EXPECT_FALSE(strictly_valid(scanner, bad)) << bad;
  }
}

TEST(JsonScanner, CutIsToldFromDamaged) {
  JsonScanner scanner({});
  const std::string whole = R"({"a":{"b":[1,"two",{"c":null}]},"d":"e"})";
  ASSERT_EQ(scanner.scan(whole), JsonVerdict::whole);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(scanner.scan(std::string_view(whole).substr(0, size)), JsonVerdict::cut) << size;
  }
  EXPECT_EQ(scanner.scan("x"), JsonVerdict::damaged);
  EXPECT_EQ(scanner.scan("[1]"), JsonVerdict::damaged);  // a record is an object
}

TEST(JsonScanner, Unescapes) {
  const auto text = [](std::string_view raw) {
    std::string out;
    json_unescape(raw, out);
    return out;
  };
  EXPECT_EQ(text(R"(a\"\\\/\b\f\n\r\tz)"), "a\"\\/\b\f\n\r\tz");
  EXPECT_EQ(text(R"(\u0041\u00e9\u20ac\ud83d\ude00)"), "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
  EXPECT_EQ(text(R"(\u0000)"), std::string(1, '\0'));
  EXPECT_EQ(text(R"(\ud83dx)"), "\xEF\xBF\xBDx");
  EXPECT_EQ(text(R"(\ude00)"), "\xEF\xBF\xBD");
  EXPECT_EQ(text(R"(\ud83d\u0041)"),
            "\xEF\xBF\xBD"
            "A");
  EXPECT_EQ(text(R"(\q)"), "\xEF\xBF\xBDq");
  EXPECT_EQ(text("\\"), "\xEF\xBF\xBD");
  EXPECT_EQ(text(R"(\u12)"),
            "\xEF\xBF\xBD"
            "12");
  EXPECT_EQ(text("caf\xe9"), "caf\xEF\xBF\xBD");
}

// Every small text over the characters that strings are about: the end of the string is where a walk one by one finds
// it.
TEST(JsonScanner, StringEndAgreesWithTheWalk) {
  const std::string alphabet = "a\"\\";
  for (const std::size_t padding : {0U, 13U, 15U, 16U, 31U}) {
    for (std::size_t code = 0; code < 6561; ++code) {  // 3^8
      std::string text(padding, 'x');
      for (std::size_t n = code, i = 0; i < 8; ++i, n /= 3) text += alphabet[n % 3];
      std::size_t want = std::string::npos;
      for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
          ++i;
        } else if (text[i] == '"') {
          want = i;
          break;
        }
      }
      ASSERT_EQ(json_string_end(text, 0), want) << text;
    }
  }
}

TEST(JsonScanner, TheIndexIsTheSameForAllLanes) {
  std::mt19937 random(9);
  std::size_t escapes = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    const std::size_t size = random() % 260;
    const bool odd = random() % 3 == 0;
    while (text.size() < size) {
      text += "ab/n\"\"\\\\\\u\x80\x1f"[random() % (odd ? 13 : 11)];
      if (random() % 5 == 0) text.append(random() % 40, random() % 2 == 0 ? 'c' : '\\');
    }
    std::vector<std::string> said;
    for (const Lanes most : {Lanes::plain, Lanes::avx2, Lanes::avx512}) {
      const LimitLanes limit(most);
      JsonIndex index;
      index.build(text);
      std::string& all = said.emplace_back(index.odd_escapes() ? "odd escapes" : "");
      for (std::size_t at = 0; at <= text.size(); ++at) {
        all += ' ' + std::to_string(std::min(index.quote_from(at), text.size()));
        for (const std::size_t end : {at, at + 1, text.size()}) {
          if (end > text.size()) continue;
          all += index.backslash_in(at, end) ? 'b' : '.';
          all += index.odd_in(at, end) ? 'o' : '.';
        }
      }
      escapes += index.odd_escapes();
    }
    ASSERT_EQ(said[1], said[0]) << text;
    ASSERT_EQ(said[2], said[0]) << text;
    // And by a walk over the text: a quote is the first that no backslash escapes, counted from the start.
    std::string walk;
    bool escaped = false;
    for (const char c : text) {
      walk += c == '"' && !escaped ? '"' : '.';
      escaped = c == '\\' && !escaped;
    }
    JsonIndex index;
    index.build(text);
    for (std::size_t at = 0; at < text.size(); ++at)
      ASSERT_EQ(std::min(index.quote_from(at), text.size()), std::min(walk.find('"', at), text.size())) << text;
  }
  EXPECT_GT(escapes, 1000U);
}

TEST(JsonScanner, GuessedKeysNeverMislead) {
  // Keys that begin alike, with the guess of the record before.
  JsonScanner scanner({});
  const auto paths_of = [&](std::string_view record) {
    EXPECT_EQ(scanner.scan(record), JsonVerdict::whole) << record;
    std::string out;
    for (const JsonEntry& entry : scanner.entries()) out += scanner.paths().at(entry.node).path + ",";
    return out;
  };
  const std::string filler = R"(,"filler":"................................................")";
  for (const std::string& keys :
       {std::string("a"), std::string("ab"), std::string("abc"), std::string(29, 'k'), std::string(30, 'k'),
        std::string(31, 'k'), std::string(32, 'k'), std::string(33, 'k'), std::string(100, 'k')}) {
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(paths_of("{\"" + keys + "\":1" + filler + "}"), keys + ",filler,");
      EXPECT_EQ(paths_of("{\"" + keys + "x\":1" + filler + "}"), keys + "x,filler,");
      EXPECT_EQ(paths_of("{\"" + keys + "\" :1" + filler + "}"), keys + ",filler,");
    }
  }
  EXPECT_EQ(paths_of(R"({"a\"b":1,"c":{"a\"b":2}})"), "a\"b,c.a\"b,");
}

TEST(JsonScanner, DuplicateKeysAreCountedPerObject) {
  JsonScanner scanner({});
  ASSERT_EQ(scanner.scan(R"({"a":1,"b":[{"a":1},{"a":2}],"c":{"a":3},"a":4,"a":5})"), JsonVerdict::whole);
  EXPECT_EQ(scanner.faults().duplicate_keys, 2U);
  ASSERT_EQ(scanner.scan(R"({"a":1,"b":2})"), JsonVerdict::whole);
  EXPECT_EQ(scanner.faults().duplicate_keys, 0U);
}

TEST(JsonScanner, DepthIsCapped) {
  JsonScanner scanner({});
  const auto nested = [](std::size_t depth) {
    std::string out;
    for (std::size_t i = 0; i < depth; ++i) out += R"({"a":)";
    return out + "1" + std::string(depth, '}');
  };
  EXPECT_EQ(scanner.scan(nested(limits::kJsonDepth)), JsonVerdict::whole);
  EXPECT_EQ(scanner.faults().too_deep, 0U);
  EXPECT_EQ(scanner.entries().size(), 1U);
  EXPECT_EQ(scanner.scan(nested(limits::kJsonDepth + 1)), JsonVerdict::whole);
  EXPECT_EQ(scanner.faults().too_deep, 1U);
  EXPECT_EQ(
      scanner.scan("{\"before\":1,\"deep\":" + std::string(100'000, '[') + std::string(100'000, ']') + ",\"after\":2}"),
      JsonVerdict::whole);
  EXPECT_EQ(scanner.faults().too_deep, 1U);
  EXPECT_EQ(scanner.entries().size(), 2U);
  EXPECT_EQ(scanner.scan("{\"deep\":" + std::string(100'000, '[')), JsonVerdict::cut);
}

TEST(JsonScanner, FieldsAndKeysAreCapped) {
  JsonScanner scanner({});
  std::string many = "{";
  for (std::size_t i = 0; i < limits::kFieldsPerRecord + 5; ++i)
    many += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":1";
  ASSERT_EQ(scanner.scan(many + "}"), JsonVerdict::whole);
  EXPECT_EQ(scanner.entries().size(), limits::kFieldsPerRecord);
  EXPECT_EQ(scanner.faults().too_many, 5U);
  ASSERT_EQ(scanner.scan("{\"" + std::string(limits::kKeyBytes + 1, 'k') + "\":{\"a\":[1]},\"b\":2}"),
            JsonVerdict::whole);
  EXPECT_EQ(scanner.entries().size(), 1U);
  EXPECT_EQ(scanner.faults().long_keys, 1U);
}

TEST(JsonScanner, KeysThatAreDataDoNotGrowForEver) {
  JsonScanner scanner({});
  std::size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    std::string record = "{";
    for (int k = 0; k < 1000; ++k) record += (k == 0 ? "\"" : ",\"") + std::to_string(i * 1000 + k) + "\":1";
    ASSERT_EQ(scanner.scan(record + "}"), JsonVerdict::whole);
    ASSERT_EQ(scanner.entries().size(), 1000U);
    most = std::max(most, scanner.paths().size());
  }
  EXPECT_LE(most, JsonPaths::kMost + limits::kFieldsPerRecord);
  EXPECT_GT(scanner.generation(), 0U);
}

// Leaves as "path=text" from simdjson's tree: the other reader that the scanner is measured by.
void leaves_of(simdjson::dom::element value, const std::string& path, std::vector<std::string>& out, bool top = true) {
  switch (value.type()) {
    case simdjson::dom::element_type::OBJECT:
      for (const auto member : simdjson::dom::object(value)) {
        const std::string key(member.key);
        leaves_of(member.value, top ? key : key == "#text" ? path : path + "." + key, out, false);
      }
      break;
    case simdjson::dom::element_type::ARRAY:
      for (const simdjson::dom::element item : simdjson::dom::array(value)) leaves_of(item, path, out, top);
      break;
    case simdjson::dom::element_type::STRING:
      out.push_back(path + "=" + std::string(std::string_view(value)));
      break;
    case simdjson::dom::element_type::BOOL:
      out.push_back(path + (bool(value) ? "=true" : "=false"));
      break;
    case simdjson::dom::element_type::NULL_VALUE:
      out.push_back(path + "=null");
      break;
    default:
      out.push_back(path + "=number");
  }
}
std::vector<std::string> leaves_of(const JsonScanner& scanner, std::string_view raw) {
  std::vector<std::string> out;
  for (const JsonEntry& entry : scanner.entries()) {
    const std::string_view text = raw.substr(entry.begin, entry.size);
    std::string shown;
    if (entry.kind == ValueKind::null) {
      shown = "null";
    } else if (entry.kind == ValueKind::number) {
      shown = "number";
    } else if (entry.decode) {
      json_unescape(text, shown);
    } else {
      shown = text;
    }
    out.push_back(scanner.paths().at(entry.node).path + "=" + shown);
  }
  return out;
}

std::string random_json(std::mt19937& random, int depth) {
  static const std::vector<std::string> kStrings{"",
                                                 "a",
                                                 "key",
                                                 "id.orig_h",
                                                 "\\n",
                                                 "\\u00e9",
                                                 "caf\xC3\xA9",
                                                 "\\ud83d\\ude00",
                                                 "q\\\"q",
                                                 "back\\\\slash",
                                                 "a value that is longer than sixteen bytes",
                                                 "#text",
                                                 "\\/"};
  const auto string = [&] { return "\"" + kStrings[random() % kStrings.size()] + "\""; };
  const auto blank = [&] { return std::string(random() % 4 == 0 ? " \n" : ""); };
  switch (depth <= 0 ? random() % 5 : random() % 8) {
    case 0:
      return string();
    case 1:
      return std::to_string(static_cast<int>(random() % 2000) - 1000);
    case 2:
      return "1.5e-3";
    case 3:
      return random() % 2 == 0 ? "true" : "false";
    case 4:
      return "null";
    case 5: {
      std::string out = "[";
      for (std::size_t i = 0, n = random() % 4; i < n; ++i)
        out += (i == 0 ? "" : ",") + blank() + random_json(random, depth - 1) + blank();
      return out + "]";
    }
    default: {
      std::string out = "{";
      for (std::size_t i = 0, n = random() % 5; i < n; ++i) {
        out += (i == 0 ? "" : ",") + blank() + string() + blank() + ":" + blank() + random_json(random, depth - 1) +
               blank();
      }
      return out + "}";
    }
  }
}

// Valid documents give the same leaves; changed ones the same verdict.
TEST(JsonScanner, AgreesWithSimdjson) {
  JsonScanner scanner({});
  simdjson::dom::parser parser;
  std::mt19937 random(20200716);
  std::size_t valid = 0;
  std::size_t invalid = 0;
  for (int round = 0; round < 30'000; ++round) {
    std::string text = "{\"top\":" + random_json(random, 4) + ",\"k\":" + random_json(random, 3) + "}";
    if (round % 2 == 1) {
      for (std::size_t n = 1 + random() % 2; n > 0; --n) {
        const std::size_t at = random() % text.size();
        switch (random() % 4) {
          case 0:
            text.erase(at, 1 + random() % 3);
            break;
          case 1:
            text[at] = static_cast<char>(random() & 255);
            break;
          case 2:
            text.insert(at, 1, "{}[]\",:\\x0"[random() % 10]);
            break;
          default:
            text[at] = "{}[]\",:\\u1"[random() % 10];
        }
        if (text.empty()) text = "{";
      }
    }
    simdjson::dom::element root;
    const simdjson::error_code error = parser.parse(simdjson::padded_string(text)).get(root);
    const bool ours = strictly_valid(scanner, text);
    if (error == simdjson::NUMBER_ERROR && ours) continue;  // numbers that do not fit 64 bits are text to us
    ASSERT_EQ(ours, error == simdjson::SUCCESS) << text;
    if (ours) {
      ++valid;
      std::vector<std::string> want;
      leaves_of(root, "", want);
      ASSERT_EQ(leaves_of(scanner, text), want) << text;
    } else {
      ++invalid;
    }
  }
  EXPECT_GT(valid, 10'000U);
  EXPECT_GT(invalid, 5'000U);
}

TEST(JsonScanner, TestSuite) {
  const char* const env = std::getenv("ASSAY_DATA");
  const fs::path folder = fs::path(env != nullptr ? env : "") / "hostile/json/test_parsing";
  if (env == nullptr || !fs::exists(folder)) GTEST_SKIP() << "no JSONTestSuite here: set ASSAY_DATA";
  JsonScanner scanner({});
  std::size_t cases = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const std::string text = slurp(entry.path());
    const bool valid = strictly_valid(scanner, text);
    if (name.starts_with("y_")) {
      EXPECT_TRUE(valid) << name;
    } else if (name.starts_with("n_")) {
      EXPECT_FALSE(valid) << name;
    }
    ++cases;
  }
  EXPECT_GT(cases, 300U);
}

std::string frames_of(std::string_view bytes) {
  std::string out;
  for (const std::string& record : drain::run(json_document_format(), bytes, "", schemas(), drain::whole()).records) {
    out += record.substr(0, record.find('\n')) + "\n";
  }
  return out;
}

TEST(JsonFraming, FindsObjectsWhereverTheyStand) {
  EXPECT_EQ(frames_of(R"({"a":1})"), "record 0+7 json-other\n");
  EXPECT_EQ(frames_of(R"([{"a":1},{"a":"}"}])"), "record 1+7 json-other\nrecord 9+9 json-other\n");
  EXPECT_EQ(frames_of("{\"a\":1}{\"a\":2}\n\n{\"a\":3}"),
            "record 0+7 json-other\nrecord 7+7 json-other\nrecord 16+7 json-other\n");
  EXPECT_EQ(frames_of("\xEF\xBB\xBF[\n]\n"), "");
  EXPECT_EQ(frames_of("[[{\"a\":[1,{\"b\":2}]}]]"), "record 2+17 json-other\n");
}

TEST(JsonFraming, AnObjectAroundAListOfRecordsIsNoRecord) {
  EXPECT_EQ(frames_of(R"({"Records":[{"a":1},{"a":2}]})"), "record 12+7 json-other\nrecord 20+7 json-other\n");
  EXPECT_EQ(
      frames_of("{\n  \"@odata.context\": \"x, [{\",\n  \"value\": [\n    {\"a\": 1}\n  ],\n  \"@odata.nextLink\": "
                "\"}\"\n}\n"),
      "record 48+8 json-other\n");
  // Several of them, and one that is cut.
  EXPECT_EQ(frames_of("{\"Records\":[{\"a\":1}]}\n{\"Records\":[{\"a\":2}]}\n{\"Records\":[{\"a\":3},{\"b"),
            "record 12+7 json-other\nrecord 34+7 json-other\nrecord 56+7 json-other\nskip 64+3 truncated\n");
  // What stands behind the list and may hold records is counted.
  EXPECT_EQ(frames_of(R"({"items":[{"a":1}],"more":[{"b":2}]})"),
            "record 10+7 json-other\nskip 19+17 damaged_record\n");
  // Records that merely hold a list stay whole.
  EXPECT_EQ(frames_of(R"({"id":7,"value":[{"a":1}]})"), "record 0+26 json-other\n");
  EXPECT_EQ(frames_of(R"({"value":["a"]})"), "record 0+15 json-other\n");
  EXPECT_EQ(frames_of(R"([{"value":[{"a":1}]}])"), "record 1+19 json-other\n");
  for (const std::string_view bytes : {R"({"Records":[{"a":1},{"a":2}]})",
                                       R"({"kind":"k","items":[{"a":{"b":[1]}}],"etag":"x"} {"Records":[{"c":1}]})"}) {
    const std::string want = drain::text(drain::run(json_document_format(), bytes, "", schemas(), drain::whole()));
    for (std::size_t size = 1; size < 9; ++size) {
      EXPECT_EQ(drain::text(drain::run(json_document_format(), bytes, "", schemas(), drain::each(size))), want) << size;
    }
  }
  const Recognised found = recognise(R"({"Records":[{"a":1},{"a":2}]})", true, "x", schemas());
  ASSERT_NE(found.format, nullptr);
  EXPECT_EQ(found.format->name(), "json-doc");
}

TEST(JsonFraming, TruncatedEndIsSaid) {
  EXPECT_EQ(frames_of("[{\"a\":1},{\"b\":2"), "record 1+7 json-other\nskip 9+6 truncated\n");
}

// One broken object among many costs itself, wherever and however it is broken.
TEST(JsonFraming, OneBrokenObjectCostsItself) {
  for (const bool pretty : {false, true}) {
    const auto object = [&](int i) {
      const std::string n = std::to_string(1000 + i);
      return pretty ? "  {\n    \"id\": " + n +
                          ",\n    \"list\": [\n      {\n        \"id\": 1\n      }\n    ],\n    \"text\": \"a, {b} "
                          "[c]\"\n  }"
                    : "{\"id\":" + n + ",\"list\":[1,{\"x\":1}],\"text\":\"a, {b} [c]\"}";
    };
    const std::string sample = object(5);
    for (std::size_t at = 0; at < sample.size(); ++at) {
      for (const char* change : {"", "\"", "{", "}", "[", "]", "\\", ",", "\x01"}) {
        std::string document = "[\n";
        for (int i = 0; i < 10; ++i) {
          std::string one = object(i);
          if (i == 5) one.replace(at, 1, change);
          document += one + (i < 9 ? ",\n" : "\n");
        }
        document += "]\n";
        const drain::Result result = drain::run(json_document_format(), document, "", schemas(), drain::whole());
        ASSERT_EQ(result.broken_promise, "");
        if (at % 7 == 0) {
          const drain::Result cut =
              drain::run(json_document_format(), document, "", schemas(), drain::each(1 + at % 3));
          ASSERT_EQ(drain::text(cut), drain::text(result));
        }
        for (int i = 0; i < 10; ++i) {
          if (i == 5) continue;
          bool found = false;
          for (const std::string& record : result.records) {
            found = found || (record.starts_with("record") &&
                              record.find("  id = " + std::to_string(1000 + i) + "\n") != std::string::npos);
          }
          ASSERT_TRUE(found) << "object " << i << " lost, byte " << at << " replaced by '" << change << "', pretty "
                             << pretty << "\n"
                             << drain::text(result);
        }
      }
    }
  }
}

// Work stays in proportion to the bytes, whatever they are.
TEST(JsonFraming, HostileDocumentsTakeLinearTime) {
  const auto repeat = [](std::string_view unit, std::size_t size) {
    std::string out;
    while (out.size() < size) out += unit;
    return out;
  };
  const std::vector<std::string> units{
      "{\"a\":", "{\"a\":\n", "{", "[", "{\"a\":1},{\"a\":", "{\"a\":\"", "}", "\"", "x{", "{\"a\":{\"a\":1}}{\"a\":",
      "\\\"",    ",\n"};
  for (const std::string& unit : units) {
    const std::string bytes = repeat(unit, std::size_t{6} << 20);
    const auto start = std::chrono::steady_clock::now();
    JsonFraming framing;
    std::string_view rest = bytes;
    while (true) {
      const Frame frame = framing.next(rest, true);
      if (frame.kind == Frame::Kind::done) break;
      ASSERT_NE(frame.kind, Frame::Kind::more) << unit;
      ASSERT_GT(frame.next, 0U) << unit;
      rest.remove_prefix(frame.next);
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    EXPECT_LT(seconds, 20.0) << unit;  // measured 0.01-1 s; quadratic work would take hours
  }
}

TEST(JsonReader, HugeLinesAreCutByTheirLimitAndTheRestStays) {
  // The reader asks for more until the line ends; the limit is the driver's. What is over it and handed in cut counts
  // by its head.
  std::string line = "{\"a\":1,\"big\":\"" + std::string(limits::kRecordBytes, 'x');
  const auto reader = json_lines_format().open({}, "", schemas());
  EXPECT_EQ(reader->next(line, false).kind, Frame::Kind::more);
  Notices notices;
  EXPECT_TRUE(reader->begin(line, notices));
  Projection projection;
  const Slot slot = projection.add("a");
  FieldTable table;
  table.reset(1);
  reader->read(projection, table);
  EXPECT_EQ(table.first(slot).text, "1");
  EXPECT_FALSE(reader->begin("{\"a\":1,\"big\":\"short", notices));
}

TEST(JsonReader, ShapesAreChosenRecordByRecord) {
  const std::string lines =
      "{\"winlog\":{\"channel\":\"Security\",\"event_id\":1}}\n"
      "{\"winlog.channel\":\"Security\",\"winlog.event_id\":1}\n"
      "{\"EventID\":1,\"Channel\":\"Security\"}\n"
      "{\"_path\":\"conn\",\"ts\":1}\n"
      "{\"EventID\":1}\n"
      "{\"winlog\":{\"channel\":\"Security\",\"event_id\":1}}\n";
  std::string shapes;
  for (const std::string& record : drain::run(json_lines_format(), lines, "", schemas(), drain::whole()).records) {
    shapes += record.substr(record.rfind(' ', record.find('\n')) + 1,
                            record.find('\n') - record.rfind(' ', record.find('\n')));
  }
  EXPECT_EQ(shapes, "winlogbeat\nwinlogbeat\nwindows-flat\nzeek-json\njson-other\nwinlogbeat\n");
}

}  // namespace
}  // namespace assay
