#include "rules/sigma/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include "core/ascii.h"
#include "core/limits.h"
#include "knowledge/profile.h"
#include "rules/ir/regex.h"
#include "rules/ir/structures.h"

namespace assay::sigma {
namespace {

using ir::Literal;
using ir::Piece;
using ir::Test;

// hyphen, slash, en dash, em dash, horizontal bar
constexpr std::array<std::string_view, 5> kDashes = {"-", "/", "\xe2\x80\x93", "\xe2\x80\x94", "\xe2\x80\x95"};
constexpr std::size_t kValues = 16'384;                    // of one item after its modifiers
constexpr std::size_t kWildcards = 16'384;                 // and of their wildcards
constexpr std::size_t kValueBytes = std::size_t{1} << 20;  // of one item, on every step of its modifiers

Piece text_piece(std::string text) { return {Piece::Kind::text, std::move(text)}; }
Piece run_piece() { return {Piece::Kind::any_run, {}}; }

bool is_word(char c) { return is_alnum(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

// The bytes of the dash that the text starts with; 0 when it starts with none.
std::size_t dash_at(std::string_view text) {
  for (const std::string_view dash : kDashes) {
    if (text.starts_with(dash)) return dash.size();
  }
  return 0;
}

// One value on its way through the modifiers.
struct Work {
  enum class Kind : std::uint8_t { null, text, number, boolean } kind = Kind::text;
  std::string raw;  // as written: regexes, networks, names
  std::vector<Piece> pieces;
};

enum class Match : std::uint8_t { whole, contains, starts_with, ends_with };

struct Modifiers {
  bool all = false, cased = false, negate = false, fieldref = false, exists = false, regex = false, cidr = false,
       structure = false;
  std::uint8_t regex_flags = 0;
  std::optional<Test> compare;
  std::optional<Match> match;
  ir::TimePart part = ir::TimePart::whole;
  std::vector<std::string> changes;  // value modifiers, in order
};

Error too_many(std::string_view what, const Yaml& at) {
  return Error{ErrorCode::limit, fmt::format("{} to too many values", what), fmt::format("{}:{}", at.line, at.column),
               "write fewer values, or several rules"};
}
Error too_long(const Yaml& at) {
  return Error{ErrorCode::limit, fmt::format("the values of one field are too long (more than {} bytes)", kValueBytes),
               fmt::format("{}:{}", at.line, at.column), "write shorter values, or several rules"};
}

Error bad(std::string what, const Yaml& at, std::string remedy = {}) {
  return Error{ErrorCode::bad_input, std::move(what), fmt::format("{}:{}", at.line, at.column), std::move(remedy)};
}

std::optional<ir::TimePart> time_part_from(std::string_view name) {
  for (const ir::TimePart part : {ir::TimePart::minute, ir::TimePart::hour, ir::TimePart::day, ir::TimePart::week,
                                  ir::TimePart::month, ir::TimePart::year}) {
    if (ir::name_of(part) == name) return part;
  }
  return std::nullopt;
}

// For a word that is none: the modifier with the fewest changed letters, when they are few.
std::string nearest_modifier(std::string_view word) {
  static constexpr std::string_view kAll[] = {
      "all",      "cased",   "contains", "startswith", "endswith", "re",        "cidr",  "exists",
      "fieldref", "windash", "wide",     "base64",     "utf16le",  "utf16be",   "utf16", "expand",
      "lt",       "lte",     "gt",       "gte",        "neq",      "minute",    "hour",  "day",
      "week",     "month",   "year",     "i",          "m",        "structure", "s",     "base64offset"};
  if (word.size() < 3 || word.size() > 24) return {};
  std::string best;
  std::size_t least = 3;
  for (const std::string_view name : kAll) {
    std::vector<std::size_t> row(name.size() + 1);
    for (std::size_t k = 0; k <= name.size(); ++k) row[k] = k;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      std::size_t diagonal = row[0];
      row[0] = i;
      for (std::size_t k = 1; k <= name.size(); ++k) {
        const std::size_t above = row[k];
        row[k] = std::min({above + 1, row[k - 1] + 1, diagonal + (to_lower(word[i - 1]) == name[k - 1] ? 0U : 1U)});
        diagonal = above;
      }
    }
    if (row.back() < least) {
      least = row.back();
      best = fmt::format("did you mean '{}'?", name);
    }
  }
  return best;
}

Result<Modifiers> read_modifiers(std::string_view key, const Yaml& place) {
  Modifiers m;
  const std::vector<std::string_view> parts = split(key, '|');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view name = parts[i];
    // The modifier's own place, where the key stands as it is written.
    Yaml at;
    at.line = place.line;
    at.column = place.column;
    if (place.text == key && !place.quoted) at.column += static_cast<int>(name.data() - key.data());
    if (name == "all") {
      m.all = true;
    } else if (name == "cased") {
      m.cased = true;
    } else if (name == "neq") {
      m.negate = true;
    } else if (name == "contains" || name == "startswith" || name == "endswith") {
      if (m.match) {
        return bad(fmt::format("modifier '{}' after another one of its kind", name), at,
                   "one of contains, startswith and endswith; wildcards say the rest");
      }
      m.match = name == "contains" ? Match::contains : name == "startswith" ? Match::starts_with : Match::ends_with;
    } else if (name == "re") {
      m.regex = true;
    } else if (m.regex && (name == "i" || name == "m" || name == "s")) {
      m.regex_flags = static_cast<std::uint8_t>(m.regex_flags | (name == "i" ? 1 : name == "m" ? 2 : 4));
    } else if (name == "ignorecase" || name == "multiline" || name == "dotall") {
      m.regex_flags = static_cast<std::uint8_t>(m.regex_flags | (name == "ignorecase"  ? 1
                                                                 : name == "multiline" ? 2
                                                                                       : 4));
    } else if (name == "cidr") {
      m.cidr = true;
    } else if (name == "exists") {
      m.exists = true;
    } else if (name == "fieldref") {
      m.fieldref = true;
    } else if (name == "structure") {
      m.structure = true;
    } else if (name == "lt" || name == "lte" || name == "gt" || name == "gte") {
      m.compare = name == "lt"    ? Test::less
                  : name == "lte" ? Test::less_equal
                  : name == "gt"  ? Test::greater
                                  : Test::greater_equal;
    } else if (name == "windash" || name == "base64" || name == "base64offset" || name == "wide" || name == "utf16le" ||
               name == "utf16be" || name == "utf16" || name == "expand") {
      const bool encodes = name != "windash" && name != "expand";
      if (encodes && m.match)
        return bad(fmt::format("modifier '{}' must stand before the one that says where to look", name), at);
      // What was changed is no longer the text that placeholders stand in.
      if (name == "expand" && !m.changes.empty() && m.changes.back() != "expand")
        return bad(fmt::format("modifier 'expand' must stand before '{}'", m.changes.back()), at);
      m.changes.emplace_back(name);
    } else if (const auto part = time_part_from(name)) {
      if (m.part != ir::TimePart::whole || i != 1)
        return bad(fmt::format("modifier '{}' stands once, right after the field", name), at);
      m.part = *part;
    } else {
      return bad(fmt::format("unknown modifier '{}'", name), at, nearest_modifier(name));
    }
  }
  const int exclusive =
      (m.regex ? 1 : 0) + (m.cidr ? 1 : 0) + (m.exists ? 1 : 0) + (m.compare ? 1 : 0) + (m.structure ? 1 : 0);
  const bool changes_text =
      std::any_of(m.changes.begin(), m.changes.end(), [](const std::string& c) { return c != "expand"; });
  if (exclusive > 1 || (exclusive == 1 && (m.match || m.fieldref || changes_text))) {
    return bad(fmt::format("modifiers of '{}' exclude one another", key), place);
  }
  if (m.fieldref && changes_text) return bad("fieldref takes a field name, which no modifier changes", place);
  if (m.cased && (m.cidr || m.exists || m.compare || m.regex || m.structure)) {
    return bad("'cased' belongs to text comparison", place,
               m.regex ? "regular expressions are case-sensitive unless |i follows" : "");
  }
  if (m.part != ir::TimePart::whole &&
      (m.match || m.regex || m.cidr || m.exists || m.structure || m.fieldref || m.cased || changes_text)) {
    return bad(fmt::format("'{}' gives a number", ir::name_of(m.part)), place,
               "compare it with a number, lt, lte, gt or gte");
  }
  if (m.regex_flags != 0 && !m.regex) return bad("regex flags without 're'", place);
  return m;
}

Result<Work> read_value(const Yaml& value) {
  Work work;
  if (!value.is_scalar()) return bad("a value must be a string, number, boolean or null", value);
  if (value.is_null()) {
    work.kind = Work::Kind::null;
    return work;
  }
  work.raw = value.text;
  if (!value.quoted && value.is_bool()) {
    work.kind = Work::Kind::boolean;
    work.raw = value.as_bool() ? "true" : "false";
    work.pieces = {text_piece(work.raw)};
    return work;
  }
  if (!value.quoted && value.is_integer()) {
    work.kind = Work::Kind::number;
    if (value.text.starts_with("0x")) work.raw = std::to_string(value.as_int());
    work.pieces = {text_piece(work.raw)};
    return work;
  }
  if (!value.quoted && value.text.find('.') != std::string::npos && parse_double(value.text) &&
      value.text.find_first_not_of("+-.0123456789eE") == std::string::npos) {
    work.kind = Work::Kind::number;
    work.pieces = {text_piece(work.raw)};
    return work;
  }
  work.pieces = parse_pattern(value.text);
  return work;
}

// Every combination of the values that placeholders stand for.
Status expand(std::vector<Work>& works, const Placeholders& placeholders, const Yaml& at) {
  std::vector<Work> out;
  for (const Work& work : works) {
    std::vector<std::string> texts = {""};
    const std::string& raw = work.raw;
    for (std::size_t i = 0; i < raw.size();) {
      const std::size_t close = raw[i] == '%' ? raw.find('%', i + 1) : std::string::npos;
      if (raw.compare(i, 2, "\\\\") == 0) {  // a backslash of its own
        for (std::string& text : texts) text += "\\\\";
        i += 2;
      } else if (raw.compare(i, 2, "\\%") == 0) {
        for (std::string& text : texts) text += '%';
        i += 2;
      } else if (close != std::string::npos && close > i + 1) {
        const std::string name = raw.substr(i + 1, close - i - 1);
        const auto found = placeholders.find(name);
        if (found == placeholders.end() || found->second.empty()) {
          return Error{ErrorCode::unsupported, fmt::format("needs values for the placeholder %{}%", name),
                       fmt::format("{}:{}", at.line, at.column)};
        }
        if (texts.size() * found->second.size() > limits::kRuleExpansion) return too_many("placeholders expand", at);
        std::vector<std::string> longer;
        std::size_t bytes = 0;
        for (const std::string& text : texts) {
          for (const std::string& value : found->second) {
            bytes += text.size() + value.size();
            if (bytes > kValueBytes) return too_long(at);
            longer.push_back(text + value);
          }
        }
        texts = std::move(longer);
        i = close + 1;
      } else {
        for (std::string& text : texts) text += raw[i];
        ++i;
      }
    }
    for (std::string& text : texts) {
      Work next = work;
      next.pieces = parse_pattern(text);
      next.raw = std::move(text);
      out.push_back(std::move(next));
    }
  }
  works = std::move(out);
  return Ok{};
}

Status change(std::vector<Work>& works, const std::string& name, const Placeholders& placeholders, const Yaml& at) {
  if (name == "expand") return expand(works, placeholders, at);
  std::vector<Work> out;
  std::size_t size = 0;
  for (Work& work : works) {
    if (work.kind == Work::Kind::null) return bad(fmt::format("modifier '{}' does not take null", name), at);
    std::vector<std::vector<Piece>> results;
    if (name == "windash") {
      auto dashes = windash(work.pieces);
      if (!dashes.ok()) {
        Error error = std::move(dashes).error();
        error.where = fmt::format("{}:{}", at.line, at.column);
        return error;
      }
      results = std::move(*dashes);
    } else {
      if (has_wildcard(work.pieces)) return bad(fmt::format("modifier '{}' does not take wildcards", name), at);
      const std::string text = plain_text(work.pieces);
      if (name == "base64") {
        results = {{text_piece(base64_encode(text))}};
      } else if (name == "base64offset") {
        for (std::string& part : base64_offsets(text)) results.push_back({text_piece(std::move(part))});
      } else {
        std::string bytes = utf16_bytes(text, name == "utf16be");
        if (name == "utf16") bytes.insert(0, "\xff\xfe");
        results = {{text_piece(std::move(bytes))}};
      }
    }
    for (std::vector<Piece>& pieces : results) {
      for (const Piece& piece : pieces) size += sizeof(Piece) + piece.text.size();
      if (size > kValueBytes * 2) return too_long(at);
      Work next;
      next.kind = Work::Kind::text;
      next.pieces = std::move(pieces);
      out.push_back(std::move(next));
    }
    if (out.size() > limits::kRuleExpansion) return too_many("modifiers expand", at);
  }
  works = std::move(out);
  return Ok{};
}

// "*x*" is contains, "x*" starts_with, "*x" ends_with; anything else with wildcards stays a pattern.
std::pair<Test, Literal> lower_text(const Work& work, const std::optional<Match>& match) {
  std::vector<Piece> pieces = work.pieces;
  if (match == Match::contains || match == Match::ends_with) pieces.insert(pieces.begin(), run_piece());
  if (match == Match::contains || match == Match::starts_with) pieces.push_back(run_piece());
  std::vector<Piece> merged;
  for (Piece& piece : pieces) {
    if (piece.kind == Piece::Kind::any_run && !merged.empty() && merged.back().kind == Piece::Kind::any_run) continue;
    if (piece.kind == Piece::Kind::text && piece.text.empty()) continue;
    merged.push_back(std::move(piece));
  }
  Literal literal;
  if (merged.empty()) return {Test::equals, literal};
  const auto run_at = [&](std::size_t i) { return merged[i].kind == Piece::Kind::any_run; };
  const auto text_at = [&](std::size_t i) { return merged[i].kind == Piece::Kind::text; };
  const std::size_t n = merged.size();
  if (n == 1 && text_at(0)) {
    literal.text = merged[0].text;
    literal.number = work.kind == Work::Kind::number;
    return {Test::equals, literal};
  }
  if (n == 2 && text_at(0) && run_at(1)) {
    literal.text = merged[0].text;
    return {Test::starts_with, literal};
  }
  if (n == 2 && run_at(0) && text_at(1)) {
    literal.text = merged[1].text;
    return {Test::ends_with, literal};
  }
  if (n == 3 && run_at(0) && text_at(1) && run_at(2)) {
    literal.text = merged[1].text;
    return {Test::contains, literal};
  }
  literal.pieces = std::move(merged);
  return {Test::wildcard, literal};
}

Result<std::pair<Test, Literal>> lower_one(const Work& work, const Modifiers& m, const Yaml& at,
                                           std::size_t& regex_bytes) {
  Literal literal;
  literal.text = work.raw;
  if (m.exists) {
    if (work.kind != Work::Kind::boolean) return bad("'exists' takes true or false", at);
    return std::pair{Test::exists, literal};
  }
  if (work.kind == Work::Kind::null) {
    if (m.match || m.regex || m.cidr || m.compare || m.fieldref || m.structure || m.part != ir::TimePart::whole)
      return bad("this modifier does not take null", at);
    literal.text.clear();
    return std::pair{Test::is_null, literal};
  }
  if (m.regex) {
    literal.regex_flags = m.regex_flags;
    const auto regex = ir::Regex::compile(literal.text, literal.regex_flags);
    if (!regex.ok()) return bad(regex.error().what, at);
    regex_bytes += regex->size();
    if (regex_bytes > kRegexBytesOfRule) {
      return Error{ErrorCode::limit, "the regular expressions of the rule are too large together",
                   fmt::format("{}:{}", at.line, at.column), "write fewer or simpler ones"};
    }
    return std::pair{Test::regex, literal};
  }
  if (m.cidr) {
    if (!parse_network(literal.text)) return bad(fmt::format("'{}' is no network", literal.text), at);
    return std::pair{Test::cidr, literal};
  }
  if (m.compare) {
    if (!parse_double(literal.text)) return bad(fmt::format("'{}' is no number", literal.text), at);
    return std::pair{*m.compare, literal};
  }
  if (m.part != ir::TimePart::whole) {
    if (work.kind != Work::Kind::number) return bad(fmt::format("'{}' is no number", literal.text), at);
    literal.number = true;
    return std::pair{Test::equals, literal};
  }
  if (m.structure) {
    if (!ir::known_structure(literal.text)) return bad(fmt::format("unknown structure '{}'", literal.text), at);
    return std::pair{Test::structure, literal};
  }
  if (m.fieldref) {
    if (literal.text.empty()) return bad("fieldref needs a field name", at);
    const Test test = !m.match                         ? Test::equals_field
                      : *m.match == Match::contains    ? Test::contains_field
                      : *m.match == Match::starts_with ? Test::starts_with_field
                                                       : Test::ends_with_field;
    return std::pair{test, literal};
  }
  return lower_text(work, m.match);
}

// Equal for equal literals of one atom.
std::string identity(std::size_t atom, const Literal& literal) {
  std::string out = fmt::format("{} {} {} {} ", atom, literal.number, literal.regex_flags, literal.pieces.size());
  for (const Piece& piece : literal.pieces)
    out += fmt::format("{} {} {}", static_cast<int>(piece.kind), piece.text.size(), piece.text);
  return out + literal.text;
}

}  // namespace

std::vector<Piece> parse_pattern(std::string_view text) {
  std::vector<Piece> out;
  std::string plain;
  const auto flush = [&] {
    if (!plain.empty()) out.push_back(text_piece(std::move(plain)));
    plain.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() && (text[i + 1] == '*' || text[i + 1] == '?' || text[i + 1] == '\\')) {
      plain += text[++i];
    } else if (c == '*' || c == '?') {
      flush();
      out.push_back({c == '*' ? Piece::Kind::any_run : Piece::Kind::any_one, {}});
    } else {
      plain += c;
    }
  }
  flush();
  return out;
}

