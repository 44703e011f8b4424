#include "evidence/schema_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>

namespace assay {
namespace {

constexpr std::size_t kPatterns = 2000;  // of one schema

class TextReader {
 public:
  explicit TextReader(const std::string& file) : file_(file) {}

  Error at(const Yaml& node, std::string what, std::string remedy) const {
    return Error{ErrorCode::bad_input, std::move(what),
                 fmt::format("{}:{}:{}", file_, std::max(node.line, 1), std::max(node.column, 1)), std::move(remedy)};
  }
  Status only(const Yaml& node, std::string_view place, std::initializer_list<std::string_view> keys) const {
    std::string known;
    for (const std::string_view key : keys) known += (known.empty() ? "" : ", ") + std::string(key);
    if (!node.is_mapping()) return at(node, fmt::format("{} is key: value pairs", place), "known keys: " + known);
    std::vector<std::string> seen;
    for (const auto& [key, value] : node.members) {
      if (std::find(keys.begin(), keys.end(), key.text) == keys.end())
        return at(key, fmt::format("'{}' is not a key of {}", key.text, place), "known keys: " + known);
      if (std::find(seen.begin(), seen.end(), key.text) != seen.end())
        return at(key, fmt::format("'{}' stands twice", key.text), "keep one of them");
      seen.push_back(key.text);
    }
    return Ok{};
  }
  Status text(const Yaml& node, std::string& out) const {
    if (!node.exists() || node.is_null()) return Ok{};
    if (!node.is_scalar()) return at(node, "a single value is expected here", "write one value");
    out = node.text;
    return Ok{};
  }
  Status list(const Yaml& node, std::vector<std::string>& out) const {
    if (!node.exists() || node.is_null()) return Ok{};
    if (node.is_scalar()) {
      out.push_back(node.text);
      return Ok{};
    }
    if (!node.is_sequence()) return at(node, "a list is expected here", "write [a, b]");
    for (const Yaml& item : node.items) {
      if (!item.is_scalar()) return at(item, "a list holds something else than single values", "write [a, b]");
      out.push_back(item.text);
    }
    return Ok{};
  }
  // "regex", or {match: regex, set: {name: value}}
  Result<LinePattern> pattern(const Yaml& node, std::string_view prefix) {
    if (++patterns_ > kPatterns)
      return at(node, fmt::format("more than {} patterns", kPatterns), "put them into several shapes");
    std::string regex;
    if (node.is_mapping()) {
      TRY_VOID(only(node, "a pattern", {"match", "set"}));
      TRY_VOID(text(node["match"], regex));
    } else {
      TRY_VOID(text(node, regex));
    }
    if (regex.empty()) return at(node, "a pattern is empty", "write a regular expression with (?P<name>...) parts");
    LinePattern out;
    if (const std::string wrong = out.compile(regex, prefix); !wrong.empty())
      return at(node, fmt::format("the pattern cannot be used: {}", wrong), "RE2's syntax: names are (?P<name>...)");
    const Yaml& constants = node.is_mapping() ? node["set"] : node;
    if (node.is_mapping() && constants.exists()) {
      if (!constants.is_mapping()) return at(constants, "'set' is name: value pairs", "write {result: allowed}");
      for (const auto& [name, value] : constants.members) {
        if (!value.is_scalar()) return at(value, "a single value is expected here", "write one value");
        out.set(std::string(prefix) + name.text, value.text);
      }
    }
    return out;
  }
  Status patterns(const Yaml& node, std::string_view prefix, std::vector<LinePattern>& out) {
    if (!node.exists() || node.is_null()) return Ok{};
    if (!node.is_sequence()) {
      TRY(LinePattern one, pattern(node, prefix));
      out.push_back(std::move(one));
      return Ok{};
    }
    for (const Yaml& item : node.items) {
      TRY(LinePattern one, pattern(item, prefix));
      out.push_back(std::move(one));
    }
    return Ok{};
  }
  Result<bool> yes(const Yaml& node) const {
    if (!node.exists()) return false;
    if (node.is_scalar() && (node.text == "yes" || node.text == "true")) return true;
    if (node.is_scalar() && (node.text == "no" || node.text == "false")) return false;
    return at(node, "neither yes nor no", "write yes or no");
  }
  Result<PairStyle> style(const Yaml& node) const {
    std::string name;
    TRY_VOID(text(node, name));
    if (name == "words" || name.empty()) return PairStyle::words;
    if (name == "cef") return PairStyle::cef;
    if (name == "marked") return PairStyle::marked;
    return at(node, fmt::format("there is no style '{}' of pairs", name), "styles: words, cef, marked");
  }
  Result<char> character(const Yaml& node, char otherwise) const {
    std::string value;
    TRY_VOID(text(node, value));
    if (value.empty()) return otherwise;
    if (value == "tab" || value == "\\t") return '\t';
    if (value.size() == 1) return value.front();
    return at(node, "a single character is expected here", "write \"|\", or tab");
  }

