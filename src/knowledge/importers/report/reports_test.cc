// The quality of extraction on the reports of tests/reports (written for this purpose by somebody who did not write the
// extractor): each NAME.txt, .md, .html or .pdf has NAME.truth.csv with kind, value, role, note. Optional values (the
// host of a listed URL ...) count neither way. The figures are printed and held.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include "core/ascii.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/import.h"
#include "knowledge/importers/report/pdf.h"
#include "knowledge/test_support.h"
#include "text/addresses.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

// What is reached today; a change that falls below is a step back.
constexpr double kPrecision = 0.987;
constexpr double kRecall = 0.976;
constexpr std::size_t kReports = 498;
constexpr std::size_t kReferences = 1;  // that may be counted as indicators

using Key = std::pair<std::string, std::string>;

std::vector<std::string> csv_row(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      out.back() += '"';
      ++i;
    } else if (line[i] == '"') {
      quoted = !quoted;
    } else if (line[i] == ',' && !quoted) {
      out.emplace_back();
    } else if (line[i] != '\r') {
      out.back() += line[i];
    }
  }
  return out;
}

std::string normal(const std::string& kind, std::string value) {
  if (kind == "url") {  // scheme aside, the host in lower case
    if (const std::size_t scheme = value.find("://"); scheme != value.npos) value = value.substr(scheme + 3);
    const std::size_t slash = std::min(value.find('/'), value.size());
    return lower(value.substr(0, slash)) + value.substr(slash);
  }
  if (kind == "mutex") return value;
  if (kind == "ipv6") {
    std::string canonical = canonical_address(value);
    return canonical.empty() ? lower(value) : canonical;
  }
  value = lower(value);
  if (kind == "registry_key" && value.starts_with("hkey_local_machine")) return "hklm" + value.substr(18);
  if (kind == "registry_key" && value.starts_with("hkey_current_user")) return "hkcu" + value.substr(17);
  return value;
}

struct Truth {
  std::string role;
  bool optional = false;
};

std::map<Key, Truth> truth_of(const std::string& path) {
  static const std::map<std::string, std::string> kNames = {
      {"filename", "file"}, {"filepath", "file"}, {"regkey", "registry_key"}, {"email", "mail_address"}};
  std::map<Key, Truth> out;
  bool head = true;
  const std::string text = read_file(path);
  for (const std::string_view line : split(text, '\n')) {
    const auto cells = csv_row(line);
    if (head || cells.size() < 3) {
      head = false;
      continue;
    }
    const auto renamed = kNames.find(cells[0]);
    const std::string kind = renamed == kNames.end() ? cells[0] : renamed->second;
    const bool optional = cells[2] == "optional" || (cells.size() > 3 && cells[3].starts_with("optional"));
    out[{kind, normal(kind, cells[1])}] = {cells[2], optional};
  }
  return out;
}

// "[domain-name:value = 'x']" -> {domain, x}; kinds that the truth does not speak of give "".
Key key_of(const std::string& pattern) {
  static const std::vector<std::pair<std::string, std::string>> kForms = {
      {"[ipv4-addr:value = '", "ipv4"},
      {"[ipv6-addr:value = '", "ipv6"},
      {"[ipv4-addr:value ISSUBSET '", "cidr"},
      {"[ipv6-addr:value ISSUBSET '", "cidr"},
      {"[domain-name:value = '", "domain"},
      {"[url:value = '", "url"},
      {"[email-addr:value = '", "mail_address"},
      {"[file:hashes.MD5 = '", "md5"},
      {"[file:hashes.'SHA-1' = '", "sha1"},
      {"[file:hashes.'SHA-256' = '", "sha256"},
      {"[file:hashes.'SHA-512' = '", "sha512"},
      {"[file:name = '", "file"},
      {"[windows-registry-key:key = '", "registry_key"},
      {"[mutex:name = '", "mutex"},
      {"[x509-certificate:hashes.'SHA-1' = '", "sha1"},
      {"[file:extensions.'windows-pebinary-ext'.imphash = '", "md5"},
      {"[network-traffic:x_ja3 = '", "md5"}};
  for (const auto& [form, kind] : kForms) {
    if (!pattern.starts_with(form)) continue;
    std::string value;
    for (std::size_t i = form.size(); i + 2 < pattern.size(); ++i) {
      if (pattern[i] == '\\') ++i;
      value += pattern[i];
    }
    return {kind, normal(kind, value)};
  }
  return {};
}