bool has_wildcard(const std::vector<Piece>& pieces) {
  return std::any_of(pieces.begin(), pieces.end(), [](const Piece& p) { return p.kind != Piece::Kind::text; });
}

std::string plain_text(const std::vector<Piece>& pieces) {
  std::string out;
  for (const Piece& piece : pieces) out += piece.text;
  return out;
}

Result<std::vector<std::vector<Piece>>> windash(const std::vector<Piece>& pieces) {
  std::vector<std::vector<Piece>> out(1);
  std::size_t bytes = pieces.size() * sizeof(Piece);
  for (const Piece& piece : pieces) bytes += piece.text.size();
  for (const Piece& piece : pieces) {
    if (piece.kind != Piece::Kind::text) {
      for (auto& variant : out) variant.push_back(piece);
      continue;
    }
    std::vector<std::string> texts = {""};
    bool after_word = false;
    for (std::size_t i = 0; i < piece.text.size(); ++i) {
      const std::string_view rest = std::string_view(piece.text).substr(i);
      const std::size_t size = dash_at(rest);
      const bool starts_word =
          size > 0 && !after_word && size < rest.size() && is_word(rest[size]) && dash_at(rest.substr(size)) == 0;
      after_word = size == 0 && is_word(rest[0]);
      if (size > 0 && !starts_word) {
        for (std::string& text : texts) text += rest.substr(0, size);
        i += size - 1;
        continue;
      }
      if (!starts_word) {
        for (std::string& text : texts) text += rest[0];
        continue;
      }
      i += size - 1;
      std::vector<std::string> longer;
      const std::size_t now = texts.size() * kDashes.size() * out.size();
      if (now > limits::kRuleExpansion || now * bytes > kValueBytes * 2) {
        return Error{
            ErrorCode::limit,
            fmt::format("windash expands to more than {} values, or {} bytes", limits::kRuleExpansion, kValueBytes),
            {},
            "use fewer dashes in one value"};
      }
      for (const std::string& text : texts) {
        for (const std::string_view dash : kDashes) longer.push_back(text + std::string(dash));
      }
      texts = std::move(longer);
    }
    std::vector<std::vector<Piece>> longer;
    for (const auto& variant : out) {
      for (const std::string& text : texts) {
        longer.push_back(variant);
        longer.back().push_back(text_piece(text));
      }
    }
    out = std::move(longer);
  }
  return out;
}

