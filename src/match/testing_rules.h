// For tests and the agreement run: random rules and records over a small vocabulary.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/json.h"
#include "rules/ir/ir.h"

namespace assay::testing_match {

class Maker {
 public:
  explicit Maker(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  std::string word() {
    static const std::vector<std::string> kWords = {
        "a",        "ab",   "abc", "Abcd",    "bcd",       "x-y",     "/f",   "-f",
        "10",       "10.0", "",    "cmd.exe", "\\cmd.exe", "C:\\x\\", "evil", "\xc3\xa9t\xc3\xa9",
        "10.0.0.1", "aaaa", "*",   "?"};
    return kWords[below(static_cast<std::uint32_t>(kWords.size()))];
  }
  std::string text() {
    std::string out;
    for (std::uint32_t i = below(4); i > 0; --i) out += word();
    return out;
  }
  std::string field() { return std::string(1, static_cast<char>('A' + below(4))); }

  Json value() {
    switch (below(8)) {
      case 0:
        return nullptr;
      case 1:
        return static_cast<std::int64_t>(below(20));
      case 2:
        return below(2) == 0;
      case 3: {
        Json list = Json::array();
        for (std::uint32_t i = below(3); i > 0; --i) list.push(text());
        return list;
      }
      default:
        return text();
    }
  }
  std::string record() {
    Json out = Json::object();
    for (char c = 'A'; c <= 'D'; ++c) {
      if (below(4) != 0) out.add(std::string(1, c), value());
    }
    return dump_json(out);
  }

  ir::Literal literal(ir::Test test) {
    ir::Literal out;
    switch (test) {
      case ir::Test::wildcard:
      case ir::Test::keyword:
        while (out.pieces.empty()) {
          for (std::uint32_t i = 1 + below(4); i > 0; --i) {
            const std::uint32_t kind = below(3);
            std::string piece = kind == 0 ? word() : "";
            if (kind == 0 && piece.empty()) continue;
            if (!out.pieces.empty() && kind == 0 && out.pieces.back().kind == ir::Piece::Kind::text) continue;
            out.pieces.push_back({kind == 0   ? ir::Piece::Kind::text
                                  : kind == 1 ? ir::Piece::Kind::any_run
                                              : ir::Piece::Kind::any_one,
                                  piece});
          }
        }
        break;
      case ir::Test::regex:
        out.text = std::vector<std::string>{"a+b", "^[a-c]+$", "\\\\cmd", "x|y", "^$", "(?i)EVIL", "b.?c"}[below(7)];
        out.regex_flags = static_cast<std::uint8_t>(below(8));
        break;
      case ir::Test::superset:
      case ir::Test::cidr:
        out.text = below(2) == 0 ? "10.0.0.0/24" : "10.0.0.2";
        break;
      case ir::Test::less:
      case ir::Test::less_equal:
      case ir::Test::greater:
      case ir::Test::greater_equal:
        out.text = std::to_string(below(20));
        break;
      case ir::Test::exists:
        out.text = below(2) == 0 ? "true" : "false";
        break;
      case ir::Test::is_null:
        break;
      case ir::Test::equals_field:
      case ir::Test::starts_with_field:
      case ir::Test::ends_with_field:
      case ir::Test::contains_field:
        out.text = field();
        break;
      case ir::Test::structure:
        out.text = "host_is_address";
        break;
      case ir::Test::equals:
        out.number = below(4) == 0;
        out.text = out.number ? std::to_string(below(20)) : text();
        break;
      default:
        out.text = text();
        break;
    }
    return out;
  }
  ir::Expr expr() {
    ir::Expr out;
    std::vector<std::uint32_t> roots;
    for (std::uint32_t i = 1 + below(4); i > 0; --i) {
      ir::Atom atom;
      atom.test = static_cast<ir::Test>(below(static_cast<std::uint32_t>(ir::Test::superset) + 1));
      if (atom.test != ir::Test::keyword) atom.name = field();
      atom.all = below(4) == 0;
      atom.cased = below(4) == 0;
      atom.negate = below(6) == 0;
      atom.differs = !atom.all && !atom.negate && below(8) == 0;
      if (atom.test != ir::Test::keyword && below(8) == 0) atom.index = below(2);
      if (atom.test == ir::Test::equals && below(6) == 0)
        atom.as = std::array{ir::As::text, ir::As::time, ir::As::hex, ir::As::base64, ir::As::bytes}[below(5)];
      if ((atom.test == ir::Test::wildcard || atom.test == ir::Test::regex) && below(3) == 0) atom.as = ir::As::text;
      if (atom.test >= ir::Test::less && atom.test <= ir::Test::greater_equal && below(4) == 0)
        atom.as = below(2) == 0 ? ir::As::text : ir::As::time;
      const bool single = atom.test == ir::Test::exists || atom.test == ir::Test::is_null;
      for (std::uint32_t k = single ? 1 : 1 + below(3); k > 0; --k) atom.literals.push_back(literal(atom.test));
      ir::Node node;
      node.kind = ir::Node::Kind::atom;
      node.atom = static_cast<std::uint32_t>(out.atoms.size());
      out.atoms.push_back(std::move(atom));
      out.nodes.push_back(node);
      roots.push_back(static_cast<std::uint32_t>(out.nodes.size() - 1));
    }
    while (roots.size() > 1 || below(4) == 0) {
      ir::Node node;
      node.kind =
          std::array{ir::Node::Kind::all, ir::Node::Kind::any, ir::Node::Kind::any, ir::Node::Kind::none}[below(4)];
      for (std::uint32_t k = std::min<std::uint32_t>(static_cast<std::uint32_t>(roots.size()), 1 + below(3)); k > 0;
           --k) {
        node.children.push_back(roots.back());
        roots.pop_back();
      }
      out.nodes.push_back(node);
      roots.push_back(static_cast<std::uint32_t>(out.nodes.size() - 1));
    }
    return out;
  }

 private:
  std::mt19937 random_;
};

}  // namespace assay::testing_match
