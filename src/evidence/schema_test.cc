#include "evidence/schema.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace assay {
namespace {

namespace fs = std::filesystem;

std::string error_of(std::string_view yaml) {
  const Result<Schema> parsed = SchemaSet::parse("my.yaml", yaml);
  return parsed.ok() ? "" : parsed.error().text();
}

constexpr std::string_view kHead = "shape: mine\nformat: json\n";

TEST(Schema, ShippedOnesLoadSortedAndFindable) {
  const Result<SchemaSet> loaded = SchemaSet::load({});
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  const std::vector<Schema>& all = loaded->all();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i > 0) {
      EXPECT_LT(all[i - 1].shape, all[i].shape);
    }
    EXPECT_EQ(loaded->find(all[i].shape), static_cast<ShapeId>(i));
    EXPECT_FALSE(all[i].title.empty()) << all[i].shape;
    ASSERT_FALSE(all[i].routes.empty());
    EXPECT_TRUE(all[i].routes.back().when.empty()) << all[i].shape;
  }
  EXPECT_EQ(loaded->find("no such shape"), std::nullopt);
  for (const char* shape :
       {"access-log", "ecs-proxy", "evtx-json", "json-other", "siem-query", "windows-evtx", "windows-flat",
        "winlogbeat", "winlogbeat-6", "zeek-json", "zeek-json-plain", "zeek-json-stream", "zeek-tsv"}) {
    EXPECT_TRUE(loaded->find(shape)) << shape;
  }
}

// The Windows shapes differ in where things stand, not in what they mean.
TEST(Schema, EveryWindowsShapeHasTheSameRoutes) {
  const SchemaSet schemas = SchemaSet::load({}).value();
  const auto routes = [&](const char* shape) {
    std::string out;
    for (const Route& route : schemas.at(*schemas.find(shape)).routes) {
      out += route.name + "/" + route.product + "/" + route.service + "/" + route.source_class + "/" +
             std::to_string(route.when.size());
      for (const std::string& category : route.categories) out += "," + category;
      out += "\n";
    }
    return out;
  };
  const std::string want = routes("winlogbeat");
  for (const char* shape : {"winlogbeat-6", "windows-flat", "evtx-json", "windows-evtx"})
    EXPECT_EQ(routes(shape), want) << shape;
  EXPECT_NE(want.find("sysmon_process/windows/sysmon/process/2,process_creation\n"), std::string::npos);
}

// A number alone never makes a category: the same id of another channel is another event.
TEST(Schema, NoWindowsRouteGoesByEventIdAlone) {
  const SchemaSet schemas = SchemaSet::load({}).value();
  for (const char* shape : {"winlogbeat", "winlogbeat-6", "windows-flat", "evtx-json", "windows-evtx"}) {
    const Schema& schema = schemas.at(*schemas.find(shape));
    const std::string channel = schema.resolve("Channel").front().path;
    for (const Route& route : schema.routes) {
      if (route.when.empty()) continue;
      EXPECT_EQ(route.when.front().path, channel) << shape << " " << route.name;
    }
  }
}

TEST(Schema, PartsAreLaidOverTheShapesOwnPaths) {
  const SchemaSet schemas = SchemaSet::load({}).value();
  const Schema& winlogbeat = schemas.at(*schemas.find("winlogbeat"));
  ASSERT_EQ(winlogbeat.resolve("EventID").size(), 1U);
  EXPECT_EQ(winlogbeat.resolve("EventID").front().path, "winlog.event_id");
  EXPECT_EQ(winlogbeat.resolve("Image").front().path, "winlog.event_data.Image");
  EXPECT_EQ(winlogbeat.resolve("TargetFilename").front().path, "winlog.event_data.TargetFilename");
  EXPECT_EQ(winlogbeat.resolve("TargetFilename").back().path, "TargetFilename");
  EXPECT_EQ(winlogbeat.resolve("winlog.event_data.X").size(), 1U);
  EXPECT_EQ(winlogbeat.resolve("@sha256").front().rule, ValueRule::hash_of);
  EXPECT_TRUE(winlogbeat.knows("@sha256"));
  EXPECT_TRUE(winlogbeat.knows("anything"));
  EXPECT_FALSE(winlogbeat.knows("@ja3"));
  EXPECT_EQ(winlogbeat.resolve("@ja3").front().path, "@ja3");  // never empty
  EXPECT_EQ(schemas.at(*schemas.find("windows-flat")).resolve("Image").front().path, "Image");
}

