// assay advisory import, add, remove: a warning in another form becomes a STIX file; a STIX file comes into force.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "cli/advisory_verbs.h"
#include "cli/store.h"
#include "core/ascii.h"
#include "core/hash.h"
#include "knowledge/attack_names.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/import.h"

namespace assay::cli {
namespace {

std::optional<ImportOptions> options_of(const AdvisoryArguments& args) {
  ImportOptions out;
  out.kind = args.kind;
  out.publisher = args.publisher;
  if (!args.published.empty()) {
    const auto at = parse_iso8601(args.published);
    if (!at) {
      complain("--published is a date such as 2020-07-16, not \"" + args.published + "\"");
      return std::nullopt;
    }
    out.published = *at;
  }
  if (!args.tlp.empty()) {
    out.tlp = tlp_from(args.tlp);
    if (!out.tlp) {
      complain("--tlp is clear, green, amber, amber+strict or red, not \"" + args.tlp + "\"");
      return std::nullopt;
    }
  }
  out.names = built_in_names();
  if (!args.attack.empty()) {
    const auto bytes = read_whole_file(args.attack);
    if (!bytes) {
      complain(Error{ErrorCode::not_found, "the ATT&CK bundle cannot be read", args.attack,
                     "name the file enterprise-attack.json"});
      return std::nullopt;
    }
    auto attack = read_attack(args.attack, *bytes);
    if (!attack.ok()) {
      complain(attack.error());
      return std::nullopt;
    }
    out.names = names_of(*attack);
  }
  return out;
}

std::string stem_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (const std::size_t dot = name.rfind('.'); dot != std::string::npos && dot != 0) name.resize(dot);
  return name;
}

void tell(const std::string& file, const Imported& made, const std::string& out) {
  fmt::print(stderr, "{}: read as {}\n", file, made.kind);
  for (const auto& [what, n] : made.counts) fmt::print(stderr, "  {:>6} {}\n", n, what);
  for (const std::string& problem : made.problems) fmt::print(stderr, "  {}\n", shown(problem));
  if (!out.empty())
    fmt::print(stderr, "  written to {}: read it, edit it, then use it with --advisory {} or assay advisory add {}\n",
               out, out, out);
}

}  // namespace

int import_advisories(const AdvisoryArguments& args) {
  if (args.what.size() < 2) {
    complain(
        "advisory import takes one or several files: lists, CSV, MISP, OpenIOC, YARA, Sigma, STIX 2.0, reports as "
        "text, Markdown, HTML or PDF");
    return 2;
  }
  const auto options = options_of(args);
  if (!options) return 2;
  if (args.what.size() > 2 && !args.out.empty()) {
    complain(
        "--out names one file; import several files without it: each is written beside the working directory as "
        "NAME.stix.json");
    return 2;
  }
  bool all = true;
  for (std::size_t i = 1; i < args.what.size(); ++i) {
    const std::string& file = args.what[i];
    const auto bytes = read_whole_file(file);
    if (!bytes) {
      complain(Error{ErrorCode::not_found, "the file cannot be read", file, "name a file"});
      all = false;
      continue;
    }
    const std::string base = file.substr(file.find_last_of('/') == std::string::npos ? 0 : file.find_last_of('/') + 1);
    const auto made = import_advisory(base, *bytes, *options);
    if (!made.ok()) {
      complain(made.error());
      all = false;
      continue;
    }
    std::string out = args.out;
    if (out.empty() && args.what.size() > 2) out = stem_of(file) + ".stix.json";
    if (out.empty()) {
      tell(file, *made, out);
      print(made->bundle);
      continue;
    }
    if (!can_be_written(out) || !write_file(out, made->bundle)) return 2;
    tell(file, *made, out);
  }
  return all ? 0 : 2;
}

int add_advisories(const AdvisoryArguments& args) {
  if (args.what.size() < 2 || (args.what.size() > 2 && !args.name.empty())) {
    complain("advisory add takes STIX files; --name NAME with one of them");
    return 2;
  }
  const std::string folder = store_folder(args.store);
  if (!make_store(folder)) return 2;
  for (std::size_t i = 1; i < args.what.size(); ++i) {
    const std::string& file = args.what[i];
    const auto bytes = read_whole_file(file);
    if (!bytes) {
      complain(Error{ErrorCode::not_found, "the file cannot be read", file, "name a STIX 2.1 file"});
      return 2;
    }
    const auto advisory = read_stix(file, *bytes);
    if (!advisory.ok()) {
      complain(advisory.error());
      complain("other forms: assay advisory import " + file + " --out FILE.json first, and read what it wrote");
      return 2;
    }
    std::string name = args.name.empty() ? stem_of(stem_of(file)) : args.name;
    if (args.name.empty()) {
      std::replace_if(
          name.begin(), name.end(), [](char c) { return !is_alnum(c) && c != '-' && c != '_' && c != '.'; }, '-');
    }
    const auto built_in = built_in_advisories();
    if (!is_stored_name(name)) return 2;
    if (std::find(built_in.begin(), built_in.end(), name) != built_in.end()) {
      complain("\"" + name + "\" is built in; give another name with --name");
      return 2;
    }
    const std::string path = stored_path(folder, name);
    const bool there = read_whole_file(path).has_value();
    const std::string fresh = path + ".new";
    if (!write_file(fresh, *bytes)) return 2;
    if (std::rename(fresh.c_str(), path.c_str()) != 0) {
      complain(Error{ErrorCode::io, "cannot be written", path, "check the folder and free space"});
      return 2;
    }
    print(fmt::format(
        "{} {}: {}, {} indicators, {}, sha256 {}; not signed, so nothing says who wrote it but the file itself\n",
        there ? "replaced" : "in force:", name, advisory->name.empty() ? "(no name)" : shown(advisory->name),
        advisory->indicators.size(), name_of(advisory->tlp), advisory->hash));
  }
  return 0;
}

int remove_advisories(const AdvisoryArguments& args) {
  if (args.what.size() < 2) {
    complain("advisory remove takes the names of advisories that were added (assay advisory list)");
    return 2;
  }
  const std::string folder = store_folder(args.store);
  for (std::size_t i = 1; i < args.what.size(); ++i) {
    const std::string& name = args.what[i];
    const auto built_in = built_in_advisories();
    if (std::find(built_in.begin(), built_in.end(), name) != built_in.end()) {
      complain("\"" + name + "\" is built in and cannot be removed; name the ones to use with --advisory");
      return 2;
    }
    if (!is_stored_name(name)) return 2;
    if (folder.empty() || std::remove(stored_path(folder, name).c_str()) != 0) {
      complain(Error{ErrorCode::not_found, "there is no such advisory in the store", name,
                     "assay advisory list names them"});
      return 2;
    }
    print("removed " + name + "\n");
  }
  return 0;
}

}  // namespace assay::cli
