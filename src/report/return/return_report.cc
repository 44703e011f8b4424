#include "report/return/return_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

#include "assess/weights.h"
#include "core/coverage.h"
#include "report/escape.h"
#include "report/view.h"

namespace assay {
namespace {

using namespace report;

struct ClassCoverage {
  std::set<std::string, std::less<>> hosts;
  std::set<std::int64_t> days;
  std::uint64_t records = 0;
};

// By kind of source. Hosts are counted and not named.
std::map<std::string, ClassCoverage, std::less<>> coverage_by_class(const CaseData& data) {
  std::map<std::string, ClassCoverage, std::less<>> out;
  const Table* table = data.table("coverage");
  if (table == nullptr) return out;
  const auto& keys = table->spec().keys;
  const auto at = [&](std::string_view name) {
    return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), name) - keys.begin());
  };
  const std::size_t klass = at("class"), host = at("host"), day = at("day");
  if (klass >= keys.size() || host >= keys.size() || day >= keys.size()) return out;
  for (const auto& [key, row] : table->rows()) {
    std::int64_t number = 0;
    const std::string& text = key[day];
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc()) continue;
    ClassCoverage& c = out[key[klass]];
    if (!key[host].empty()) c.hosts.insert(key[host]);
    c.days.insert(number);
    c.records += static_cast<std::uint64_t>(std::max<std::int64_t>(0, row[0]));
  }
  return out;
}

std::string day_text(std::int64_t day) { return format_date(Time{day * kDay}); }

double three_decimals(double value) { return std::round(value * 1000) / 1000; }

// A product and a version are the profile's words: cut to what such words are made of, so that no name of a host or a
// person rides along by a slip.
std::string plain_word(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 64)) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' ||
                      c == '.' || c == '-' || c == '_';
    out += kept ? c : ' ';
  }
  return out;
}

bool has_records(const CaseData& data, const std::string& host) {
  const Table* table = data.table("coverage");
  if (table == nullptr) return false;
  const auto& keys = table->spec().keys;
  const auto at = static_cast<std::size_t>(std::find(keys.begin(), keys.end(), "host") - keys.begin());
  return at < keys.size() &&
         std::any_of(
             table->rows().begin(), table->rows().end(), [&](const auto& row) { return row.first[at] == host; });
}

struct Gateway {
  std::string product, version, patched_on;
  const char* logging = "not stated";
  bool records = false;
};

std::vector<Gateway> gateways_of(const CaseData& data) {
  std::vector<Gateway> out;
  for (const ProfileHost& host : data.profile.hosts) {
    if (host.kind != "gateway") continue;
    Gateway g;
    g.product = plain_word(host.product);
    g.version = plain_word(host.version);
    if (host.patched_on.known()) g.patched_on = format_date(host.patched_on);
    if (host.logging) g.logging = *host.logging ? "yes" : "no";
    g.records = has_records(data, host.name);
    out.push_back(std::move(g));
  }
  std::sort(out.begin(), out.end(), [](const Gateway& a, const Gateway& b) {
    return std::tie(a.product, a.version, a.patched_on, a.records) <
           std::tie(b.product, b.version, b.patched_on, b.records);
  });
  return out;
}

const char* state_words(const ClaimResult& claim) {
  return claim.state == "seen" ? "seen" : claim.state == "not_seen" ? "not seen though visible" : "could not see";
}

std::map<std::string, std::uint64_t> notices_of(const CaseData& data) {
  std::map<std::string, std::uint64_t> out;
  for (const Notice& notice : data.notices) out[std::string(name_of(notice.kind))] += notice.count;
  return out;
}

// Words over lines of at most `width` columns.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out(indent, ' ');
  std::size_t column = indent;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (column > indent && column + 1 + end > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += text.substr(0, end);
    column += end;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out + "\n";
}

}  // namespace