TEST(Schema, AWholeFile) {
  const Result<Schema> parsed = SchemaSet::parse("my.yaml", R"(shape: mine
format: json
title: Mine
rank: 7
require_all: [a, b]
require_any: c
prefixes: [data.]
routes:
  - {name: one, product: p, service: s, categories: [x, y], class: proxy, when: {kind: [1, 2], flag: null}}
times:
  - {path: t, kind: epoch, routes: [one]}
  - {path: u, kind: iso8601, source: transport}
host: [h, '@host']
account: who
host_from_path: archive
overlay:
  '@host': h
  '@url': [{rule: concat, argument: 'http://{h}{p}'}, u]
  fixed: {constant: 'yes'}
  '@md5': {path: hashes, rule: hash_of, argument: MD5}
indicators:
  - {path: '@host', kind: domain, role: contacted, routes: [one]}
outcome: {path: action, rule: map, argument: 'ok=allowed,*=unknown'}
)");
  ASSERT_TRUE(parsed.ok()) << parsed.error().text();
  EXPECT_EQ(parsed->rank, 7);
  EXPECT_EQ(parsed->require_any, std::vector<std::string>{"c"});
  ASSERT_EQ(parsed->routes.size(), 2U);
  EXPECT_EQ(parsed->routes[1].name, "rest");  // the last has no condition
  EXPECT_EQ(parsed->routes[0].when[0].any_of, (std::vector<std::string>{"1", "2"}));
  EXPECT_TRUE(parsed->routes[0].when[1].any_of.empty());
  EXPECT_EQ(parsed->times[0].source, "event");
  EXPECT_EQ(parsed->times[1].source, "transport");
  EXPECT_EQ(parsed->overlay.at("@url").size(), 2U);
  EXPECT_EQ(parsed->overlay.at("fixed").front().rule, ValueRule::constant);
  EXPECT_EQ(parsed->outcome->rule, ValueRule::map);
}

