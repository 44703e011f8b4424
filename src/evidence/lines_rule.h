// How a schema describes text lines (docs/adding-a-format.md): the key `lines` of formats `lines` and `blocks`.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evidence/messages.h"

namespace assay {

// Apart from LinesRule: clang makes no optional of a class inside the one that is still being defined.
struct PairsRule {
  PairStyle style = PairStyle::words;
  std::string in;              // the pattern's part that holds the pairs; empty: the line
  char separator = '\t';       // of style marked
  std::string separator_from;  // a part that names it (LEEF 2)
  std::string prefix;
  std::vector<std::string> required;  // a line without one of these is not of this shape
};

struct LinesRule {
  std::vector<LinePattern> patterns;  // a line must fit one; none: any line does
  std::optional<PairsRule> pairs;
  char delimiter = '\0';            // delimited: fields in this order
  std::vector<std::string> fields;  // "" or "-": passed over
  std::string comment;              // lines that begin so are passed over
  std::vector<LinePattern> skip;    // and those that fit one of these
  std::vector<std::string> needs;   // parts that one line of the head must have
  std::vector<std::string> labels;  // parts written as counted labels, "(3)www(7)example(3)net(0)"
  std::vector<std::string> names;   // of files, '*' for any text: its lines look like any text, and no other is of it
  std::string untimed;              // its records have no time: what that means, for the notice
  std::string otherwise;            // a line that does not fit is a record of this part alone; empty: it is damaged
  // blocks: a record begins at a line that fits and holds all lines up to the next such.
  std::unique_ptr<LinePattern> first;
  std::unique_ptr<LinePattern> last;  // or ends with a line that fits

  // The fields of one line, in the line's order. False: not of this shape.
  struct Store {
    Pairs pairs;
    std::deque<std::string> names;
    LinePattern::Sink parts;
  };
  // Whether a file of this name may be of the shape, as far as names say.
  [[nodiscard]] bool may_be_named(std::string_view file_name) const;
  [[nodiscard]] bool passes_over(std::string_view line, Store& store) const;
  [[nodiscard]] bool read(std::string_view line, LinePattern::Sink& out, Store& store) const;

 private:
  [[nodiscard]] bool read_plain(std::string_view line, LinePattern::Sink& out, Store& store) const;
};

}  // namespace assay
