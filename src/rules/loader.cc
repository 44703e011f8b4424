#include "rules/loader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <system_error>

#include "core/ascii.h"
#include "core/limits.h"
#include "core/yaml.h"
#include "rules/sigma/sigma.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRuleFileBytes = std::size_t{16} << 20;
constexpr std::size_t kDocumentsPerFile = 20'000;
constexpr std::size_t kRegexBytes = std::size_t{64} << 20;  // of all rules, compiled

enum class Language : std::uint8_t { none, sigma, yara };

Language language_of(const fs::path& path) {
  const std::string extension = lower(path.extension().string());
  if (extension == ".yml" || extension == ".yaml") return Language::sigma;
  if (extension == ".yar" || extension == ".yara") return Language::yara;
  return Language::none;
}

// For a file named on the command line with another extension.
Language language_by_content(std::string_view text) {
  if (text.find("\ndetection:") != std::string_view::npos || text.find("\ncorrelation:") != std::string_view::npos)
    return Language::sigma;
  if (text.find("condition:") != std::string_view::npos && text.find("rule ") != std::string_view::npos)
    return Language::yara;
  return Language::none;
}

Result<std::string> read_rule_file(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe is refused, not waited for
  struct stat about{};
  if (file < 0 || ::fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
    if (file >= 0) ::close(file);
    return Error{ErrorCode::io, "cannot be read", path.string()};
  }
  if (static_cast<std::size_t>(about.st_size) > kRuleFileBytes) {
    ::close(file);
    return Error{ErrorCode::limit, "larger than 16 MiB", path.string()};
  }
  std::string text(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t filled = 0;
  ssize_t got = 1;
  while (filled < text.size() && got != 0) {
    got = ::read(file, text.data() + filled, text.size() - filled);
    if (got > 0) filled += static_cast<std::size_t>(got);
    if (got < 0 && errno != EINTR) break;
  }
  ::close(file);
  if (got < 0) return Error{ErrorCode::io, "cannot be read", path.string()};
  text.resize(filled);  // less than there was: it was cut meanwhile
  return text;
}

void load_one(const fs::path& path, bool by_content, RuleSet& out) {
  Language language = language_of(path);
  if (language == Language::none && !by_content) return;
  auto text = read_rule_file(path);
  if (!text.ok()) {
    out.not_loaded.push_back({path.string(), "", text.error().what});
    return;
  }
  if (language == Language::none) language = language_by_content(*text);
  if (language == Language::sigma) {
    load_sigma(path.string(), *text, "", out);
  } else if (language == Language::yara) {
    load_yara(path.string(), *text, "", {}, out);
  } else {
    out.not_loaded.push_back({path.string(), "", "neither Sigma nor YARA"});
  }
}

void refuse(const std::string& path, const std::string& id, const Error& error, RuleSet& out) {
  NotLoaded n{path, id, error.text()};
  // Places are "line:column", or "file:line:column" of another file.
  const std::size_t colon = error.where.rfind(':');
  if (colon != std::string::npos && error.where.find(':') == colon) {
    n.line = static_cast<int>(parse_int(error.where.substr(0, colon)).value_or(0));
    n.column = static_cast<int>(parse_int(error.where.substr(colon + 1)).value_or(0));
  }
  n.what = error.what;
  n.remedy = error.remedy;
  out.not_loaded.push_back(std::move(n));
}

// Sigma before 2.0 could write several rules into one file: `action: global` gives parts to the rules that follow,
// `repeat` is the rule before with changes, `reset` forgets what was global. What a rule says itself goes before what
// is global.
class LegacyCollection {
 public:
  // Whether some document repeats the one before it.
  explicit LegacyCollection(const std::vector<Yaml>& documents) {
    for (const Yaml& document : documents) repeats_ = repeats_ || document["action"].text == "repeat";
  }
  // The whole rule; a missing node when the document only sets parts aside.
  Result<Yaml> take(Yaml document) {
    const std::string action = document["action"].text;
    if (action.empty()) {
      if (global_.exists()) {
        TRY(document, merge(global_, document));
      }
      if (repeats_) last_ = document;
      return document;
    }
    const Yaml place = document["action"];
    Yaml rest = std::move(document);
    std::erase_if(rest.members, [](const Yaml::Member& m) { return m.first.text == "action"; });
    if (action == "reset") {
      global_ = Yaml{};
      return Yaml{};
    }
    if (action == "global") {
      if (global_.exists()) {
        TRY(global_, merge(global_, rest));
      } else {
        global_ = std::move(rest);
      }
      return Yaml{};
    }
    if (action == "repeat") {
      if (!last_.exists()) {
        return Error{ErrorCode::bad_input, "'action: repeat' without a rule before it",
                     fmt::format("{}:{}", rest.line, rest.column)};
      }
      TRY(last_, merge(last_, rest));
      return last_;
    }
    return Error{ErrorCode::unsupported, fmt::format("unknown action '{}'", action),
                 fmt::format("{}:{}", place.line, place.column), "global, repeat or reset"};
  }

 private:
  // Maps are merged key by key; everything else of `over` replaces what `base` has.
  Result<Yaml> merge(const Yaml& base, const Yaml& over) {
    nodes_ += size_of(base);
    if (nodes_ > limits::kYamlNodes) {
      return Error{ErrorCode::limit, "the file's 'action' documents expand too far",
                   fmt::format("{}:{}", over.line, over.column), "write the rules in full"};
    }
    Yaml out = base;
    out.line = over.line;
    out.column = over.column;
    lay_over(out, over);
    return out;
  }
  static void lay_over(Yaml& base, const Yaml& over) {
    std::map<std::string, std::size_t> places;  // of the first member of a name
    for (std::size_t i = 0; i < base.members.size(); ++i) places.try_emplace(base.members[i].first.text, i);
    for (const auto& [key, value] : over.members) {
      const auto [at, fresh] = places.try_emplace(key.text, base.members.size());
      if (fresh) {
        base.members.push_back({key, value});
        continue;
      }
      Yaml& there = base.members[at->second].second;
      if (there.is_mapping() && value.is_mapping()) {
        lay_over(there, value);
      } else {
        there = value;
      }
    }
  }
  static std::size_t size_of(const Yaml& node) {
    std::size_t out = 1;
    for (const Yaml& item : node.items) out += size_of(item);
    for (const auto& [key, value] : node.members) out += 1 + size_of(value);
    return out;
  }

  Yaml global_, last_;
  bool repeats_ = false;
  std::size_t nodes_ = 0;
};

// The first rule of an id is kept.
void add_rule(ir::Detector detector, const std::string& path, const Yaml& document, RuleSet& out) {
  const auto [at, fresh] = out.place_of.try_emplace(detector.id, out.rules.size());
  if (fresh) {
    out.rules.push_back(std::move(detector));
    return;
  }
  const ir::Detector& other = out.rules[at->second];
  if (other.hash == detector.hash) return;  // the same rule a second time
  refuse(path, detector.id,
         Error{ErrorCode::bad_input, fmt::format("the id is taken by another rule ({})", other.origin),
               fmt::format("{}:{}", document.line, document.column), "give one of them an id of its own"},
         out);
}

void load_document(const std::string& name, Yaml written, std::string_view advisory, RuleSet& out) {
  const std::string origin = fmt::format("{}:{}", name, written.line);
  const std::string id = written["id"].text;
  for (const std::string_view part : {"detection", "filter"}) {
    if (const Status status = sigma::check_written(written[part]); !status.ok())
      return refuse(name, id, status.error(), out);
  }
  const Yaml* document = &written;
  sigma::Rewritten rewritten;
  std::map<std::string, std::vector<std::string>> placeholders;
  const std::map<std::string, std::vector<std::string>>* values = &out.placeholders;
  if (!out.pipelines.empty()) {
    auto result = sigma::rewrite(std::move(written), out.pipelines);
    if (!result.ok()) return refuse(name, id, result.error(), out);
    rewritten = std::move(*result);
    document = &rewritten.document;
    placeholders = out.placeholders;  // what the user gives goes before what a pipeline gives
    placeholders.merge(rewritten.placeholders);
    values = &placeholders;
  }
  if (sigma::is_filter(*document)) {
    auto filter = sigma::lower_filter(*document, origin, *values);
    if (!filter.ok()) return refuse(name, id, filter.error(), out);
    out.filters.push_back(std::move(*filter));
    return;
  }
  std::size_t regex_bytes = 0;
  auto detector = sigma::lower_document(*document, origin, advisory, *values, &regex_bytes);
  if (!detector.ok()) return refuse(name, id, detector.error(), out);
  if (out.regex_bytes + regex_bytes > kRegexBytes) {
    return refuse(name, id,
                  Error{ErrorCode::limit, "the regular expressions of all rules are too large together",
                        fmt::format("{}:{}", document->line, document->column), "use fewer rules at a time"},
                  out);
  }
  out.regex_bytes += regex_bytes;
  add_rule(std::move(*detector), name, *document, out);
}

}  // namespace

