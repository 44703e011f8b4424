// Builds an Expr bottom-up: equal predicates and nodes are stored once, and take() leaves just what the root reaches,
// root last.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rules/ir/ir.h"

namespace assay::ir {

class ExprBuilder {
 public:
  std::uint32_t atom(Atom atom);
  // A node over children; one child of all or any is that child itself, no children is `never`.
  std::uint32_t node(Node::Kind kind, std::vector<std::uint32_t> children);
  // What stands below the root. Of a builder that is given up nothing is copied.
  [[nodiscard]] Expr take(std::uint32_t root) const&;
  [[nodiscard]] Expr take(std::uint32_t root) &&;
  [[nodiscard]] const Node& at(std::uint32_t node) const { return nodes_[node]; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] std::size_t atoms() const { return atoms_.size(); }

 private:
  std::uint32_t add(Node node);
  template <class Builder>
  static Expr take_from(Builder&& builder, std::uint32_t root);
  std::vector<Atom> atoms_;
  std::vector<Node> nodes_;
  std::map<std::string, std::uint32_t> atom_index_;  // by key_of()
  std::map<std::pair<std::uint8_t, std::vector<std::uint32_t>>, std::uint32_t> node_index_;
};

}  // namespace assay::ir
