// Processing pipelines as pySigma writes them: they rewrite a rule's document (field names, values, logsource, extra
// conditions) before it is lowered. What a pipeline asks for that is not known here is refused by name and place; a
// pipeline is used whole or not at all. docs/sigma.md lists what is known.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/yaml.h"

namespace assay::sigma {

struct Pipeline {
  std::string path, name;
  std::int64_t priority = 0;
  std::map<std::string, std::vector<std::string>> vars;
  std::vector<Yaml> items;  // transformations, checked
};

// Errors carry where = "file:line:column".
[[nodiscard]] Result<Pipeline> parse_pipeline(std::string_view path, std::string_view text);
// By priority, then in the order given.
void sort_pipelines(std::vector<Pipeline>& pipelines);

struct Rewritten {
  Yaml document;
  std::map<std::string, std::vector<std::string>> placeholders;  // that pipelines give values
};
// Errors: what a pipeline says about a rule that it does not take (rule_failure), and conditions that do not fit.
[[nodiscard]] Result<Rewritten> rewrite(Yaml document, const std::vector<Pipeline>& pipelines);

// Between the names that one field was mapped to, inside a detection's key. No YAML text holds it unescaped.
inline constexpr char kAlternative = '\x1f';

}  // namespace assay::sigma
