#include "evidence/formats/column_shapes.h"

#include <algorithm>
#include <set>

namespace assay {

ColumnShapes::ColumnShapes(const SchemaSet& schemas, std::string_view format) {
  for (std::size_t i = 0; i < schemas.all().size(); ++i) {
    const Schema& schema = schemas.all()[i];
    if (schema.format != format) continue;
    const auto shape = static_cast<ShapeId>(i);
    if (schema.require_all.empty() && schema.require_any.empty()) {
      if (!other_ || schema.rank > schemas.at(*other_).rank) other_ = shape;
    } else {
      candidates_.push_back({shape, &schema});
    }
  }
  std::stable_sort(candidates_.begin(), candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.schema->rank > b.schema->rank; });
}

std::optional<ShapeId> ColumnShapes::known(std::span<const std::string> names) const {
  const std::set<std::string_view> here(names.begin(), names.end());
  const auto has = [&](const std::string& name) { return here.contains(name); };
  for (const Candidate& candidate : candidates_) {
    const Schema& schema = *candidate.schema;
    if (std::all_of(schema.require_all.begin(), schema.require_all.end(), has) &&
        (schema.require_any.empty() || std::any_of(schema.require_any.begin(), schema.require_any.end(), has)))
      return candidate.shape;
  }
  return std::nullopt;
}

}  // namespace assay