std::string base64_encode(std::string_view bytes) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= n ? kAlphabet[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::vector<std::string> base64_offsets(std::string_view bytes) {
  std::vector<std::string> out;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string encoded = base64_encode(std::string(shift, ' ') + std::string(bytes));
    // Characters that hold bits of what stands before or after are left out.
    const std::size_t first = (shift * 8 + 5) / 6;
    const std::size_t last = (shift + bytes.size()) * 8 / 6;
    out.push_back(first < last ? encoded.substr(first, last - first) : std::string());
  }
  return out;
}

std::string utf16_bytes(std::string_view text, bool big_endian) {
  std::string out;
  const auto unit = [&](std::uint32_t u) {
    const char high = static_cast<char>(u >> 8 & 255);
    const char low = static_cast<char>(u & 255);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  };
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    std::uint32_t code = 0xfffd;
    if (n == 1) {
      code = static_cast<unsigned char>(text[0]);
    } else if (n > 1) {
      code = static_cast<unsigned char>(text[0]) & (0xffU >> (n + 1));
      for (std::size_t i = 1; i < n; ++i) code = code << 6 | (static_cast<unsigned char>(text[i]) & 63U);
    }
    text.remove_prefix(n == 0 ? 1 : n);
    if (code >= 0x10000) {
      unit(0xd800 + ((code - 0x10000) >> 10));
      unit(0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      unit(code);
    }
  }
  return out;
}

