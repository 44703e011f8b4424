#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using drain::schemas;
using drain::slurp;

std::vector<std::string> run(std::string_view bytes) {
  const drain::Result result = drain::run(w3c_format(), bytes, "", schemas(), drain::whole());
  EXPECT_EQ(result.broken_promise, "");
  return result.records;
}

TEST(W3c, RecognisedOnlyByItsHeader) {
  const auto score = [](std::string_view head) { return w3c_format().recognise(head, true, "x.log", schemas()).score; };
  EXPECT_GT(score("#Version: 1.0\n#Fields: date time c-ip\n"), 90);
  EXPECT_GT(score("\xEF\xBB\xBF#Software: X\r\n#Fields: date-time,client-ip\r\n"), 90);
  EXPECT_EQ(score("#Fields: date time c-ip\n"), 0);
  EXPECT_EQ(score("#Version: 1.0\n2020-04-16 02:12:07 192.0.2.1\n"), 0);
  EXPECT_EQ(score("#separator \\x09\n#fields\tts\tuid\n"), 0);
}

// Every range reads like the whole when it has the header in force: what the worker gives it.
TEST(W3c, RangesReadLikeTheWhole) {
  const std::string bytes = slurp(fs::path(ASSAY_SOURCE_DIR) / "src/evidence/formats/w3c/testdata/iis.in");
  const auto fields = [](std::string_view prologue, std::string_view range) {
    const auto reader = w3c_format().open(prologue, "", schemas());
    std::string out;
    Notices notices;
    while (true) {
      const Frame frame = reader->next(range, true);
      if (frame.kind == Frame::Kind::done) return out;
      if (frame.kind == Frame::Kind::record) {
        const bool good = reader->begin(range.substr(frame.begin, frame.end - frame.begin), notices);
        out += good ? schemas().at(reader->shape()).shape : "damaged";
        if (good) {
          reader->all_fields(
              [&](std::string_view path, Value value) { out.append(" ").append(path).append("=").append(value.text); });
        }
        out += "\n";
      }
      range.remove_prefix(frame.next);
    }
  };
  const std::string first = bytes.substr(0, w3c_format().prologue_size(bytes));
  const std::string whole = fields(first, bytes);
  for (std::size_t at = bytes.find('\n'); at != std::string::npos; at = bytes.find('\n', at + 1)) {
    const std::string_view before = std::string_view(bytes).substr(0, at + 1);
    std::string header;  // every header line so far
    for (const std::string_view line : split(before, '\n')) {
      if (line.starts_with('#')) header += std::string(line) + "\n";
    }
    EXPECT_EQ(fields(first, before) + fields(header, std::string_view(bytes).substr(at + 1)), whole) << at;
  }
}

TEST(W3c, OddLines) {
  const std::string head = "#Version: 1.0\n#Fields: date time a b\n";
  const auto last = [&](std::string_view line) { return run(head + std::string(line) + "\n").back(); };
  EXPECT_EQ(last("2020-04-16 02:12:07 x y"),
            "record 37+23 w3c-other\n  _time = \"2020-04-16T02:12:07Z\"\n  date = \"2020-04-16\"\n  time = "
            "\"02:12:07\"\n  a = \"x\"\n  b = \"y\"\n");
  EXPECT_NE(last("2020-04-16 02:12:07 \"x and \"\"z\"\"\" y").find("a = \"x and \\x22z\\x22\""), std::string::npos);
  EXPECT_TRUE(last("2020-04-16 02:12:07 x").starts_with("damaged"));
  EXPECT_TRUE(last("2020-04-16 02:12:07 x y z").starts_with("damaged"));
  EXPECT_NE(last("2020-04-16 25:12:07 x y").find("_time = \"2020-04-16 25:12:07\""), std::string::npos);
  EXPECT_EQ(run(head + std::string(512, '\0') + "\n").size(), 0U);  // space that was kept for more
  EXPECT_TRUE(run("#Version: 1.0\n#Fields:\nx\n").back().starts_with("damaged"));
}

