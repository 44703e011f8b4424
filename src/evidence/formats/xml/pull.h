// The parts of one element (XML 1.0), one after another: start tags with their attributes, text, end tags. No document
// type, no entities but the five and numbers. Bytes that do not follow the rules end the reading; what came before
// holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

class XmlPull {
 public:
  enum class Part : std::uint8_t { start, text, end, done, damaged };
  struct Attribute {
    std::string_view name;
    std::string_view value;  // as written: see xml_text()
  };

  explicit XmlPull(std::string_view bytes) : rest_(bytes) {}
  [[nodiscard]] Part next();
  [[nodiscard]] std::string_view name() const { return name_; }                           // start, end
  [[nodiscard]] const std::vector<Attribute>& attributes() const { return attributes_; }  // start
  [[nodiscard]] std::string_view text() const { return text_; }                           // text, as written
  [[nodiscard]] bool literal() const { return literal_; }                                 // text of a CDATA section

 private:
  Part tag();
  std::string_view rest_, name_, text_;
  std::vector<Attribute> attributes_;
  bool literal_ = false;
  bool close_ = false;  // an element that closes itself: its end comes next
};

// Appends text with its references undone and what is not UTF-8 replaced. False: a reference that is none; it stays as
// it is written. `bad_utf8` is set where bytes had to be replaced.
bool xml_text(std::string_view written, std::string& out, bool& bad_utf8);

}  // namespace assay
