// Every name that an expression reads: the fields of its predicates, and those that stand in place of a literal.
#pragma once

#include <set>
#include <string>

#include "rules/ir/ir.h"

namespace assay::ir {

[[nodiscard]] std::set<std::string> names_of(const Expr& expr);

}  // namespace assay::ir