// Lines with a time only go over midnight, and a line that was written late does not.
TEST(W3c, TimesWithoutADateGoOverMidnight) {
  const std::string head = "#Version: 1.0\n#Date: 2020-02-28 23:59:50\n#Fields: time c-ip cs-method cs-uri-stem\n";
  const auto days = [](std::string_view bytes) {
    const Recognised found = recognise(bytes, true, "u.log", schemas());
    EXPECT_EQ(found.format, &w3c_undated_format());
    EXPECT_EQ(found.format->split(), Split::none);
    std::string out;
    for (const std::string& record : drain::run(*found.format, bytes, "", schemas(), drain::each(5)).records)
      out += record.substr(record.find("_time = \"") + 9, 19) + "\n";
    return out;
  };
  const auto row = [](std::string_view clock) { return std::string(clock) + " 192.0.2.1 GET /\n"; };
  EXPECT_EQ(days(head + row("23:59:58") + row("00:00:01") + row("23:59:59") + row("12:00:00") + row("23:00:00") +
                 row("00:00:00")),
            "2020-02-28T23:59:58\n2020-02-29T00:00:01\n2020-02-28T23:59:59\n2020-02-29T12:00:00\n"
            "2020-02-29T23:00:00\n2020-03-01T00:00:00\n");
  // A new #Date says the day.
  EXPECT_EQ(days(head + row("23:59:58") + "#Date: 2020-03-05 00:00:00\n" + row("00:00:01")),
            "2020-02-28T23:59:58\n2020-03-05T00:00:01\n");
}

TEST(W3c, ALogThatWasCutBeforeItsHeader) {
  const std::string rows =
      "2020-04-16 02:12:07 192.0.2.1 GET /a 198.51.100.7 200\n2020-04-16 02:12:08 192.0.2.1 GET /b 198.51.100.7 200\n"
      "2020-04-16 02:12:09 192.0.2.1 POST /c 198.51.100.7 200\n";
  const std::string header =
      "#Software: X\n#Version: 1.0\n#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status\n";
  const Recognised found = recognise(rows + header + rows, true, "u.log", schemas());
  ASSERT_EQ(found.format, &w3c_format());
  const drain::Result result = drain::run(*found.format, rows + header + rows, "", schemas(), drain::whole());
  EXPECT_EQ(result.damaged, 3U);
  EXPECT_NE(drain::text(result).find("x3: lines before the first #Fields"), std::string::npos);
  // A header of which #Fields comes late.
  EXPECT_EQ(recognise("#Software: X\n" + rows + "#Fields: date time s-ip cs-method cs-uri-stem c-ip sc-status\n" + rows,
                      true, "u.log", schemas())
                .format,
            &w3c_format());
  // No header at all: what it is, and what to do.
  EXPECT_EQ(recognise(rows, true, "u.log", schemas()).format, nullptr);
  EXPECT_EQ(recognise_not_read(rows, "u.log").name, "W3C extended log without its header lines");
  EXPECT_EQ(recognise_not_read("2020-04-16 02:12:07 a b c d e f g\n", "u.log").name, "");
}

TEST(W3c, OneBadByteCostsItsLineUnlessItIsTheHeader) {
  std::string bytes = "#Version: 1.0\n#Fields: date time c-ip cs-method cs-uri-stem sc-status\n";
  const std::size_t head = bytes.size();
  for (int i = 10; i < 60; ++i)
    bytes += "2020-04-16 02:12:" + std::to_string(i) + " 192.0.2.1 GET /" + std::to_string(i) + " 200\n";
  const std::vector<std::string> full = run(bytes);
  std::mt19937 random(5);
  for (int round = 0; round < 1000; ++round) {
    std::string broken = bytes;
    broken[head + random() % (bytes.size() - head)] = static_cast<char>(random() & 255);
    const std::vector<std::string> after = run(broken);
    const std::set<std::string> still(after.begin(), after.end());
    std::size_t lost = 0;
    for (const std::string& record : full) lost += still.contains(record) ? 0U : 1U;
    ASSERT_LE(lost, 2U);
  }
}

}  // namespace
}  // namespace assay
