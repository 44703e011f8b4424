// Reports as people publish them. What the text says is found by text/extract; here it becomes a bundle: the attacker's
// values as indicators of low to moderate confidence, everything else as candidates that support nothing.
// docs/importers/reports.md
#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/report/pdf.h"
#include "knowledge/importers/report/plain.h"
#include "knowledge/importers/rooms.h"

namespace assay {
namespace {

bool is_text(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  if (head.find('\0') != head.npos) return false;
  std::size_t odd = 0;
  for (const char c : head) odd += static_cast<unsigned char>(c) < 32 && !is_space(c);
  return odd * 50 <= head.size();
}

void write(const ReportFacts& facts, Build& out) {
  out.title(facts.title);
  if (const auto at = parse_iso8601(facts.date)) out.published(*at);
  if (const auto tlp = tlp_from(facts.tlp)) out.mark(*tlp);
  if (!facts.pap.empty()) out.pap(facts.pap);
  if (!facts.publisher_domain.empty()) out.publisher(facts.publisher_domain);
  std::set<std::string> about;
  for (const NamedThing& thing : facts.names) {
    const std::string id = out.name(thing.kind, thing.name, thing.id, thing.written);
    if (thing.kind == "malware" || thing.kind == "intrusion-set" || thing.kind == "tool") about.insert(id);
  }
  // A report about one family or actor: its indicators indicate it. With several the text does not say which.
  std::size_t families = 0;
  for (const std::string& id : about) families += !id.starts_with("tool--");
  if (families != 1) about.clear();
  std::erase_if(about, [](const std::string& id) { return id.starts_with("tool--"); });
  for (const std::string& flaw : facts.vulnerabilities) out.name("vulnerability", flaw, flaw);
  for (const std::string& technique : facts.techniques) {
    std::string name = technique;
    for (const KnownName& known : out.options().names) {
      if (known.kind == "attack-pattern" && known.id == technique) name = known.name;
    }
    out.name("attack-pattern", name, technique);
  }
  for (const EmbeddedRule& rule : facts.rules) {
    Listed what;
    what.name = fmt::format("{} rule {}", rule.type == "yara" ? "YARA" : "Sigma", rule.name);
    what.indicates = about;
    out.pattern(rule.type, rule.text, std::move(what));
  }
  for (const Candidate& found : facts.candidates) {
    if (found.role != ReportRole::attacker) {
      out.candidate(found);
      continue;
    }
    Listed what;
    what.confidence = found.confidence;
    what.indicates = about;
    what.extra.set("x_assay_role", "attacker");
    what.extra.set("x_assay_reason", found.reason);
    what.extra.set("x_assay_sentence", found.sentence);
    out.indicator(found.kind, found.value, std::move(what), fmt::format("byte {}", found.offset));
  }
  if (facts.left_out != 0)
    out.problem(fmt::format("{} values beyond the first {} are left out", facts.left_out, kCandidates));
  Json stated = Json::array();
  for (const auto& [what, n] : facts.stated)
    stated.push(Json::object({{"what", what}, {"count", static_cast<std::int64_t>(n)}}));
  if (!stated.items().empty()) out.report_property("x_assay_stated", std::move(stated));
}

Status prose(std::string_view text, Build& out) {
  if (text.size() > kReportBytes)
    out.problem(fmt::format("only the first {} MiB of the text are read", kReportBytes >> 20));
  write(extract_report(text, out.options().names), out);
  return Ok{};
}

}  // namespace

namespace text_report {
int recognise(std::string_view, std::string_view bytes) {
  const std::string_view head = trim(bytes.substr(0, 256));
  if (!is_text(bytes) || head.starts_with('{') || head.starts_with("<?xml") || head.starts_with("%PDF")) return 0;
  return 20;
}
Status read(std::string_view, std::string_view bytes, const ImportOptions&, Build& out) { return prose(bytes, out); }
}  // namespace text_report

namespace markdown_report {
int recognise(std::string_view file_name, std::string_view bytes) {
  if (!is_text(bytes)) return 0;
  std::size_t marks = 0;
  for (const std::string_view sign : {"\n# ", "\n## ", "\n### ", "\n|", "\n```", "]("})
    marks += bytes.find(sign) != bytes.npos;
  marks += bytes.starts_with("# ");
  const bool named = ends_with_icase(file_name, ".md") || ends_with_icase(file_name, ".markdown");
  return marks >= 2 || (named && marks >= 1) ? 60 : named ? 40 : 0;
}

Status read(std::string_view, std::string_view bytes, const ImportOptions&, Build& out) {
  return prose(markdown_text(bytes), out);
}
}  // namespace markdown_report

namespace html_report {
int recognise(std::string_view file_name, std::string_view bytes) {
  const std::string head = lower(bytes.substr(0, 4096));
  const std::string_view first = trim(head);
  if (!first.starts_with('<')) return 0;
  if (head.find("<!doctype html") != head.npos || head.find("<html") != head.npos || head.find("<body") != head.npos)
    return 90;
  const bool named = ends_with_icase(file_name, ".html") || ends_with_icase(file_name, ".htm");
  return named || head.find("<p>") != head.npos || head.find("<div") != head.npos ? 70 : 0;
}
Status read(std::string_view, std::string_view bytes, const ImportOptions&, Build& out) {
  HtmlReport html = html_report_text(bytes);
  if (html.more_links) out.problem(fmt::format("more than {} links, the others are not looked at", kReportLinks));
  if (!html.title.empty()) out.title(html.title);
  return prose(html.text, out);
}
}  // namespace html_report

namespace pdf_report {
int recognise(std::string_view, std::string_view bytes) {
  return bytes.substr(0, 1024).find("%PDF-") != bytes.npos ? 98 : 0;
}
Status read(std::string_view file_name, std::string_view bytes, const ImportOptions&, Build& out) {
  bool cut = false;
  auto text = pdf_to_text(bytes, false, cut);
  if (!text.ok()) {
    Error error = std::move(text).error();
    if (error.where.empty()) error.where = file_name;
    return error;
  }
  if (cut) out.problem(fmt::format("only the first {} MiB of the PDF's text are read", kPdfTextBytes >> 20));
  if (trim(*text).empty()) {
    return Error{ErrorCode::bad_input, "the PDF has no text (a scan?)", std::string(file_name),
                 "recognise its text first (OCR), or give the report as text"};
  }
  return prose(*text, out);
}
}  // namespace pdf_report

}  // namespace assay
