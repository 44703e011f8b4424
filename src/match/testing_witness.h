// For tests and the agreement run: records made from a rule, as a witness of it or as a near miss.
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

// Records that a rule is about. Whether they meet it is for the reference to say; most witnesses do.
class WitnessMaker {
 public:
  WitnessMaker(const Schema& schema, std::uint32_t seed) : schema_(schema), random_(seed) {}

  // JSON text of an object with the field match_test.
  std::string witness(const ir::Expr& expr) {
    solve_all(expr, kNoLeaf);
    return written();
  }
  // The witness with one thing changed: one predicate is not to hold (or, under a not, is to), or a value is altered by
  // a character or its case, cut, dropped, or a field is.
  std::string near_miss(const ir::Expr& expr) {
    if (below(2) == 0) {
      solve_all(expr, below(static_cast<std::uint32_t>(expr.atoms.size())));
      return written();
    }
    solve_all(expr, kNoLeaf);
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
    // Now and then long enough that what follows stands across a block of 32 or 64 bytes.
    if (below(10) == 0) return std::string(below(140), "a .\\Z"[below(5)]);
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

  static constexpr std::size_t kNoLeaf = SIZE_MAX;

  void solve_all(const ir::Expr& expr, std::size_t broken) {
    fields_.clear();
    leaves_ = 0;
    broken_ = broken;
    solve(expr, static_cast<std::uint32_t>(expr.nodes.size() - 1), true, 0);
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
    if (leaves_++ == broken_) want = !want;
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
        out.text = address(literal.text);
        break;
      case Test::less:
      case Test::less_equal:
      case Test::greater:
      case Test::greater_equal: {
        // At the bound, one to the side, and between.
        const auto number = parse_int(literal.text).value_or(0);
        const bool down = atom.test == Test::less || atom.test == Test::less_equal;
        out.text = std::to_string(number + (down ? -1 : 1) * (static_cast<std::int64_t>(below(4)) - 1));
        if (below(4) == 0) out.text += below(2) == 0 ? ".0" : ".5";
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
    if (atom.part != ir::TimePart::whole) {
      out = {time_with(atom.part, parse_int(out.text).value_or(0)), Text::At::whole};
      return out;
    }
    if (!atom.cased && atom.test != Test::regex && below(2) == 0) {
      for (char& c : out.text) c = below(2) == 0 ? to_upper(c) : to_lower(c);
    }
    return out;
  }

  // The first or last address of the network, one beside it, or one inside; sometimes in another writing.
  std::string address(std::string_view text) {
    const auto network = parse_network(text);
    if (!network) return std::string(text);
    Network out = *network;
    const auto bit = [&](int at) -> std::uint8_t& { return out.bytes[at / 8]; };
    const std::uint32_t kind = below(5);
    for (int at = network->prefix; at < 128; ++at) {
      const auto mask = static_cast<std::uint8_t>(0x80 >> (at % 8));
      if (kind == 1 || (kind >= 2 && below(2) == 0)) bit(at) = static_cast<std::uint8_t>(bit(at) | mask);
    }
    const bool v4 = text.find(':') == std::string_view::npos;
    // The last bit that is the network's: the network beside it.
    if (kind == 4 && network->prefix > (v4 ? 96 : 0)) {
      const int at = network->prefix - 1;
      bit(at) = static_cast<std::uint8_t>(bit(at) ^ (0x80 >> (at % 8)));
    }
    out.prefix = 128;
    std::string written = format_network(out);
    if (v4 && below(8) == 0) written = "::ffff:" + written;
    if (below(16) == 0) written = " " + written;
    return written;
  }

  // A date and time whose part is that number, where there is one.
  std::string time_with(ir::TimePart part, std::int64_t number) {
    using ir::TimePart;
    int year = 2020, month = 4, day = 16, hour = 2, minute = 12;
    const int n = static_cast<int>(std::clamp<std::int64_t>(number, 0, 9999));
    if (part == TimePart::year) year = n;
    if (part == TimePart::month) month = n;
    if (part == TimePart::day) day = n;
    if (part == TimePart::hour) hour = n;
    if (part == TimePart::minute) minute = n;
    if (part == TimePart::week) {  // 2018 began on a Monday
      year = 2018;
      const int of_year = std::max(0, 7 * (n - 1)) + static_cast<int>(below(7));
      static constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
      int rest = of_year;
      for (month = 1; month < 12 && rest >= kDays[static_cast<std::size_t>(month - 1)]; ++month)
        rest -= kDays[static_cast<std::size_t>(month - 1)];
      day = rest + 1;
    }
    const auto two = [](int value) { return (value < 10 ? "0" : "") + std::to_string(value); };
    std::string years = std::to_string(year);
    years.insert(0, years.size() < 4 ? 4 - years.size() : 0, '0');
    return years + "-" + two(month) + "-" + two(day) + "T" + two(hour) + ":" + two(minute) + ":07Z";
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
    // What the rule does not ask for: its own values under other names, and fillers.
    for (std::uint32_t i = below(4); i > 0; --i) {
      out += ",\"beside" + std::to_string(i) + "\":";
      if (fields_.empty() || below(2) == 0) {
        out += string(filler() + filler());
        continue;
      }
      auto field = fields_.begin();
      std::advance(field, below(static_cast<std::uint32_t>(fields_.size())));
      out += field->second.empty() ? "null" : json(field->second.front());
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
  std::size_t leaves_ = 0, broken_ = kNoLeaf;  // predicates seen so far; the one that is turned round
};

}  // namespace assay::testing_match