void load_sigma(std::string_view path, std::string_view text, std::string_view advisory, RuleSet& out) {
  const std::string name(path);
  auto documents = parse_yaml(text);
  if (!documents.ok()) return refuse(name, "", documents.error(), out);
  if (documents->size() > kDocumentsPerFile) {
    return refuse(
        name, "",
        Error{ErrorCode::limit, fmt::format("more than {} documents in one file", kDocumentsPerFile),
              fmt::format("{}:{}", (*documents)[kDocumentsPerFile].line, (*documents)[kDocumentsPerFile].column),
              "split the file"},
        out);
  }
  LegacyCollection legacy(*documents);
  for (Yaml& written : *documents) {
    if (written.is_scalar() && written.is_null()) continue;  // an empty document
    const std::string id = written["id"].text;
    auto merged = legacy.take(std::move(written));  // each is held once: a file may be large
    if (!merged.ok()) {
      refuse(name, id, merged.error(), out);
      continue;
    }
    if (!merged->exists()) continue;
    load_document(name, std::move(*merged), advisory, out);
  }
}

void load_yara(std::string_view path, std::string_view text, std::string_view advisory, const ir::Meaning& meaning,
               RuleSet& out) {
  out.yara.push_back({std::string(path), std::string(text), std::string(advisory), meaning});
}

Status load_rules_path(const std::string& path, RuleSet& out) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status)) return Error{ErrorCode::not_found, "no such file or folder", path};
  if (!fs::is_directory(status)) {
    load_one(path, true, out);
    return Ok{};
  }
  std::vector<fs::path> files;
  for (fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error), end;
       !error && it != end; it.increment(error)) {
    std::error_code ignored;
    // Cases of rules stand beside them (docs/verbs/rules.md).
    const std::string name = it->path().filename().string();
    if (name == "info.yml" || name.ends_with(".test.yml")) continue;
    if (it->is_regular_file(ignored)) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) load_one(file, false, out);
  return Ok{};
}

}  // namespace assay
