// For tests and the agreement run: random rules over a small vocabulary, and records made from a rule as a witness or
// as a near miss of it.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ascii.h"
#include "core/json.h"
#include "evidence/schema.h"
#include "knowledge/profile.h"
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
      atom.test = static_cast<ir::Test>(below(static_cast<std::uint32_t>(ir::Test::structure) + 1));
      if (atom.test != ir::Test::keyword) atom.name = field();
      atom.all = below(4) == 0;
      atom.cased = below(4) == 0;
      atom.negate = below(6) == 0;
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

// Records that a rule is about. Whether they meet it is for the reference to say; most witnesses do.
class WitnessMaker {
 public:
  WitnessMaker(const Schema& schema, std::uint32_t seed) : schema_(schema), random_(seed) {}

  // JSON text of an object with the field match_test.
  std::string witness(const ir::Expr& expr) {
    fields_.clear();
    solve(expr, static_cast<std::uint32_t>(expr.nodes.size() - 1), true, 0);
    return written();
  }
  // The witness with one thing changed: a value is altered by a character or its case, cut, dropped, or a field is.
  std::string near_miss(const ir::Expr& expr) {
    fields_.clear();
    solve(expr, static_cast<std::uint32_t>(expr.nodes.size() - 1), true, 0);
    if (fields_.empty()) return written();
    auto field = fields_.begin();
    std::advance(field, below(static_cast<std::uint32_t>(fields_.size())));
    if (below(4) == 0 || field->second.empty()) {
      fields_.erase(field);
      return written();
    }
    alter(field->second[below(static_cast<std::uint32_t>(field->second.size()))]);
    return written();
  }

 private:
  struct Text {
    std::string text;
    enum class At : std::uint8_t { whole, start, end, inside } at = At::whole;
    bool null = false, bare = false;
  };
  std::uint32_t below(std::uint32_t n) { return n == 0 ? 0 : static_cast<std::uint32_t>(random_() % n); }
  std::string filler() {
    static const std::vector<std::string> kFillers = {"",    "",         "x",  " ",  "C:\\Users\\a\\",
                                                      "-q ", "\xc3\xa9", "Z9", "\"", "/"};
    return kFillers[below(static_cast<std::uint32_t>(kFillers.size()))];
  }

  void alter(Text& value) {
    std::string& text = value.text;
    const auto place = below(static_cast<std::uint32_t>(text.size()));
    switch (below(7)) {
      case 0:
        text += "~";
        break;
      case 1:
        text = "~" + text;
        break;
      case 2:
        if (!text.empty()) text.erase(place, 1);
        break;
      case 3:
        if (!text.empty()) text[place] = text[place] == '#' ? '+' : '#';
        break;
      case 4:
        for (char& c : text) c = is_alpha(c) ? static_cast<char>(c ^ 0x20) : c;
        break;
      case 5:
        value.null = true;
        break;
      default:
        text = "other";
        break;
    }
    if (!is_utf8(text)) text = to_valid_utf8(text);
  }

  void solve(const ir::Expr& expr, std::uint32_t at, bool want, std::size_t depth) {
    const ir::Node& node = expr.nodes[at];
    using Kind = ir::Node::Kind;
    if (depth > 64) return;
    if (node.kind == Kind::atom) return atom(expr.atoms[node.atom], want);
    if (node.kind == Kind::always || node.kind == Kind::never || node.children.empty()) return;
    const bool children = node.kind == Kind::none ? !want : want;
    const bool every = node.kind == Kind::any ? !want : want;
    if (every) {
      for (const std::uint32_t child : node.children) solve(expr, child, children, depth + 1);
      return;
    }
    const std::uint32_t chosen = below(static_cast<std::uint32_t>(node.children.size()));
    for (std::uint32_t i = 0; i < node.children.size(); ++i) {
      if (i == chosen) {
        solve(expr, node.children[i], children, depth + 1);
      } else if (node.kind == Kind::all) {
        solve(expr, node.children[i], true, depth + 1);
      }
    }
  }

