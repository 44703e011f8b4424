#include "evidence/formats/mail/header.h"

#include <algorithm>
#include <map>

#include "core/ascii.h"
#include "evidence/formats/mail/transfer.h"
#include "text/charset.h"

namespace assay::mail {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

std::string plain(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (is_control(c)) c = ' ';
  }
  return out;
}

struct Word {
  std::string charset;
  std::string bytes;
  std::size_t size = 0;  // of its text
};

// An encoded word at the start of text, "=?charset?B?....?=" (RFC 2047 2); a language after '*' is dropped (RFC 2231
// 5).
std::optional<Word> encoded_word(std::string_view text) {
  if (!text.starts_with("=?")) return std::nullopt;
  const std::size_t charset_end = text.find('?', 2);
  if (charset_end == std::string_view::npos || charset_end > 64 || charset_end + 2 >= text.size() ||
      text[charset_end + 2] != '?')
    return std::nullopt;
  const char kind = to_lower(text[charset_end + 1]);
  if (kind != 'b' && kind != 'q') return std::nullopt;
  const std::size_t begin = charset_end + 3;
  const std::size_t end = text.find("?=", begin);
  if (end == std::string_view::npos) return std::nullopt;
  Word out;
  std::string_view charset = text.substr(2, charset_end - 2);
  out.charset = std::string(charset.substr(0, charset.find('*')));
  const std::string_view body = text.substr(begin, end - begin);
  if (kind == 'b') {
    out.bytes = decode_transfer(body, "base64");
  } else {
    std::string spaced(body);
    std::replace(spaced.begin(), spaced.end(), '_', ' ');
    out.bytes = decode_quoted_word(spaced);
  }
  out.size = end + 2;
  return out;
}

std::string decode_words(std::string_view text) {
  std::string out;
  std::string run, run_charset;  // bytes of neighbouring words of one charset: a character may be cut between them
  const auto flush = [&] {
    if (!run.empty()) out += to_utf8(run, run_charset);
    run.clear();
  };
  std::size_t at = 0;
  bool after_word = false;
  std::size_t tried_until = 0;  // a "=?" without end is looked for once
  while (at < text.size()) {
    const std::size_t mark = text.find("=?", at);
    if (mark == std::string_view::npos) break;
    std::optional<Word> word;
    if (mark >= tried_until) {
      word = encoded_word(text.substr(mark));
      if (!word && text.find("?=", mark + 2) == std::string_view::npos) tried_until = text.size();
    }
    const std::string_view between = text.substr(at, mark - at);
    const bool blank = std::all_of(between.begin(), between.end(), is_space);
    if (!word) {
      flush();
      out += to_utf8(text.substr(at, mark + 2 - at), "");
      at = mark + 2;
      after_word = false;
      continue;
    }
    if (!(blank && after_word)) {
      flush();
      out += to_utf8(between, "");
    }
    if (!equals_icase(word->charset, run_charset)) flush();
    run_charset = word->charset;
    run += word->bytes;
    at = mark + word->size;
    after_word = true;
  }
  flush();
  out += to_utf8(text.substr(at), "");
  return plain(out);
}

