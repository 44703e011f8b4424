#include "knowledge/importers/import.h"

#include <fmt/format.h>

#include <algorithm>

#include "content/content.h"
#include "core/ascii.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/rooms.h"
#include "text/charset.h"

namespace assay {
namespace {

bool looks_like_stix1(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 4096);
  return head.find("STIX_Package") != head.npos || head.find("http://stix.mitre.org/") != head.npos ||
         head.find("cybox_major_version") != head.npos;
}

bool looks_like_stix21(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  if (trim(head).empty() || trim(head).front() != '{') return false;
  const bool bundle = head.find("\"bundle\"") != head.npos && head.find("\"objects\"") != head.npos;
  return bundle && bytes.find("\"2.1\"") != bytes.npos;
}

}  // namespace

const std::vector<Importer>& importers() {
  static const std::vector<Importer> kImporters = {
      {"misp", "MISP events (JSON)", misp::recognise, misp::read},
      {"stix20", "STIX 2.0 bundles", stix20::recognise, stix20::read},
      {"openioc", "OpenIOC 1.0 and 1.1 (XML)", openioc::recognise, openioc::read},
      {"yara", "YARA rules", yara_file::recognise, yara_file::read},
      {"sigma", "Sigma rules", sigma_file::recognise, sigma_file::read},
      {"csv", "tables of indicators", csv_list::recognise, csv_list::read},
      {"list", "one indicator a line", plain_list::recognise, plain_list::read},
      {"pdf", "reports in PDF", pdf_report::recognise, pdf_report::read},
      {"html", "reports in HTML", html_report::recognise, html_report::read},
      {"markdown", "reports in Markdown", markdown_report::recognise, markdown_report::read},
      {"text", "reports in plain text", text_report::recognise, text_report::read},
  };
  return kImporters;
}

Result<Imported> import_advisory(std::string_view file_name, std::string_view bytes, const ImportOptions& options) {
  if (bytes.size() > kImportBytes) {
    return Error{ErrorCode::limit, fmt::format("larger than {} MiB", kImportBytes >> 20), std::string(file_name),
                 "split it"};
  }
  if (trim(bytes).empty())
    return Error{ErrorCode::bad_input, "the file is empty", std::string(file_name),
                 "name a file that lists indicators"};
  std::string converted;
  if (bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff")) {
    converted = to_utf8(bytes, "utf-16");
    bytes = converted;
  }
  if (bytes.starts_with("\xef\xbb\xbf")) bytes.remove_prefix(3);
  if (looks_like_stix1(bytes)) {
    return Error{ErrorCode::unsupported, "STIX 1 is not read", std::string(file_name),
                 "convert it: the OASIS program stix2-elevator writes STIX 2.1"};
  }
  const Importer* chosen = nullptr;
  if (!options.kind.empty()) {
    std::string names;
    for (const Importer& one : importers()) {
      if (one.name == options.kind) chosen = &one;
      names += (names.empty() ? "" : ", ") + std::string(one.name);
    }
    if (chosen == nullptr)
      return Error{ErrorCode::bad_usage, "there is no importer \"" + options.kind + "\"", "--kind", "one of " + names};
  } else {
    if (looks_like_stix21(bytes)) {
      return Error{ErrorCode::unsupported, "this is STIX 2.1 already and needs no import", std::string(file_name),
                   "use it with --advisory, or put it in force with advisory add"};
    }
    int best = 0;
    for (const Importer& one : importers()) {
      if (const int sure = one.recognise(file_name, bytes); sure > best) {
        best = sure;
        chosen = &one;
      }
    }
    if (chosen == nullptr) {
      return Error{ErrorCode::unsupported, "no importer knows this content", std::string(file_name),
                   "name one with --kind; docs/advisories.md lists them"};
    }
  }
  Build build(chosen->name, file_name, bytes, options);
  TRY_VOID(chosen->read(file_name, bytes, options, build));
  if (build.values() == 0) {
    return Error{ErrorCode::bad_input, fmt::format("nothing in it could be used (read as {})", chosen->what),
                 std::string(file_name), "name another importer with --kind"};
  }
  return build.finish();
}

std::vector<KnownName> built_in_names() {
  std::vector<KnownName> out;
  // content/attack/names.csv: kind,id,name,alias|alias
  for (const std::string_view line : split(content::find("attack/names.csv"), '\n')) {
    const auto cells = split(trim(line), ',');
    if (cells.size() < 4 || cells[0] == "kind") continue;
    KnownName name{std::string(cells[0]), std::string(cells[2]), std::string(cells[1]), {}};
    for (const std::string_view alias : split(cells[3], '|')) {
      if (!trim(alias).empty()) name.aliases.emplace_back(trim(alias));
    }
    out.push_back(std::move(name));
  }
  for (const std::string_view line : split(content::find("attack/techniques.csv"), '\n')) {
    const std::size_t comma = line.find(',');
    if (comma == line.npos || !line.starts_with('T')) continue;
    std::string_view name = trim(line.substr(comma + 1));
    // "Data Obfuscation: Junk Data": reports write the second part alone; names of one or two words are plain words.
    if (const std::size_t colon = name.find(": "); colon != name.npos) name = name.substr(colon + 2);
    if (std::count(name.begin(), name.end(), ' ') >= 2)
      out.push_back({"attack-pattern", std::string(name), std::string(line.substr(0, comma)), {}});
  }
  return out;
}

}  // namespace assay
