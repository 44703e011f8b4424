#include "rules/ir/builder.h"

#include <limits>
#include <string>
#include <type_traits>
#include <utility>

namespace assay::ir {

std::uint32_t ExprBuilder::add(Node node) {
  std::vector<std::uint32_t> key = node.children;
  key.push_back(node.atom);
  const auto [at, fresh] = node_index_.try_emplace({static_cast<std::uint8_t>(node.kind), std::move(key)}, 0);
  if (fresh) {
    at->second = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(std::move(node));
  }
  return at->second;
}

std::uint32_t ExprBuilder::atom(Atom atom) {
  const auto [at, fresh] = atom_index_.try_emplace(key_of(atom), 0);
  if (fresh) {
    at->second = static_cast<std::uint32_t>(atoms_.size());
    atoms_.push_back(std::move(atom));
  }
  Node node;
  node.kind = Node::Kind::atom;
  node.atom = at->second;
  return add(std::move(node));
}

std::uint32_t ExprBuilder::node(Node::Kind kind, std::vector<std::uint32_t> children) {
  if (kind == Node::Kind::all || kind == Node::Kind::any) {
    if (children.size() == 1) return children.front();
    if (children.empty()) kind = Node::Kind::never;
  }
  Node node;
  node.kind = kind;
  node.children = std::move(children);
  return add(std::move(node));
}

Expr ExprBuilder::take(std::uint32_t root) const& { return take_from(*this, root); }
Expr ExprBuilder::take(std::uint32_t root) && { return take_from(std::move(*this), root); }

template <class Builder>
Expr ExprBuilder::take_from(Builder&& builder, std::uint32_t root) {
  auto& nodes = builder.nodes_;
  auto& atoms = builder.atoms_;
  // Children have smaller numbers than parents, so one pass down marks and one pass up renumbers.
  std::vector<bool> used(nodes.size(), false);
  used[root] = true;
  for (std::uint32_t i = root + 1; i-- > 0;) {
    if (!used[i]) continue;
    for (const std::uint32_t child : nodes[i].children) used[child] = true;
  }
  Expr out;
  constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> node_at(nodes.size(), kNone), atom_at(atoms.size(), kNone);
  for (std::uint32_t i = 0; i <= root; ++i) {
    if (!used[i]) continue;
    Node node = nodes[i];
    for (std::uint32_t& child : node.children) child = node_at[child];
    if (node.kind == Node::Kind::atom) {
      if (atom_at[node.atom] == kNone) {
        atom_at[node.atom] = static_cast<std::uint32_t>(out.atoms.size());
        if constexpr (std::is_lvalue_reference_v<Builder>) {
          out.atoms.push_back(atoms[node.atom]);
        } else {
          out.atoms.push_back(std::move(atoms[node.atom]));
        }
      }
      node.atom = atom_at[node.atom];
    }
    node_at[i] = static_cast<std::uint32_t>(out.nodes.size());
    out.nodes.push_back(std::move(node));
  }
  return out;
}

}  // namespace assay::ir
