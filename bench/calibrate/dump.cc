#include "dump.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "assess/judge.h"
#include "assess/model.h"

namespace assay::calibrate {
namespace {

std::string counts(const std::map<std::string, int>& list) {
  std::string out;
  for (const auto& [name, count] : list) out += fmt::format("{}\"{}\":{}", out.empty() ? "" : ",", name, count);
  return "{" + out + "}";
}

std::string yes(bool value) { return value ? "1" : "0"; }

// Of each host: its generic families, each with its days, the window's first being 0.
std::string generic(const Prepared& one) {
  const DaySpan window = one.visibility->window();
  std::map<std::string, std::map<std::string, std::string>> hosts;
  for (const Used& used : one.uses.all) {
    if (used.use != Use::weak || used.subject.empty() || used.via_proxy) continue;
    std::string& days = hosts[used.subject.str()][used.group.str()];
    days += fmt::format("{}{}", days.empty() ? "" : ",", used.sighting->time.day() - window.first);
  }
  std::string out;
  for (const auto& [host, families] : hosts) {
    std::string list;
    for (const auto& [family, days] : families)
      list += fmt::format("{}[\"{}\",{}]", list.empty() ? "" : ",", family.substr(family.rfind('-') + 1), days);
    out += fmt::format("{}\"{}\":[{}]", out.empty() ? "" : ",", host, list);
  }
  return out;
}

}  // namespace

std::string dump_line(const Prepared& one, const Weights& constants) {
  Weights weights = constants;
  weights.pool = one.weights->pool;
  const CaseData& data = one.labelled.data;
  const Truth& t = one.labelled.truth;
  const Lines lines = build_lines(data, one.uses, *one.visibility, one.taken, weights);
  PriorInput prior;
  prior.sector = true;
  const Model model(weights, prior);
  Posterior posterior(model);
  std::string seen;
  for (const auto* list : {&lines.hits, &lines.silences}) {
    for (const Line& line : *list) {
      posterior.add(line);
      double most = line.base;
      for (const Cell& cell : line.cells) most = line.hit ? std::max(most, cell.p) : std::min(most, cell.p);
      std::string cells;
      for (const Cell& cell : line.cells)
        cells += fmt::format("{}[{},{},{:.6f}]", cells.empty() ? "" : ",", cell.on, cell.way, cell.p);
      seen += fmt::format("{}\"{}\":[{:.4f},{:.3f},{:.6f},{}]", seen.empty() ? "" : ",", line.id,
                          line.power * std::log(most / line.base), line.power, line.base, cells);
    }
  }
  std::int64_t history = INT64_MAX;
  std::set<std::string> covered;
  for (const char* name : {"windows_security", "process"}) {
    const auto at = one.visibility->sources().find(name);
    if (at == one.visibility->sources().end() || at->second.days.empty()) continue;
    history = std::min(history, one.visibility->window().first - *at->second.days.begin());
    for (const auto& [host, days] : at->second.hosts) covered.insert(host);
  }
  std::string sources;
  for (const auto& [name, source] : one.visibility->sources()) {
    if (source.days.empty()) continue;
    sources += fmt::format("{}\"{}\":[{},{},{}]", sources.empty() ? "" : ",", name,
                           *source.days.begin() - one.visibility->window().first,
                           *source.days.rbegin() - one.visibility->window().first, source.hosts.size());
  }
  const auto p = [&](StateSet on) { return posterior.probability({on, false, kNoWay}); };
  return fmt::format(
      "{{\"world\":\"{}\",\"hosts\":{},\"logging\":{},\"days\":{},\"history\":{},\"T\":{},\"A\":{},\"M\":{},\"X\":{},"
      "\"D\":{},\"unique\":{},"
      "\"covered\":{},\"p\":[{:.12g},{:.12g},{:.12g},{:.12g},{:.12g}],\"lines\":{{{}}},\"generic\":{{{}}},\"left\":{},"
      "\"left_generic\":{},\"sources\":{{{}}},\"note\":\"{}\"}}"
      "\n",
      one.labelled.world, one.labelled.hosts, covered.size(), one.visibility->window().size(),
      history == INT64_MAX ? 0 : history, yes(t.targeted), yes(t.access), yes(t.malware), yes(t.taken), yes(t.impact),
      yes(t.unique_shown), yes(one.labelled.fully_covered), p(kT), p(kA), p(kM), p(kX), p(kD), seen, generic(one),
      counts(one.labelled.left), counts(one.labelled.left_generic), sources, one.labelled.note);
}

}  // namespace assay::calibrate
