#include "rules/stix_pattern/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "core/ascii.h"
#include "rules/ir/builder.h"
#include "rules/stix_pattern/comparison.h"

namespace assay::stix {
namespace {

using Kind = ir::Node::Kind;
using Step = ir::Window::Step;

constexpr std::size_t kLoweredParts = 65'536;  // comparisons after a mixed AND is taken apart by type
constexpr std::size_t kBound = 2000;           // records that one binding of repeated groups may hold

std::set<std::string> types_of(const ComparisonTree& tree) {
  if (tree.kind == ComparisonTree::Kind::leaf) return {tree.leaf.path.type};
  std::set<std::string> out;
  bool first = true;
  for (const ComparisonTree& child : tree.children) {
    std::set<std::string> types = types_of(child);
    if (first || tree.kind == ComparisonTree::Kind::any) {
      out.merge(types);
    } else {
      std::set<std::string> both;
      std::set_intersection(out.begin(), out.end(), types.begin(), types.end(), std::inserter(both, both.end()));
      out = std::move(both);
    }
    first = false;
  }
  return out;
}

bool of_one_type(const ComparisonTree& tree, std::string_view type) {
  if (tree.kind == ComparisonTree::Kind::leaf) return tree.leaf.path.type == type;
  return std::all_of(tree.children.begin(), tree.children.end(), [&](const auto& c) { return of_one_type(c, type); });
}

const std::string& first_type(const ComparisonTree& tree) {
  return tree.kind == ComparisonTree::Kind::leaf ? tree.leaf.path.type : first_type(tree.children.front());
}

// WITHIN: the last is earlier than the first plus so many seconds. As the largest difference, in nanoseconds.
std::int64_t span_of(const std::string& seconds) {
  const long double ns = std::ceil(static_cast<long double>(parse_double(seconds).value_or(1e300)) * 1e9L) - 1;
  if (ns >= static_cast<long double>(std::numeric_limits<std::int64_t>::max()))
    return std::numeric_limits<std::int64_t>::max();
  return std::max<std::int64_t>(0, static_cast<std::int64_t>(ns));
}

class Lowering {
 public:
  Status run(const Observation& pattern, ir::Detector& detector) {
    TRY(const Part root, observation(pattern, {}));
    if (root.plain) {
      detector.expr = builder_.take(root.node);
      return Ok{};
    }
    if (bound(window_.steps.size() - 1) > kBound && !only_counts())
      return Error{ErrorCode::limit, fmt::format("more than {} records in one binding", kBound)};
    window_.kind = ir::Window::Kind::pattern;
    window_.span_ns = std::numeric_limits<std::int64_t>::max();
    window_.threshold = 1;
    window_.distinct = true;
    detector.window = std::move(window_);
    return Ok{};
  }

 private:
  // What a part came to: an expression over one record, or a step of the window.
  struct Part {
    bool plain = true;
    std::uint32_t node = 0;  // of builder_, or of window_.steps
  };
  struct Range {
    bool set = false;
    Time from, until;
  };

  // ---- one record

  Result<std::uint32_t> tree(const ComparisonTree& t, const std::string* type) {
    if (++parts_ > kLoweredParts) return Error{ErrorCode::limit, "the pattern has too many comparisons"};
    if (t.kind == ComparisonTree::Kind::leaf) {
      if (type != nullptr && t.leaf.path.type != *type) return builder_.node(Kind::any, {});
      return lower_comparison(t.leaf, builder_);
    }
    if (t.kind == ComparisonTree::Kind::all && type == nullptr && !of_one_type(t, first_type(t))) {
      // All of AND is said of one object: of each type that could meet it, apart.
      const std::set<std::string> types = types_of(t);
      if (!types.empty()) {
        std::vector<std::uint32_t> alternatives;
        for (const std::string& one : types) {
          TRY(const std::uint32_t node, tree(t, &one));
          alternatives.push_back(node);
        }
        return builder_.node(Kind::any, std::move(alternatives));
      }
    }
    std::vector<std::uint32_t> children;
    for (const ComparisonTree& part : t.children) {
      TRY(const std::uint32_t child, tree(part, type));
      children.push_back(child);
    }
    return builder_.node(t.kind == ComparisonTree::Kind::all ? Kind::all : Kind::any, std::move(children));
  }

  // ---- several

