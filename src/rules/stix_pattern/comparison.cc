#include "rules/stix_pattern/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "core/ascii.h"
#include "knowledge/profile.h"
#include "rules/stix_pattern/names.h"
#include "text/nfc.h"

namespace assay::stix {
namespace {

using ir::Atom;
using ir::Test;
using Kind = ir::Node::Kind;
using Op = Comparison::Op;

// % is any run, _ any one character; there is no escape in STIX.
std::vector<ir::Piece> like_pieces(std::string_view text) {
  std::vector<ir::Piece> out;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out.push_back({ir::Piece::Kind::text, std::move(plain)});
    plain.clear();
  };
  for (const char c : text) {
    if (c != '%' && c != '_') {
      plain += c;
      continue;
    }
    flush();
    if (c == '%' && !out.empty() && out.back().kind == ir::Piece::Kind::any_run) continue;
    out.push_back({c == '%' ? ir::Piece::Kind::any_run : ir::Piece::Kind::any_one, {}});
  }
  flush();
  return out;
}

Test order_of(Op op) {
  switch (op) {
    case Op::less:
      return Test::less;
    case Op::less_equal:
      return Test::less_equal;
    case Op::greater:
      return Test::greater;
    default:
      return Test::greater_equal;
  }
}

// A string as bytes, when each of its characters is at most U+00FF (9.2).
std::optional<std::string> latin1(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x80) {
      out += text[i];
    } else if (c == 0xc2 || c == 0xc3) {
      out += static_cast<char>((c & 3U) << 6U | (static_cast<unsigned char>(text[++i]) & 0x3fU));
    } else {
      return std::nullopt;
    }
  }
  return out;
}

ir::Literal plain(std::string text) {
  ir::Literal out;
  out.text = std::move(text);
  return out;
}

// Registry logs shorten the hive.
std::vector<std::string> spellings(std::string_view name, const std::string& text) {
  std::vector<std::string> out = {text};
  if (!name.starts_with("windows-registry-key:key")) return out;
  static constexpr std::pair<std::string_view, std::string_view> kHives[] = {{"HKEY_LOCAL_MACHINE", "HKLM"},
                                                                             {"HKEY_CURRENT_USER", "HKCU"},
                                                                             {"HKEY_CLASSES_ROOT", "HKCR"},
                                                                             {"HKEY_USERS", "HKU"}};
  for (const auto& [full, brief] : kHives) {
    if (starts_with_icase(text, full)) out.push_back(std::string(brief) + text.substr(full.size()));
  }
  return out;
}

class Lowering {
 public:
  Lowering(const Comparison& c, ir::ExprBuilder& builder) : c_(c), builder_(builder) {}

  Result<std::uint32_t> run() {
    const Name name = name_of(c_.path);
    index_ = name.index;
    differs_ = c_.op == Op::not_equal;
    if (!name.never.empty()) return never();
    if (const auto reference = reference_of(name.name)) return of_type(*reference);
    std::vector<std::uint32_t> parts;
    std::vector<std::string> others = also_known_as(name.name);
    if (c_.op == Op::exists) {
      for (const std::string& below : known_below(name.name)) {
        for (std::string& other : also_known_as(below)) others.push_back(std::move(other));
      }
    }
    for (const std::string& other : others) {
      name_ = other;
      family_ = name.name;
      TRY(std::uint32_t part, of_name());
      // NOT negates the comparison as a whole; of a path that is not there every comparison is false.
      if (c_.negated && c_.op != Op::exists)
        part = of_family(builder_.node(Kind::all, {exists(name_), negate(part)}), true);
      parts.push_back(part);
    }
    // "Not there" is of all the places, anything else of one.
    const bool absent = c_.op == Op::exists && c_.negated;
    return builder_.node(absent ? Kind::all : Kind::any, std::move(parts));
  }

 private:
  std::uint32_t never() { return builder_.node(Kind::any, {}); }

  Atom atom(Test test) const {
    Atom out;
    out.name = name_;
    out.test = test;
    out.differs = differs_;
    if (index_) out.index = *index_;
    return out;
  }
  std::uint32_t add(Atom atom) { return builder_.atom(std::move(atom)); }

  std::uint32_t exists(const std::string& name, bool there = true) {
    Atom out;
    out.name = name;
    out.test = Test::exists;
    out.as = ir::As::text;
    if (index_) out.index = *index_;
    out.literals = {plain(there ? "true" : "false")};
    return add(std::move(out));
  }
  std::uint32_t inside(const std::string& name, const char* network) {
    Atom out;
    out.name = name;
    out.test = Test::cidr;
    if (index_) out.index = *index_;
    out.literals = {plain(network)};
    return add(std::move(out));
  }
  std::uint32_t negate(std::uint32_t node) { return builder_.node(Kind::none, {node}); }

