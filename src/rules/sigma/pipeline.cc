#include "rules/sigma/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "core/ascii.h"
#include "core/limits.h"
#include "rules/ir/regex.h"

namespace assay::sigma {
namespace {

constexpr std::size_t kItems = 2000;       // transformations of one pipeline, nested ones too
constexpr std::size_t kAlternatives = 64;  // names for one field
constexpr std::size_t kKeyBytes = 16 * 1024;
constexpr std::size_t kNestDepth = 4;
// Of one rule: items and values that transformations looked at, what they wrote (nodes), and bytes they wrote.
constexpr std::size_t kSteps = 1'000'000, kWritten = 100'000, kWrittenBytes = std::size_t{8} << 20;
constexpr std::size_t kRegexSteps = 100;  // what a compiled expression costs

Error at_place(std::string_view path, std::string what, const Yaml& at, std::string remedy = {}) {
  return Error{ErrorCode::unsupported, std::move(what), fmt::format("{}:{}:{}", path, at.line, at.column),
               std::move(remedy)};
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

Yaml scalar_node(std::string text, const Yaml& like, bool quoted = true) {
  Yaml out;
  out.type = Yaml::Type::scalar;
  out.text = std::move(text);
  out.quoted = quoted;
  out.line = like.line;
  out.column = like.column;
  return out;
}

// ---- checking a pipeline when it is read

struct Known {
  std::string_view type;
  std::vector<std::string_view> keys;
};

const std::vector<Known>& transformations() {
  static const std::vector<Known> kList = {
      {"field_name_mapping", {"mapping"}},
      {"field_name_prefix_mapping", {"mapping"}},
      {"field_name_prefix", {"prefix"}},
      {"field_name_suffix", {"suffix"}},
      {"drop_detection_item", {}},
      {"add_condition", {"conditions", "name", "negated", "template"}},
      {"change_logsource", {"category", "product", "service"}},
      {"add_field", {"field"}},
      {"remove_field", {"field"}},
      {"set_field", {"fields"}},
      {"replace_string", {"regex", "replacement", "skip_special", "interpret_special"}},
      {"map_string", {"mapping"}},
      {"set_value", {"value", "force_type"}},
      {"convert_type", {"target_type"}},
      {"set_state", {"key", "val"}},
      {"set_custom_attribute", {"attribute", "value"}},
      {"value_placeholders", {"include", "exclude"}},
      {"wildcard_placeholders", {"include", "exclude"}},
      {"hashes_fields", {"valid_hash_algos", "field_prefix", "drop_algo_prefix"}},
      {"case", {"method"}},
      {"nest", {"items"}},
      {"rule_failure", {"message"}},
      {"detection_item_failure", {"message"}},
  };
  return kList;
}

const std::vector<Known>& conditions_of(std::string_view kind) {
  static const std::vector<Known> kRule = {
      {"logsource", {"category", "product", "service"}},
      {"contains_detection_item", {"field", "value"}},
      {"contains_field", {"field"}},
      {"processing_item_applied", {"processing_item_id"}},
      {"processing_state", {"key", "val"}},
      {"is_sigma_rule", {}},
      {"is_sigma_correlation_rule", {}},
      {"rule_attribute", {"attribute", "value", "op"}},
      {"tag", {"tag"}},
  };
  static const std::vector<Known> kItem = {
      {"match_string", {"cond", "pattern", "negate"}},
      {"match_value", {"cond", "value"}},
      {"is_null", {"cond"}},
      {"processing_state", {"key", "val"}},
  };
  static const std::vector<Known> kField = {
      {"include_fields", {"fields", "mode", "type"}},
      {"exclude_fields", {"fields", "mode", "type"}},
      {"processing_state", {"key", "val"}},
  };
  return kind == "rule" ? kRule : kind == "detection_item" ? kItem : kField;
}

constexpr std::string_view kKinds[] = {"rule", "detection_item", "field_name"};
std::string list_key(std::string_view kind) { return fmt::format("{}_conditions", kind); }
std::string short_key(std::string_view kind) {
  return kind == "rule" ? "rule_cond" : kind == "detection_item" ? "detection_item_cond" : "field_name_cond";
}

class Checker {
 public:
  explicit Checker(std::string_view path) : path_(path) {}

  Status items(const Yaml& list, std::size_t depth) {
    if (!list.is_sequence()) return at_place(path_, "transformations must be a list", list);
    if (depth > kNestDepth) return at_place(path_, "transformations nested too deeply", list);
    for (const Yaml& item : list.items) {
      if (++count_ > kItems) return at_place(path_, fmt::format("more than {} transformations", kItems), item);
      TRY_VOID(one(item, depth));
    }
    return Ok{};
  }

 private:
  Status one(const Yaml& item, std::size_t depth) {
    if (!item.is_mapping()) return at_place(path_, "a transformation must be a map", item);
    const std::string& type = item["type"].text;
    const auto& all = transformations();
    const auto known = std::find_if(all.begin(), all.end(), [&](const Known& k) { return k.type == type; });
    if (known == all.end()) {
      return at_place(path_, fmt::format("the transformation '{}' is not known", type),
                      item["type"].exists() ? item["type"] : item, "docs/sigma.md lists those that are");
    }
    for (const auto& [key, value] : item.members) {
      if (is_one_of(key.text, {"id", "type"}) || is_one_of_list(key.text, known->keys)) continue;
      bool conditional = false;
      for (const std::string_view kind : kKinds) {
        const std::string cond = short_key(kind);
        if (key.text == list_key(kind)) {
          TRY_VOID(conditions(kind, value));
          conditional = true;
        } else if (key.text == cond + "_op" ||
                   key.text == list_key(kind).substr(0, list_key(kind).size() - 1) + "_op" ||
                   key.text == fmt::format("{}_condition_linking", kind) || key.text == linking_key(kind)) {
          if (!is_one_of(lower(value.text), {"and", "or"}))
            return at_place(path_, fmt::format("'{}' is 'and' or 'or'", key.text), value);
          conditional = true;
        } else if (key.text == cond + "_not") {
          if (!value.is_bool()) return at_place(path_, fmt::format("'{}' is true or false", key.text), value);
          conditional = true;
        }
      }
      if (conditional) continue;
      return at_place(path_, fmt::format("the key '{}' of '{}' is not known", key.text, type), key,
                      "docs/sigma.md lists those that are");
    }
    if (type == "nest") return items(item["items"], depth + 1);
    if (type == "set_value" && item["force_type"].exists())
      return at_place(path_, "'force_type' is not known", item["force_type"], "write the value as it is meant");
    if (type == "add_condition" && item["template"].as_bool())
      return at_place(path_, "templates are not filled in", item["template"], "write the condition in full");
    if (type == "field_name_mapping" || type == "field_name_prefix_mapping" || type == "map_string") {
      const Yaml& mapping = item["mapping"];
      if (!mapping.is_mapping()) return at_place(path_, fmt::format("'{}' needs a mapping", type), item);
      for (const auto& [from, to] : mapping.members) {
        const std::size_t names = to.strings().size();
        if (names == 0)
          return at_place(path_, fmt::format("'{}' is mapped to nothing that can be used", from.text), to);
        if (names > kAlternatives)
          return at_place(path_, fmt::format("'{}' is mapped to more than {}", from.text, kAlternatives), to);
        if (type == "field_name_prefix_mapping" && !to.is_scalar())
          return at_place(path_, "a prefix is mapped to one prefix", to);
      }
    }
    if (type == "replace_string") {
      const auto regex = ir::Regex::compile(item["regex"].text, 0);
      if (!regex.ok()) return at_place(path_, regex.error().what, item["regex"]);
      if (item["interpret_special"].as_bool())
        return at_place(path_, "'interpret_special' is not known", item["interpret_special"]);
    }
    if (type == "convert_type" && !is_one_of(item["target_type"].text, {"str", "num"}))
      return at_place(path_, "target_type is str or num", item["target_type"]);
    if (type == "case" && !is_one_of(item["method"].text, {"lower", "upper"}))
      return at_place(path_, "method is lower or upper", item["method"]);
    return Ok{};
  }

  static bool is_one_of_list(std::string_view name, const std::vector<std::string_view>& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  }
  static std::string linking_key(std::string_view kind) { return short_key(kind) + "ition_linking"; }

  Status conditions(std::string_view kind, const Yaml& list) {
    if (!list.is_sequence()) {
      return at_place(path_, fmt::format("{} must be a list", list_key(kind)), list,
                      "conditions joined by an expression are not known; use a list and its _op");
    }
    const auto& all = conditions_of(kind);
    for (const Yaml& condition : list.items) {
      const std::string& type = condition["type"].text;
      const auto known = std::find_if(all.begin(), all.end(), [&](const Known& k) { return k.type == type; });
      if (known == all.end()) {
        return at_place(path_, fmt::format("the {} condition '{}' is not known", kind, type),
                        condition["type"].exists() ? condition["type"] : condition,
                        "docs/sigma.md lists those that are");
      }
      for (const auto& [key, value] : condition.members) {
        if (key.text == "type" || is_one_of_list(key.text, known->keys)) continue;
        return at_place(path_, fmt::format("the key '{}' of '{}' is not known", key.text, type), key);
      }
      if (type == "match_string") {
        const auto regex = ir::Regex::compile(condition["pattern"].text, 0);
        if (!regex.ok()) return at_place(path_, regex.error().what, condition["pattern"]);
      }
      const std::string mode = condition["mode"].exists() ? condition["mode"].text : std::string("plain");
      if (!is_one_of(mode, {"plain", "re"})) return at_place(path_, "mode is plain or re", condition["mode"]);
      if (mode == "re") {
        for (const std::string& field : condition["fields"].strings()) {
          const auto regex = ir::Regex::compile(field, 0);
          if (!regex.ok()) return at_place(path_, regex.error().what, condition["fields"]);
        }
      }
      if (type == "rule_attribute" && condition["op"].exists() && !is_one_of(condition["op"].text, {"eq", "ne"}))
        return at_place(path_, "op is eq or ne", condition["op"]);
    }
    return Ok{};
  }

  std::string path_;
  std::size_t count_ = 0;
};

// ---- applying

std::string field_of(std::string_view key) { return std::string(key.substr(0, key.find('|'))); }
std::string modifiers_of(std::string_view key) {
  const std::size_t bar = key.find('|');
  return bar == std::string_view::npos ? std::string() : std::string(key.substr(bar));
}

class Rewriter {
 public:
  explicit Rewriter(Rewritten& out) : out_(out) {}

  Status run(const Pipeline& pipeline) {
    pipeline_ = &pipeline;
    for (const Yaml& item : pipeline.items) TRY_VOID(apply(item));
    return Ok{};
  }

 private:
  using Edit = std::function<Status(Yaml& key, Yaml& value, bool& drop)>;

  // Every detection item of the rule: f may change or drop it.
  Status each_item(const Edit& f) {
    Yaml* const detection = member(out_.document, "detection");
    if (detection == nullptr) return Ok{};
    for (auto& [name, part] : detection->members) {
      if (name.text == "condition" || name.text == "timeframe") continue;
      TRY_VOID(each_item_of(part, f));
    }
    return Ok{};
  }
  // A pipeline and a rule may be made for each other: what they cost together is bounded.
  Status spend(std::size_t steps, std::size_t nodes = 0, std::size_t bytes = 0) {
    steps_ += steps;
    nodes_ += nodes;
    bytes_ += bytes;
    if (steps_ <= kSteps && nodes_ <= kWritten && bytes_ <= kWrittenBytes) return Ok{};
    return at_place(pipeline_->path,
                    steps_ > kSteps ? "rewriting this rule takes too many steps" : "the rule becomes too large here",
                    *at_, "use fewer transformations, or give them conditions");
  }
  static std::size_t nodes_of(const Yaml& node) {
    std::size_t out = 1;
    for (const Yaml& item : node.items) out += nodes_of(item);
    for (const auto& [key, value] : node.members) out += nodes_of(key) + nodes_of(value);
    return out;
  }
  static std::size_t bytes_of(const Yaml& node) {
    std::size_t out = node.text.size();
    for (const Yaml& item : node.items) out += bytes_of(item);
    for (const auto& [key, value] : node.members) out += bytes_of(key) + bytes_of(value);
    return out;
  }
  // Compiled once for a rule. No value: it is none (the checker has looked at it before).
  const ir::Regex* expression(const std::string& pattern) {
    auto at = expressions_.find(pattern);
    if (at == expressions_.end()) {
      steps_ += kRegexSteps;
      auto regex = ir::Regex::compile(pattern, 0);
      std::optional<ir::Regex> kept;
      if (regex.ok()) kept.emplace(std::move(*regex));
      at = expressions_.emplace(pattern, std::move(kept)).first;
    }
    return at->second ? &*at->second : nullptr;
  }
  bool search(const std::string& pattern, std::string_view text) {
    const ir::Regex* const regex = expression(pattern);
    if (regex == nullptr) return false;
    const ir::Regex::Found found = regex->search(text, scratch_);
    steps_ += 1 + text.size() / 64 + (found == ir::Regex::Found::limit ? limits::kRegexSteps / 100 : 0);
    return found == ir::Regex::Found::yes;
  }

  Status each_item_of(Yaml& part, const Edit& f) {
    if (part.is_sequence()) {
      for (Yaml& one : part.items) {
        if (one.is_mapping()) TRY_VOID(each_item_of(one, f));
      }
      // A map that lost all its items says nothing any more; the others stay alternatives.
      std::erase_if(part.items, [](const Yaml& one) { return one.is_mapping() && one.members.empty(); });
      return Ok{};
    }
    if (!part.is_mapping()) return Ok{};
    std::vector<Yaml::Member> kept;
    for (Yaml::Member& item : part.members) {
      bool drop = false;
      TRY_VOID(spend(1 + item.second.items.size()));
      TRY_VOID(f(item.first, item.second, drop));
      if (!drop) kept.push_back(std::move(item));
    }
    part.members = std::move(kept);
    return Ok{};
  }

  static Yaml* member(Yaml& map, std::string_view name) {
    for (auto& [key, value] : map.members) {
      if (key.text == name) return &value;
    }
    return nullptr;
  }

  // How a list of conditions is joined: _op (or _linking) and, or; then _not.
  bool joined(const Yaml& item, std::string_view kind, const std::function<bool(const Yaml&)>& holds) const {
    const Yaml& list = item[list_key(kind)];
    const std::string cond = short_key(kind);
    bool out = true;
    if (list.is_sequence() && !list.items.empty()) {
      bool any = false;
      for (const std::string& key : {cond + "_op", cond + "ition_linking", fmt::format("{}_condition_op", kind),
                                     fmt::format("{}_condition_linking", kind)}) {
        any = any || equals_icase(item[key].text, "or");
      }
      out = any ? std::any_of(list.items.begin(), list.items.end(), holds)
                : std::all_of(list.items.begin(), list.items.end(), holds);
    }
    return item[cond + "_not"].as_bool() ? !out : out;
  }

  [[nodiscard]] bool state_is(const Yaml& condition) const {
    const auto at = state_.find(condition["key"].text);
    return at != state_.end() && at->second == condition["val"].text;
  }

  [[nodiscard]] bool rule_fits(const Yaml& item) {
    return joined(item, "rule", [&](const Yaml& condition) {
      const std::string& type = condition["type"].text;
      if (type == "logsource") {
        const Yaml& source = out_.document["logsource"];
        if (!source.is_mapping()) return false;
        for (const std::string_view part : {"category", "product", "service"}) {
          const Yaml& wanted = condition[part];
          if (wanted.exists() && !wanted.is_null() && !equals_icase(wanted.text, source[part].text)) return false;
        }
        return true;
      }
      if (type == "processing_item_applied") return applied_.contains(condition["processing_item_id"].text);
      if (type == "processing_state") return state_is(condition);
      if (type == "is_sigma_rule") return out_.document["detection"].exists();
      if (type == "is_sigma_correlation_rule") return out_.document["correlation"].exists();
      if (type == "tag") {
        const std::vector<std::string> tags = out_.document["tags"].strings();
        return std::find(tags.begin(), tags.end(), condition["tag"].text) != tags.end();
      }
      if (type == "rule_attribute") {
        const bool equal = out_.document[condition["attribute"].text].text == condition["value"].text;
        return (condition["op"].text == "ne") != equal;
      }
      bool found = false;  // contains_detection_item, contains_field
      (void)each_item([&](Yaml& key, Yaml& value, bool&) -> Status {
        if (field_of(key.text) != condition["field"].text) return Ok{};
        if (type == "contains_field") {
          found = true;
          return Ok{};
        }
        const std::vector<std::string> values = value.strings();
        found = found || std::find(values.begin(), values.end(), condition["value"].text) != values.end();
        return Ok{};
      });
      return found;
    });
  }

  [[nodiscard]] bool field_fits(const Yaml& item, const std::string& field) {
    return joined(item, "field_name", [&](const Yaml& condition) {
      const std::string& type = condition["type"].text;
      if (type == "processing_state") return state_is(condition);
      const std::vector<std::string> fields = condition["fields"].strings();
      const bool in = std::any_of(fields.begin(), fields.end(), [&](const std::string& wanted) {
        return condition["mode"].text == "re" ? search(wanted, field) : wanted == field;
      });
      return in == (type == "include_fields");
    });
  }

  [[nodiscard]] bool item_fits(const Yaml& item, const Yaml& value) {
    return joined(item, "detection_item", [&](const Yaml& condition) {
      const std::string& type = condition["type"].text;
      if (type == "processing_state") return state_is(condition);
      std::vector<const Yaml*> values;
      if (value.is_sequence()) {
        for (const Yaml& one : value.items) values.push_back(&one);
      } else {
        values.push_back(&value);
      }
      const auto holds = [&](const Yaml* one) {
        if (type == "is_null") return one->is_null();
        if (type == "match_value") return one->text == condition["value"].text;
        return search(condition["pattern"].text, one->text) != condition["negate"].as_bool();
      };
      return condition["cond"].text == "all" ? std::all_of(values.begin(), values.end(), holds)
                                             : std::any_of(values.begin(), values.end(), holds);
    });
  }

  // Items that the transformation's conditions let through.
  Status each_chosen(const Yaml& item, const Edit& f) {
    return each_item([&](Yaml& key, Yaml& value, bool& drop) -> Status {
      const std::string field = field_of(key.text);
      if (!item_fits(item, value) || !field_fits(item, field)) return Ok{};
      return f(key, value, drop);
    });
  }

  // New names for a field, each of the alternatives that it has by now.
  Status rename(const Yaml& item, Yaml& key,
                const std::function<std::vector<std::string>(const std::string&)>& names_for) {
    const std::string field = field_of(key.text);
    if (field.empty()) return Ok{};
    std::vector<std::string> names;
    for (const std::string_view one : split(field, kAlternative)) {
      for (std::string& name : names_for(std::string(one))) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
      }
    }
    std::string joined_names;
    for (const std::string& name : names)
      joined_names += (joined_names.empty() ? "" : std::string(1, kAlternative)) + name;
    if (names.size() > kAlternatives || joined_names.size() > kKeyBytes) {
      return at_place(
          pipeline_->path,
          fmt::format("the field '{}' is mapped to too many names", field.substr(0, field.find(kAlternative))), item);
    }
    key.text = joined_names + modifiers_of(key.text);
    return spend(names.size(), 0, key.text.size());
  }

  Status map_fields(const Yaml& item, const std::function<std::vector<std::string>(const std::string&)>& names_for) {
    TRY_VOID(each_chosen(item, [&](Yaml& key, Yaml& value, bool&) -> Status {
      if (auto cost = spend(item["mapping"].members.size() / 16); !cost.ok()) return cost;
      if (modifiers_of(key.text).find("|fieldref") != std::string::npos) {
        // The value is a field, too.
        const auto one = [&](Yaml& name) {
          const std::vector<std::string> names = names_for(name.text);
          if (names.size() == 1) name.text = names.front();
          return names.size() == 1;
        };
        bool good = value.is_scalar() ? one(value) : true;
        for (Yaml& name : value.items) good = one(name) && good;
        if (!good) return at_place(pipeline_->path, "a field that fieldref names is mapped to several names", item);
      }
      return rename(item, key, names_for);
    }));
    // Correlations: the fields of the key and of values, where a name stands for one name.
    Yaml* const correlation = member(out_.document, "correlation");
    if (correlation == nullptr) return Ok{};
    const Yaml aliases = (*correlation)["aliases"];
    const auto one = [&](Yaml& name) -> Status {
      if (aliases[name.text].exists() || !field_fits(item, name.text)) return Ok{};
      const std::vector<std::string> names = names_for(name.text);
      if (names.size() != 1) {
        return at_place(pipeline_->path,
                        fmt::format("the field '{}' of a correlation is mapped to several names", name.text), item);
      }
      name.text = names.front();
      return Ok{};
    };
    const auto all = [&](Yaml* list) -> Status {
      if (list == nullptr) return Ok{};
      if (list->is_scalar()) return one(*list);
      for (Yaml& name : list->items) TRY_VOID(one(name));
      return Ok{};
    };
    TRY_VOID(all(member(*correlation, "group-by")));
    if (Yaml* const condition = member(*correlation, "condition"); condition != nullptr && condition->is_mapping())
      TRY_VOID(all(member(*condition, "field")));
    if (Yaml* const list = member(*correlation, "aliases")) {
      for (auto& [alias, fields] : list->members) {
        for (auto& [rule, field] : fields.members) {
          const std::vector<std::string> names = names_for(field.text);
          if (names.size() == 1) field.text = names.front();
        }
      }
    }
    return Ok{};
  }

  Status each_value(const Yaml& item, const std::function<void(Yaml&)>& f) {
    return each_chosen(item, [&](Yaml&, Yaml& value, bool&) -> Status {
      if (value.is_scalar()) f(value);
      for (Yaml& one : value.items) {
        if (one.is_scalar()) f(one);
      }
      return Ok{};
    });
  }

  void give_placeholders(const Yaml& item, bool wildcard) {
    const std::vector<std::string> include = item["include"].strings(), exclude = item["exclude"].strings();
    const auto chosen = [&](const std::string& name) {
      const bool in = include.empty() || std::find(include.begin(), include.end(), name) != include.end();
      return in && std::find(exclude.begin(), exclude.end(), name) == exclude.end();
    };
    if (!wildcard) {
      for (const auto& [name, values] : pipeline_->vars) {
        if (chosen(name)) out_.placeholders.try_emplace(name, values);
      }
      return;
    }
    // Placeholders that no one gave values yet: any run of characters.
    (void)each_item([&](Yaml& key, Yaml& value, bool&) -> Status {
      if (modifiers_of(key.text).find("|expand") == std::string::npos) return Ok{};
      for (const std::string& text : value.strings()) {
        for (std::size_t at = text.find('%'); at != std::string::npos;) {
          const std::size_t end = text.find('%', at + 1);
          if (end == std::string::npos) break;
          const std::string name = text.substr(at + 1, end - at - 1);
          if (!name.empty() && chosen(name)) out_.placeholders.try_emplace(name, std::vector<std::string>{"*"});
          at = text.find('%', end + 1);
        }
      }
      return Ok{};
    });
  }

  // Hashes: "SHA256=..." to a field for each algorithm.
  Status split_hashes(const Yaml& item) {
    std::vector<std::string> algorithms = item["valid_hash_algos"].strings();
    if (algorithms.empty()) algorithms = {"MD5", "SHA1", "SHA256", "SHA512", "IMPHASH"};
    const std::string prefix = item["field_prefix"].text;
    const bool drop_name = item["drop_algo_prefix"].as_bool();
    return each_chosen(item, [&](Yaml& key, Yaml& value, bool&) -> Status {
      if (!is_one_of(field_of(key.text), {"Hashes", "Hash"})) return Ok{};
      std::set<std::string> names;
      std::vector<Yaml*> values;
      if (value.is_scalar()) values.push_back(&value);
      for (Yaml& one : value.items) values.push_back(&one);
      std::vector<std::string> texts;
      for (const Yaml* one : values) {
        std::string_view text = one->text;
        while (text.starts_with('*')) text.remove_prefix(1);
        while (text.ends_with('*')) text.remove_suffix(1);
        const std::size_t equals = text.find_first_of("=|");
        const std::string name = equals == std::string_view::npos ? std::string() : std::string(text.substr(0, equals));
        const bool known = std::any_of(algorithms.begin(), algorithms.end(),
                                       [&](const std::string& a) { return equals_icase(a, name); });
        if (!known) return Ok{};  // another form: the field stays as it is
        names.insert(drop_name ? std::string() : name);
        texts.emplace_back(text.substr(equals + 1));
      }
      if (names.size() != 1) return Ok{};  // several algorithms under one key: the shape's own splitting serves
      for (std::size_t i = 0; i < values.size(); ++i) values[i]->text = texts[i];
      key.text = prefix + *names.begin();
      return Ok{};
    });
  }

  Status add_condition(const Yaml& item) {
    Yaml* const detection = member(out_.document, "detection");
    if (detection == nullptr) return Ok{};
    const Yaml& conditions = item["conditions"];
    if (!conditions.is_mapping() || conditions.members.empty())
      return at_place(pipeline_->path, "'add_condition' needs conditions: a map", item);
    std::string name = item["name"].text;
    if (name.empty()) name = fmt::format("_cond_{}", added_++);
    if (member(*detection, name) != nullptr)
      return at_place(pipeline_->path, fmt::format("the rule has a detection '{}' already", name), item);
    Yaml* const condition = member(*detection, "condition");
    if (condition == nullptr) return Ok{};
    const auto wrap = [&](Yaml& text) {
      text.text = fmt::format("{}{} and ({})", item["negated"].as_bool() ? "not " : "", name, text.text);
    };
    if (condition->is_scalar()) wrap(*condition);
    for (Yaml& text : condition->items) wrap(text);
    TRY_VOID(spend(1, nodes_of(conditions), bytes_of(conditions) + bytes_of(*condition)));
    detection->members.push_back({scalar_node(name, item), conditions});
    return Ok{};
  }

  Status apply(const Yaml& item) {
    at_ = &item;
    TRY_VOID(spend(1));
    if (!rule_fits(item)) return Ok{};
    const std::string& type = item["type"].text;
    Status status = Ok{};
    if (type == "field_name_mapping") {
      const Yaml& mapping = item["mapping"];
      status = map_fields(item, [&](const std::string& field) {
        const Yaml& to = mapping[field];
        return to.exists() ? to.strings() : std::vector<std::string>{field};
      });
    } else if (type == "field_name_prefix_mapping") {
      status = map_fields(item, [&](const std::string& field) {
        for (const auto& [from, to] : item["mapping"].members) {
          if (field.starts_with(from.text)) return std::vector<std::string>{to.text + field.substr(from.text.size())};
        }
        return std::vector<std::string>{field};
      });
    } else if (type == "field_name_prefix") {
      status = map_fields(
          item, [&](const std::string& field) { return std::vector<std::string>{item["prefix"].text + field}; });
    } else if (type == "field_name_suffix") {
      status = map_fields(
          item, [&](const std::string& field) { return std::vector<std::string>{field + item["suffix"].text}; });
    } else if (type == "drop_detection_item") {
      status = each_chosen(item, [&](Yaml&, Yaml&, bool& drop) -> Status {
        drop = true;
        return Ok{};
      });
    } else if (type == "add_condition") {
      status = add_condition(item);
    } else if (type == "change_logsource") {
      if (Yaml* const source = member(out_.document, "logsource")) {
        for (const std::string_view part : {"category", "product", "service"}) {
          // What is not named is taken away: the new logsource is the whole one.
          std::erase_if(source->members, [&](const Yaml::Member& m) { return m.first.text == part; });
          if (item[part].exists()) source->members.push_back({scalar_node(std::string(part), item), item[part]});
        }
      }
    } else if (type == "replace_string") {
      const ir::Regex* const regex = expression(item["regex"].text);
      if (regex == nullptr) return at_place(pipeline_->path, "the regular expression is wrong", item);
      bool good = true;
      status = each_value(item, [&](Yaml& value) {
        if (!good || value.is_null() || value.is_bool() || value.is_integer()) return;
        auto replaced = regex->replace(value.text, item["replacement"].text, scratch_);
        good = replaced.has_value();
        if (!replaced) return;
        steps_ += 4 + (value.text.size() + replaced->size()) / 64;
        bytes_ += replaced->size();
        value.text = std::move(*replaced);
      });
      if (status.ok()) status = spend(0);
      if (!good) return at_place(pipeline_->path, "'replace_string' could not be carried out", item);
    } else if (type == "map_string") {
      status = each_chosen(item, [&](Yaml&, Yaml& value, bool&) -> Status {
        std::vector<Yaml> list;
        if (value.is_scalar()) list.push_back(value);
        list.insert(list.end(), value.items.begin(), value.items.end());
        std::vector<Yaml> mapped;
        for (const Yaml& one : list) {
          const Yaml& to = item["mapping"][one.text];
          if (!to.exists()) {
            mapped.push_back(one);
          } else {
            TRY_VOID(spend(item["mapping"].members.size() / 16, nodes_of(to), bytes_of(to)));
            for (const std::string& text : to.strings()) mapped.push_back(scalar_node(text, one));
          }
        }
        if (mapped.size() == 1 && value.is_scalar()) {
          value = mapped.front();
        } else {
          value.type = Yaml::Type::sequence;
          value.items = std::move(mapped);
        }
        return Ok{};
      });
    } else if (type == "set_value") {
      status = each_chosen(item, [&](Yaml&, Yaml& value, bool&) -> Status {
        const int line = value.line, column = value.column;
        TRY_VOID(spend(1, nodes_of(item["value"]), bytes_of(item["value"])));
        value = item["value"];
        value.line = line;
        value.column = column;
        return Ok{};
      });
    } else if (type == "convert_type") {
      const bool number = item["target_type"].text == "num";
      bool good = true;
      status = each_value(item, [&](Yaml& value) {
        if (value.is_null()) return;
        good = good && (!number || parse_double(value.text).has_value());
        value.quoted = !number;
      });
      if (!good) return at_place(pipeline_->path, "'convert_type' met a value that is no number", item);
    } else if (type == "case") {
      const bool low = item["method"].text == "lower";
      status = each_value(item, [&](Yaml& value) {
        for (char& c : value.text) {
          if (low ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z') c = static_cast<char>(c ^ 0x20);
        }
      });
    } else if (type == "set_state") {
      state_[item["key"].text] = item["val"].text;
    } else if (type == "value_placeholders" || type == "wildcard_placeholders") {
      give_placeholders(item, type == "wildcard_placeholders");
    } else if (type == "hashes_fields") {
      status = split_hashes(item);
    } else if (type == "nest") {
      for (const Yaml& inner : item["items"].items) TRY_VOID(apply(inner));
    } else if (type == "rule_failure") {
      return at_place(pipeline_->path, fmt::format("the pipeline does not take this rule: {}", item["message"].text),
                      item);
    } else if (type == "detection_item_failure") {
      status = each_chosen(item, [&](Yaml& key, Yaml&, bool&) -> Status {
        return at_place(
            pipeline_->path,
            fmt::format("the pipeline does not take the field '{}': {}", field_of(key.text), item["message"].text),
            item);
      });
    }
    // add_field, remove_field, set_field and set_custom_attribute change what other tools show, not what is met.
    if (status.ok() && item["id"].exists()) applied_.insert(item["id"].text);
    return status;
  }

  Rewritten& out_;
  const Pipeline* pipeline_ = nullptr;
  std::map<std::string, std::string> state_;
  std::set<std::string> applied_;
  std::size_t added_ = 0;
  const Yaml* at_ = nullptr;  // the transformation that is applied
  std::size_t steps_ = 0, nodes_ = 0, bytes_ = 0;
  std::map<std::string, std::optional<ir::Regex>> expressions_;
  ir::RegexScratch scratch_;
};

}  // namespace

Result<Pipeline> parse_pipeline(std::string_view path, std::string_view text) {
  auto documents = parse_yaml(text);
  if (!documents.ok()) {
    Error error = documents.error();
    error.where = fmt::format("{}:{}", path, error.where);
    return error;
  }
  if (documents->size() != 1 || !documents->front().is_mapping())
    return Error{ErrorCode::bad_input, "a processing pipeline is one map", std::string(path)};
  const Yaml& document = documents->front();
  Pipeline out;
  out.path = path;
  for (const auto& [key, value] : document.members) {
    if (key.text == "name") {
      out.name = value.text;
    } else if (key.text == "priority") {
      if (!value.is_integer()) return at_place(path, "the priority is no number", value);
      out.priority = value.as_int();
    } else if (key.text == "vars") {
      for (const auto& [name, values] : value.members) out.vars[name.text] = values.strings();
    } else if (key.text == "transformations") {
      TRY_VOID(Checker(path).items(value, 0));
      out.items = value.items;
    } else if (key.text == "postprocessing" || key.text == "finalizers") {
      if (!value.is_null() && !(value.is_sequence() && value.items.empty())) {
        return at_place(path, fmt::format("'{}' shapes query text for other tools; there is none here", key.text), key,
                        "take that part out");
      }
    } else if (key.text != "allowed_backends") {
      return at_place(path, fmt::format("the key '{}' of a pipeline is not known", key.text), key);
    }
  }
  return out;
}

void sort_pipelines(std::vector<Pipeline>& pipelines) {
  std::stable_sort(pipelines.begin(), pipelines.end(),
                   [](const Pipeline& a, const Pipeline& b) { return a.priority < b.priority; });
}

Result<Rewritten> rewrite(Yaml document, const std::vector<Pipeline>& pipelines) {
  Rewritten out;
  out.document = std::move(document);
  Rewriter rewriter(out);
  for (const Pipeline& pipeline : pipelines) TRY_VOID(rewriter.run(pipeline));
  return out;
}

}  // namespace assay::sigma
