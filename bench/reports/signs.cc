// The signs of every value in reports, for scripts/fit_reports: one JSON object a line for each value. The reports are
// given by path; what stands in them is told by the importers' own reading.
#include "text/extract/signs.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "core/ascii.h"
#include "core/json.h"
#include "knowledge/importers/report/pdf.h"
#include "knowledge/importers/report/plain.h"
#include "text/extract/document.h"
#include "text/extract/embedded.h"
#include "text/extract/find.h"
#include "text/extract/layout.h"
#include "text/extract/nature.h"
#include "text/extract/roles.h"

namespace {

using namespace assay;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string text_of(const std::string& path) {
  const std::string bytes = read_file(path);
  if (path.ends_with(".md")) return markdown_text(bytes);
  if (path.ends_with(".html")) return html_report_text(bytes).text;
  if (!path.ends_with(".pdf")) return bytes;
  bool cut = false;
  auto text = pdf_to_text(bytes, false, cut);
  return text.ok() ? *text : std::string();
}

// Names that nobody can register and addresses of documentation stand in the reports for publishers and victims;
// outside these have names as everybody has. The same choice is made by scripts/fit_reports.
std::string with_real_names(const std::string& text) {
  static constexpr std::array<std::string_view, 8> kEnds = {"com", "org", "net", "eu", "de", "co.uk", "io", "fr"};
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNetworks = {
      {{"192.0.2.", "94.103.87."},
       {"198.51.100.", "185.193.126."},
       {"203.0.113.", "45.151.62."},
       {"2001:db8:", "2a06:98c1:"}}};
  std::string out;
  const auto in_name = [](char c) { return is_alnum(c) || c == '-'; };
  for (std::size_t i = 0; i < text.size();) {
    const std::string_view rest = std::string_view(text).substr(i);
    std::size_t dot = rest.starts_with(".") ? 1 : rest.starts_with("[.]") || rest.starts_with("(.)") ? 3 : 0;
    if (dot != 0 && starts_with_icase(rest.substr(dot), "example") && i > 0 && in_name(text[i - 1]) &&
        (rest.size() == dot + 7 || !(in_name(rest[dot + 7]) || rest[dot + 7] == '_'))) {
      std::size_t sum = 0;
      for (std::size_t k = i; k-- > 0 && in_name(text[k]);) sum += static_cast<unsigned char>(to_lower(text[k]));
      out.append(rest.substr(0, dot));
      out.append(kEnds[sum % kEnds.size()]);
      i += dot + 7;
      continue;
    }
    bool moved = false;
    for (const auto& [from, to] : kNetworks) {
      if (!starts_with_icase(rest, from) || (i > 0 && (is_alnum(text[i - 1]) || text[i - 1] == '.'))) continue;
      out.append(to);
      i += from.size();
      moved = true;
      break;
    }
    if (!moved) out += text[i++];
  }
  return out;
}

template <class T>
Json list_of(const std::vector<T>& numbers) {
  Json out = Json::array();
  for (const T number : numbers) out.push(Json(static_cast<std::int64_t>(number)));
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  bool real = false;
  for (int i = 1; i < argc; ++i) {
    const std::string path = argv[i];
    if (path == "--real-names") {
      real = true;
      continue;
    }
    std::string text = text_of(path);
    if (real) text = with_real_names(text);
    (void)take_rules(text);
    const LaidOut laid = lay_out(text);
    const Prepared prepared = prepare(laid.text);
    const auto lines = outline(prepared);
    std::size_t left_out = 0;
    const auto found = find_values(prepared, lines, kCandidates, left_out);
    const auto values = signs_of(prepared, lines, found, habits_of(prepared, lines, found));
    const auto verdicts = roles_of(values, RoleWeights::shipped());
    for (std::size_t v = 0; v < values.size(); ++v) {
      const ValueSigns& value = values[v];
      Json signs = Json::array();
      for (const SignId sign : value.signs) signs.push(Json(sign_names()[sign]));
      const Found& first = found[value.places.front()];
      const ReportLine& line = lines[first.line];
      Json out = Json::object({{"report", path},
                               {"renamed", real},
                               {"kind", std::string(name_of(value.kind))},
                               {"value", value.value},
                               {"group", std::string(name_of(group_of(value.kind)))},
                               {"fixed", fixed_nature(value).has_value()},
                               {"unspoken", shown_and_unspoken(value)},
                               {"plain", plainly_named(value)},
                               {"role", std::string(name_of(verdicts[v].role))},
                               {"signs", std::move(signs)},
                               {"row", list_of(value.rows)},
                               {"block", list_of(value.blocks)},
                               {"title", list_of(value.titles)},
                               {"site", value.site},
                               {"line", to_valid_utf8(prepared.text.substr(
                                            line.begin, std::min<std::size_t>(line.end - line.begin, 300)))}});
      if (const auto host = own_host(value)) {
        out.set("host", Json::object({{"kind", std::string(name_of(host->kind))}, {"value", host->value}}));
      }
      std::printf("%s\n", dump_json(out).c_str());
    }
  }
  return 0;
}