// Drops nested comments; quoted strings stay.
std::string without_comments(std::string_view text) {
  std::string out;
  std::size_t depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      if (depth == 0) out += text.substr(i, 2);
      ++i;
    } else if (depth == 0 && c == '"') {
      quoted = !quoted;
      out += c;
    } else if (!quoted && c == '(') {
      ++depth;
    } else if (!quoted && c == ')' && depth != 0) {
      if (--depth == 0) out += ' ';
    } else if (depth == 0) {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string unfold(std::string_view raw) {
  raw = trim(raw.substr(0, kValueBytes));
  std::string out;
  out.reserve(raw.size());
  for (const char c : raw) {
    if (c != '\r' && c != '\n') out += c;
  }
  return out;
}

std::string decode_text(std::string_view raw) { return std::string(trim(decode_words(unfold(raw)))); }

std::string_view Mailbox::domain() const {
  const std::string_view text = address;
  const std::size_t at = text.rfind('@');
  return at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
}

std::vector<Mailbox> parse_mailboxes(std::string_view raw, bool& more) {
  const std::string text = unfold(raw);
  std::vector<Mailbox> out;
  std::string phrase, comment, angle;
  bool any_angle = false;
  const auto keep = [&](std::string name, std::string address) {
    if (out.size() >= kMailboxes) {
      more = true;
      return;
    }
    if (address.find('@') == std::string::npos && address.find("=?") != std::string::npos)
      address = decode_text(address);
    // Brackets that a broken quote hid.
    if (const std::size_t open = address.rfind('<'); open != std::string::npos) address.erase(0, open + 1);
    address.resize(std::min(address.find('>'), address.size()));
    if (address.empty() && name.empty()) return;
    out.push_back({std::move(name), plain(to_utf8(address, ""))});
  };
  const auto finish = [&] {
    const std::string words(trim(phrase));
    if (any_angle) {
      if (!angle.empty()) keep(words.empty() ? decode_text(comment) : decode_text(words), angle);
    } else if (!words.empty()) {
      std::string address;
      for (const char c : words) {
        if (!is_space(c)) address += c;
      }
      // Without brackets the whole is an address; when it has blanks and no '@', a mere name.
      if (words.find('@') != std::string::npos || address.size() == words.size()) {
        keep(decode_text(comment), address);
      } else {
        keep(decode_text(words), "");
      }
    }
    phrase.clear();
    comment.clear();
    angle.clear();
    any_angle = false;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      if (text.find('"', i + 1) == std::string::npos) continue;  // never closed: no quote
      std::string quoted;
      for (++i; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        quoted += text[i];
      }
      phrase += quoted;
    } else if (c == '(') {
      std::size_t depth = 1;
      for (++i; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
          ++i;
        } else if (text[i] == '(') {
          ++depth;
        } else if (text[i] == ')' && --depth == 0) {
          break;
        }
        if (comment.size() < kParameterBytes) comment += text[i];
      }
    } else if (c == '<') {
      if (any_angle) finish();
      any_angle = true;
      std::string inside;
      for (++i; i < text.size() && text[i] != '>'; ++i) {
        if (text[i] == '"') continue;
        if (!is_space(text[i])) inside += text[i];
      }
      // An old route, "@a,@b:user@host".
      if (inside.starts_with('@')) {
        if (const std::size_t colon = inside.find(':'); colon != std::string::npos) inside.erase(0, colon + 1);
      }
      angle = std::move(inside);
    } else if (c == ',' || c == ';') {
      finish();
    } else if (c == ':' && !any_angle) {
      phrase.clear();  // a group's name
      comment.clear();
    } else if (!any_angle || !is_space(c)) {
      if (any_angle) finish();
      phrase += c;
    }
  }
  finish();
  return out;
}

std::string_view Parameterised::get(std::string_view name) const {
  for (const auto& [key, text] : parameters) {
    if (key == name) return text;
  }
  return {};
}

