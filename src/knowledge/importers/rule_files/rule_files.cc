// YARA and Sigma files: each rule (YARA: the whole file when its rules need one another) becomes an indicator whose
// pattern is the rule's own text. What a rule means is checked when it is loaded (assay rules check).
// docs/importers/rules.md
#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "core/yaml.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/rooms.h"
#include "text/extract/embedded.h"

namespace assay {
namespace {

constexpr std::size_t kRuleBytes = std::size_t{4} << 20;
constexpr std::size_t kDocuments = 10'000;

bool line_starts(std::string_view text, std::string_view with) {
  return text.starts_with(with) || text.find("\n" + std::string(with)) != text.npos;
}

// The lines of each document of a YAML stream, as written.
std::vector<std::string_view> documents_of(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t begin = 0, line = 0;
  while (line <= text.size()) {
    const std::size_t end = std::min(text.find('\n', line), text.size());
    const std::string_view plain = trim(text.substr(line, end - line));
    const bool cut = text.substr(line).starts_with("---") && (plain == "---" || plain.starts_with("--- "));
    if (cut || end == text.size()) {
      const std::string_view one = text.substr(begin, (cut ? line : end) - begin);
      if (!trim(one).empty()) out.push_back(one);
      begin = end + 1;
    }
    line = end + 1;
  }
  return out;
}

}  // namespace

namespace yara_file {

int recognise(std::string_view file_name, std::string_view bytes) {
  const bool named = ends_with_icase(file_name, ".yar") || ends_with_icase(file_name, ".yara");
  const bool rule =
      (line_starts(bytes, "rule ") || line_starts(bytes, "private rule ") || line_starts(bytes, "global ")) &&
      bytes.find("condition") != bytes.npos && bytes.find('{') != bytes.npos;
  if (!rule) return 0;
  if (named) return 95;
  // A report that quotes a rule is a report: the file must begin with a rule, an import or a comment.
  const std::string_view head = trim(bytes.substr(0, 4096));
  return head.starts_with("rule ") || head.starts_with("import \"") || head.starts_with("/*") ||
                 head.starts_with("//") || head.starts_with("private ") || head.starts_with("global ")
             ? 88
             : 0;
}

Status read(std::string_view file_name, std::string_view bytes, const ImportOptions&, Build& out) {
  std::string text(bytes);
  const std::vector<EmbeddedRule> rules = take_rules(text);
  // What is left outside of rules: imports and includes belong to each; a private rule is needed by others.
  bool together = text.find("include \"") != text.npos || text.find("include\t") != text.npos;
  std::string imports;
  for (const std::string_view line : split(text, '\n')) {
    if (trim(line).starts_with("import \"")) imports += std::string(trim(line)) + "\n";
  }
  for (const EmbeddedRule& rule : rules) {
    together = together || rule.text.starts_with("private") || rule.text.starts_with("global");
    for (const EmbeddedRule& other : rules) {
      if (rules.size() > 200) break;
      const std::size_t condition = other.text.rfind("condition");
      if (&other != &rule && condition != other.text.npos && other.text.find(rule.name, condition) != other.text.npos)
        together = true;
    }
  }
  if (rules.empty())
    return Error{ErrorCode::bad_input, "no whole YARA rule in it", std::string(file_name),
                 "assay rules check FILE names the place that cannot be read"};
  if (together) {
    if (bytes.size() > kRuleBytes)
      return Error{ErrorCode::limit, fmt::format("rules that need one another, larger than {} MiB", kRuleBytes >> 20),
                   std::string(file_name), "split it"};
    Listed what;
    what.name = fmt::format(
        "YARA rules of {}",
        file_name.substr(file_name.find_last_of('/') == file_name.npos ? 0 : file_name.find_last_of('/') + 1));
    what.description = fmt::format("{} rules that need one another", rules.size());
    out.pattern("yara", bytes, std::move(what));
    return Ok{};
  }
  for (const EmbeddedRule& rule : rules) {
    Listed what;
    what.name = "YARA rule " + rule.name;
    out.pattern("yara", imports + rule.text, std::move(what));
  }
  return Ok{};
}

}  // namespace yara_file

namespace sigma_file {

int recognise(std::string_view file_name, std::string_view bytes) {
  const std::string_view head = trim(bytes.substr(0, 4096));
  if (head.starts_with('{') || head.starts_with('<')) return 0;
  const bool rule =
      (line_starts(bytes, "detection:") && line_starts(bytes, "logsource:") && line_starts(bytes, "title:")) ||
      (line_starts(bytes, "correlation:") && line_starts(bytes, "title:"));
  if (!rule) return 0;
  if (ends_with_icase(file_name, ".yml") || ends_with_icase(file_name, ".yaml")) return 95;
  // Markdown that begins with "---" and a title, and quotes a rule.
  if (line_starts(bytes, "```") || ends_with_icase(file_name, ".md")) return 0;
  // The first line that is no comment is a key of a rule; a report that quotes one begins otherwise.
  for (const std::string_view line : split(head, '\n')) {
    const std::string_view plain = trim(line);
    if (plain.empty() || plain.starts_with('#') || plain == "---") continue;
    return plain.starts_with("title:") || plain.starts_with("id:") || plain.starts_with("name:") ? 88 : 0;
  }
  return 0;
}

Status read(std::string_view file_name, std::string_view bytes, const ImportOptions&, Build& out) {
  const auto parsed = parse_yaml(bytes);  // depth, nodes and aliases are bounded there
  if (!parsed.ok()) {
    Error error = parsed.error();
    error.where = fmt::format("{}:{}", file_name, error.where);
    return error;
  }
  const auto texts = documents_of(bytes);
  bool together = texts.size() != parsed->size();
  for (const Yaml& document : *parsed)
    together =
        together || document["correlation"].exists() || document["filter"].exists() || document["action"].exists();
  const auto add = [&](std::string_view text, const Yaml& document) {
    if (text.size() > kRuleBytes) {
      out.problem(fmt::format("a rule longer than {} MiB, not used", kRuleBytes >> 20));
      return;
    }
    Listed what;
    what.name = document["title"].text.empty() ? "Sigma rule" : document["title"].text;
    what.description = document["description"].text;
    for (const std::string& tag : document["tags"].strings()) what.labels.push_back(tag);
    if (const auto date = parse_iso8601(document["date"].text)) out.date_of_values(*date);
    if (const std::string id = lower(document["id"].text); is_uuid(id)) what.source_uuid = id;
    out.publisher(document["author"].text);
    out.pattern("sigma", text, std::move(what));
  };
  if (together && !parsed->empty()) {
    add(bytes, parsed->front());  // correlations and filters need the rules beside them
  } else {
    for (std::size_t i = 0; i < parsed->size() && i < kDocuments; ++i) {
      const Yaml& document = (*parsed)[i];
      if (!document.is_mapping() || !document["detection"].exists()) {
        out.problem(fmt::format("line {}: a document without a detection, left out", document.line));
        continue;
      }
      add(texts[i], document);
    }
  }
  return Ok{};
}

}  // namespace sigma_file
}  // namespace assay