Result<LoweredItem> lower_item(std::string_view key, const Yaml& value, const Placeholders& placeholders,
                               const Yaml* written) {
  const std::string_view field = key.substr(0, key.find('|'));
  TRY(const Modifiers m, read_modifiers(key, written != nullptr ? *written : value));
  std::vector<const Yaml*> values;
  if (value.is_sequence()) {
    for (const Yaml& item : value.items) values.push_back(&item);
    if (values.empty()) return bad(fmt::format("'{}' has an empty list", key), value);
    if (values.size() > kValues) return too_many(fmt::format("'{}' comes", key), value);
  } else {
    values.push_back(&value);
  }
  if (m.all && values.size() == 1 &&
      std::none_of(m.changes.begin(), m.changes.end(), [](const std::string& c) { return c == "expand"; })) {
    return bad("'all' needs a list of two or more values", value, "drop 'all'");
  }
  if (field.empty() && (m.regex || m.cidr || m.exists || m.compare || m.structure || m.fieldref || m.negate ||
                        m.part != ir::TimePart::whole || (m.match && *m.match != Match::contains))) {
    return Error{ErrorCode::unsupported, fmt::format("keywords do not take the modifiers of '{}'", key),
                 fmt::format("{}:{}", value.line, value.column), "name the field"};
  }

  LoweredItem out;
  out.join_all = m.all;
  out.negate = m.negate;
  std::size_t total = 0, bytes = 0, wildcards = 0;
  std::set<std::string> seen;  // atom and literal: each is kept once
  for (const Yaml* one : values) {
    bytes += one->text.size();
    if (bytes > kValueBytes) return too_long(*one);
    wildcards += static_cast<std::size_t>(
        std::count_if(one->text.begin(), one->text.end(), [](char c) { return c == '*' || c == '?'; }));
    if (wildcards > kWildcards) {
      return Error{ErrorCode::limit, fmt::format("more than {} wildcards in the values of one field", kWildcards),
                   fmt::format("{}:{}", one->line, one->column), "use a regular expression"};
    }
    TRY(Work work, read_value(*one));
    std::vector<Work> works;
    works.push_back(std::move(work));
    for (const std::string& name : m.changes) TRY_VOID(change(works, name, placeholders, *one));
    total += works.size();
    if (total > kValues) return too_many(fmt::format("'{}' expands", key), *one);
    // A value that became several (windash, base64offset, expand) is met by any of them, also under `all`.
    const bool own_atom = m.all && works.size() > 1;
    std::size_t own_first = out.atoms.size();
    for (const Work& w : works) {
      Test test = Test::keyword;
      Literal literal;
      if (field.empty()) {
        if (w.kind == Work::Kind::null || w.pieces.empty()) return bad("an empty keyword would match everything", *one);
        literal.text = w.raw;
        literal.pieces = w.pieces;
      } else {
        auto lowered = lower_one(w, m, *one, out.regex_bytes);
        if (!lowered.ok()) return std::move(lowered).error();
        test = lowered->first;
        literal = std::move(lowered->second);
      }
      const std::size_t from = own_atom ? own_first : 0;
      const auto same = std::find_if(
          out.atoms.begin() + static_cast<std::ptrdiff_t>(from), out.atoms.end(),
          [&](const ir::Atom& a) { return a.test == test && a.all == (m.all && !own_atom) && test != Test::is_null; });
      if (!seen.insert(identity(static_cast<std::size_t>(same - out.atoms.begin()), literal)).second) continue;
      if (same != out.atoms.end()) {
        same->literals.push_back(std::move(literal));
        continue;
      }
      ir::Atom atom;
      atom.name = std::string(field);
      atom.part = m.part;
      atom.test = test;
      atom.all = m.all && !own_atom;
      atom.cased = m.cased;
      atom.literals.push_back(std::move(literal));
      out.atoms.push_back(std::move(atom));
    }
    if (own_atom && out.atoms.size() - own_first > 1) {
      return Error{ErrorCode::unsupported, fmt::format("'{}' mixes wildcards and dashes under 'all'", key)};
    }
  }
  return out;
}

}  // namespace assay::sigma
