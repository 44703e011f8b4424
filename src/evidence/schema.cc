#include "evidence/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>

#include "content/content.h"
#include "core/ascii.h"
#include "evidence/clock.h"
#include "evidence/schema_text.h"

namespace assay {
namespace {

// Bounds of one schema folder and file: a schema is configuration, but a user folder may be anything.
constexpr std::uintmax_t kSchemaBytes = 1U << 20;
constexpr std::size_t kSchemaFiles = 1000;
constexpr std::size_t kOpens = 16;
constexpr std::size_t kRoutes = 1000;

constexpr std::array<std::pair<std::string_view, ValueRule>, 18> kRules{{
    {"none", ValueRule::none},
    {"unpad_hex", ValueRule::unpad_hex},
    {"hash_of", ValueRule::hash_of},
    {"epoch", ValueRule::epoch},
    {"number", ValueRule::number},
    {"sid", ValueRule::sid},
    {"basename", ValueRule::basename},
    {"folder", ValueRule::folder},
    {"url_host", ValueRule::url_host},
    {"url_path", ValueRule::url_path},
    {"url_query", ValueRule::url_query},
    {"before", ValueRule::before},
    {"after", ValueRule::after},
    {"concat", ValueRule::concat},
    {"request_url", ValueRule::request_url},
    {"address", ValueRule::address},
    {"unplus", ValueRule::unplus},
    {"map", ValueRule::map},
}};
constexpr std::array<std::pair<std::string_view, TimeRule::Kind>, 7> kTimes{{
    {"iso8601", TimeRule::Kind::iso8601},
    {"epoch", TimeRule::Kind::epoch},
    {"clf", TimeRule::Kind::clf},
    {"rfc5322", TimeRule::Kind::rfc5322},
    {"windows", TimeRule::Kind::windows},
    {"stamp", TimeRule::Kind::stamp},
    {"pattern", TimeRule::Kind::pattern},
}};
constexpr std::array<std::pair<std::string_view, IndicatorPath::Kind>, 9> kKinds{{
    {"address", IndicatorPath::Kind::address},
    {"domain", IndicatorPath::Kind::domain},
    {"url", IndicatorPath::Kind::url},
    {"hash", IndicatorPath::Kind::hash},
    {"mail_address", IndicatorPath::Kind::mail_address},
    {"file_name", IndicatorPath::Kind::file_name},
    {"file_path", IndicatorPath::Kind::file_path},
    {"certificate", IndicatorPath::Kind::certificate},
    {"text", IndicatorPath::Kind::text},
}};

template <class Table>
std::string names_of(const Table& table) {
  std::string out;
  for (const auto& [name, value] : table) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}
template <class Table>
auto find_in(const Table& table, std::string_view name) -> const typename Table::value_type::second_type* {
  for (const auto& entry : table) {
    if (entry.first == name) return &entry.second;
  }
  return nullptr;
}

// Gives the text of a part ("windows"), or nothing.
using PartSource = std::function<std::optional<std::string>(std::string_view name)>;

std::optional<std::string> shipped_part(std::string_view name) {
  const std::string_view bytes = content::find(fmt::format("schemas/parts/{}.yaml", name));
  if (bytes.empty()) return std::nullopt;
  return std::string(bytes);
}

// One file into one schema. Keys of a part (`use:`) go through the same functions with part_ set: there every path is a
// name that the schema's own overlay and prefixes resolve, so that one part serves every way of writing the same
// events.
class SchemaReader {
 public:
  SchemaReader(std::string_view file, const PartSource& parts) : file_(file), parts_(&parts) {}

