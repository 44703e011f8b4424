// Warnings in other forms than STIX 2.1, each read by its own room below this folder and written as a STIX 2.1 bundle.
// Importing the same bytes with the same options twice gives the same bundle, byte for byte.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"
#include "knowledge/advisory.h"
#include "text/extract/extract.h"

namespace assay {

struct ImportOptions {
  std::string kind;       // name of an importer; "": told by content
  std::string publisher;  // "": as the document says, else the file's name
  Time published;         // unknown: as the document says
  std::optional<Tlp> tlp;
  std::vector<KnownName> names;  // actors, malware and tools that prose is searched for
};

struct Imported {
  std::string kind;    // which importer read it
  std::string bundle;  // STIX 2.1, one object a line
  std::map<std::string, std::size_t>
      counts;                         // "indicator domain" -> n, "candidate reference" -> n, "skipped comment" ...
  std::vector<std::string> problems;  // what was not taken over and why; at most kImportProblems and one more
};

inline constexpr std::size_t kImportBytes = std::size_t{256} << 20;
inline constexpr std::size_t kImportProblems = 1000;

class Build;

// One importer: what it is called, how sure it is that a file is its own (0 to 100), and the reading.
struct Importer {
  std::string_view name, what;
  int (*recognise)(std::string_view file_name, std::string_view bytes);
  Status (*read)(std::string_view file_name, std::string_view bytes, const ImportOptions& options, Build& out);
};
[[nodiscard]] const std::vector<Importer>& importers();  // the one list

// Errors: unsupported (no importer knows it, STIX 1, STIX 2.1 that needs none), bad_input, limit.
[[nodiscard]] Result<Imported> import_advisory(std::string_view file_name, std::string_view bytes,
                                               const ImportOptions& options);

// Actors, malware, tools and techniques of the shipped list (content/attack).
[[nodiscard]] std::vector<KnownName> built_in_names();

}  // namespace assay
