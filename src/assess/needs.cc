#include "assess/needs.h"

#include "content/content.h"
#include "core/ascii.h"
#include "core/yaml.h"

namespace assay {

Result<Needs> parse_needs(std::string_view yaml) {
  TRY(const std::vector<Yaml> documents, parse_yaml(yaml));
  if (documents.size() != 1) return Error{ErrorCode::bad_input, "one document is expected", "content/weights"};
  Needs out;
  for (const auto& [claim, entry] : documents.front().members) {
    const auto days = parse_int(entry["days"].text);
    if (entry["needs"].text.empty() || entry["reason"].text.empty() || !days || *days < 0 || *days > 366) {
      return Error{ErrorCode::bad_input, claim.text + " needs a kind of source, days (0 to 366) and a reason",
                   std::to_string(claim.line) + ":" + std::to_string(claim.column)};
    }
    out[claim.text] = {entry["needs"].text, *days, entry["reason"].text};
  }
  return out;
}

const Needs& shipped_needs() {
  static const Needs kShipped = [] {
    auto parsed = parse_needs(content::find("weights/needs.yaml"));
    return parsed.ok() ? std::move(parsed).value() : Needs{};
  }();
  return kShipped;
}

}  // namespace assay
