#include "rules/ir/names.h"

namespace assay::ir {

std::set<std::string> names_of(const Expr& expr) {
  std::set<std::string> out;
  for (const Atom& atom : expr.atoms) {
    if (!atom.name.empty()) out.insert(atom.name);
    if (atom.test < Test::equals_field || atom.test > Test::contains_field) continue;
    for (const Literal& literal : atom.literals) out.insert(literal.text);
  }
  return out;
}

}  // namespace assay::ir