Parameterised parse_parameterised(std::string_view raw) {
  const std::string text = unfold(raw);
  Parameterised out;
  std::size_t at = std::min(text.find(';'), text.size());
  out.value = lower(trim(without_comments(std::string_view(text).substr(0, at))));
  // Pieces by name and number: "name*1*" is piece 1 of name, extended.
  struct Piece {
    std::string text;
    bool extended = false;
  };
  std::map<std::string, std::map<std::size_t, Piece>> found;
  std::vector<std::string> order;
  std::size_t count = 0;
  while (at < text.size() && count < kParameters) {
    ++at;  // ';'
    while (at < text.size() && (is_blank(text[at]) || text[at] == ';')) ++at;
    const std::size_t name_begin = at;
    while (at < text.size() && text[at] != '=' && text[at] != ';') ++at;
    std::string name = lower(trim(std::string_view(text).substr(name_begin, at - name_begin)));
    if (at == text.size() || text[at] == ';') continue;
    ++at;  // '='
    while (at < text.size() && is_blank(text[at])) ++at;
    std::string value;
    if (at < text.size() && text[at] == '"') {
      for (++at; at < text.size() && text[at] != '"'; ++at) {
        // A backslash escapes quotes; in front of anything else some writers mean it (paths).
        if (text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == '"' || text[at + 1] == '\\')) ++at;
        value += text[at];
      }
      while (at < text.size() && text[at] != ';') ++at;
    } else {
      const std::size_t begin = at;
      while (at < text.size() && text[at] != ';') ++at;
      value = std::string(trim(std::string_view(text).substr(begin, at - begin)));
    }
    ++count;
    if (value.size() > kParameterBytes) value.resize(kParameterBytes);
    Piece piece;
    if (name.ends_with('*')) {
      piece.extended = true;
      name.pop_back();
    }
    std::size_t number = 0;
    if (const std::size_t star = name.rfind('*'); star != std::string::npos) {
      const auto parsed = parse_int(std::string_view(name).substr(star + 1));
      if (!parsed || *parsed < 0 || *parsed >= static_cast<std::int64_t>(kParameters)) continue;
      number = static_cast<std::size_t>(*parsed);
      name.resize(star);
    }
    piece.text = std::move(value);
    auto& pieces = found[name];
    if (pieces.empty()) order.push_back(name);
    // The plain form and the extended one of a name may both be there; the extended one is the better (RFC 6266 4.3).
    const auto [place, fresh] = pieces.try_emplace(number, piece);
    if (!fresh && piece.extended && !place->second.extended) place->second = piece;
  }
  for (const std::string& name : order) {
    std::string charset, bytes;
    bool extended = false, first = true;
    for (const auto& [number, piece] : found[name]) {
      std::string_view part = piece.text;
      if (piece.extended) {
        if (first) {
          const std::size_t one = part.find('\'');
          const std::size_t two = one == std::string_view::npos ? one : part.find('\'', one + 1);
          if (two != std::string_view::npos) {
            charset = std::string(part.substr(0, one));
            part.remove_prefix(two + 1);
          }
        }
        extended = true;
        bytes += percent_decode(part);
      } else {
        bytes += part;
      }
      first = false;
    }
    out.parameters.emplace_back(name, extended ? plain(to_utf8(bytes, charset)) : decode_text(bytes));
  }
  return out;
}

std::vector<std::string> parse_ids(std::string_view raw) {
  const std::string text = unfold(raw);
  std::vector<std::string> out;
  std::size_t at = 0;
  while (out.size() < kMailboxes) {
    const std::size_t open = text.find('<', at);
    if (open == std::string::npos) break;
    const std::size_t close = text.find('>', open);
    if (close == std::string::npos) break;
    out.push_back(plain(to_utf8(trim(std::string_view(text).substr(open + 1, close - open - 1)), "")));
    at = close + 1;
  }
  if (out.empty() && !text.empty()) out.push_back(plain(to_utf8(text, "")));
  return out;
}

std::vector<AuthResult> parse_auth_results(std::string_view raw) {
  const std::string text = without_comments(unfold(raw));
  std::vector<AuthResult> out;
  bool first = true;
  for (const std::string_view part : split(text, ';')) {
    if (first) {  // who says so
      first = false;
      continue;
    }
    const std::string_view statement = trim(part);
    const std::size_t equals = statement.find('=');
    if (equals == std::string_view::npos || out.size() >= kParameters) continue;
    const std::string_view rest = trim(statement.substr(equals + 1));
    std::string_view method = trim(statement.substr(0, equals));
    method = method.substr(0, method.find('/'));  // "dkim/1"
    std::size_t end = 0;
    while (end < rest.size() && (is_alnum(rest[end]) || rest[end] == '-')) ++end;
    out.push_back({lower(trim(method)), lower(rest.substr(0, end))});
  }
  return out;
}

}  // namespace assay::mail
