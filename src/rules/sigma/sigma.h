// One Sigma document to the IR: a rule or correlation to a detector, a filter to a filter. docs/sigma.md says what is
// read; docs/writing-rules.md has our own keys beside the rule.
#pragma once

#include <string>
#include <string_view>

#include "core/result.h"
#include "core/yaml.h"
#include "rules/ir/ir.h"
#include "rules/sigma/value.h"

namespace assay::sigma {

// `origin` is "file:line". The detector is checked and hashed. Errors: bad_input, unsupported (understood but not
// evaluated), limit. `regex_bytes` gets what its regular expressions came to, compiled.
[[nodiscard]] Result<ir::Detector> lower_document(const Yaml& document, const std::string& origin,
                                                  std::string_view advisory, const Placeholders& placeholders,
                                                  std::size_t* regex_bytes = nullptr);

// YAML wants the keys of a map to differ. To be asked of a `detection` or `filter` part as it is written: a pipeline
// may give two fields one name.
[[nodiscard]] Status check_written(const Yaml& node);

// Whether the document is a filter (it has a `filter` part).
[[nodiscard]] bool is_filter(const Yaml& document);
// A condition that nothing at all meets says what is suppressed ("selection"); one that nothing meets too well says
// what is kept, as pySigma writes it ("not selection"). `assay:` may give reason and expires (the last day of its use).
[[nodiscard]] Result<ir::Filter> lower_filter(const Yaml& document, const std::string& origin,
                                              const Placeholders& placeholders);

}  // namespace assay::sigma