  Result<Schema> read(std::string_view yaml) {
    TRY(const std::vector<Yaml> documents, parsed(yaml));
    if (documents.size() != 1 || !documents[0].is_mapping()) {
      return Error{ErrorCode::bad_input, "a schema file is one YAML mapping", file_ + ":1:1", "see docs/schemas.md"};
    }
    const Yaml& root = documents[0];
    static const std::set<std::string_view> kKeys{"shape",   "format",   "title",    "require_all", "require_any",
                                                  "rank",    "use",      "prefixes", "routes",      "times",
                                                  "host",    "account",  "overlay",  "indicators",  "host_from_path",
                                                  "outcome", "messages", "lines",    "opens"};
    TRY_VOID(only_keys(root, kKeys));
    TRY_VOID(required(root, "shape", schema_.shape));
    TRY_VOID(required(root, "format", schema_.format));
    TRY_VOID(text(root, "title", schema_.title));
    TRY_VOID(list(root["require_all"], schema_.require_all));
    TRY_VOID(list(root["require_any"], schema_.require_any));
    TRY_VOID(list(root["prefixes"], schema_.prefixes));
    TRY_VOID(list(root["opens"], schema_.opens));
    if (!schema_.opens.empty() && schema_.format != "json" && schema_.format != "csv") {
      return at(root["opens"], fmt::format("format {} does not open texts at the asking of a schema", schema_.format),
                "leave 'opens' out");
    }
    if (schema_.opens.size() > kOpens)
      return at(root["opens"], "too many paths are to be opened", fmt::format("at most {}", kOpens));
    TRY_VOID(list(root["host"], schema_.host));
    TRY_VOID(list(root["account"], schema_.account));
    TRY_VOID(text(root, "host_from_path", schema_.host_from_path));
    if (!schema_.host_from_path.empty() && schema_.host_from_path != "archive") {
      return at(root["host_from_path"], fmt::format("host_from_path '{}' is not known", schema_.host_from_path),
                "write 'archive' or leave it out");
    }
    if (const Yaml& rank = root["rank"]; rank.exists()) {
      if (!rank.is_integer()) return at(rank, "rank is not an integer", "write a number; higher wins");
      schema_.rank = static_cast<int>(rank.as_int());
    }
    TRY_VOID(body(root));
    if (root["lines"].exists()) {
      TRY(schema_.lines, read_lines_rule(root["lines"], file_));
    }
    if (schema_.lines == nullptr && (schema_.format == "lines" || schema_.format == "blocks")) {
      return at(root["format"], fmt::format("format {} needs the key 'lines'", schema_.format),
                "say what a line looks like: see docs/adding-a-format.md");
    }
    std::vector<std::string> used;
    std::pair<Yaml, std::string> message_rules;  // of a part, with its file
    TRY_VOID(list(root["use"], used));
    for (const std::string& name : used) {
      std::optional<std::string> part = (*parts_)(name);
      if (!part) return at(root["use"], fmt::format("there is no part '{}'", name), "parts are files parts/NAME.yaml");
      const std::string file = file_;
      file_ = fmt::format("parts/{}.yaml", name);
      TRY(const std::vector<Yaml> part_documents, parsed(*part));
      if (part_documents.size() != 1 || !part_documents[0].is_mapping()) {
        return Error{ErrorCode::bad_input, "a part is one YAML mapping", file_ + ":1:1", "see docs/schemas.md"};
      }
      static const std::set<std::string_view> kPartKeys{"routes", "times", "overlay", "indicators", "messages"};
      TRY_VOID(only_keys(part_documents[0], kPartKeys));
      if (const Yaml& messages = part_documents[0]["messages"]; messages.exists()) {
        static const std::set<std::string_view> kRulesOnly{"rules"};
        TRY_VOID(only_keys(messages, kRulesOnly));
        if (message_rules.first.exists()) return at(messages, "two parts have messages", "use one of them");
        message_rules = {messages["rules"], file_};
      }
      part_ = true;
      own_ = schema_.overlay;
      TRY_VOID(body(part_documents[0]));
      part_ = false;
      file_ = file;
    }
    if (const Yaml& messages = root["messages"]; messages.exists()) {
      const bool own = messages["rules"].exists() || !message_rules.first.exists();
      TRY(schema_.messages, read_messages(messages, file_, own ? messages["rules"] : message_rules.first,
                                          own ? file_ : message_rules.second));
    }
    if (schema_.routes.empty() || !schema_.routes.back().when.empty()) {
      Route rest;
      rest.name = "rest";
      rest.source_class = "other";
      schema_.routes.push_back(std::move(rest));
    }
    // The better clocks first: the others are held against them.
    std::stable_partition(schema_.times.begin(), schema_.times.end(),
                          [](const TimeRule& rule) { return rule.source != "transport"; });
    TRY_VOID(check(root));
    return std::move(schema_);
  }

