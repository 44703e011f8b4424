#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "core/time.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"
#include "evidence/stream.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

using drain::schemas;
using drain::slurp;

std::string unpacked(const fs::path& path) {
  const std::string packed = slurp(path);
  const auto below = open_memory(packed);
  ExpansionGauge gauge;
  const auto stream = open_gzip(*below, gauge);
  std::string out;
  std::string buffer(1 << 16, '\0');
  while (const std::size_t n = stream->read(buffer)) out.append(buffer, 0, n);
  return out;
}

std::string normal(const Value& value);

// Every record as lines "path=value", sorted; without null and empty values: an empty set and a set of one empty string
// are written alike by the tab separated writer.
std::multiset<std::string> records_of(const Format& format, std::string_view bytes) {
  std::multiset<std::string> out;
  const auto reader = format.open(bytes.substr(0, format.prologue_size(bytes.substr(0, 65536))), "zeek-tsv", schemas());
  Notices notices;
  std::vector<std::string> parts;
  while (true) {
    const Frame frame = reader->next(bytes, true);
    if (frame.kind == Frame::Kind::done) return out;
    if (frame.kind == Frame::Kind::record) {
      EXPECT_TRUE(reader->begin(bytes.substr(frame.begin, frame.end - frame.begin), notices));
      parts.clear();
      reader->all_fields([&](std::string_view path, Value value) {
        if (path == "_write_ts" || value.kind == ValueKind::null || value.text.empty()) return;
        parts.push_back(std::string(path) + "=" + normal(value) + "\n");
      });
      std::sort(parts.begin(), parts.end());
      std::string record;
      for (const std::string& part : parts) record += part;
      out.insert(std::move(record));
    }
    bytes.remove_prefix(frame.next);
  }
}

// A value in the one form that both writers' values have: numbers, and times as seconds, in millionths.
std::string normal(const Value& value) {
  const std::string_view text = value.text;
  if (text.size() > 19) {
    if (const auto time = parse_iso8601(text, 0, true))
      return std::to_string(std::llround(static_cast<double>(time->ns) / 1000));
  }
  if (const auto number = parse_double(text); number && std::abs(*number) < 1e12)
    return std::to_string(std::llround(*number * 1e6));
  return std::string(text);
}

TEST(Zeek, TheSameTrafficInBothFormatsGivesTheSameRecords) {
  const char* const env = std::getenv("ASSAY_DATA");
  const fs::path folder = fs::path(env != nullptr ? env : "") / "network/zeek-tsv-and-json";
  if (env == nullptr || !fs::exists(folder)) GTEST_SKIP() << "no Zeek logs in both formats here: set ASSAY_DATA";
  std::size_t logs = 0;
  std::size_t records = 0;
  for (const auto& entry : fs::directory_iterator(folder / "zeek-default")) {
    const std::string name = entry.path().filename().string();
    const std::string log = name.substr(0, name.find('.'));
    SCOPED_TRACE(log);
    const fs::path other = folder / "zeek-json" / (log + ".json.gz");
    ASSERT_TRUE(fs::exists(other));
    const std::multiset<std::string> tsv = records_of(zeek_format(), unpacked(entry.path()));
    const std::multiset<std::string> json = records_of(json_lines_format(), unpacked(other));
    if (tsv != json) {
      std::vector<std::string> only;
      std::set_symmetric_difference(tsv.begin(), tsv.end(), json.begin(), json.end(), std::back_inserter(only));
      ADD_FAILURE() << only.size() << " records differ, the first:\n" << only.front();
    }
    ++logs;
    records += tsv.size();
  }
  EXPECT_GT(logs, 25U);
  EXPECT_GT(records, 100'000U);
}

TEST(Zeek, RecognisedOnlyByItsHeader) {
  const auto score = [](std::string_view head) {
    return zeek_format().recognise(head, true, "conn.log", schemas()).score;
  };
  EXPECT_EQ(score("#separator \\x09\n#path\tconn\n#fields\tts\tuid\n"), 100);
  EXPECT_EQ(score("#separator \\x09\n#path\tconn\n"), 0);  // no columns: nothing could be read
  EXPECT_EQ(score("1588291217.783584\tC1\n"), 0);
  EXPECT_EQ(score("# a comment\n#fields\tx\n"), 0);
}

TEST(Zeek, RangesReadLikeTheWhole) {
  const std::string bytes = slurp(fs::path(ASSAY_SOURCE_DIR) / "src/evidence/formats/zeek/testdata/conn.in");
  const std::size_t prologue = zeek_format().prologue_size(bytes);
  const auto lines = [&](std::string_view range) {
    const auto reader = zeek_format().open(std::string_view(bytes).substr(0, prologue), "zeek-tsv", schemas());
    std::string out;
    Notices notices;
    while (true) {
      const Frame frame = reader->next(range, true);
      if (frame.kind == Frame::Kind::done) break;
      if (frame.kind == Frame::Kind::record &&
          reader->begin(range.substr(frame.begin, frame.end - frame.begin), notices)) {
        reader->all_fields(
            [&](std::string_view path, Value value) { out.append(path).append("=").append(value.text).append(";"); });
        out += "\n";
      }
      range.remove_prefix(frame.next);
    }
    return out;
  };
  const std::string whole = lines(bytes);
  for (std::size_t at = bytes.find('\n', prologue); at != std::string::npos; at = bytes.find('\n', at + 1)) {
    EXPECT_EQ(lines(std::string_view(bytes).substr(0, at + 1)) + lines(std::string_view(bytes).substr(at + 1)), whole)
        << at;
  }
}

TEST(Zeek, OddHeaders) {
  const auto text = [](std::string_view bytes) {
    return drain::text(drain::run(zeek_format(), bytes, "zeek-tsv", schemas(), drain::whole()));
  };
  // Types missing: everything is text. A column twice: both values.
  EXPECT_EQ(text("#fields\ta\tb\ta\nT\t1\tx\n"), "record 14+5 zeek-tsv\n  a = \"T\"\n  b = \"1\"\n  a = \"x\"\n");
  // No columns at all: every line is damaged, none is lost silently.
  EXPECT_EQ(text("#separator \\x09\nx\ty\n"), "damaged 16+3\n");
  EXPECT_EQ(text("#fields\t\n\n"), "");
}

}  // namespace
}  // namespace assay