  void atom(const ir::Atom& atom, bool want) {
    if (atom.negate) want = !want;
    if (atom.test == ir::Test::exists || atom.test == ir::Test::is_null) {
      const bool present = atom.test == ir::Test::exists && (atom.literals.front().text == "true") == want;
      if (atom.test == ir::Test::is_null && !want) {
        add(atom.name, {"v", Text::At::inside});
      } else if (present) {
        add(atom.name, {"v", Text::At::inside, below(4) == 0});
      } else if (atom.test == ir::Test::is_null && below(2) == 0) {
        add(atom.name, {"", Text::At::whole, true});
      }
      return;
    }
    if (!want) {
      if (below(2) == 0) return;
      Text near = holding(atom, atom.literals[below(static_cast<std::uint32_t>(atom.literals.size()))]);
      alter(near);
      add(atom.name, near);
      return;
    }
    if (atom.all) {
      for (const ir::Literal& literal : atom.literals) add(atom.name, holding(atom, literal));
    } else {
      add(atom.name, holding(atom, atom.literals[below(static_cast<std::uint32_t>(atom.literals.size()))]));
    }
  }

  Text holding(const ir::Atom& atom, const ir::Literal& literal) {
    using ir::Test;
    Text out{literal.text, Text::At::whole};
    switch (atom.test) {
      case Test::contains:
        out.at = Text::At::inside;
        break;
      case Test::starts_with:
        out.at = Text::At::start;
        break;
      case Test::ends_with:
        out.at = Text::At::end;
        break;
      case Test::wildcard:
      case Test::keyword:
        out.text.clear();
        for (const ir::Piece& piece : literal.pieces) {
          out.text += piece.kind == ir::Piece::Kind::text      ? piece.text
                      : piece.kind == ir::Piece::Kind::any_one ? "w"
                                                               : filler();
        }
        if (atom.test == Test::keyword) out.at = Text::At::inside;
        break;
      case Test::regex:
        out.text = sample(literal.text);
        out.at = Text::At::inside;
        break;
      case Test::cidr:
        out.text = literal.text.substr(0, literal.text.find('/'));
        break;
      case Test::less:
      case Test::less_equal:
      case Test::greater:
      case Test::greater_equal: {
        const auto number = parse_int(literal.text).value_or(0);
        out.text = std::to_string(number + static_cast<std::int64_t>(below(3)) - 1 +
                                  (atom.test == Test::less || atom.test == Test::less_equal ? -1 : 1));
        out.bare = below(2) == 0;
        break;
      }
      case Test::equals_field:
      case Test::starts_with_field:
      case Test::ends_with_field:
      case Test::contains_field:
        out.text = "same";
        add(literal.text, {"same", Text::At::whole});
        break;
      case Test::structure:
        out.text = "10.1.2.3";
        break;
      default:
        if (literal.number) {
          out.bare = below(2) == 0;
          if (!out.bare && below(2) == 0) out.text = "0" + out.text;
        }
        break;
    }
    if (!atom.cased && atom.test != Test::regex && below(2) == 0) {
      for (char& c : out.text) c = below(2) == 0 ? to_upper(c) : to_lower(c);
    }
    return out;
  }

  void add(const std::string& name, Text text) { fields_[name.empty() ? "anywhere" : name].push_back(std::move(text)); }

