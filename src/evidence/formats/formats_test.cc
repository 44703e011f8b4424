// Every room with the same yardstick: goldens (testdata/NAME.in -> NAME.out), the same records however the stream is
// cut, and broken copies of every golden input. ASSAY_UPDATE_GOLDENS=1 rewrites the goldens.
#include "evidence/formats/formats.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "core/limits.h"
#include "core/time.h"
#include "evidence/formats/drain.h"
#include "evidence/lines_rule.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

const SchemaSet& schemas() {
  static const SchemaSet kSchemas = [] {
    Result<SchemaSet> loaded = SchemaSet::load({});
    if (!loaded.ok()) {
      ADD_FAILURE() << loaded.error().text();
      std::abort();
    }
    return std::move(loaded).value();
  }();
  return kSchemas;
}

using drain::slurp;

std::vector<fs::path> inputs() {
  std::vector<fs::path> out;
  for (const auto& room : fs::directory_iterator(fs::path(ASSAY_SOURCE_DIR) / "src/evidence/formats")) {
    if (!room.is_directory() || room.path().filename() == "mail") continue;  // mail_test.cc has its own, with parts
    const fs::path folder = room.path() / "testdata";
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (entry.path().extension() == ".in") out.push_back(entry.path());
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

Recognised recognise_all(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  return recognise(head, head.size() == bytes.size(), "evidence", schemas());
}

// The route as a worker finds it: the first whose conditions hold.
const Route& route_of(RecordReader& reader) {
  const Schema& schema = schemas().at(reader.shape());
  for (const Route& route : schema.routes) {
    bool fits = true;
    for (const Route::Condition& condition : route.when) {
      Projection projection;
      const Slot slot = projection.add(condition.path);
      FieldTable table;
      table.reset(1);
      reader.read(projection, table);
      bool any = false;
      table.each(slot, [&](const Value& value) {
        any = any || condition.any_of.empty();
        for (const std::string& wanted : condition.any_of) any = any || equals_icase(wanted, value.text);
      });
      fits = fits && any;
    }
    if (fits) return route;
  }
  return schema.routes.back();
}

// What rules see: the route, and every role that has a value.
void show_meaning(RecordReader& reader, std::string& text) {
  const Schema& schema = schemas().at(reader.shape());
  const Route& route = route_of(reader);
  text += "  route " + route.name + " product=" + route.product + " service=" + route.service + " categories=";
  for (const std::string& category : route.categories) text += category + ",";
  text += " class=" + route.source_class + "\n";
  for (const auto& [name, rules] : schema.overlay) {
    if (!name.starts_with('@')) continue;
    Projection projection;
    const Binding binding = assay::bind(schema, name, projection);
    FieldTable table;
    table.reset(projection.size());
    reader.read(projection, table);
    std::string values;
    each_value(binding, table, [&](const Value& value) { values += " " + drain::show(value); });
    if (!values.empty()) text += "  " + name + ":" + values + "\n";
  }
}

TEST(Formats, Goldens) {
  for (const fs::path& path : inputs()) {
    SCOPED_TRACE(path.filename().string());
    const std::string bytes = slurp(path);
    const Recognised found = recognise_all(bytes);
    ASSERT_NE(found.format, nullptr);
    std::string text = "format " + std::string(found.format->name()) + " score " +
                       std::to_string(found.recognition.score) + " (" + found.recognition.note + ")\n";
    text +=
        drain::text(drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::whole(), show_meaning));
    fs::path golden = path;
    golden.replace_extension(".out");
    if (std::getenv("ASSAY_UPDATE_GOLDENS") != nullptr) std::ofstream(golden, std::ios::binary) << text;
    EXPECT_EQ(text, slurp(golden));
  }
}

// Every shape that is shipped has a golden, and every format.
TEST(Formats, EveryShapeHasAGolden) {
  std::set<std::string, std::less<>> seen;
  std::set<std::string_view> formats_seen;
  for (const fs::path& path : inputs()) {
    fs::path golden = path;
    golden.replace_extension(".out");
    const std::string text = slurp(golden);
    for (const std::string_view line : split(text, '\n')) {
      if (line.starts_with("record ")) seen.emplace(line.substr(line.rfind(' ') + 1));
    }
    const Recognised found = recognise_all(slurp(path));
    if (found.format != nullptr) formats_seen.insert(found.format->name());
  }
  // Files have no reader; these two have their goldens in their own tests, with inputs that are made there.
  const std::set<std::string_view> elsewhere{"file", "mail", "evtx"};
  for (const Schema& schema : schemas().all()) {
    if (schema.lines != nullptr && !schema.lines->names.empty()) continue;  // told by the file's name: lines_test.cc
    EXPECT_TRUE(elsewhere.contains(schema.format) || seen.contains(schema.shape)) << schema.shape;
  }
  for (const Format* format : formats()) {
    EXPECT_TRUE(elsewhere.contains(format->name()) || formats_seen.contains(format->name())) << format->name();
  }
}

// Times without a zone are the local time of whoever wrote or exported them, and say so, so that the profile's zones
// are used.
TEST(Formats, TimesWithoutAZoneAreLocal) {
  for (const char* shape : {"csv-dhcp-windows", "csv-event-viewer", "csv-get-winevent", "csv-exchange-tracking",
                            "csv-netflow", "w3c-firewall", "apache-error", "fortigate", "syslog"}) {
    const auto id = schemas().find(shape);
    ASSERT_TRUE(id) << shape;
    const std::vector<TimeRule>& times = schemas().at(*id).times;
    EXPECT_TRUE(std::any_of(times.begin(), times.end(), [](const TimeRule& rule) { return rule.local; })) << shape;
  }
  // These say UTC, or their products write it.
  for (const char* shape : {"w3c-exchange-tracking", "csv-m365-trace", "csv-defender", "m365-audit"}) {
    const auto id = schemas().find(shape);
    ASSERT_TRUE(id) << shape;
    const std::vector<TimeRule>& times = schemas().at(*id).times;
    EXPECT_TRUE(std::none_of(times.begin(), times.end(), [](const TimeRule& rule) { return rule.local; })) << shape;
  }
}

// A record whose fields nobody asks for (its line holds nothing that is listed) leaves no trace in those that come.
TEST(Formats, SameRecordsWhicheverAreRead) {
  for (const fs::path& path : inputs()) {
    SCOPED_TRACE(path.filename().string());
    const std::string bytes = slurp(path);
    const Recognised found = recognise_all(bytes);
    ASSERT_NE(found.format, nullptr);
    const auto run = [&](const drain::Asked& asked) {
      return drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::whole(), {}, false, asked);
    };
    const drain::Result all = run([](std::size_t) { return true; });
    std::mt19937 random(3);
    for (int round = 0; round < 8; ++round) {
      std::vector<bool> asked(all.records.size());
      for (std::size_t i = 0; i < asked.size(); ++i) asked[i] = random() % 8 > static_cast<unsigned>(round);
      const drain::Result some = run([&](std::size_t i) { return i < asked.size() && asked[i]; });
      ASSERT_EQ(some.records.size(), all.records.size());
      EXPECT_EQ(some.damaged, all.damaged);
      for (std::size_t i = 0; i < asked.size(); ++i) {
        if (asked[i]) {
          ASSERT_EQ(some.records[i], all.records[i]);
        } else {
          ASSERT_TRUE(all.records[i].starts_with(some.records[i]));
        }
      }
    }
  }
}

