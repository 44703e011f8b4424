#include "rules/ir/words.h"

namespace assay::ir {

std::string_view name_of(Test test) {
  switch (test) {
    case Test::equals:
      return "equals";
    case Test::contains:
      return "contains";
    case Test::starts_with:
      return "starts_with";
    case Test::ends_with:
      return "ends_with";
    case Test::wildcard:
      return "wildcard";
    case Test::regex:
      return "regex";
    case Test::cidr:
      return "cidr";
    case Test::less:
      return "less";
    case Test::less_equal:
      return "less_equal";
    case Test::greater:
      return "greater";
    case Test::greater_equal:
      return "greater_equal";
    case Test::exists:
      return "exists";
    case Test::is_null:
      return "is_null";
    case Test::equals_field:
      return "equals_field";
    case Test::starts_with_field:
      return "starts_with_field";
    case Test::ends_with_field:
      return "ends_with_field";
    case Test::contains_field:
      return "contains_field";
    case Test::keyword:
      return "keyword";
    case Test::structure:
      return "structure";
    case Test::superset:
      return "superset";
  }
  return "?";
}

std::string_view name_of(As as) {
  switch (as) {
    case As::plain:
      return "plain";
    case As::text:
      return "text";
    case As::time:
      return "time";
    case As::hex:
      return "hex";
    case As::base64:
      return "base64";
    case As::bytes:
      return "bytes";
  }
  return "?";
}

std::string_view name_of(TimePart part) {
  switch (part) {
    case TimePart::whole:
      return "whole";
    case TimePart::minute:
      return "minute";
    case TimePart::hour:
      return "hour";
    case TimePart::day:
      return "day";
    case TimePart::week:
      return "week";
    case TimePart::month:
      return "month";
    case TimePart::year:
      return "year";
  }
  return "?";
}

std::string_view name_of(Window::Kind kind) {
  switch (kind) {
    case Window::Kind::event_count:
      return "event_count";
    case Window::Kind::value_count:
      return "value_count";
    case Window::Kind::sequence:
      return "sequence";
    case Window::Kind::together:
      return "together";
    case Window::Kind::absence:
      return "absence";
    case Window::Kind::value_sum:
      return "value_sum";
    case Window::Kind::value_avg:
      return "value_avg";
    case Window::Kind::value_percentile:
      return "value_percentile";
    case Window::Kind::value_median:
      return "value_median";
    case Window::Kind::pattern:
      return "pattern";
  }
  return "?";
}

std::string_view symbol_of(Window::Compare compare) {
  switch (compare) {
    case Window::Compare::greater_equal:
      return ">=";
    case Window::Compare::greater:
      return ">";
    case Window::Compare::less:
      return "<";
    case Window::Compare::less_equal:
      return "<=";
    case Window::Compare::equal:
      return "=";
    case Window::Compare::not_equal:
      return "!=";
  }
  return "?";
}

}  // namespace assay::ir
