#include "rules/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "core/ascii.h"
#include "core/yaml.h"
#include "rules/sigma/sigma.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRuleFileBytes = std::size_t{16} << 20;

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
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return Error{ErrorCode::io, "cannot be read", path.string()};
  if (size > kRuleFileBytes) return Error{ErrorCode::limit, "larger than 16 MiB", path.string()};
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorCode::io, "cannot be read", path.string()};
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
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

// The first rule of an id is kept.
void add_rule(ir::Detector detector, const std::string& path, RuleSet& out) {
  for (const ir::Detector& other : out.rules) {
    if (other.id != detector.id) continue;
    if (other.hash != detector.hash) {
      out.not_loaded.push_back({path, detector.id, fmt::format("the id is taken by another rule ({})", other.origin)});
    }
    return;  // the same rule a second time
  }
  out.rules.push_back(std::move(detector));
}

}  // namespace

void load_sigma(std::string_view path, std::string_view text, std::string_view advisory, RuleSet& out) {
  const std::string name(path);
  auto documents = parse_yaml(text);
  if (!documents.ok()) {
    out.not_loaded.push_back({name, "", documents.error().text()});
    return;
  }
  for (const Yaml& document : *documents) {
    if (document.is_scalar() && document.is_null()) continue;  // an empty document
    auto detector =
        sigma::lower_document(document, fmt::format("{}:{}", path, document.line), advisory, out.placeholders);
    if (detector.ok()) {
      add_rule(std::move(*detector), name, out);
    } else {
      out.not_loaded.push_back({name, document["id"].text, detector.error().text()});
    }
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
    if (it->is_regular_file(ignored)) files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) load_one(file, false, out);
  return Ok{};
}

}  // namespace assay