 private:
  Error at(const Yaml& node, std::string what, std::string remedy = {}) const {
    return Error{ErrorCode::bad_input, std::move(what),
                 fmt::format("{}:{}:{}", file_, std::max(node.line, 1), std::max(node.column, 1)), std::move(remedy)};
  }
  Result<std::vector<Yaml>> parsed(std::string_view yaml) const {
    Result<std::vector<Yaml>> documents = parse_yaml(yaml);
    if (!documents.ok()) {
      Error error = documents.error();
      error.where = file_ + ":" + error.where;
      return error;
    }
    return documents;
  }
  Status only_keys(const Yaml& node, const std::set<std::string_view>& keys) const {
    std::set<std::string_view> seen;
    for (const auto& [key, value] : node.members) {
      if (!keys.contains(key.text)) {
        std::string known;
        for (const std::string_view name : keys) known += (known.empty() ? "" : ", ") + std::string(name);
        return at(key, fmt::format("'{}' is not a key here", key.text), "known keys: " + known);
      }
      if (!seen.insert(key.text).second) return at(key, fmt::format("'{}' stands twice", key.text), "keep one of them");
    }
    return Ok{};
  }
  Status scalar(const Yaml& node, std::string_view key, std::string& out) const {
    if (!node.is_scalar()) return at(node, fmt::format("'{}' is not a single value", key), "write one value");
    out = node.text;
    return Ok{};
  }
  Status text(const Yaml& node, std::string_view key, std::string& out) const {
    const Yaml& value = node[key];
    if (!value.exists() || value.is_null()) return Ok{};
    return scalar(value, key, out);
  }
  Status required(const Yaml& node, std::string_view key, std::string& out) const {
    TRY_VOID(text(node, key, out));
    if (out.empty()) return at(node, fmt::format("'{}' is missing", key), fmt::format("add a line '{}: ...'", key));
    return Ok{};
  }
  Status list(const Yaml& node, std::vector<std::string>& out) const {
    if (!node.exists() || node.is_null()) return Ok{};
    if (node.is_mapping()) return at(node, "a mapping stands where a list is expected", "write [a, b]");
    for (const Yaml& item : node.items) {
      if (!item.is_scalar()) return at(item, "a list holds something else than single values", "write [a, b]");
    }
    for (std::string& value : node.strings()) out.push_back(std::move(value));
    return Ok{};
  }

  // A name in a part, as paths of the shape.
  std::vector<PathRule> own_paths(std::string_view name) const {
    if (const auto found = own_.find(name); found != own_.end()) return found->second;
    std::vector<PathRule> out;
    if (!name.starts_with('@')) {
      for (const std::string& prefix : schema_.prefixes)
        out.push_back({prefix + std::string(name), ValueRule::none, ""});
    }
    if (schema_.prefixes.empty() && !name.starts_with('@')) out.push_back({std::string(name), ValueRule::none, ""});
    return out;
  }
  // The one plain path that a name of a part stands for; routes and times can hold only that. Empty: this shape has
  // none.
  std::string plain_path(std::string_view name) const {
    if (!part_) return std::string(name);
    const std::vector<PathRule> paths = own_paths(name);
    return paths.empty() || paths.front().rule != ValueRule::none ? std::string() : paths.front().path;
  }

