// A text inside a record that is a document of its own: JSON, or an event's data in XML. Exports put such texts into
// one field (EventData, AuditData, CloudTrailEvent). Its fields stand below the path of the text, "EventData.Image";
// the record that is cited stays the outer one. What stands inside such a text is not opened again.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/record.h"
#include "evidence/format.h"
#include "evidence/formats/json/scanner.h"
#include "evidence/messages.h"

namespace assay {

class OpenedText {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 20;  // bytes; a longer text stays closed
  enum class Answer : std::uint8_t {
    closed,    // it is neither JSON nor XML
    opened,    // its fields are there
    cut,       // opened; the text ends inside a value
    faulty,    // opened; values with faults (bad escapes, not UTF-8, keys that stand twice)
    too_long,  // longer than kMost
  };

  explicit OpenedText(std::string path) : path_(std::move(path)), xml_rule_(rule_of_xml(path_)) {}
  // `text` must live until the next call. `xml`: XML is opened too.
  [[nodiscard]] Answer open(std::string_view text, bool xml);
  void close() { kind_ = Kind::closed; }
  // Adds the fields that the projection names.
  void read(const Projection& projection, FieldTable& out);
  void all_fields(const FieldSink& sink);

 private:
  enum class Kind : std::uint8_t { closed, json, xml };
  static MessageRule rule_of_xml(const std::string& path);
  [[nodiscard]] std::string path_of(std::uint32_t node) const;

  std::string path_;
  Kind kind_ = Kind::closed;
  std::string_view text_;
  JsonScanner scanner_{{}};
  MessageRule xml_rule_;
  MessageFields xml_;
  // Slots by node, for each projection.
  static constexpr std::size_t kProjections = 64;
  std::map<std::uint64_t, std::vector<Slot>> slots_;
  std::uint64_t generation_ = 0;
};

}  // namespace assay
