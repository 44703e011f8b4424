#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "core/time.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"
#include "evidence/stream.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const SchemaSet& schemas() {
  static const SchemaSet kSchemas = SchemaSet::load({}).value();
  return kSchemas;
}

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

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

using Fields = std::multimap<std::string, Value>;
struct Kept {
  std::vector<std::pair<std::string, std::pair<ValueKind, std::string>>> fields;
};

std::vector<Kept> records_of(const Format& format, std::string_view bytes) {
  std::vector<Kept> out;
  const drain::Result result =
      drain::run(format, bytes, "zeek-tsv", schemas(), drain::whole(), [&](RecordReader& reader, std::string&) {
        Kept kept;
        reader.all_fields([&](std::string_view path, Value value) {
          kept.fields.emplace_back(std::string(path), std::pair{value.kind, std::string(value.text)});
        });
        out.push_back(std::move(kept));
      });
  EXPECT_EQ(result.broken_promise, "");
  EXPECT_EQ(result.damaged, 0U);
  return out;
}

// A value in the one form that both writers' values have: numbers, and times as seconds, in millionths.
std::string normal(const std::pair<ValueKind, std::string>& value) {
  const std::string& text = value.second;
  if (text.size() > 19) {
    if (const auto time = parse_iso8601(text, 0, true))
      return std::to_string(std::llround(static_cast<double>(time->ns) / 1000));
  }
  if (const auto number = parse_double(text); number && std::abs(*number) < 1e12)
    return std::to_string(std::llround(*number * 1e6));
  return text;
}

std::string line_of(const Kept& record) {
  std::vector<std::string> parts;
  for (const auto& [path, value] : record.fields) {
    if (path == "_write_ts" || value.first == ValueKind::null) continue;
    parts.push_back(path + "=" + normal(value));
  }
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const std::string& part : parts) out += part + "\n";
  return out;
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
    std::multiset<std::string> tsv;
    std::multiset<std::string> json;
    for (const Kept& record : records_of(zeek_format(), unpacked(entry.path()))) tsv.insert(line_of(record));
    for (const Kept& record : records_of(json_lines_format(), unpacked(other))) json.insert(line_of(record));
    EXPECT_EQ(tsv.size(), json.size());
    std::size_t differ = 0;
    std::string example;
    for (const std::string& record : tsv) {
      if (json.contains(record)) continue;
      if (std::getenv("DBG")) printf("%s---\n", record.c_str());
      if (++differ == 1) {
        example = record + "--- not among the JSON records; there:\n";
        const std::string first = record.substr(0, record.find("id.orig_p"));
        for (const std::string& candidate : json) {
          if (candidate.starts_with(first)) {
            example += candidate;
            break;
          }
        }
      }
    }
    EXPECT_EQ(differ, 0U) << example;
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
  EXPECT_EQ(text("#fields\ta\tb\ta\nT\t1\tx\n"), "record 15+5 zeek-tsv\n  a = \"T\"\n  b = \"1\"\n  a = \"x\"\n");
  // No columns at all: every line is damaged, none is lost silently.
  EXPECT_EQ(text("#separator \\x09\nx\ty\n"), "damaged 16+3\n");
  EXPECT_EQ(text("#fields\t\n\n"), "");
}

}  // namespace
}  // namespace assay
