// For tests: records from JSON text, and an engine over the test shape (testdata/schemas/test.yaml).
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/hash.h"
#include "core/json.h"
#include "match/engine.h"
#include "match/reference.h"
#include "rules/loader.h"

namespace assay::testing_match {

// "a.b" and each element of lists.
inline void flatten(const Json& value, const std::string& path,
                    const std::function<void(const std::string&, Value)>& f) {
  if (value.is_object()) {
    for (const auto& [key, member] : value.members()) flatten(member, path.empty() ? key : path + "." + key, f);
    return;
  }
  if (value.is_array()) {
    for (const Json& item : value.items()) flatten(item, path, f);
    return;
  }
  std::string text;
  ValueKind kind = ValueKind::string;
  switch (value.type()) {
    case Json::Type::null:
      kind = ValueKind::null;
      break;
    case Json::Type::boolean:
      kind = ValueKind::boolean;
      text = value.as_bool() ? "true" : "false";
      break;
    case Json::Type::integer:
    case Json::Type::number:
      kind = ValueKind::number;
      text = dump_json(value);
      break;
    default:
      text = value.as_string();
      break;
  }
  f(path, Value{kind, text});
}

class JsonRecord final : public RecordValues {
 public:
  explicit JsonRecord(std::string_view json) : json_(parse_json(json).value()) {}
  void each(std::string_view name, const std::function<void(const Value&)>& f) const override {
    flatten(json_, "", [&](const std::string& path, Value value) {
      if (path == name) f(value);
    });
  }
  void each_any(const std::function<void(const Value&)>& f) const override {
    flatten(json_, "", [&](const std::string&, Value value) {
      if (value.kind != ValueKind::null) f(value);
    });
  }

 private:
  Json json_;
};

class JsonReader final : public RecordReader {
 public:
  Frame next(std::string_view, bool) override { return {}; }
  bool begin(std::string_view raw, Notices&) override {
    json_ = parse_json(raw).value();
    return true;
  }
  ShapeId shape() const override { return 0; }
  void read(const Projection& projection, FieldTable& out) override {
    flatten(json_, "", [&](const std::string& path, Value value) {
      if (const auto slot = projection.find(path)) out.add(*slot, {value.kind, out.keep(value.text)});
    });
  }
  void all_fields(const FieldSink& sink) override {
    flatten(json_, "", [&](const std::string& path, Value value) { sink(path, value); });
  }

 private:
  Json json_;
};

// One engine and matcher over the test shape.
class Bench {
 public:
  explicit Bench(const RuleSet& rules, bool fast = true, Profile profile = {}, std::string_view shape = "match-test")
      : schemas_(load_schemas()) {
    shape_ = *schemas_.find(shape);
    routes_ = static_cast<RouteId>(std::min<std::size_t>(3, schemas_.at(shape_).routes.size()));
    engine_ = Engine::compile(rules, schemas_, profile, {fast});
    for (RouteId r = 0; r < routes_; ++r) engine_->bind(shape_, r, projections_[r]);
    matcher_ = Matcher::make(*engine_);
  }

  std::vector<Match> match(std::string_view json, std::int64_t seconds = 0, Notices* notices = nullptr) {
    Notices own;
    reader_.begin(json, own);
    auto route = static_cast<RouteId>(routes_ - 1);
    const JsonRecord record(json);
    record.each("kind", [&](const Value& value) { route = value.text == "proc" ? 0 : value.text == "net" ? 1 : 2; });
    FieldTable fields;
    fields.reset(projections_[route].size());
    reader_.read(projections_[route], fields);
    RecordContext context;
    context.ref = {0, offset_++, json.size()};
    context.shape = shape_;
    context.route = route;
    context.time = time_ ? *time_ : Time{seconds * kSecond};
    context.raw = json;
    context.content = hash64(json);
    context.fields = &fields;
    context.reader = &reader_;
    std::vector<Match> out;
    matcher_->match(context, out, notices != nullptr ? *notices : own);
    return out;
  }
  std::vector<Match> match_blob(const Blob& blob, Notices* notices = nullptr) {
    Notices own;
    RecordContext context;
    context.shape = shape_;
    std::vector<Match> out;
    matcher_->match(blob, context, out, notices != nullptr ? *notices : own);
    return out;
  }
  // A time that is no whole second.
  std::vector<Match> match_at(std::string_view json, Time time) {
    time_ = time;
    return match(json);
  }
  Engine& engine() { return *engine_; }
  const SchemaSet& schemas() const { return schemas_; }
  [[nodiscard]] std::string id(const Match& m) const { return engine_->catalogue()[m.detector].id; }

 private:
  static const SchemaSet& load_schemas() {
    static const SchemaSet kSet = load_once();
    return kSet;
  }
  static SchemaSet load_once() {
    const std::vector<std::string> folders = {std::string(ASSAY_SOURCE_DIR) + "/src/match/testdata/schemas"};
    auto set = SchemaSet::load(folders);
    EXPECT_TRUE(set.ok()) << (set.ok() ? "" : set.error().text());
    return std::move(set).value();
  }
  const SchemaSet& schemas_;
  ShapeId shape_ = 0;
  RouteId routes_ = 0;
  std::optional<Time> time_;
  std::unique_ptr<Engine> engine_;
  Projection projections_[3];
  std::unique_ptr<Matcher> matcher_;
  JsonReader reader_;
  std::uint64_t offset_ = 0;
};

// The regular expressions of an expression, compiled; each must compile.
inline RegexSet regexes_of(const ir::Expr& expr) {
  RegexSet regexes;
  for (const ir::Atom& atom : expr.atoms) {
    if (atom.test != ir::Test::regex) continue;
    for (const ir::Literal& literal : atom.literals) EXPECT_TRUE(regexes.add(literal).ok());
  }
  return regexes;
}

}  // namespace assay::testing_match