  // One string or a list: parts that may stand inside a value are also put into one.
  std::string written() {
    std::string out = "{\"match_test\":1";
    for (auto& [name, texts] : fields_) {
      std::vector<PathRule> paths = schema_.resolve(name);
      const PathRule& path = paths[below(static_cast<std::uint32_t>(paths.size()))];
      out += "," + string(path.path.empty() ? name : path.path) + ":";
      std::vector<Text> values;
      if (below(2) == 0) {
        values = texts;
        for (Text& value : values) {
          if (value.at == Text::At::inside || value.at == Text::At::end) value.text = filler() + value.text;
          if (value.at == Text::At::inside || value.at == Text::At::start) value.text += filler();
        }
      } else {
        Text joined{"", Text::At::inside};
        bool any = false;
        for (const auto at : {Text::At::start, Text::At::inside, Text::At::end}) {
          for (const Text& text : texts) {
            if (text.at != at || text.null) continue;
            if (any) joined.text += filler();
            joined.text += text.text;
            any = true;
          }
        }
        if (any) values.push_back(joined);
        for (const Text& text : texts) {
          if (text.at == Text::At::whole || text.null) values.push_back(text);
        }
      }
      if (values.size() == 1 && below(8) != 0) {
        out += json(values.front());
      } else {
        out += '[';
        for (std::size_t i = 0; i < values.size(); ++i) out += (i > 0 ? "," : "") + json(values[i]);
        out += ']';
      }
    }
    return out + "}";
  }
  std::string json(const Text& value) {
    if (value.null) return "null";
    if (value.bare && parse_int(value.text)) return value.text;
    return string(value.text);
  }
  // Written as some writers do: with needless escapes now and then.
  std::string string(std::string_view text) {
    if (below(6) != 0) return json_string(text);
    std::string out = "\"";
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '/' && below(2) == 0) {
        out += "\\/";
      } else if (byte < 0x80 && (byte < 0x20 || c == '"' || c == '\\' || below(8) == 0)) {
        out += "\\u00";
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
      } else {
        out += c;
      }
    }
    return out + "\"";
  }

  // A text that the expression is likely to be found in; what is not understood is left out.
  std::string sample(std::string_view pattern) {
    std::size_t at = 0;
    return branch(pattern, at, 0);
  }
  std::string branch(std::string_view p, std::size_t& at, std::size_t depth) {
    std::vector<std::string> branches(1);
    while (at < p.size() && p[at] != ')' && depth < 20) {
      if (p[at] == '|') {
        branches.emplace_back();
        ++at;
        continue;
      }
      std::string one = element(p, at, depth);
      std::size_t times = 1;
      if (at < p.size() && (p[at] == '*' || p[at] == '?')) {
        times = below(2);
        ++at;
      } else if (at < p.size() && p[at] == '+') {
        times = 1 + below(2);
        ++at;
      } else if (at + 1 < p.size() && p[at] == '{' && is_digit(p[at + 1])) {
        times = 0;
        for (++at; at < p.size() && is_digit(p[at]); ++at)
          times = std::min<std::size_t>(times * 10 + static_cast<std::size_t>(p[at] - '0'), 200);
        while (at < p.size() && p[at++] != '}') {
        }
      }
      if (at < p.size() && p[at] == '?') ++at;
      for (std::size_t i = 0; i < times && branches.back().size() < 2000; ++i) branches.back() += one;
    }
    return branches[below(static_cast<std::uint32_t>(branches.size()))];
  }
  std::string element(std::string_view p, std::size_t& at, std::size_t depth) {
    const char c = p[at++];
    if (c == '(') {
      bool counts = true;
      if (at < p.size() && p[at] == '?') {
        const std::string_view rest = p.substr(at);
        counts = !rest.starts_with("?!") && !rest.starts_with("?<!");
        while (at < p.size() && p[at] != ':' && p[at] != '=' && p[at] != '!' && p[at] != '>' && p[at] != ')') ++at;
        if (at < p.size() && p[at] != ')') ++at;
      }
      std::string out = branch(p, at, depth + 1);
      if (at < p.size()) ++at;
      return counts ? out : "";
    }
    if (c == '[') {
      const bool negated = at < p.size() && p[at] == '^';
      if (negated) ++at;
      std::string out = "~";
      bool first = true;
      while (at < p.size() && (first || p[at] != ']')) {
        if (p[at] == '\\' && at + 1 < p.size()) ++at;
        if (first && !negated) out = p[at - 1] == '\\' ? escaped(p[at]) : std::string(1, p[at]);
        first = false;
        ++at;
      }
      ++at;
      return out;
    }
    if (c == '\\' && at < p.size()) return escaped(p[at++]);
    if (c == '^' || c == '$') return "";
    if (c == '.') return "y";
    return std::string(1, c);
  }
  static std::string escaped(char c) {
    switch (c) {
      case 's':
        return " ";
      case 'd':
        return "7";
      case 'w':
        return "a";
      case 'S':
      case 'D':
        return "x";
      case 'W':
        return "-";
      case 'b':
      case 'B':
      case 'A':
      case 'z':
      case 'Z':
        return "";
      case 'n':
        return "\n";
      case 't':
        return "\t";
      case 'r':
        return "\r";
      default:
        return std::string(1, c);
    }
  }

  const Schema& schema_;
  std::mt19937 random_;
  std::map<std::string, std::vector<Text>> fields_;
};

}  // namespace assay::testing_match
