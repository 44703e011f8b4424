// The structure of a message (RFC 5322, RFC 2045-2049): headers, parts, messages inside it. One pass over the bytes
// with a stack of open boundaries, linear in the message, no recursion; every part knows the exact span of its encoded
// content.
//
// Read as mail programs do: a line that is no field ends a header; a boundary of any open multipart ends what is inside
// it; a part without a header is text; a multipart without a boundary parameter, or nested deeper than the limit, is
// one part of plain bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/notice.h"

namespace assay::mail {

struct HeaderField {
  std::string name;      // lower case
  std::string_view raw;  // the value, folded, without its last line end
  std::size_t offset = 0;
};

struct Part {
  std::string type;  // "text/html", lower case; "text/plain" when none is given
  std::string charset;
  std::string file_name;  // as given, decoded, with whatever directories; empty when none
  std::string encoding;   // of the content, lower case
  std::string content_id;
  std::string smime_type;  // of application/pkcs7-mime, lower case
  bool disposition_attachment = false;
  std::size_t begin = 0, end = 0;  // encoded content in the bytes given
  std::size_t message = 0;         // index of the message it belongs to
};

struct Message {
  std::size_t depth = 0;  // 0: the message itself; more: inside another
  std::vector<HeaderField> header;
  // The first field of that name; empty view with nullptr data when there is none.
  [[nodiscard]] const HeaderField* find(std::string_view name) const;
};

struct Mime {
  std::vector<Message> messages;  // the first is the outermost; never empty after parsing
  std::vector<Part> parts;        // leaves, in order
};

// Views in the result point into `bytes`; offsets of notices count from its start. `depth` is how deep this message
// already stands (an attached message that was itself encoded).
[[nodiscard]] Mime parse_mime(std::string_view bytes, std::size_t depth, Notices& notices);

}  // namespace assay::mail