TEST(Formats, SameRecordsHoweverTheStreamIsCut) {
  for (const fs::path& path : inputs()) {
    SCOPED_TRACE(path.filename().string());
    const std::string bytes = slurp(path);
    const Recognised found = recognise_all(bytes);
    ASSERT_NE(found.format, nullptr);
    const std::string want =
        drain::text(drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::whole()));
    EXPECT_EQ(want, drain::text(drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::each(1))));
    std::mt19937 random(1);
    for (int round = 0; round < 20; ++round) {
      const auto chunks = [&] { return std::size_t{1} + random() % 700; };
      ASSERT_EQ(want, drain::text(drain::run(*found.format, bytes, found.recognition.shape, schemas(), chunks)));
    }
  }
}

TEST(Formats, ProjectionGivesWhatAllFieldsGives) {
  for (const fs::path& path : inputs()) {
    SCOPED_TRACE(path.filename().string());
    const std::string bytes = slurp(path);
    const Recognised found = recognise_all(bytes);
    ASSERT_NE(found.format, nullptr);
    std::size_t records = 0;
    drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::whole(),
               [&](RecordReader& reader, std::string&) {
                 ++records;
                 EXPECT_TRUE(drain::projection_agrees(reader));
               });
    EXPECT_GT(records, 0U);
  }
}