  Status body(const Yaml& node) {
    TRY_VOID(overlay(node["overlay"]));
    TRY_VOID(routes(node["routes"]));
    TRY_VOID(times(node["times"]));
    TRY_VOID(indicators(node["indicators"]));
    if (const Yaml& outcome = node["outcome"]; outcome.exists()) {
      std::vector<PathRule> rules;
      TRY_VOID(path_rules(outcome, rules));
      if (rules.size() != 1)
        return at(outcome, "outcome is one path with its rule", "write {path: ..., rule: map, argument: ...}");
      schema_.outcome = std::move(rules.front());
    }
    return Ok{};
  }

  Status path_rules(const Yaml& node, std::vector<PathRule>& out) const {
    if (node.is_sequence()) {
      for (const Yaml& item : node.items) TRY_VOID(path_rules(item, out));
      return Ok{};
    }
    PathRule rule;
    if (node.is_scalar()) {
      rule.path = node.text;
      if (rule.path.empty()) return at(node, "a path is empty", "name the field");
    } else {
      static const std::set<std::string_view> kKeys{"path", "rule", "argument", "constant"};
      if (!node.is_mapping())
        return at(node, "a path is missing", "write a path, or {path: ..., rule: ..., argument: ...}");
      TRY_VOID(only_keys(node, kKeys));
      TRY_VOID(text(node, "path", rule.path));
      TRY_VOID(text(node, "argument", rule.argument));
      std::string name;
      TRY_VOID(text(node, "rule", name));
      if (const Yaml& constant = node["constant"]; constant.exists()) {
        TRY_VOID(scalar(constant, "constant", rule.argument));
        rule.rule = ValueRule::constant;
        if (!name.empty() || !rule.path.empty())
          return at(constant, "a constant has neither path nor rule", "leave them out");
      } else if (!name.empty()) {
        const ValueRule* found = find_in(kRules, name);
        if (found == nullptr)
          return at(node["rule"], fmt::format("there is no value rule '{}'", name), "rules: " + names_of(kRules));
        rule.rule = *found;
      }
      const bool wants = rule.rule == ValueRule::hash_of || rule.rule == ValueRule::before ||
                         rule.rule == ValueRule::after || rule.rule == ValueRule::map || is_template(rule.rule);
      if (wants && rule.argument.empty())
        return at(node, fmt::format("rule {} needs an argument", name), "add 'argument: ...'");
      const bool pathless = is_pathless(rule.rule);
      if (!pathless && rule.path.empty()) return at(node, "a path is missing", "add 'path: ...'");
      if (pathless && !rule.path.empty())
        return at(node, fmt::format("{} names its paths in the argument", name), "leave 'path' out");
    }
    if (!part_ || rule.path.empty()) {
      out.push_back(std::move(rule));
      return Ok{};
    }
    for (PathRule& path : own_paths_as(rule)) out.push_back(std::move(path));
    return Ok{};
  }
  std::vector<PathRule> own_paths_as(const PathRule& rule) const {
    std::vector<PathRule> out;
    for (PathRule path : own_paths(rule.path)) {
      if (rule.rule != ValueRule::none) {
        if (path.rule != ValueRule::none) continue;  // two rules on one value are not expressed
        path.rule = rule.rule;
        path.argument = rule.argument;
      }
      out.push_back(std::move(path));
    }
    return out;
  }

  Status overlay(const Yaml& node) {
    if (!node.exists()) return Ok{};
    if (!node.is_mapping()) return at(node, "overlay is a mapping of names to paths", "write NAME: path");
    for (const auto& [key, value] : node.members) {
      if (part_ && schema_.overlay.contains(key.text)) continue;  // the schema's own line wins
      if (!part_ && schema_.overlay.contains(key.text))
        return at(key, fmt::format("'{}' stands twice", key.text), "make it one list");
      std::vector<PathRule> rules;
      TRY_VOID(path_rules(value, rules));
      if (!rules.empty()) schema_.overlay.emplace(key.text, std::move(rules));
    }
    return Ok{};
  }

