// Real logs, when they are at hand (ASSAY_DATA): values equal to those of the evtx pack's golden outputs, as many
// records as libevtx's evtxexport finds, and no damage that makes the reader stumble.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>

#include "core/ascii.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

fs::path data_folder() {
  const char* const env = std::getenv("ASSAY_DATA");
  return fs::path(env != nullptr ? env : std::string(ASSAY_SOURCE_DIR) + "/../shared/data") / "evtx";
}

using drain::schemas;
using drain::slurp;

std::vector<fs::path> files_below(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == extension) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Path and value, sorted; the value as drain::show() writes it.
using Fields = std::vector<std::pair<std::string, std::string>>;

template <class F>
std::size_t each_record(std::string_view bytes, F&& f) {
  std::size_t records = 0;
  (void)drain::run(evtx_format(), bytes, "windows-evtx", schemas(), drain::whole(),
                   [&](RecordReader& reader, std::string&) {
                     ++records;
                     f(reader);
                   });
  return records;
}

std::string_view value_of(const Fields& fields, std::string_view path) {
  for (const auto& [name, value] : fields) {
    if (name == path) return value;
  }
  return {};
}

// What names one event in golden output and file alike: computer, number, time to the second.
std::string identity(const Fields& fields) {
  std::string number(value_of(fields, "Event.System.EventRecordID"));
  std::erase(number, '"');  // the same number, typed or as text
  return std::string(value_of(fields, "Event.System.Computer")) + number +
         std::string(value_of(fields, "Event.System.TimeCreated.SystemTime").substr(0, 20));
}

// evtx_dump's JSON in the reader's names. `attributes`: the key that held this object, "#attributes" or
// "NAME_attributes".
void flatten(simdjson::dom::element element, const std::string& path, Fields& out) {
  if (element.is_object()) {
    const auto object = element.get_object().value();
    for (const auto& [key, value] : object) {
      std::string name(key);
      const bool attributes = ends_with_icase(name, "_attributes");
      if (attributes) name.resize(name.size() - 11);
      // A second element of a name is NAME_1 there.
      const std::size_t mark = name.rfind('_');
      if (mark != std::string::npos && mark + 1 < name.size() &&
          name.find_first_not_of("0123456789", mark + 1) == std::string::npos) {
        const std::string base = name.substr(0, mark);
        if (object.at_key(base).error() == simdjson::SUCCESS ||
            object.at_key(base + "_attributes").error() == simdjson::SUCCESS)
          name = base;
      }
      const bool same = name == "#attributes" || name == "#text";
      flatten(value, same ? path : path.empty() ? name : path + "." + name, out);
    }
  } else if (element.is_array()) {
    for (const simdjson::dom::element value : element.get_array()) flatten(value, path, out);
  } else if (element.is_string()) {
    out.emplace_back(path, drain::show({ValueKind::string, element.get_string().value()}));
  } else if (element.is_null()) {
    out.emplace_back(path, drain::show({ValueKind::null, {}}));
  } else {
    out.emplace_back(path, simdjson::minify(element));
  }
}

// evtx_dump's XML: elements, attributes, text, the five entities.
class Xml {
 public:
  explicit Xml(std::string_view text) : rest_(text.substr(text.find("<Event"))) {}
  Fields fields() {
    element("");
    return std::move(out_);
  }

