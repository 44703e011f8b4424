// PERF NOTE: Windows has more than sixty routes, most of them told apart by a channel of 36 characters and an event id;
// with the memory the route is one short look-up, 1 to 2 % of a run with all Sigma rules (docs/performance.md).
#include "evidence/route.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kKnownKeys = 4096;  // then the memory starts afresh
constexpr std::size_t kKeyBytes = 512;    // longer sets of values are decided each time

}  // namespace

RouteChooser::RouteChooser(const Schema& schema) : schema_(&schema) {
  for (const Route& route : schema.routes) {
    auto& slots = conditions_.emplace_back();
    for (const Route::Condition& condition : route.when) slots.push_back(wanted_.add(condition.path));
  }
}

RouteId RouteChooser::choose(RecordReader& reader, FieldTable& fields) {
  if (wanted_.size() == 0) return 0;
  const std::uint64_t same = reader.constant(wanted_);
  if (same != 0 && same == same_) return same_route_;
  same_ = same;
  same_route_ = choose_by_fields(reader, fields);
  return same_route_;
}

RouteId RouteChooser::choose_by_fields(RecordReader& reader, FieldTable& fields) {
  fields.reset(wanted_.size());
  reader.read(wanted_, fields);
  key_.clear();
  bool short_enough = true;
  for (Slot slot = 0; slot < wanted_.size(); ++slot) {
    fields.each_raw(slot, [&](const RawValue& value, std::uint32_t) {
      short_enough = short_enough && key_.size() + value.text.size() <= kKeyBytes;
      if (!short_enough) return;
      // Place, kind and length before the bytes: no two sets of values share a key.
      const std::size_t head[] = {slot, static_cast<std::size_t>(value.kind) * 2 + (value.encoded ? 1U : 0U),
                                  value.text.size()};
      for (const std::size_t number : head) {
        key_ += static_cast<char>(number & 0xff);
        key_ += static_cast<char>(number >> 8 & 0xff);
      }
      key_ += value.text;
    });
  }
  if (!short_enough) return decide(fields);
  if (have_last_ && key_ == last_key_) return last_;
  const auto known = known_.find(key_);
  RouteId route = 0;
  if (known != known_.end()) {
    route = known->second;
  } else {
    route = decide(fields);
    if (known_.size() >= kKnownKeys) known_.clear();
    known_.emplace(key_, route);
  }
  last_key_ = key_;
  last_ = route;
  have_last_ = true;
  return route;
}

RouteId RouteChooser::decide(const FieldTable& fields) const {
  for (std::size_t r = 0; r < schema_->routes.size(); ++r) {
    bool fits = true;
    for (std::size_t c = 0; c < schema_->routes[r].when.size() && fits; ++c) {
      const std::vector<std::string>& any_of = schema_->routes[r].when[c].any_of;
      bool any = false;
      fields.each(conditions_[r][c], [&](const Value& value) {
        any = any || any_of.empty() || std::any_of(any_of.begin(), any_of.end(), [&](const std::string& wanted) {
                return equals_icase(wanted, value.text);
              });
      });
      fits = any;
    }
    if (fits) return static_cast<RouteId>(r);
  }
  return static_cast<RouteId>(schema_->routes.size() - 1);
}

}  // namespace assay