  Status routes(const Yaml& node) {
    if (!node.exists()) return Ok{};
    if (!node.is_sequence()) return at(node, "routes is a list", "start each route with '- name: ...'");
    for (const Yaml& item : node.items) {
      static const std::set<std::string_view> kKeys{"name", "product", "service", "categories", "class", "when"};
      if (!item.is_mapping()) return at(item, "a route is a mapping", "start it with '- name: ...'");
      TRY_VOID(only_keys(item, kKeys));
      Route route;
      TRY_VOID(required(item, "name", route.name));
      TRY_VOID(text(item, "product", route.product));
      TRY_VOID(text(item, "service", route.service));
      TRY_VOID(list(item["categories"], route.categories));
      TRY_VOID(required(item, "class", route.source_class));
      const Yaml& when = item["when"];
      if (when.exists() && !when.is_mapping())
        return at(when, "'when' is a mapping of paths to values", "write {path: [values]}");
      bool possible = true;
      for (const auto& [key, value] : when.members) {
        Route::Condition condition;
        condition.path = plain_path(key.text);
        possible = possible && !condition.path.empty();
        if (!value.is_null()) {
          TRY_VOID(list(value, condition.any_of));
          if (condition.any_of.empty())
            return at(key, "a condition has no values", "list them, or write null for 'present'");
        }
        route.when.push_back(std::move(condition));
      }
      if (!possible) continue;  // the shape lacks a discriminator of this route
      for (const Route& other : schema_.routes) {
        if (other.name == route.name)
          return at(item, fmt::format("route '{}' stands twice", route.name), "give it another name");
      }
      if (!schema_.routes.empty() && schema_.routes.back().when.empty()) {
        return at(item, fmt::format("route '{}' is never reached", route.name),
                  "a route without 'when' must be the last");
      }
      if (schema_.routes.size() >= kRoutes) return at(item, "too many routes", fmt::format("at most {}", kRoutes));
      schema_.routes.push_back(std::move(route));
    }
    return Ok{};
  }

  Status times(const Yaml& node) {
    if (!node.exists()) return Ok{};
    if (!node.is_sequence()) return at(node, "times is a list", "start each with '- path: ...'");
    for (const Yaml& item : node.items) {
      static const std::set<std::string_view> kKeys{"path", "kind", "source", "routes", "pattern", "zone", "unless"};
      if (!item.is_mapping()) return at(item, "a time is a mapping", "start it with '- path: ...'");
      TRY_VOID(only_keys(item, kKeys));
      TimeRule rule;
      std::string kind;
      TRY_VOID(list(item["path"], rule.more));
      if (rule.more.empty()) return at(item, "'path' is missing", "add a line 'path: ...'");
      rule.path = rule.more.front();
      rule.more.erase(rule.more.begin());
      TRY_VOID(required(item, "kind", kind));
      const TimeRule::Kind* found = find_in(kTimes, kind);
      if (found == nullptr)
        return at(item["kind"], fmt::format("there is no time kind '{}'", kind), "kinds: " + names_of(kTimes));
      rule.kind = *found;
      TRY_VOID(text(item, "pattern", rule.pattern));
      if ((rule.kind == TimeRule::Kind::pattern) != item["pattern"].exists())
        return at(item, "kind pattern and key 'pattern' go together", "write 'pattern: \"%Y-%m-%d %H:%M:%S\"'");
      if (rule.kind == TimeRule::Kind::pattern) {
        if (const std::string wrong = check_pattern(rule.pattern); !wrong.empty())
          return at(item["pattern"], wrong, "parts: %Y %y %m %d %e %b %a %H %I %M %S %f %p %z %*");
      }
      std::string zone = rule.kind == TimeRule::Kind::stamp ? "local" : "utc";
      TRY_VOID(text(item, "zone", zone));
      if (zone != "utc" && zone != "local")
        return at(item["zone"], fmt::format("zone '{}' is not known", zone), "write utc or local");
      rule.local = zone == "local";
      rule.source = "event";
      TRY_VOID(text(item, "source", rule.source));
      if (rule.source != "event" && rule.source != "transport") {
        return at(item["source"], fmt::format("time source '{}' is not known", rule.source),
                  "write event or transport");
      }
      TRY_VOID(list(item["routes"], rule.routes));
      TRY_VOID(list(item["unless"], rule.unless));
      rule.path = plain_path(rule.path);
      for (std::vector<std::string>* paths : {&rule.more, &rule.unless}) {
        for (std::string& path : *paths) path = plain_path(path);
      }
      std::erase(rule.unless, "");  // this shape has none
      if (!rule.path.empty()) schema_.times.push_back(std::move(rule));
    }
    return Ok{};
  }

