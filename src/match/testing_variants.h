// For tests and the agreement run: rules that share predicates with a rule but ask for something else. A record made
// from the rule decides all of them closely.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "rules/ir/builder.h"
#include "rules/ir/ir.h"

namespace assay::testing_match {

class VariantMaker {
 public:
  explicit VariantMaker(std::uint32_t seed) : random_(seed) {}

  // At most `count` variants, each well-formed and different from the rule. Their ids are the rule's with a number.
  std::vector<ir::Detector> variants(const ir::Detector& rule, std::size_t count) {
    std::vector<ir::Detector> out;
    for (std::size_t tries = 0; out.size() < count && tries < count * 6; ++tries) {
      ir::Detector variant = rule;
      for (std::uint32_t changes = 1 + below(2); changes > 0; --changes) change(variant.expr);
      variant.expr = packed(variant.expr);
      const auto same = [&](const ir::Detector& other) { return other.expr == variant.expr; };
      if (variant.expr.empty() || same(rule) || std::any_of(out.begin(), out.end(), same)) continue;
      if (!ir::check(variant).ok()) continue;
      variant.id = rule.id + "/" + std::to_string(out.size() + 1);
      out.push_back(std::move(variant));
    }
    return out;
  }

 private:
  using Kind = ir::Node::Kind;
  std::uint32_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::uint32_t>(random_() % n); }

  void change(ir::Expr& expr) {
    ir::Node& node = expr.nodes[below(expr.nodes.size())];
    ir::Atom& atom = expr.atoms[below(expr.atoms.size())];
    switch (below(9)) {
      case 0:  // one part less
        if (node.children.size() > 1) node.children.erase(node.children.begin() + below(node.children.size()));
        break;
      case 1:
        if (node.kind == Kind::all || node.kind == Kind::any)
          node.kind = node.kind == Kind::all ? Kind::any : Kind::all;
        break;
      case 2: {
        ir::Node turned;
        turned.kind = Kind::none;
        turned.children = {static_cast<std::uint32_t>(expr.nodes.size() - 1)};
        expr.nodes.push_back(std::move(turned));
        break;
      }
      case 3:
        if (node.kind == Kind::none) node.kind = Kind::any;
        break;
      case 4:
        if (!is_presence(atom) && atom.test != ir::Test::keyword) atom.negate = !atom.negate;
        break;
      case 5:
        if (is_text(atom)) atom.cased = !atom.cased;
        break;
      case 6:
        if (atom.literals.size() > 1) atom.all = !atom.all;
        break;
      case 7:
        if (atom.literals.size() > 1) atom.literals.erase(atom.literals.begin() + below(atom.literals.size()));
        break;
      default:
        if (is_text(atom) && atom.literals.front().pieces.empty() && atom.part == ir::TimePart::whole) {
          static constexpr ir::Test kTests[] = {ir::Test::equals, ir::Test::contains, ir::Test::starts_with,
                                                ir::Test::ends_with};
          atom.test = kTests[below(4)];
          if (atom.test != ir::Test::equals)
            for (ir::Literal& literal : atom.literals) literal.number = false;
        }
        break;
    }
  }

  static bool is_presence(const ir::Atom& atom) {
    return atom.test == ir::Test::exists || atom.test == ir::Test::is_null;
  }
  static bool is_text(const ir::Atom& atom) {
    return atom.test == ir::Test::equals || atom.test == ir::Test::contains || atom.test == ir::Test::starts_with ||
           atom.test == ir::Test::ends_with || atom.test == ir::Test::wildcard;
  }
  // Built anew: without what the root does not reach, and equal parts once.
  static ir::Expr packed(const ir::Expr& expr) {
    ir::ExprBuilder builder;
    std::vector<std::uint32_t> placed;
    for (const ir::Node& node : expr.nodes) {
      if (node.kind == Kind::atom) {
        placed.push_back(builder.atom(expr.atoms[node.atom]));
        continue;
      }
      std::vector<std::uint32_t> children;
      for (const std::uint32_t child : node.children) children.push_back(placed[child]);
      placed.push_back(builder.node(node.kind, std::move(children)));
    }
    return builder.take(placed.back());
  }

  std::mt19937 random_;
};

}  // namespace assay::testing_match