  // The type of what a reference leads to is told by its value.
  Result<std::uint32_t> of_type(const Reference& reference) {
    const std::uint32_t there = exists(reference.value);
    if (c_.op == Op::exists) return c_.negated ? exists(reference.value, false) : there;
    if (c_.op != Op::equal && c_.op != Op::not_equal && c_.op != Op::in)
      return Error{ErrorCode::unsupported, "the type of a reference is compared with =, != and IN only"};
    const std::uint32_t v4 = inside(reference.value, "0.0.0.0/0");
    const std::uint32_t any = inside(reference.value, "::/0");
    std::vector<std::uint32_t> met;
    for (const Literal& value : c_.values) {
      const auto at = std::find(reference.types.begin(), reference.types.end(), value.text);
      if (at == reference.types.end()) continue;
      if (reference.types.size() == 1) {
        met.push_back(there);
      } else if (value.text == "ipv4-addr") {
        met.push_back(v4);
      } else if (value.text == "ipv6-addr") {
        met.push_back(builder_.node(Kind::all, {any, negate(v4)}));
      } else {
        met.push_back(builder_.node(Kind::all, {there, negate(builder_.node(Kind::any, {v4, any}))}));
      }
    }
    const std::uint32_t holds = builder_.node(Kind::any, std::move(met));
    return differs_ != c_.negated ? builder_.node(Kind::all, {there, negate(holds)}) : holds;
  }

  Result<std::uint32_t> of_name() {
    switch (c_.op) {
      case Op::exists:
        return of_family(exists(name_, !c_.negated), !c_.negated);
      case Op::equal:
      case Op::not_equal:
      case Op::in:
        return equality();
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        return order();
      case Op::like: {
        Atom out = atom(Test::wildcard);
        out.cased = !caseless(name_);
        for (const std::string& text : spellings(name_, c_.values[0].text)) {
          ir::Literal literal = plain(text);
          literal.pieces = like_pieces(nfc(text));
          out.literals.push_back(std::move(literal));
        }
        if (out.literals[0].pieces.empty()) {  // LIKE ''
          out.test = Test::equals;
        } else {
          out.as = is_binary() ? bytes_of() : ir::As::text;
        }
        return of_family(add(std::move(out)), true);
      }
      case Op::matches: {
        Atom out = atom(Test::regex);
        ir::Literal literal = plain(c_.values[0].text);
        out.as = ir::As::text;
        literal.regex_flags = 4;  // '.' is any character, also a line's end
        out.literals = {std::move(literal)};
        if (name_.ends_with("_hex")) {
          out.as = ir::As::hex;
        } else if (name_.ends_with("_bin")) {
          out.as = ir::As::base64;
        }
        return of_family(add(std::move(out)), true);
      }
      case Op::is_subset:
      case Op::is_superset: {
        Atom out = atom(c_.op == Op::is_subset ? Test::cidr : Test::superset);
        // No value is inside or around what is no network.
        if (!parse_network(trim(c_.values[0].text))) return never();
        out.literals = {plain(std::string(trim(c_.values[0].text)))};
        const bool v6 = out.literals[0].text.find(':') != std::string::npos;
        const std::uint32_t node = add(std::move(out));
        // As bits an IPv4 address lies inside ::/0; as an address it does not.
        return v6 ? builder_.node(Kind::all, {node, negate(inside(name_, "0.0.0.0/0"))}) : node;
      }
    }
    return never();
  }

  // An end of a connection is an ipv4-addr or an ipv6-addr: where the comparison itself does not tell, the value does.
  std::uint32_t of_family(std::uint32_t node, bool open) {
    if (!open || (family_ != "ipv4-addr:value" && family_ != "ipv6-addr:value")) return node;
    const std::uint32_t v4 = inside(name_, "0.0.0.0/0");
    const std::uint32_t family =
        family_ == "ipv4-addr:value" ? v4 : builder_.node(Kind::all, {inside(name_, "::/0"), negate(v4)});
    return builder_.node(Kind::all, {node, family});
  }

  // Logs write the whole path where STIX has the folder, and the value's name behind its registry key. One step below
  // the folder, and not two.
  std::uint32_t below(const std::string& name, const std::string& folder) {
    const char* const separator = folder.find('/') != std::string::npos ? "/" : "\\";
    const auto any = [] { return ir::Piece{ir::Piece::Kind::any_run, {}}; };
    const auto test = [&](std::vector<ir::Piece> pieces) {
      Atom out;
      out.name = name;
      out.test = Test::wildcard;
      out.cased = true;
      if (index_) out.index = *index_;
      ir::Literal literal = plain(folder);
      literal.pieces = std::move(pieces);
      out.literals = {std::move(literal)};
      return add(std::move(out));
    };
    const ir::Piece first{ir::Piece::Kind::text, folder + separator};
    const ir::Piece second{ir::Piece::Kind::text, separator};
    return builder_.node(Kind::all, {test({first, any()}), negate(test({first, any(), second, any()}))});
  }