 private:
  std::string_view until(std::string_view mark) {
    const std::string_view out = rest_.substr(0, rest_.find(mark));
    rest_.remove_prefix(std::min(out.size() + mark.size(), rest_.size()));
    return out;
  }
  static std::string plain(std::string_view text) {
    std::string out(text);
    for (const auto& [entity, character] : {std::pair<std::string_view, std::string_view>{"&lt;", "<"},
                                            {"&gt;", ">"},
                                            {"&quot;", "\""},
                                            {"&apos;", "'"},
                                            {"&amp;", "&"}}) {
      for (std::size_t at = 0; (at = out.find(entity, at)) != std::string::npos; ++at)
        out.replace(at, entity.size(), character);
    }
    return out;
  }
  void add(const std::string& path, std::string_view text) {
    out_.emplace_back(path, drain::show({ValueKind::string, plain(text)}));
  }
  void element(const std::string& parent) {
    (void)until("<");
    std::string_view tag = until(">");
    const std::string_view name = tag.substr(0, tag.find(' '));
    std::vector<std::pair<std::string, std::string_view>> attributes;
    tag.remove_prefix(std::min(name.size() + 1, tag.size()));
    while (!tag.empty()) {
      const std::string_view key = tag.substr(0, tag.find('='));
      tag.remove_prefix(key.size() + 2);
      const std::string_view value = tag.substr(0, tag.find('"'));
      tag.remove_prefix(std::min(value.size() + 2, tag.size()));
      attributes.emplace_back(key, value);
    }
    std::string path = parent.empty() ? std::string(name) : parent + "." + std::string(name);
    for (const auto& [key, value] : attributes) {
      if (name == "Data" && key == "Name") path = parent + "." + std::string(value);
    }
    for (const auto& [key, value] : attributes) {
      if (name != "Data" || key != "Name") add(path + "." + key, value);
    }
    while (true) {
      const std::string_view text = rest_.substr(0, rest_.find('<'));
      if (!trim(text).empty()) add(path, text);
      if (rest_.substr(text.size()).starts_with("</")) {
        (void)until(">");
        return;
      }
      element(path);
    }
  }
  std::string_view rest_;
  Fields out_;
};

// Whether the golden value and ours say the same; the ways in which they may differ.
bool same(const std::string& path, const std::string& golden, const std::string& ours, bool typed) {
  if (golden == ours) return true;
  const auto bare = [](std::string text) {
    std::erase(text, '"');
    return text;
  };
  const std::string theirs = bare(golden), mine = bare(ours);
  // XML has no types.
  if (!typed && theirs == mine) return true;
  // An element without anything in it is null, there too; but in a list of Data it becomes an empty text.
  if (path.ends_with(".Data") && golden == "\"\"" && ours == "null") return true;
  // evtx_dump writes GUIDs without the braces that Windows shows and rules have.
  if ("{" + theirs + "}" == mine) return true;
  // It cuts a FILETIME to microseconds; we show all of its digits.
  if (path.ends_with("Time") && theirs.size() == 27 && mine.size() == 28)
    return theirs.substr(0, 26) == mine.substr(0, 26) && mine.back() == 'Z';
  return false;
}