// Cut at every byte: nothing breaks, and every record that is still whole comes out as it did.
TEST(Formats, CutAtEveryByte) {
  for (const fs::path& path : inputs()) {
    SCOPED_TRACE(path.filename().string());
    const std::string bytes = slurp(path);
    const Recognised found = recognise_all(bytes);
    ASSERT_NE(found.format, nullptr);
    const drain::Result full = drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::whole());
    const std::size_t step = bytes.size() > 3000 ? 7 : 1;
    for (std::size_t size = 0; size < bytes.size(); size += step) {
      const drain::Result cut = drain::run(*found.format, std::string_view(bytes).substr(0, size),
                                           found.recognition.shape, schemas(), drain::whole());
      ASSERT_EQ(cut.broken_promise, "") << "cut at " << size;
      // All but the last one, which the cut may have touched; a line cut in its head parts an audit event in two.
      const std::size_t touched = found.format->name() == "auditd" ? 2 : 1;
      for (std::size_t i = 0; i + touched < cut.records.size(); ++i) {
        ASSERT_LT(i, full.records.size()) << "cut at " << size;
        ASSERT_EQ(cut.records[i], full.records[i]) << "cut at " << size;
      }
    }
  }
}

// One byte changed anywhere, in line formats: only the line that it stands in, or the two that it joins or parts,
// change.
TEST(Formats, OneBadByteCostsItsLine) {
  std::mt19937 random(2);
  for (const fs::path& path : inputs()) {
    SCOPED_TRACE(path.filename().string());
    const std::string bytes = slurp(path);
    const Recognised found = recognise_all(bytes);
    ASSERT_NE(found.format, nullptr);
    const bool lines = found.format->split() == Split::freely;
    const drain::Result full = drain::run(*found.format, bytes, found.recognition.shape, schemas(), drain::whole());
    for (int round = 0; round < 300; ++round) {
      std::string broken = bytes;
      const std::size_t at = random() % broken.size();
      broken[at] = static_cast<char>(random() & 255);
      const drain::Result after = drain::run(*found.format, broken, found.recognition.shape, schemas(), drain::whole());
      ASSERT_EQ(after.broken_promise, "");
      if (!lines) continue;
      const std::set<std::string> still(after.records.begin(), after.records.end());
      std::size_t lost = 0;
      for (const std::string& record : full.records) lost += still.contains(record) ? 0U : 1U;
      ASSERT_LE(lost, 2U) << "byte " << at;
    }
  }
}

TEST(Formats, ShuffledRecordsAndSharedReadersGiveTheSame) {
  // A reader learns from the records before; what it learnt must not show.
  const std::string bytes = slurp(fs::path(ASSAY_SOURCE_DIR) / "src/evidence/formats/json/testdata/windows-flat.in");
  std::vector<std::string> lines;
  for (const std::string_view line : split(bytes, '\n')) {
    if (!line.empty()) lines.emplace_back(line);
  }
  const auto fields_of = [&](const std::vector<std::string>& order) {
    std::string joined;
    for (const std::string& line : order) joined += line + "\n";
    std::multiset<std::string> out;
    for (const std::string& record : drain::run(json_lines_format(), joined, "", schemas(), drain::whole()).records) {
      out.insert(record.substr(record.find(' ', 7)));
    }
    return out;
  };
  const auto want = fields_of(lines);
  std::mt19937 random(3);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(lines.begin(), lines.end(), random);
    EXPECT_EQ(fields_of(lines), want);
  }
}

TEST(Formats, ForeignContentIsNotRecognised) {
  for (const std::string_view bytes :
       {"", "\n", " \n \n", "hello\nworld\n", "[2020-04-16 02:12:07] something\n[2020-04-16 02:12:08] more\n",
        "{not json}\n", "[1,2,3]\n",
        "\x7f"
        "ELF\x02\x01\x01",
        "#!/bin/sh\necho hi\n", "# comment\n", "GET / HTTP/1.1\n", "a,b,c\n1,2,3\n"}) {
    EXPECT_EQ(recognise_all(bytes).format, nullptr) << bytes;
  }
}

TEST(Formats, NamesAreUnique) {
  std::set<std::string_view> names;
  for (const Format* format : formats()) {
    EXPECT_TRUE(names.insert(format->name()).second) << format->name();
    EXPECT_EQ(find_format(format->name()), format);
  }
  EXPECT_EQ(find_format("nothing"), nullptr);
}

}  // namespace
}  // namespace assay
