// The keys of a schema that describe text: `messages` and `lines`.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "core/yaml.h"
#include "evidence/lines_rule.h"
#include "evidence/messages.h"

namespace assay {

// `rules`: the list of `node`, or of a part that the schema uses; `rules_file` is where they stand.
[[nodiscard]] Result<std::shared_ptr<const MessageSet>> read_messages(const Yaml& node, const std::string& file,
                                                                      const Yaml& rules, const std::string& rules_file);
[[nodiscard]] Result<std::shared_ptr<const LinesRule>> read_lines_rule(const Yaml& node, const std::string& file);

}  // namespace assay
