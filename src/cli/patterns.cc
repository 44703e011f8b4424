#include "cli/patterns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <set>

#include "cli/common.h"
#include "core/ascii.h"
#include "core/json.h"
#include "evidence/schema.h"
#include "report/escape.h"
#include "rules/ir/names.h"
#include "rules/stix_pattern/lower.h"
#include "rules/stix_pattern/names.h"
#include "rules/stix_pattern/pattern.h"

namespace assay::cli {
namespace {

constexpr std::size_t kLineBytes = (std::size_t{1} << 20) + 1;  // one more than a pattern may have
constexpr std::size_t kShownLine = 160;
constexpr std::size_t kNamed = 5;

struct Verdict {
  bool ok = false;
  std::string message, remedy;
  std::size_t column = 0;  // in characters
};

// What is worth saying of a pattern that is valid.
std::string remark(const stix::Observation& pattern, const SchemaSet& schemas) {
  ir::Detector rule;
  rule.kind = DetectorKind::stix_pattern;
  rule.id = "pattern";
  Status status = stix::lower_pattern(pattern, rule);
  if (status.ok()) status = ir::check(rule);
  if (!status.ok()) return "valid, but not evaluated: " + status.error().what;
  std::set<std::string> names = ir::names_of(rule.expr);
  if (rule.window) {
    for (const ir::Base& base : rule.window->bases) names.merge(ir::names_of(base.expr));
  }
  names.erase(std::string(ir::kEventTime));
  if (names.empty()) return "valid, but no record can meet it";
  // A path may stand under several names; one that is known is enough.
  const auto known = [&](const std::string& name) {
    return std::any_of(schemas.all().begin(), schemas.all().end(),
                       [&](const Schema& schema) { return schema.overlay.contains(name); });
  };
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    const std::vector<std::string> others = stix::also_known_as(name);
    if (!name.starts_with('@') && std::none_of(others.begin(), others.end(), known)) unknown.push_back(name);
  }
  if (unknown.empty()) return {};
  const std::size_t shown = std::min(unknown.size(), kNamed);
  std::string list =
      fmt::format("{}", fmt::join(unknown.begin(), unknown.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  if (shown < unknown.size()) list += " ...";
  return fmt::format("valid; no kind of evidence that is read here has {}", list);
}

Verdict check(std::string_view line, const SchemaSet& schemas) {
  Verdict out;
  stix::ParseReport report;
  const auto pattern = stix::parse_pattern(line, false, &report);
  if (!pattern.ok()) {
    out.message = pattern.error().what;
    out.remedy = pattern.error().remedy;
    out.column = std::max<std::size_t>(1, report.column);
    return out;
  }
  out.ok = true;
  out.message = remark(*pattern, schemas);
  return out;
}

std::string json_line(const Verdict& v, std::uint64_t line) {
  const std::string text = v.remedy.empty() ? v.message : fmt::format("{} ({})", v.message, v.remedy);
  return dump_json(Json::object({{"ok", v.ok},
                                 {"message", text.empty() ? Json() : Json(text)},
                                 {"line", line},
                                 {"column", v.ok ? Json() : Json(std::uint64_t{v.column})}})) +
         "\n";
}

// The byte at which a character stands.
std::size_t byte_of(std::string_view text, std::size_t column) {
  std::size_t at = 0;
  for (std::size_t i = 1; i < column && at < text.size(); ++i)
    at += std::max<std::size_t>(1, utf8_sequence(text.substr(at)));
  return at;
}

std::string text_lines(const Verdict& v, const std::string& path, std::uint64_t number, std::string_view line) {
  const auto shown = [](std::string_view text) { return report::printable(text, 4096); };
  if (v.ok)
    return v.message.empty() ? std::string() : fmt::format("{}:{}: {}\n", shown(path), number, shown(v.message));
  std::string out = fmt::format("{}:{}:{}: not valid: {}\n", shown(path), number, v.column, shown(v.message));
  const std::size_t place = byte_of(line, v.column);
  std::size_t from = place > kShownLine / 2 && line.size() > kShownLine ? place - kShownLine / 2 : 0;
  while (from > 0 && from < line.size() && (static_cast<unsigned char>(line[from]) & 0xc0) == 0x80) --from;
  std::string part(line.substr(from, kShownLine));
  std::replace(part.begin(), part.end(), '\t', ' ');
  const std::string before = shown(std::string_view(part).substr(0, place - from));
  const auto width = std::count_if(before.begin(), before.end(),
                                   [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
  const std::string label = std::to_string(number);
  out += fmt::format("  {} | {}{}\n", label, from > 0 ? "..." : "", shown(part));
  out += fmt::format("  {:>{}} | {}^\n", "", label.size(),
                     std::string(static_cast<std::size_t>(width) + (from > 0 ? 3 : 0), ' '));
  if (!v.remedy.empty()) out += fmt::format("  way out: {}\n", shown(v.remedy));
  return out;
}

// A line without its end; of one that is too long, its head. False at the end of input.
bool read_line(std::FILE* in, std::string& line) {
  line.clear();
  int c = std::fgetc(in);
  if (c == EOF) return false;
  for (; c != EOF && c != '\n'; c = std::fgetc(in)) {
    if (line.size() <= kLineBytes) line += static_cast<char>(c);
  }
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

}  // namespace

int check_stix_patterns(const std::vector<std::string>& paths, const std::vector<std::string>& schemas, bool json,
                        bool strict) {
  const auto known = SchemaSet::load(schemas);
  if (!known.ok()) {
    complain(known.error());
    return 2;
  }
  std::uint64_t valid = 0, broken = 0;
  for (const std::string& path : paths) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(path == "-" ? nullptr : std::fopen(path.c_str(), "rb"),
                                                               &std::fclose);
    if (path != "-" && file == nullptr) {
      complain(Error{ErrorCode::not_found, "the file cannot be read", path,
                     "name a file of patterns, or - for standard input"});
      return 2;
    }
    std::FILE* const in = path == "-" ? stdin : file.get();
    std::string line;
    for (std::uint64_t number = 1; read_line(in, line); ++number) {
      const Verdict verdict = check(line, *known);
      ++(verdict.ok ? valid : broken);
      const std::string text = json ? json_line(verdict, number) : text_lines(verdict, path, number, line);
      if (!text.empty()) print(text);
    }
  }
  if (!json) print(fmt::format("{} valid, {} not.\n", valid, broken));
  return strict && broken > 0 ? 1 : 0;
}

}  // namespace assay::cli
