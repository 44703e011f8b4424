// Tokens and defanged forms of any text: every token is a piece of it, in bounds, and refanging is stable.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

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
  for (const ir::Structure& structure : ir::structures()) (void)structure.holds(text);
  (void)holds_rule_text(text);
  return 0;
}