 private:
  const std::string& file_;
  std::size_t patterns_ = 0;
};

}  // namespace

Result<std::shared_ptr<const MessageSet>> read_messages(const Yaml& node, const std::string& file, const Yaml& rules,
                                                        const std::string& rules_file) {
  const TextReader head(file);
  TextReader in(rules_file);
  TRY_VOID(head.only(node, "messages", {"by", "field", "prefix", "rules"}));
  auto set = std::make_shared<MessageSet>();
  std::string prefix;
  TRY_VOID(head.text(node["by"], set->by));
  TRY_VOID(head.text(node["field"], set->field));
  TRY_VOID(head.text(node["prefix"], prefix));
  if (set->by.empty() || set->field.empty() || prefix.empty())
    return head.at(node, "messages needs 'by', 'field' and 'prefix'", "write by: app, field: message, prefix: 'msg.'");
  if (!rules.is_sequence()) return head.at(node, "'rules' is a list", "start each with '- for: [program]'");
  for (const Yaml& item : rules.items) {
    TRY_VOID(in.only(item, "a message rule", {"for", "patterns", "pairs", "xml", "prefix"}));
    auto rule = std::make_shared<MessageRule>();
    rule->prefix = prefix;
    TRY_VOID(in.text(item["prefix"], rule->prefix));
    if (rule->prefix.empty()) return in.at(item, "a prefix is empty", "fields of a message stand below a prefix");
    std::vector<std::string> names;
    TRY_VOID(in.list(item["for"], names));
    if (names.empty()) return in.at(item, "'for' is missing", "name the programs, or write '*' for all others");
    TRY_VOID(in.patterns(item["patterns"], rule->prefix, rule->patterns));
    if (item["pairs"].exists()) {
      TRY(rule->pairs, in.style(item["pairs"]));
    }
    TRY(rule->xml, in.yes(item["xml"]));
    set->add(names, rule);
  }
  return std::shared_ptr<const MessageSet>(std::move(set));
}

Result<std::shared_ptr<const LinesRule>> read_lines_rule(const Yaml& node, const std::string& file) {
  TextReader in(file);
  TRY_VOID(in.only(node, "lines",
                   {"patterns", "pairs", "delimiter", "fields", "comment", "skip", "needs", "labels", "otherwise",
                    "begin", "end", "names", "untimed"}));
  auto rule = std::make_shared<LinesRule>();
  TRY_VOID(in.patterns(node["patterns"], "", rule->patterns));
  if (const Yaml& pairs = node["pairs"]; pairs.exists()) {
    TRY_VOID(in.only(pairs, "pairs", {"style", "in", "separator", "separator_from", "prefix", "required"}));
    PairsRule& to = rule->pairs.emplace();
    TRY(to.style, in.style(pairs["style"]));
    TRY_VOID(in.text(pairs["in"], to.in));
    TRY(to.separator, in.character(pairs["separator"], '\t'));
    TRY_VOID(in.text(pairs["separator_from"], to.separator_from));
    TRY_VOID(in.text(pairs["prefix"], to.prefix));
    TRY_VOID(in.list(pairs["required"], to.required));
    if (to.required.empty() && rule->patterns.empty())
      return in.at(pairs, "nothing tells lines of this shape from others", "list keys under 'required'");
  }
  TRY(rule->delimiter, in.character(node["delimiter"], '\0'));
  TRY_VOID(in.list(node["fields"], rule->fields));
  TRY_VOID(in.text(node["comment"], rule->comment));
  TRY_VOID(in.text(node["otherwise"], rule->otherwise));
  TRY_VOID(in.list(node["names"], rule->names));
  TRY_VOID(in.text(node["untimed"], rule->untimed));
  TRY_VOID(in.patterns(node["skip"], "", rule->skip));
  TRY_VOID(in.list(node["needs"], rule->needs));
  TRY_VOID(in.list(node["labels"], rule->labels));
  if ((rule->delimiter != '\0') != !rule->fields.empty() || rule->fields.size() > 500)
    return in.at(node, "'delimiter' and 'fields' go together", "write delimiter: \"|\" and fields: [a, b]");
  if (rule->fields.size() == 1) return in.at(node, "one field alone tells nothing", "list the fields of a line");
  if (rule->delimiter != '\0' && (rule->pairs || !rule->patterns.empty()))
    return in.at(node, "delimited lines have neither patterns nor pairs", "leave one of them out");
  if (rule->patterns.empty() && !rule->pairs && rule->fields.empty())
    return in.at(node, "a line is not described", "give patterns, pairs, or delimiter and fields");
  for (const auto& [key, to] : {std::pair{"begin", &rule->first}, std::pair{"end", &rule->last}}) {
    if (!node[key].exists()) continue;
    TRY(LinePattern one, in.pattern(node[key], ""));
    *to = std::make_unique<LinePattern>(std::move(one));
  }
  return std::shared_ptr<const LinesRule>(std::move(rule));
}

}  // namespace assay
