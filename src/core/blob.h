// A Blob: bounded content with its place (attachment, archive member, file of a tree), for YARA, hashes and text scans.
#pragma once

#include <string>
#include <string_view>

#include "core/record.h"
#include "core/time.h"

namespace assay {

struct Blob {
  RecordRef ref;  // where its bytes stand: the item, and the span inside it (offset 0 and whole length for a file)
  std::string_view bytes;              // at most limits::kDocumentBytes
  bool whole = true;                   // false: the head only, the limit was met
  std::string_view name;               // file name as the container or message gives it, no directories
  std::string_view path;               // path inside the tree, with '/'; for an attachment its name
  std::string_view type;               // by content: "elf", "pe", "html", "text", "zip", "data" ...
  std::string_view sha256, sha1, md5;  // lower-case hexadecimal
  bool attachment = false;             // came by mail
  bool is_log = false;                 // its records were read one by one: they say what stands in it
};

}  // namespace assay
