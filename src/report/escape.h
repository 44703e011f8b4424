// What may reach a terminal or a page. Text that came from evidence, rules or advisories is hostile; only two things
// enter an output as they are: literals of this source (Literal, checked at compile time) and text that went through a
// sink's escaper. Plain is text for a terminal; Html is markup. Neither can be made from a std::string without its
// escaper.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay::report {

// A string literal of this program.
class Literal {
 public:
  consteval Literal(const char* text) : text_(text) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] constexpr std::string_view view() const { return text_; }

 private:
  std::string_view text_;
};

inline constexpr std::size_t kShownBytes = 400;    // a value from evidence is cut here in human outputs
inline constexpr std::size_t kReasonBytes = 1200;  // a sentence of the assessment

// Must a code point be shown as an escape? Controls, bidirectional and zero-width marks, odd spaces, combining marks,
// private use and non-characters: whatever would hide, reorder or overprint its neighbours.
[[nodiscard]] bool needs_escape(char32_t c);
// Columns of a code point that needs no escape: 1 or 2.
[[nodiscard]] std::size_t columns_of(char32_t c);
// One step through UTF-8. An invalid byte comes alone, with valid = false and its value in `code`.
struct CodePoint {
  char32_t code = 0;
  std::size_t size = 0;
  bool valid = false;
};
[[nodiscard]] CodePoint next_code_point(std::string_view text);

// Hostile text as printable text: C0, C1, DEL and invalid bytes as \xNN, other dangerous code points as \u{202E}, a
// backslash before an x or u that would look like such an escape doubled. At most `cap` bytes of input; a cut is said:
// "..(+34 bytes)".
[[nodiscard]] std::string printable(std::string_view text, std::size_t cap = kShownBytes);

class Plain {
 public:
  Plain() = default;
  explicit Plain(Literal text) : text_(text.view()) {}
  Plain& operator+=(const Plain& more) {
    text_ += more.text_;
    return *this;
  }
  Plain& operator+=(Literal more) {
    text_ += more.view();
    return *this;
  }
  friend Plain operator+(Plain a, const Plain& b) { return a += b; }
  friend Plain operator+(Plain a, Literal b) { return a += b; }
  friend Plain operator+(Literal a, const Plain& b) { return Plain(a) += b; }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] std::size_t columns() const;
  [[nodiscard]] const std::string& text() const { return text_; }
  // The first columns, with ".." when something was cut off.
  [[nodiscard]] Plain cut(std::size_t columns) const;
  [[nodiscard]] Plain upper() const;  // ASCII letters
  [[nodiscard]] static Plain spaces(std::size_t n);
  // Lines of at most `columns`, broken at spaces, else anywhere. At least one line.
  [[nodiscard]] std::vector<Plain> wrap(std::size_t columns) const;
  // The same without regard to words: spaces stay.
  [[nodiscard]] std::vector<Plain> chop(std::size_t columns) const;
  friend Plain show(std::string_view text, std::size_t cap);

 private:
  std::string text_;
};

// The one way from hostile text to Plain.
[[nodiscard]] Plain show(std::string_view text, std::size_t cap = kShownBytes);

// Markup. text() is for element content and quoted attribute values alike: & < > " ' ` = are escaped, and the
// characters that `printable` escapes are shown as it shows them.
class Html {
 public:
  Html() = default;
  explicit Html(Literal markup) : text_(markup.view()) {}
  Html& raw(Literal markup) {
    text_ += markup.view();
    return *this;
  }
  Html& text(std::string_view hostile, std::size_t cap = kShownBytes);
  Html& number(std::int64_t value);
  Html& fixed(double value, int decimals);  // "12.5", for drawings
  Html& add(const Html& more) {
    text_ += more.text_;
    return *this;
  }
  [[nodiscard]] bool empty() const { return text_.empty(); }
  [[nodiscard]] const std::string& markup() const { return text_; }

 private:
  std::string text_;
};

// JSON text (already valid) made harmless for terminals and pages too: '<' and every code point above ASCII that
// needs_escape() become \uXXXX. Outside of strings JSON has none of them.
[[nodiscard]] std::string harden_json(std::string_view json);

}  // namespace assay::report
