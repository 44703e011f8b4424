// The record of a file itself (shape "file"): path, name, size, type, hashes, mode, time. Made for every item that is
// not a log, so that paths, names and hashes meet detectors like any other value. Also types content by its bytes.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/blob.h"
#include "evidence/format.h"

namespace assay {

// "elf", "pe", "macho", "script", "html", "xml", "text", "pdf", "zip", "image", "empty", "data" ...
[[nodiscard]] std::string_view blob_type(std::string_view head);

struct FileFacts {
  std::string path;  // path inside the tree or archive, '/' first: "/opt/.avamar/watchdogd"
  std::uint64_t size = 0;
  std::uint32_t mode = 0;  // 0 not known
  Time modified;
  std::string type, sha256, sha1, md5;
};

// A reader over one file's facts; begin() and next() are not used, read() and all_fields() are.
[[nodiscard]] std::unique_ptr<RecordReader> file_record(const FileFacts& facts, const SchemaSet& schemas);

}  // namespace assay