  Status indicators(const Yaml& node) {
    if (!node.exists()) return Ok{};
    if (!node.is_sequence()) return at(node, "indicators is a list", "start each with '- path: ...'");
    for (const Yaml& item : node.items) {
      static const std::set<std::string_view> kKeys{"path", "kind", "role", "routes"};
      if (!item.is_mapping()) return at(item, "an indicator place is a mapping", "start it with '- path: ...'");
      TRY_VOID(only_keys(item, kKeys));
      IndicatorPath place;
      std::string kind;
      std::string role;
      TRY_VOID(required(item, "path", place.path));
      TRY_VOID(required(item, "kind", kind));
      TRY_VOID(required(item, "role", role));
      const IndicatorPath::Kind* found = find_in(kKinds, kind);
      if (found == nullptr)
        return at(item["kind"], fmt::format("there is no indicator kind '{}'", kind), "kinds: " + names_of(kKinds));
      place.kind = *found;
      const std::optional<Role> known = role_from(role);
      if (!known) {
        return at(item["role"], fmt::format("there is no role '{}'", role),
                  "roles: contacted, contacting, question, answer, mail_hop, link, file, text_only");
      }
      place.role = *known;
      TRY_VOID(list(item["routes"], place.routes));
      schema_.indicators.push_back(std::move(place));
    }
    return Ok{};
  }

  // Names of routes that other parts of the schema mention must exist.
  Status check(const Yaml& root) const {
    const auto exists = [&](const std::string& name) {
      return std::any_of(schema_.routes.begin(), schema_.routes.end(), [&](const Route& r) { return r.name == name; });
    };
    for (const TimeRule& rule : schema_.times) {
      for (const std::string& name : rule.routes) {
        if (!exists(name))
          return at(root["times"], fmt::format("a time names the route '{}', which does not exist", name),
                    "check 'routes'");
      }
    }
    for (const IndicatorPath& place : schema_.indicators) {
      for (const std::string& name : place.routes) {
        if (!exists(name)) {
          return at(root["indicators"],
                    fmt::format("an indicator place names the route '{}', which does not exist", name),
                    "check 'routes'");
        }
      }
    }
    return Ok{};
  }