TEST(EvtxRealData, ValuesAreThoseOfTheGoldenOutputs) {
  const fs::path folder = data_folder() / "parser-samples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no parser samples (ASSAY_DATA)";
  std::map<std::string, std::vector<Fields>> known;
  for (const fs::path& path : files_below(folder / "samples", ".evtx")) {
    const std::string bytes = slurp(path);
    each_record(bytes, [&](RecordReader& reader) {
      EXPECT_TRUE(drain::projection_agrees(reader));
      Fields fields;
      reader.all_fields([&](std::string_view name, Value value) { fields.emplace_back(name, drain::show(value)); });
      std::vector<Fields>& of = known[identity(fields)];
      of.push_back(std::move(fields));
    });
  }
  std::size_t compared = 0, absent = 0, values = 0;
  simdjson::dom::parser parser;
  for (const fs::path& path : files_below(folder / "tests/snapshots", ".snap")) {
    if (path.filename().string().find("record_samples") == std::string::npos) continue;  // of resources in DLLs
    SCOPED_TRACE(path.filename().string());
    const std::string snapshot = slurp(path);
    const std::string text = snapshot.substr(snapshot.find("\n---\n") + 5);
    const bool json = text.find('{') < text.find('<');
    Fields golden;
    if (json) {
      flatten(parser.parse(text), "", golden);
    } else {
      golden = Xml(text).fields();
    }
    const auto at = known.find(identity(golden));
    if (at == known.end()) {
      ++absent;
      std::printf("no sample holds the event of %s\n", path.filename().c_str());
      continue;
    }
    for (Fields ours : at->second) {
      // The XML does not tell an empty text from no value.
      if (!json)
        std::erase_if(ours, [](const auto& field) { return field.second == "null" || field.second == "\"\""; });
      Fields want = golden;
      std::stable_sort(want.begin(), want.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      std::stable_sort(ours.begin(), ours.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      ASSERT_EQ(ours.size(), want.size()) << ::testing::PrintToString(ours) << "\n" << ::testing::PrintToString(want);
      for (std::size_t i = 0; i < want.size(); ++i) {
        EXPECT_EQ(ours[i].first, want[i].first);
        EXPECT_TRUE(same(want[i].first, want[i].second, ours[i].second, json))
            << want[i].first << ": " << want[i].second << ", ours " << ours[i].second;
        ++values;
      }
    }
    ++compared;
  }
  std::printf("%zu golden outputs, %zu values\n", compared, values);
  EXPECT_EQ(compared, 15u);
  EXPECT_EQ(absent, 3u);
}

TEST(EvtxRealData, AsManyRecordsAsLibevtxFinds) {
  const fs::path folder = data_folder() / "attack-samples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no attack samples (ASSAY_DATA)";
  if (std::system("command -v evtxexport >/dev/null") != 0) GTEST_SKIP() << "no evtxexport (libevtx-utils)";
  std::size_t all = 0, files = 0;
  for (const fs::path& path : files_below(folder, ".evtx")) {
    std::string quoted = "'";
    for (const char c : path.string()) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    quoted += "'";
    FILE* const pipe = ::popen(("evtxexport " + quoted + " 2>/dev/null | grep -c '^Event number'").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::size_t want = 0;
    EXPECT_EQ(std::fscanf(pipe, "%zu", &want), 1);
    ::pclose(pipe);
    EXPECT_EQ(each_record(slurp(path), [](RecordReader&) {}), want) << path;
    all += want;
    ++files;
  }
  std::printf("%zu records in %zu files\n", all, files);
  EXPECT_GE(files, 277u);
}

TEST(EvtxRealData, NothingIsLostOfWholeFiles) {
  const fs::path folder = data_folder() / "attack-samples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no attack samples (ASSAY_DATA)";
  std::mt19937 random(3);
  for (const fs::path& path : files_below(folder, ".evtx")) {
    const std::string bytes = slurp(path);
    const auto visit = [](RecordReader& reader, std::string&) { EXPECT_TRUE(drain::projection_agrees(reader)); };
    const drain::Result whole = drain::run(evtx_format(), bytes, "windows-evtx", schemas(), drain::whole(), visit);
    EXPECT_EQ(whole.broken_promise, "") << path;
    EXPECT_TRUE(whole.notices.empty()) << path << drain::text(whole).substr(drain::text(whole).find("\nnotice"));
    const drain::Result cut =
        drain::run(evtx_format(), bytes, "windows-evtx", schemas(), [&] { return 1 + random() % 200000; });
    EXPECT_EQ(whole.records, cut.records) << path;
  }
}

TEST(EvtxRealData, DamageCostsRecordsNotTheFile) {
  const fs::path folder = data_folder() / "parser-samples/samples";
  if (!fs::exists(folder)) GTEST_SKIP() << "no parser samples (ASSAY_DATA)";
  std::mt19937 random(17);
  for (const char* name : {"new-user-security.evtx", "issue_201.evtx", "MSExchange_Management_wec.evtx",
                           "Security_short_selected.evtx", "Application_no_crc32.evtx"}) {
    const std::string bytes = slurp(folder / name).substr(0, 4096 + 65536);
    const std::size_t records = each_record(bytes, [](RecordReader&) {});
    for (int round = 0; round < 300; ++round) {
      std::string broken = bytes;
      const std::size_t at = 4096 + 512 + random() % 20000;
      broken[at] = static_cast<char>(random());
      const drain::Result result = drain::run(evtx_format(), broken, "windows-evtx", schemas(), drain::whole());
      ASSERT_EQ(result.broken_promise, "");
      ASSERT_GE(result.records.size() + 1, records) << name << " " << at;
      broken.resize(random() % broken.size());
      ASSERT_EQ(drain::run(evtx_format(), broken, "windows-evtx", schemas(), drain::whole()).broken_promise, "");
    }
  }
}

}  // namespace
}  // namespace assay
