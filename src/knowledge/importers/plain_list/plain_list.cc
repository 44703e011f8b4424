// One indicator a line. "#", "//" and ";" begin a comment; what stands behind the value after a space and one of these
// marks is its description. A line of a hosts file ("0.0.0.0 evil.example") gives the name. docs/importers/lists.md
#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/rooms.h"

namespace assay::plain_list {
namespace {

constexpr std::size_t kLines = 2'000'000;
constexpr std::size_t kSampled = 400;  // lines that the content is told by

struct Line {
  std::string_view value, comment;
  bool only_comment = false;
};

Line cut(std::string_view text) {
  text = trim(text);
  if (text.starts_with("- ") || text.starts_with("* ")) text = trim(text.substr(2));
  if (text.empty()) return {};
  if (text.front() == '#' || text.front() == ';' || text.front() == '!' || text.starts_with("//")) {
    while (!text.empty() && (text.front() == '#' || text.front() == ';' || text.front() == '!' || text.front() == '/' ||
                             is_space(text.front())))
      text.remove_prefix(1);
    return {{}, text, true};
  }
  Line out{text, {}, false};
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool mark =
        (text[i] == '#' || text[i] == ';' || (text[i] == '/' && i + 1 < text.size() && text[i + 1] == '/')) &&
        is_space(text[i - 1]);
    if (!mark) continue;
    out.value = trim(text.substr(0, i));
    out.comment = text.substr(i);
    while (!out.comment.empty() && (out.comment.front() == '#' || out.comment.front() == ';' ||
                                    out.comment.front() == '/' || is_space(out.comment.front())))
      out.comment.remove_prefix(1);
    break;
  }
  for (const std::string_view sink : {"0.0.0.0", "127.0.0.1", "::1", "::"}) {  // a hosts file
    if (out.value.starts_with(sink) && out.value.size() > sink.size() && is_space(out.value[sink.size()]))
      out.value = trim(out.value.substr(sink.size()));
  }
  while (out.value.ends_with(',') || out.value.ends_with(';')) out.value.remove_suffix(1);
  return out;
}

}  // namespace

int recognise(std::string_view, std::string_view bytes) {
  if (bytes.find('\0') != bytes.npos) return 0;
  std::size_t values = 0, others = 0, seen = 0, at = 0;
  while (at < bytes.size() && seen < kSampled) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const Line line = cut(bytes.substr(at, end - at));
    at = end + 1;
    if (line.value.empty()) continue;
    ++seen;
    const bool one = line.value.find(' ') == line.value.npos || line.value.find("[.] ") != line.value.npos;
    (one && line.value.size() < 2048 && guess_observable(line.value, {}) ? values : others) += 1;
  }
  if (values == 0 || others * 4 > values) return 0;
  return others == 0 ? 85 : 70;
}

Status read(std::string_view, std::string_view bytes, const ImportOptions&, Build& out) {
  std::size_t at = 0, number = 0;
  std::string heading;
  // "name.zip" is a file or a domain: as the others of the list are.
  std::size_t hosts = 0, files = 0;
  for (std::size_t seen = 0, from = 0; from < bytes.size() && seen < kSampled; ++seen) {
    const std::size_t end = std::min(bytes.find('\n', from), bytes.size());
    const Line line = cut(bytes.substr(from, end - from));
    from = end + 1;
    bool both = false;
    const bool file = has_file_ending(line.value, &both);
    if (line.value.empty() || both) continue;
    const auto kind = guess_observable(line.value, {});
    hosts += kind == Observable::domain || kind == Observable::url || kind == Observable::ipv4;
    files += file || kind == Observable::file_path;
  }
  const std::string_view usual = hosts > files ? "domain" : "";
  while (at < bytes.size()) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const Line line = cut(bytes.substr(at, end - at));
    at = end + 1;
    if (++number > kLines) {
      out.problem(fmt::format("more than {} lines, the rest is not read", kLines));
      break;
    }
    if (line.only_comment) {
      out.count("comment");
      if (!line.comment.empty()) heading = line.comment.substr(0, 200);
      continue;
    }
    if (line.value.empty()) continue;
    const std::string where = fmt::format("line {}", number);
    bool both = false;
    const bool either = has_file_ending(line.value, &both) && both && !contains_icase(heading, "file");
    const auto kind = guess_observable(line.value, either ? usual : std::string_view(heading));
    if (!kind) {
      out.count("unusable value");
      out.problem(fmt::format("{}: '{}' is not used: no value of a known kind", where,
                              to_valid_utf8(line.value.substr(0, 80))));
      continue;
    }
    Listed what;
    what.description = !line.comment.empty() ? std::string(line.comment) : std::string();
    out.indicator(*kind, line.value, std::move(what), where);
  }
  return Ok{};
}

}  // namespace assay::plain_list