TEST(Reports, Extraction) {
  // ASSAY_REPORTS=FOLDER: other reports are scored, against no floor; what is wrong or missed is shown.
  const char* const elsewhere = std::getenv("ASSAY_REPORTS");
  const std::string folder = elsewhere != nullptr ? elsewhere : ASSAY_SOURCE_DIR "/tests/reports";
  ASSERT_TRUE(fs::is_directory(folder));
  bool cut = false;
  const bool pdf = pdf_to_text("%PDF-1.4\n", false, cut).ok() || fs::exists("/usr/bin/pdftotext");
  ImportOptions options;
  options.names = built_in_names();
  std::size_t reports = 0, right = 0, wrong = 0, missed = 0, references = 0;
  std::set<std::string> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.insert(entry.path().string());
  for (const std::string& path : paths) {
    const std::string truth_path = fs::path(path).replace_extension(".truth.csv").string();
    if (path.ends_with(".csv") || !paths.contains(truth_path)) continue;
    if (path.ends_with(".pdf") && !pdf) continue;
    SCOPED_TRACE(path);
    ++reports;
    const auto truth = truth_of(truth_path);
    const std::size_t right_before = right, wrong_before = wrong, missed_before = missed;
    std::map<Key, std::string> got;
    const auto made = import_advisory(fs::path(path).filename().string(), read_file(path), options);
    if (made.ok()) {
      const auto bundle = parse_json(made->bundle);
      ASSERT_TRUE(bundle.ok());
      for (const Json& object : (*bundle)["objects"].items()) {
        if (object["type"].as_string() != "indicator" || object["pattern_type"].as_string() != "stix") continue;
        const Key key = key_of(object["pattern"].as_string());
        if (!key.first.empty()) got.emplace(key, object["pattern"].as_string());
      }
    }
    for (const auto& [key, pattern] : got) {
      const auto at = truth.find(key);
      if (at != truth.end() && at->second.optional) continue;
      const bool hash_of_other =
          at == truth.end() && (pattern.find("imphash") != pattern.npos || pattern.find("x_ja3") != pattern.npos ||
                                pattern.find("x509") != pattern.npos);
      if (hash_of_other) continue;
      if (at != truth.end() && at->second.role == "attacker") {
        ++right;
      } else {
        ++wrong;
        if (elsewhere != nullptr)
          std::printf("  wrong, %s: %s %s\n", at == truth.end() ? "unlisted" : at->second.role.c_str(),
                      key.first.c_str(), key.second.c_str());
        references += at != truth.end() && at->second.role == "reference";
      }
    }
    for (const auto& [key, is] : truth) {
      const bool named =
          key.first == "malware" || key.first == "actor" || key.first == "technique" || key.first == "cve";
      if (is.optional || named || is.role != "attacker" || got.contains(key)) continue;
      ++missed;
      if (elsewhere != nullptr) std::printf("  missed: %s %s\n", key.first.c_str(), key.second.c_str());
    }
    if (elsewhere != nullptr) {
      std::printf("%s: %zu right, %zu wrong, %zu missed%s\n", fs::path(path).filename().c_str(), right - right_before,
                  wrong - wrong_before, missed - missed_before, made.ok() ? "" : ", not read");
    }
  }
  if (!pdf) std::printf("pdftotext is not installed: the PDFs are left out\n");
  const double precision = static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(right + wrong, 1));
  const double recall = static_cast<double>(right) / static_cast<double>(std::max<std::size_t>(right + missed, 1));
  std::printf(
      "report extraction: %zu reports, %zu right, %zu wrong (%zu of them references), %zu missed: precision %.4f, "
      "recall %.4f\n",
      reports, right, wrong, references, missed, precision, recall);
  if (elsewhere != nullptr) return;
  EXPECT_GE(reports, kReports);
  EXPECT_GE(precision, kPrecision);
  EXPECT_GE(recall, kRecall);
  EXPECT_LE(references, kReferences);
}

}  // namespace
}  // namespace assay
