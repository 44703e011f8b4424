// The keys of a schema that describe text: `messages` and `lines`.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "core/yaml.h"
#include "evidence/lines_rule.h"
#include "evidence/messages.h"

namespace assay {

[[nodiscard]] Result<std::shared_ptr<const MessageSet>> read_messages(const Yaml& node, const std::string& file);
[[nodiscard]] Result<std::shared_ptr<const LinesRule>> read_lines_rule(const Yaml& node, const std::string& file);

}  // namespace assay