  std::string file_;
  const PartSource* parts_;
  Schema schema_;
  std::map<std::string, std::vector<PathRule>, std::less<>> own_;  // the overlay as the schema file itself has it
  bool part_ = false;
};

Result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code code;
  const std::uintmax_t size = std::filesystem::file_size(path, code);
  if (code)
    return Error{ErrorCode::io, "cannot be read: " + code.message(), path.string(),
                 "check the path and its permissions"};
  if (size > kSchemaBytes)
    return Error{ErrorCode::limit, "a schema file is at most 1 MiB", path.string(), "is it a schema?"};
  std::ifstream in(path, std::ios::binary);
  std::string text(static_cast<std::size_t>(size), '\0');
  in.read(text.data(), static_cast<std::streamsize>(size));
  if (!in) return Error{ErrorCode::io, "cannot be read", path.string(), "check the path and its permissions"};
  return text;
}

bool is_yaml_name(std::string_view name) { return name.ends_with(".yaml") || name.ends_with(".yml"); }

// The schema files of a user folder, sorted by name; parts/ is looked at only when a schema uses one.
Result<std::vector<std::filesystem::path>> schema_files(const std::string& folder) {
  std::error_code code;
  std::filesystem::directory_iterator entries(folder, code);
  if (code)
    return Error{ErrorCode::not_found, "schema folder cannot be read: " + code.message(), folder, "check the path"};
  std::vector<std::filesystem::path> files;
  for (; entries != std::filesystem::directory_iterator(); entries.increment(code)) {
    if (code)
      return Error{ErrorCode::io, "schema folder cannot be read: " + code.message(), folder, "check its permissions"};
    if (!entries->is_regular_file(code) || !is_yaml_name(entries->path().filename().string())) continue;
    files.push_back(entries->path());
    if (files.size() > kSchemaFiles)
      return Error{ErrorCode::limit, fmt::format("more than {} files", kSchemaFiles), folder, "is it a schema folder?"};
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<PathRule> Schema::resolve(std::string_view name) const {
  if (const auto found = overlay.find(name); found != overlay.end()) return found->second;
  std::vector<PathRule> out;
  bool below = name.starts_with('@');
  for (const std::string& prefix : prefixes) below = below || (!prefix.empty() && name.starts_with(prefix));
  if (!below) {
    for (const std::string& prefix : prefixes) out.push_back({prefix + std::string(name), ValueRule::none, ""});
  }
  out.push_back({std::string(name), ValueRule::none, ""});
  return out;
}

bool Schema::knows(std::string_view name) const { return overlay.contains(name) || !name.starts_with('@'); }

Result<Schema> SchemaSet::parse(std::string_view file_name, std::string_view yaml) {
  const PartSource parts = shipped_part;
  return SchemaReader(file_name, parts).read(yaml);
}

Result<SchemaSet> SchemaSet::load(std::span<const std::string> extra_folders) {
  std::map<std::string, Schema> by_shape;
  for (const content::File& file : content::files()) {
    if (!file.name.starts_with("schemas/") || file.name.starts_with("schemas/parts/") || !is_yaml_name(file.name))
      continue;
    TRY(Schema schema, parse(file.name, file.bytes));
    std::string shape = schema.shape;
    if (!by_shape.emplace(shape, std::move(schema)).second) {
      return Error{ErrorCode::bad_input, fmt::format("shape '{}' stands in two shipped files", shape),
                   std::string(file.name), ""};
    }
  }
  for (const std::string& folder : extra_folders) {
    TRY(const std::vector<std::filesystem::path> files, schema_files(folder));
    const PartSource parts = [&folder](std::string_view name) -> std::optional<std::string> {
      if (name.find('/') == std::string_view::npos && !name.starts_with('.')) {
        Result<std::string> own = read_file(std::filesystem::path(folder) / "parts" / (std::string(name) + ".yaml"));
        if (own.ok()) return std::move(own).value();
      }
      return shipped_part(name);
    };
    std::set<std::string> here;
    for (const std::filesystem::path& path : files) {
      TRY(const std::string text, read_file(path));
      TRY(Schema schema, SchemaReader(path.string(), parts).read(text));
      if (!here.insert(schema.shape).second) {
        return Error{ErrorCode::bad_input, fmt::format("shape '{}' stands in two files of this folder", schema.shape),
                     path.string(), "give one of them another shape name"};
      }
      std::string shape = schema.shape;
      by_shape.insert_or_assign(std::move(shape), std::move(schema));
    }
  }
  SchemaSet set;
  for (auto& [shape, schema] : by_shape) set.schemas_.push_back(std::move(schema));
  return set;
}

std::optional<ShapeId> SchemaSet::find(std::string_view shape) const {
  const auto found = std::lower_bound(schemas_.begin(), schemas_.end(), shape,
                                      [](const Schema& schema, std::string_view name) { return schema.shape < name; });
  if (found == schemas_.end() || found->shape != shape) return std::nullopt;
  return static_cast<ShapeId>(found - schemas_.begin());
}

}  // namespace assay