  Result<Part> observation(const Observation& o, Range range) {
    // START and STOP speak of every record below them.
    for (const Qualifier& q : o.qualifiers) {
      if (q.kind != Qualifier::Kind::start_stop) continue;
      range.from = range.set ? std::max(range.from, q.from) : q.from;
      range.until = range.set ? std::min(range.until, q.until) : q.until;
      range.set = true;
    }
    TRY(Part out, unqualified(o, range));
    for (const Qualifier& q : o.qualifiers) {
      if (q.kind == Qualifier::Kind::repeats && q.times > 1) {
        Step& step = step_for(out, [](const Step& s) { return s.repeats == 1 && s.within_ns < 0; });
        step.repeats = q.times;
      } else if (q.kind == Qualifier::Kind::within && !out.plain) {
        Step& step = step_for(out, [](const Step& s) { return s.within_ns < 0; });
        step.within_ns = span_of(q.seconds);
      }
    }
    return out;
  }

  Result<Part> unqualified(const Observation& o, const Range& range) {
    if (o.kind == Observation::Kind::one) {
      TRY(std::uint32_t node, tree(o.test, nullptr));
      if (range.set) node = builder_.node(Kind::all, {node, lower_time_range(range.from, range.until, builder_)});
      return Part{true, node};
    }
    std::vector<Part> parts;
    for (const Observation& child : o.children) {
      TRY(const Part part, observation(child, range));
      parts.push_back(part);
    }
    if (parts.size() == 1) return parts.front();
    if (o.kind == Observation::Kind::any &&
        std::all_of(parts.begin(), parts.end(), [](const Part& p) { return p.plain; })) {
      std::vector<std::uint32_t> nodes;
      for (const Part& part : parts) nodes.push_back(part.node);
      return Part{true, builder_.node(Kind::any, std::move(nodes))};
    }
    Step step;
    step.kind = o.kind == Observation::Kind::any   ? Step::Kind::any
                : o.kind == Observation::Kind::all ? Step::Kind::all
                                                   : Step::Kind::sequence;
    for (const Part& part : parts) step.parts.push_back(part.plain ? base_step(part.node) : part.node);
    return add(std::move(step));
  }

  Part add(Step step) {
    window_.steps.push_back(std::move(step));
    return Part{false, static_cast<std::uint32_t>(window_.steps.size() - 1)};
  }

  // Equal observations are one base, so that "the same twice" asks for two of its records.
  std::uint32_t base_step(std::uint32_t node) {
    const auto [at, fresh] = bases_.try_emplace(node, static_cast<std::uint32_t>(window_.bases.size()));
    if (fresh) {
      ir::Base base;
      base.alias = fmt::format("observation {}", window_.bases.size() + 1);
      base.expr = builder_.take(node);
      window_.bases.push_back(std::move(base));
    }
    Step step;
    step.kind = Step::Kind::base;
    step.base = at->second;
    return add(std::move(step)).node;
  }

  // The step of a part that takes one more qualifier: its own, or one around it.
  template <class Free>
  Step& step_for(Part& part, Free&& free) {
    if (part.plain) part = Part{false, base_step(part.node)};
    if (!free(window_.steps[part.node])) {
      Step around;
      around.kind = Step::Kind::all;
      around.parts = {part.node};
      part = add(std::move(around));
    }
    return window_.steps[part.node];
  }

  // The most records that a binding of the step holds.
  [[nodiscard]] double bound(std::size_t at) const {
    const Step& step = window_.steps[at];
    double out = step.kind == Step::Kind::base ? 1 : 0;
    for (const std::uint32_t part : step.parts)
      out = step.kind == Step::Kind::any ? std::max(out, bound(part)) : out + bound(part);
    return out * static_cast<double>(step.repeats);
  }
  // REPEATS of single observations costs nothing, however many.
  [[nodiscard]] bool only_counts() const {
    double rest = 0;
    for (const Step& step : window_.steps) {
      if (step.kind != Step::Kind::base) rest += static_cast<double>(step.repeats - 1);
    }
    return rest == 0;
  }

  ir::ExprBuilder builder_;
  ir::Window window_;
  std::map<std::uint32_t, std::uint32_t> bases_;  // node -> base
  std::size_t parts_ = 0;
};

}  // namespace

Status lower_pattern(const Observation& pattern, ir::Detector& detector) { return Lowering().run(pattern, detector); }

}  // namespace assay::stix
