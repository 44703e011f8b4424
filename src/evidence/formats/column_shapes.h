// Which shape a table of named columns has: of the schemas of one room whose required names are all there, the one of
// highest rank; of equal ranks the first by name.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/schema.h"

namespace assay {

class ColumnShapes {
 public:
  ColumnShapes(const SchemaSet& schemas, std::string_view format);
  // A shape that asks for columns and finds them here.
  [[nodiscard]] std::optional<ShapeId> known(std::span<const std::string> names) const;
  // The shape of this room that asks for nothing: the last resort.
  [[nodiscard]] std::optional<ShapeId> other() const { return other_; }

 private:
  struct Candidate {
    ShapeId shape = 0;
    const Schema* schema = nullptr;
  };
  std::vector<Candidate> candidates_;
  std::optional<ShapeId> other_;
};

}  // namespace assay