  std::vector<std::uint32_t> in_folder() {
    std::vector<std::uint32_t> out;
    const bool directory = name_ == "file:parent_directory_ref.path";
    if ((!directory && name_ != "windows-registry-key:key") || differs_) return out;
    for (const Literal& value : c_.values) {
      if (value.kind != Literal::Kind::text || value.text.empty()) continue;
      for (const std::string& spelling : spellings(name_, value.text))
        out.push_back(below(directory ? "@file_path" : name_, spelling));
    }
    return out;
  }

  // By kind of value: each becomes one predicate.
  Result<std::uint32_t> equality() {
    std::map<std::pair<Test, std::pair<ir::As, bool>>, Atom> atoms;
    const auto put = [&](Test test, ir::As as, bool cased, ir::Literal literal) {
      Atom& one = atoms.try_emplace({test, {as, cased}}, atom(test)).first->second;
      one.as = as;
      one.cased = cased;
      one.literals.push_back(std::move(literal));
    };
    const bool cased = !caseless(name_);
    for (const Literal& value : c_.values) {
      switch (value.kind) {
        case Literal::Kind::text: {
          const std::string_view text = trim(value.text);
          if (is_binary()) {
            if (const auto bytes = latin1(value.text)) put(Test::equals, bytes_of(), true, plain(*bytes));
            break;
          }
          if (of_address(name_) && text.find('/') != std::string_view::npos && parse_network(text)) {
            put(Test::cidr, ir::As::plain, false, plain(std::string(text)));
            break;
          }
          for (const std::string& spelling : spellings(name_, value.text))
            put(Test::equals, ir::As::plain, cased, plain(spelling));
          break;
        }
        case Literal::Kind::number: {
          ir::Literal literal = plain(value.text);
          literal.number = true;
          put(Test::equals, ir::As::plain, true, std::move(literal));
          break;
        }
        case Literal::Kind::boolean:
          put(Test::equals, ir::As::plain, false, plain(value.text));
          break;
        case Literal::Kind::timestamp:
          put(Test::equals, ir::As::time, false, plain(value.text));
          break;
        case Literal::Kind::bytes:
          put(Test::equals, bytes_of(), true, plain(value.text));
          break;
      }
    }
    if (atoms.empty()) return differs_ ? exists(name_) : never();  // IN ()
    std::vector<std::uint32_t> parts = in_folder();
    for (auto& [key, one] : atoms) parts.push_back(add(std::move(one)));
    // A value differs from a set when it differs from each; of several kinds of values that is asked one by one.
    return of_family(builder_.node(differs_ ? Kind::all : Kind::any, std::move(parts)), differs_);
  }

  // Properties whose names say so hold bytes (9.6.3, 9.6.4).
  [[nodiscard]] bool is_binary() const { return name_.ends_with("_hex") || name_.ends_with("_bin"); }
  [[nodiscard]] ir::As bytes_of() const {
    if (name_.ends_with("_hex") || name_.find("hashes.") != std::string::npos) return ir::As::hex;
    return name_.ends_with("_bin") ? ir::As::base64 : ir::As::bytes;
  }

  Result<std::uint32_t> order() {
    Atom out = atom(order_of(c_.op));
    const Literal& value = c_.values[0];
    ir::Literal literal = plain(value.text);
    switch (value.kind) {
      case Literal::Kind::number:
        literal.number = true;
        break;
      case Literal::Kind::timestamp:
        out.as = ir::As::time;
        break;
      case Literal::Kind::bytes:
        out.as = bytes_of();
        break;
      default:
        out.as = ir::As::text;
        if (is_binary()) {
          const auto bytes = latin1(value.text);
          if (!bytes) return never();
          out.as = bytes_of();
          literal.text = *bytes;
        }
        break;
    }
    out.literals = {std::move(literal)};
    return of_family(add(std::move(out)), true);
  }

  const Comparison& c_;
  ir::ExprBuilder& builder_;
  std::optional<std::int64_t> index_;
  bool differs_ = false;
  std::string name_, family_;
};

}  // namespace

Result<std::uint32_t> lower_comparison(const Comparison& c, ir::ExprBuilder& builder) {
  return Lowering(c, builder).run();
}

std::uint32_t lower_time_range(Time from, Time until, ir::ExprBuilder& builder) {
  const auto edge = [&](Test test, Time time) {
    Atom out;
    out.name = ir::kEventTime;
    out.test = test;
    out.as = ir::As::time;
    out.literals = {plain(format_utc(time))};
    return builder.atom(std::move(out));
  };
  return builder.node(Kind::all, {edge(Test::greater_equal, from), edge(Test::less, until)});
}

}  // namespace assay::stix