TEST(Schema, ErrorsNamePlaceAndRemedy) {
  EXPECT_EQ(error_of("format: json\n"), "my.yaml:1:1: 'shape' is missing (add a line 'shape: ...')");
  EXPECT_EQ(error_of("- a\n"), "my.yaml:1:1: a schema file is one YAML mapping (see docs/schemas.md)");
  EXPECT_TRUE(error_of("shape: [\n").starts_with("my.yaml:2:")) << error_of("shape: [\n");
  const auto with = [](std::string_view rest) { return error_of(std::string(kHead) + std::string(rest)); };
  EXPECT_EQ(with(""), "");
  EXPECT_TRUE(
      with("colour: red\n").starts_with("my.yaml:3:1: 'colour' is not a key here (known keys: account, format, "))
      << with("colour: red\n");
  EXPECT_EQ(with("rank: high\n"), "my.yaml:3:7: rank is not an integer (write a number; higher wins)");
  EXPECT_EQ(with("use: [nothing]\n"), "my.yaml:3:6: there is no part 'nothing' (parts are files parts/NAME.yaml)");
  EXPECT_EQ(with("use: ['../zeek-tsv']\n"),
            "my.yaml:3:6: there is no part '../zeek-tsv' (parts are files parts/NAME.yaml)");
  EXPECT_EQ(with("routes:\n  - {name: a, class: other}\n  - {name: b, class: other}\n"),
            "my.yaml:5:5: route 'b' is never reached (a route without 'when' must be the last)");
  EXPECT_EQ(with("routes:\n  - {name: a, class: x, when: {k: 1}}\n  - {name: a, class: x, when: {k: 2}}\n"),
            "my.yaml:5:5: route 'a' stands twice (give it another name)");
  EXPECT_EQ(with("routes:\n  - {name: a, class: x, when: {k: []}}\n"),
            "my.yaml:4:32: a condition has no values (list them, or write null for 'present')");
  EXPECT_EQ(with("times:\n  - {path: t, kind: moon}\n"),
            "my.yaml:4:21: there is no time kind 'moon' (kinds: iso8601, epoch, clf, rfc5322, windows, stamp, "
            "pattern)");
  EXPECT_EQ(with("times:\n  - {path: t, kind: epoch, routes: [a]}\n"),
            "my.yaml:4:3: a time names the route 'a', which does not exist (check 'routes')");
  EXPECT_EQ(with("overlay:\n  a: {path: b, rule: shout}\n").substr(0, 50),
            "my.yaml:4:22: there is no value rule 'shout' (rule");
  EXPECT_EQ(with("overlay:\n  a: {path: b, rule: map}\n"),
            "my.yaml:4:6: rule map needs an argument (add 'argument: ...')");
  EXPECT_EQ(with("overlay:\n  a: {rule: number}\n"), "my.yaml:4:6: a path is missing (add 'path: ...')");
  EXPECT_EQ(with("overlay:\n  a: {path: b, constant: c}\n"),
            "my.yaml:4:26: a constant has neither path nor rule (leave them out)");
  EXPECT_EQ(with("overlay:\n  a: {path: b, rule: concat, argument: x}\n"),
            "my.yaml:4:6: concat names its paths in the argument (leave 'path' out)");
  EXPECT_EQ(with("indicators:\n  - {path: a, kind: smell, role: file}\n").substr(0, 48),
            "my.yaml:4:21: there is no indicator kind 'smell'");
  EXPECT_EQ(with("indicators:\n  - {path: a, kind: hash, role: boss}\n").substr(0, 40),
            "my.yaml:4:33: there is no role 'boss' (r");
  EXPECT_EQ(with("host_from_path: name\n"),
            "my.yaml:3:17: host_from_path 'name' is not known (write 'archive' or leave it out)");
  EXPECT_EQ(with("outcome: [a, b]\n"),
            "my.yaml:3:10: outcome is one path with its rule (write {path: ..., rule: map, argument: ...})");
}

class Folder {
 public:
  Folder() {
    std::string name = ::testing::TempDir() + "assay-schemas-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  void put(const std::string& name, std::string_view text) const {
    fs::create_directories((path_ / name).parent_path());
    std::ofstream(path_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

TEST(Schema, AUsersFolderAddsAndReplaces) {
  Folder folder;
  folder.put("mine.yaml", "shape: mine\nformat: json\ntitle: Mine\nuse: [own, zeek]\n");
  folder.put("other.yml", "shape: json-other\nformat: json\ntitle: Replaced\nrank: -1000\n");
  folder.put("parts/own.yaml", "overlay: {name_of_mine: path_of_mine}\n");
  folder.put("notes.txt", "not a schema");
  const std::vector<std::string> folders{folder.path()};
  const Result<SchemaSet> loaded = SchemaSet::load(folders);
  ASSERT_TRUE(loaded.ok()) << loaded.error().text();
  EXPECT_EQ(loaded->all().size(), SchemaSet::load({}).value().all().size() + 1);
  EXPECT_EQ(loaded->at(*loaded->find("json-other")).title, "Replaced");
  EXPECT_EQ(loaded->at(*loaded->find("mine")).resolve("name_of_mine").front().path, "path_of_mine");
  EXPECT_TRUE(loaded->at(*loaded->find("mine")).knows("@orig_pkts"));
}

TEST(Schema, AUsersFolderThatIsWrongSaysWhere) {
  Folder folder;
  folder.put("bad.yaml", "shape: mine\n");
  const std::vector<std::string> folders{folder.path()};
  const Result<SchemaSet> loaded = SchemaSet::load(folders);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().text(), folder.path() + "/bad.yaml:1:1: 'format' is missing (add a line 'format: ...')");
  Folder twice;
  twice.put("a.yaml", kHead);
  twice.put("b.yaml", kHead);
  const std::vector<std::string> both{twice.path()};
  EXPECT_EQ(SchemaSet::load(both).error().what, "shape 'mine' stands in two files of this folder");
  const std::vector<std::string> missing{folder.path() + "/nowhere"};
  EXPECT_EQ(SchemaSet::load(missing).error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace assay
