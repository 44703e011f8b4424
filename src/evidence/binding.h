// A name of the rules resolved for one shape into slots of a projection: what a plan holds instead of names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"
#include "evidence/schema.h"

namespace assay {

// One way to get a name's value. `slots` has one entry, or for concat one for each {part} in order.
struct BoundPath {
  std::vector<Slot> slots;
  ValueRule rule = ValueRule::none;
  std::string argument;
};

struct Binding {
  std::vector<BoundPath> paths;  // order of preference
};

// Adds what the name needs to the projection.
[[nodiscard]] Binding bind(const Schema& schema, std::string_view name, Projection& projection);

// The values of a name in one record: those of the first path that has any. Values made by a rule are kept in the
// table.
template <class F>
void each_value(const Binding& binding, FieldTable& fields, F&& f);
[[nodiscard]] Value first_value(const Binding& binding, FieldTable& fields);

// Applies a value rule to one value (not concat, which bind_values handles). Absent stays absent.
[[nodiscard]] Value apply_rule(ValueRule rule, std::string_view argument, Value value, FieldTable& store);
// concat
[[nodiscard]] Value apply_concat(const BoundPath& path, FieldTable& fields);

template <class F>
void each_value(const Binding& binding, FieldTable& fields, F&& f) {
  for (const BoundPath& path : binding.paths) {
    bool any = false;
    if (is_pathless(path.rule)) {
      const Value value = apply_concat(path, fields);
      if (value.present()) {
        any = true;
        f(value);
      }
    } else if (path.rule == ValueRule::none) {
      fields.each(path.slots.front(), [&](const Value& value) {
        any = true;
        f(value);
      });
    } else {
      fields.each(path.slots.front(), [&](const Value& value) {
        const Value made = apply_rule(path.rule, path.argument, value, fields);
        if (made.present()) {
          any = true;
          f(made);
        }
      });
    }
    if (any) return;
  }
}

}  // namespace assay
