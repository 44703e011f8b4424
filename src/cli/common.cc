#include "cli/common.h"

#include <dirent.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "cli/store.h"
#include "content/content.h"
#include "core/ascii.h"
#include "core/hash.h"
#include "core/yaml.h"
#include "report/escape.h"
#include "report/return/return_report.h"
#include "rules/loader.h"
#include "rules/resolve.h"

namespace assay::cli {
namespace {

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

std::int64_t case_number(const std::string& name) {
  if (!name.starts_with("assay-") || !name.ends_with(".case")) return -1;
  return parse_int(std::string_view(name).substr(6, name.size() - 11)).value_or(-1);
}

std::vector<std::pair<std::int64_t, std::string>> cases_here() {
  std::vector<std::pair<std::int64_t, std::string>> out;
  if (DIR* const dir = ::opendir(".")) {
    while (const dirent* const entry = ::readdir(dir)) {
      const std::string name = entry->d_name;
      if (const std::int64_t n = case_number(name); n >= 0) out.emplace_back(n, name);
    }
    ::closedir(dir);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

const char* version() { return "0.1.0"; }

void complain(std::string_view text) { fmt::print(stderr, "assay: {}\n", text); }
void complain(const Error& error) { complain(error.text()); }

void complain_of_missing(const std::vector<std::string>& evidence) {
  struct stat info{};
  for (const std::string& path : evidence) {
    if (::lstat(path.c_str(), &info) != 0)
      complain(fmt::format("{}: {}; nothing of it is read", report::printable(path), std::strerror(errno)));
  }
}

ScratchFolder::ScratchFolder() {
  const char* const wanted = std::getenv("TMPDIR");
  const std::string parent = wanted != nullptr && *wanted != '\0' ? wanted : "/tmp";
  std::string name = parent + "/assay-XXXXXX";
  if (::mkdtemp(name.data()) != nullptr) {
    path_ = std::move(name);
  } else {
    complain(Error{ErrorCode::io, "no folder for temporary files can be made", parent, "name another one in TMPDIR"});
  }
}

ScratchFolder::~ScratchFolder() {
  std::error_code error;
  if (!path_.empty()) std::filesystem::remove_all(path_, error);
}

void print(std::string_view text) {
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (whole && std::fflush(stdout) == 0) return;
  // Half an answer is no answer: nobody may take the rest of it for the whole.
  complain("standard output cannot be written: free space there, or send it elsewhere");
  std::_Exit(2);
}

std::vector<std::string> built_in_advisories() {
  std::vector<std::string> out;
  for (const content::File& file : content::files()) {
    if (file.name.starts_with("advisories/") && file.name.ends_with("/bundle.json")) {
      out.emplace_back(file.name.substr(11, file.name.size() - 11 - 12));
    }
  }
  return out;
}

bool prepare_rules(const LoadOptions& options, RuleSet& rules) {
  for (const std::string& given : options.placeholders) {
    const std::size_t equals = given.find('=');
    if (equals != std::string::npos && equals > 0) {
      auto& values = rules.placeholders[given.substr(0, equals)];
      for (const std::string_view value : split(std::string_view(given).substr(equals + 1), ','))
        values.emplace_back(value);
      continue;
    }
    const auto text = read_file(given);
    if (!text) {
      complain(Error{ErrorCode::not_found, "neither NAME=VALUE,... nor a file of values", given,
                     "write --placeholder Servers=srv1,srv2, or name a YAML file such as: Servers: [srv1, srv2]"});
      return false;
    }
    const auto documents = parse_yaml(*text);
    if (!documents.ok() || documents->size() != 1 || !documents->front().is_mapping()) {
      complain(Error{ErrorCode::bad_input, documents.ok() ? "no map of names and values" : documents.error().text(),
                     given, "one line a placeholder, such as: Servers: [srv1, srv2]"});
      return false;
    }
    for (const auto& [name, values] : documents->front().members) {
      auto& list = rules.placeholders[name.text];
      for (std::string& value : values.strings()) list.push_back(std::move(value));
    }
  }
  for (const std::string& path : options.pipelines) {
    const auto text = read_file(path);
    if (!text) {
      complain(Error{ErrorCode::not_found, "the pipeline cannot be read", path, "name a YAML file"});
      return false;
    }
    auto pipeline = sigma::parse_pipeline(path, *text);
    if (!pipeline.ok()) {
      complain(pipeline.error());
      return false;
    }
    rules.pipelines.push_back(std::move(*pipeline));
  }
  sigma::sort_pipelines(rules.pipelines);
  return true;
}

std::optional<Profile> load_profile(const std::string& path, std::string& yaml) {
  const auto text = read_file(path);
  if (!text) {
    complain(
        Error{ErrorCode::not_found, "the profile cannot be read", path, "name a file; assay profile new writes one"});
    return std::nullopt;
  }
  auto profile = Profile::parse(path, *text);
  if (!profile.ok()) {
    complain(profile.error());
    return std::nullopt;
  }
  yaml = *text;
  return std::move(profile).value();
}

std::optional<std::shared_ptr<const Attack>> load_attack(const std::string& path) {
  if (path.empty()) return std::shared_ptr<const Attack>();
  const auto text = read_file(path);
  if (!text) {
    complain(Error{ErrorCode::not_found, "ATT&CK cannot be read", path,
                   "name the file enterprise-attack.json of ATT&CK's STIX data"});
    return std::nullopt;
  }
  auto attack = read_attack(path, *text);
  if (!attack.ok()) {
    complain(attack.error());
    return std::nullopt;
  }
  return std::make_shared<const Attack>(std::move(attack).value());
}

std::optional<Loaded> load(const LoadOptions& options) {
  Loaded out;
  auto schemas = SchemaSet::load(options.schemas);
  if (!schemas.ok()) {
    complain(schemas.error());
    return std::nullopt;
  }
  out.schemas = std::move(schemas).value();
  if (!options.profile.empty()) {
    auto profile = load_profile(options.profile, out.profile_yaml);
    if (!profile) return std::nullopt;
    out.profile = *std::move(profile);
  }
  const std::vector<std::string> built_in = built_in_advisories();
  std::string identity = version();
  std::map<std::string, std::string> bytes_of;               // bundle by advisory
  std::vector<std::pair<Advisory, std::string>> advisories;  // and its folder of content rules
  const std::string store = store_folder(options.store);
  const std::vector<std::string> stored = stored_advisories(store);
  std::vector<std::string> wanted = options.advisories;
  if (wanted.empty()) {
    wanted = built_in;
    wanted.insert(wanted.end(), stored.begin(), stored.end());
  }
  std::set<std::string> ids;
  for (const std::string& name : wanted) {
    const bool known = std::find(built_in.begin(), built_in.end(), name) != built_in.end();
    const bool in_store = !known && std::find(stored.begin(), stored.end(), name) != stored.end();
    std::string bytes;
    if (known) {
      bytes = content::find("advisories/" + name + "/bundle.json");
    } else if (auto text = read_file(in_store ? stored_path(store, name) : name)) {
      bytes = std::move(*text);
    } else {
      std::string names;
      for (const std::string& b : built_in) names += (names.empty() ? "" : ", ") + b;
      for (const std::string& b : stored) names += ", " + b;
      complain(Error{ErrorCode::not_found, "there is no such advisory", name,
                     "name a STIX 2.1 file or one in force: " + names});
      return std::nullopt;
    }
    auto advisory = read_stix(known ? "built in: " + name : in_store ? "store: " + name : name, bytes);
    if (!advisory.ok()) {
      complain(advisory.error());
      if (!known) complain("other forms of advisories: assay advisory import " + name + " --out FILE.json");
      return std::nullopt;
    }
    if (!ids.insert(advisory->id).second) {
      complain("the advisory " + advisory->id + " is in force or named twice; " + name + " is not used again");
      continue;
    }
    identity += "\x1f" + sha256_hex(bytes);
    bytes_of[advisory->id] = bytes;
    advisories.emplace_back(std::move(advisory).value(), known ? name : std::string());
  }
  std::sort(advisories.begin(), advisories.end(), [](const auto& a, const auto& b) { return a.first.id < b.first.id; });
  for (auto& [advisory, folder] : advisories) {
    lower_advisory(advisory, out.profile, out.rules);
    if (!folder.empty()) {
      const std::string prefix = "rules/" + folder + "/";
      for (const content::File& file : content::files()) {
        if (!file.name.starts_with(prefix)) continue;
        identity += "\x1f" + sha256_hex(file.bytes);
        if (file.name.ends_with(".yml")) load_sigma(file.name, file.bytes, advisory.id, out.rules);
        if (file.name.ends_with(".yar")) load_yara(file.name, file.bytes, advisory.id, {}, out.rules);
      }
    }
    out.bundles.push_back(std::move(bytes_of.at(advisory.id)));
    out.knowledge.advisories.push_back(std::move(advisory));
  }
  if (!prepare_rules(options, out.rules)) return std::nullopt;  // the built-in rules above need neither
  for (const std::string& path : options.rules) {
    const auto usable = [&] { return out.rules.rules.size() + out.rules.yara.size() + out.rules.filters.size(); };
    const std::size_t before = usable();
    if (const Status status = load_rules_path(path, out.rules); !status.ok()) {
      complain(status.error());
      return std::nullopt;
    }
    if (usable() == before) {
      complain(Error{ErrorCode::bad_input, "no rule of it could be used", path, "assay rules check names the reasons"});
      return std::nullopt;
    }
  }
  resolve_rules(out.rules);
  for (const ir::Filter& filter : out.rules.filters)
    identity += "\x1f" + sha256_hex(ir::to_text(filter) + filter.author);
  for (const ir::Detector& rule : out.rules.rules) identity += "\x1f" + rule.hash;
  for (const YaraSource& source : out.rules.yara) identity += "\x1f" + sha256_hex(source.text);
  identity += "\x1f" + sha256_hex(out.profile_yaml);
  for (const content::File& file : content::files()) {
    if (file.name.starts_with("schemas/")) identity += "\x1f" + sha256_hex(file.bytes);
  }
  out.detector_set = sha256_hex(identity);
  return out;
}

std::string next_case() {
  const auto cases = cases_here();
  return fmt::format("assay-{}.case", cases.empty() ? 1 : cases.back().first + 1);
}

std::string newest_case() {
  const auto cases = cases_here();
  return cases.empty() ? std::string() : cases.back().second;
}

std::unique_ptr<Case> open_case(const std::string& path, bool read_only) {
  const std::string name = path.empty() ? newest_case() : path;
  if (name.empty()) {
    complain("there is no case here; assay hunt EVIDENCE makes one, or name one with --case FILE");
    return nullptr;
  }
  auto file = Case::open(name, read_only);
  if (!file.ok()) {
    complain(file.error());
    return nullptr;
  }
  return std::move(file).value();
}

std::optional<CaseData> load_case(Case& file) {
  auto data = file.load();
  if (!data.ok()) {
    complain(data.error());
    return std::nullopt;
  }
  return std::move(data).value();
}

std::optional<Scale> scale_from(const std::string& name) {
  if (name.empty() || name == "phia") return Scale::phia;
  if (name == "icd203") return Scale::icd203;
  complain("--scale is phia or icd203, not \"" + name + "\"");
  return std::nullopt;
}

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

std::size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 60)
    return std::min<std::size_t>(size.ws_col, 100);
  return 80;
}

bool want_color(bool no_color) {
  const char* const off = std::getenv("NO_COLOR");
  return !no_color && (off == nullptr || *off == '\0') && stdout_is_terminal();
}

bool can_be_written(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  struct stat info{};
  const bool there = ::stat(path.c_str(), &info) == 0;
  if (there ? !S_ISDIR(info.st_mode) && ::access(path.c_str(), W_OK) == 0 : ::access(folder.c_str(), W_OK | X_OK) == 0)
    return true;
  complain(Error{ErrorCode::io, "cannot be written", path, "name a file in a folder that is there"});
  return false;
}

bool write_file(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  if (!out) complain(Error{ErrorCode::io, "cannot be written", path, "check the folder and free space"});
  return static_cast<bool>(out);
}

Time today() { return parse_iso8601(now_utc()).value_or(Time{}); }

std::string now_utc() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return format_utc(Time{std::int64_t{now.tv_sec} * kSecond});
}

bool write_return(const std::string& file, const CaseData& data, const Assessment& assessment,
                  const std::string& pseudonym) {
  return write_file(file, return_json(data, assessment, pseudonym)) &&
         write_file(file + ".txt", return_text(data, assessment, pseudonym));
}

bool is_format(const std::string& format) {
  for (const char* const known : {"", "text", "json", "jsonl", "html"}) {
    if (format == known) return true;
  }
  complain("--format is text, json, jsonl or html, not \"" + format + "\"");
  return false;
}

std::optional<std::string> render(const CaseData& data, const Assessment& assessment, const ReportOptions& options,
                                  std::string format) {
  if (format.empty()) format = stdout_is_terminal() ? "text" : "json";
  if (format == "text") return terminal_page(data, assessment, options);
  if (format == "json") return json_answer(data, assessment, options);
  if (format == "jsonl") return jsonl_sightings(data, options);
  if (format == "html") return html_report(data, assessment, options);
  (void)is_format(format);
  return std::nullopt;
}

}  // namespace assay::cli