std::string return_json(const CaseData& data, const Assessment& assessment, const std::string& pseudonym) {
  const ReportOptions options;
  const View view(data, &assessment, options);
  Json advisories = Json::array();
  for (const Advisory& a : data.knowledge.advisories) {
    advisories.push(Json::object({{"id", a.id},
                                  {"name", a.name},
                                  {"version", a.version},
                                  {"hash", a.hash},
                                  {"tlp", a.tlp == Tlp::unmarked ? Json(nullptr) : Json(name_of(a.tlp))}}));
  }
  Json questions = Json::array();
  for (const Question& q : assessment.questions) {
    Json one = Json::object({{"id", q.id}, {"state", q.judged ? "judged" : "cannot_say"}});
    if (q.judged) {
      Json range = Json::array();
      range.push(q.term.low);
      range.push(q.term.high);
      one.add("term", q.term.words);
      one.add("range", std::move(range));
      one.add("confidence", q.confidence);
    }
    one.add("would_have_seen", three_decimals(q.would_have_seen));
    questions.push(std::move(one));
  }
  Json claims = Json::array();
  for (const ClaimResult& c : assessment.claims) {
    claims.push(Json::object({{"id", c.id},
                              {"text", c.text},
                              {"state", c.state},
                              {"seen", c.seen},
                              {"visible", three_decimals(c.visible)}}));
  }
  const Weights& weights = Weights::shipped();
  Json coverage = Json::array();
  for (const auto& [klass, c] : coverage_by_class(data)) {
    coverage.push(Json::object({{"class", klass},
                                {"label", weights.source(klass).label},
                                {"hosts", static_cast<std::uint64_t>(c.hosts.size())},
                                {"records", c.records},
                                {"first", day_text(*c.days.begin())},
                                {"last", day_text(*c.days.rbegin())},
                                {"days", static_cast<std::uint64_t>(c.days.size())}}));
  }
  Json gateways = Json::array();
  for (const Gateway& g : gateways_of(data)) {
    gateways.push(Json::object({{"product", g.product},
                                {"version", g.version},
                                {"patched_on", g.patched_on.empty() ? Json(nullptr) : Json(g.patched_on)},
                                {"logging", g.logging},
                                {"records", g.records}}));
  }
  Json notices = Json::array();
  for (const auto& [kind, count] : notices_of(data)) notices.push(Json::object({{"kind", kind}, {"count", count}}));
  Json left = Json(nullptr);
  if (assessment.exfiltration.bounded)
    left = Json::object({{"low", assessment.exfiltration.left_low}, {"high", assessment.exfiltration.left_high}});
  const auto date = [](Time t) { return t.known() ? Json(format_date(t)) : Json(nullptr); };
  return dump_json(
             Json::object(
                 {{"assay_return", "1"},
                  {"marking", view.marking()},
                  {"organisation", pseudonym.empty() ? Json(nullptr) : Json(pseudonym)},
                  {"sector", data.profile.sector.empty() ? Json(nullptr) : Json(plain_word(data.profile.sector))},
                  {"country", data.profile.country.empty() ? Json(nullptr) : Json(plain_word(data.profile.country))},
                  {"advisories", std::move(advisories)},
                  {"as_of", date(data.as_of)},
                  {"complete", data.complete},
                  {"evidence",
                   Json::object({{"records", data.records_total},
                                 {"first", date(view.first())},
                                 {"last", date(view.last())},
                                 {"hosts_seen", assessment.scope.examined},
                                 {"hosts_in_scope",
                                  assessment.scope.in_scope == 0 ? Json(nullptr) : Json(assessment.scope.in_scope)}})},
                  {"questions", std::move(questions)},
                  {"claims", std::move(claims)},
                  {"left_bytes", std::move(left)},
                  {"coverage", std::move(coverage)},
                  {"gateways", std::move(gateways)},
                  {"notices", std::move(notices)}}),
             1) +
         "\n";
}

std::string return_text(const CaseData& data, const Assessment& assessment, const std::string& pseudonym) {
  constexpr std::size_t kWidth = 80;
  const ReportOptions options;
  const View view(data, &assessment, options);
  std::string out = fmt::format("ASSAY RETURN   {}\n", view.marking());
  out += "Read this before it leaves: it is all that the file beside it says.\n\n";
  out += fmt::format("Organisation  {}\n", pseudonym.empty() ? "not given" : pseudonym);
  for (const Advisory& a : data.knowledge.advisories)
    out += wrapped("Asked  " + printable(a.name) + (a.version.empty() ? "" : " " + printable(a.version)), 0, kWidth);
  out += fmt::format("Looked at {} records, {} to {}, of {} hosts{}{}.\n\n", data.records_total,
                     format_date(view.first()), format_date(view.last()), assessment.scope.examined,
                     assessment.scope.in_scope == 0 ? "" : fmt::format(" of {} in scope", assessment.scope.in_scope),
                     data.complete ? "" : "; the run was not complete");
  out += "Questions\n";
  for (const Question& q : assessment.questions) {
    if (q.judged) {
      out += fmt::format("  {:<14}{} ({}-{}); had it happened, seen in {:.0f} of 10\n", q.id, q.term.words, q.term.low,
                         q.term.high, q.would_have_seen * 10);
    } else {
      out += fmt::format("  {:<14}cannot say\n", q.id);
    }
  }
  out += "\nClaims of the advisory\n";
  for (const ClaimResult& c : assessment.claims) {
    out += fmt::format("  {:<34}{}{}\n", printable(c.id), state_words(c),
                       c.state == "seen"       ? fmt::format(", {} time{}", c.seen, c.seen == 1 ? "" : "s")
                       : c.state == "not_seen" ? fmt::format(" ({:.0f} in 100 visible)", c.visible * 100)
                                               : std::string());
    out += wrapped(printable(c.text), 4, kWidth);
  }
  if (assessment.exfiltration.bounded)
    out += fmt::format("\nLeft  at least {} and at most {} bytes\n", assessment.exfiltration.left_low,
                       assessment.exfiltration.left_high);
  out += "\nCoverage by kind of source\n";
  const Weights& weights = Weights::shipped();
  for (const auto& [klass, c] : coverage_by_class(data)) {
    out += fmt::format("  {:<30}{:>5} host{}  {:>4} day{}  {} to {}\n", weights.source(klass).label, c.hosts.size(),
                       c.hosts.size() == 1 ? " " : "s", c.days.size(), c.days.size() == 1 ? " " : "s",
                       day_text(*c.days.begin()), day_text(*c.days.rbegin()));
  }
  out += "\nRemote-access gateways\n";
  const std::vector<Gateway> gateways = gateways_of(data);
  if (gateways.empty()) out += "  none stated in the profile\n";
  for (const Gateway& g : gateways) {
    out += fmt::format("  {} {}, patched {}, logging {}, {}\n", g.product.empty() ? "product not stated" : g.product,
                       g.version, g.patched_on.empty() ? "not stated" : "on " + g.patched_on, g.logging,
                       g.records ? "records here" : "no record here");
  }
  const auto notices = notices_of(data);
  if (!notices.empty()) {
    out += "\nNotices\n";
    for (const auto& [kind, count] : notices) out += fmt::format("  {:<34}{}\n", kind, count);
  }
  return out;
}

}  // namespace assay
