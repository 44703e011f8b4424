// The words of a pattern: what the parser asks of the text in front of it. Places are bytes; errors name characters.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"
#include "rules/stix_pattern/pattern.h"

namespace assay::stix {

class Lexer {
 public:
  Lexer(std::string_view text, bool lenient, ParseReport& report) : text_(text), lenient_(lenient), report_(report) {}

  [[nodiscard]] bool lenient() const { return lenient_; }
  void forgive(std::string_view what);
  // An error at the next word, or at a place that was kept.
  [[nodiscard]] Error bad(std::string what, std::string remedy = {});
  [[nodiscard]] Error bad_at(std::size_t place, std::string what, std::string remedy = {});
  [[nodiscard]] Error too_much(std::string what, std::string remedy);

  // Over white space and comments, to the next word.
  [[nodiscard]] std::size_t place();
  [[nodiscard]] bool at_end() { return place() == text_.size(); }
  [[nodiscard]] bool starts(std::string_view text) { return text_.substr(place()).starts_with(text); }
  [[nodiscard]] bool take(std::string_view symbol);
  [[nodiscard]] bool peek_word(std::string_view word);
  [[nodiscard]] bool take_word(std::string_view word);
  // A name: of an object type, which may hold hyphens, or of a property, which may not. Keywords are none.
  [[nodiscard]] Result<std::string> name(bool type);
  // 'text', with \' and \\ in it.
  [[nodiscard]] Result<std::string> quoted();
  // The number as written, without '+'. Positive: no '-' either.
  [[nodiscard]] Result<std::string> number(bool whole);
  [[nodiscard]] Result<Literal> literal();

 private:
  void skip();
  [[nodiscard]] std::string shown() const;

  std::string_view text_;
  std::size_t at_ = 0;
  bool lenient_ = false;
  ParseReport& report_;
};

}  // namespace assay::stix
