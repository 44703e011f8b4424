// Tokens and defanged forms of any text: every token is a piece of it, in bounds, and refanging is stable.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "match/line_filter.h"
#include "match/line_look.h"
#include "match/mention.h"
#include "rules/indicator/normalise.h"
#include "rules/ir/structures.h"
#include "text/defang.h"
#include "text/tokens.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  using namespace assay;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Refanged clean = refang(text);
  if (clean.changed.empty() && clean.text != text) std::abort();
  std::size_t before = 0;
  for (const auto& [begin, end] : clean.changed) {
    if (begin < before || end < begin || end > clean.text.size()) std::abort();
    before = end;
  }
  cut_tokens(clean.text, [&](const Token& token) {
    if (token.text.empty() || token.offset + token.text.size() > clean.text.size()) std::abort();
    if (std::string_view(clean.text).substr(token.offset, token.text.size()) != token.text) std::abort();
    (void)clean.touches(token.offset, token.offset + token.text.size());
    for (const Indicator::Kind kind :
         {Indicator::Kind::domain, Indicator::Kind::url, Indicator::Kind::sha256, Indicator::Kind::mail_address,
          Indicator::Kind::file_path, Indicator::Kind::cidr}) {
      const auto once = normalise(kind, token.text);
      if (once && normalise(kind, *once) != once) {  // the normal form is its own normal form
        std::fprintf(stderr, "%.*s as %.*s: %s\n", static_cast<int>(token.text.size()), token.text.data(),
                     static_cast<int>(name_of(kind).size()), name_of(kind).data(), once->c_str());
        std::abort();
      }
    }
  });
  // The marks say what the bytes say.
  TokenMarks marks;
  if (marks.read(text)) {
    std::vector<std::pair<TokenKind, std::string_view>> plain, marked;
    cut_tokens(text, [&](const Token& token) { plain.emplace_back(token.kind, token.text); });
    cut_tokens(marks, TokenKinds::all(), [&](const Token& token) { marked.emplace_back(token.kind, token.text); });
    if (plain != marked) std::abort();
    if ((may_hold_token(text) && !marks.may_hold_token()) || (may_be_defanged(text) && !marks.may_be_defanged()))
      std::abort();
  }
  // What a line's words tell: a text that holds a listed value as a token may hold something.
  static const IndicatorList kListed = [] {
    IndicatorList out;
    for (const auto& [kind, value] : {std::pair{Indicator::Kind::domain, "evil.com"},
                                      {Indicator::Kind::ipv4, "203.0.113.4"},
                                      {Indicator::Kind::url, "drop.net/a"},
                                      {Indicator::Kind::url, "198.51.100.9/x"},
                                      {Indicator::Kind::ipv6, "2001:db8::7"},
                                      {Indicator::Kind::file_name, "tool.exe"},
                                      {Indicator::Kind::md5, "d41d8cd98f00b204e9800998ecf8427e"}}) {
      Indicator one;
      one.kind = kind;
      one.value = value;
      out.push_back(one);
    }
    return out;
  }();
  static const IndicatorIndex kIndex(kListed);
  static const LineFilter kFilter(kListed, kIndex);
  // By itself and among the others.
  LineLook look(kFilter);
  look.expect(text);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::string_view line = text.substr(begin, text.find('\n', begin) - begin);
    begin += line.size() + 1;
    if (kFilter.may_hold(line) && look.may_hold(line)) continue;
    const Refanged whole = refang(line);
    std::string room;
    bool met = false;
    const auto sink = [&](IndicatorNumber) { met = true; };
    cut_tokens(whole.text, [&](const Token& token) {
      if (token.kind == TokenKind::domain) kIndex.domain(normalise_domain(token.text, room), sink);
      if (token.kind == TokenKind::url) kIndex.url(normalise_url(token.text, room), sink);
      if (token.kind == TokenKind::hash) kIndex.hash(normalise_hash(token.text), false, sink);
      if (token.kind == TokenKind::file_name) kIndex.file_name(normalise_file_name(token.text, room), sink);
      if (token.kind == TokenKind::address) {
        if (const auto address = parse_address(token.text)) kIndex.address(*address, sink);
      }
    });
    if (met) {
      std::fprintf(stderr, "not told: %.*s\n", static_cast<int>(line.size()), line.data());
      std::abort();
    }
  }
  for (const ir::Structure& structure : ir::structures()) (void)structure.holds(text);
  (void)holds_rule_text(text);
  return 0;
}
