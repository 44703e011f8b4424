#include "assess/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace assay {
namespace {

const Claim* claim_of(const CaseData& data, const std::string& id) {
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const Claim& claim : advisory.claims) {
      if (claim.id == id || claim.id == "claim." + id) return &claim;
    }
  }
  return nullptr;
}

// The way in that a claim is about.
int way_of(const Claim& claim) {
  if (claim.id.find("credential-given") != std::string::npos) return 1;
  if (claim.id.find("gateway-") != std::string::npos && touched_by(claim) == kA) return 0;
  return kNoWay;
}

}  // namespace

std::optional<double> chance_told_anyway(std::string_view code) {
  if (code.size() != 2) return std::nullopt;
  const double base = code[0] == 'A' ? .02 : code[0] == 'B' ? .05 : code[0] == 'C' ? .15 : code[0] == 'D' ? .4 : 0;
  const double factor = code[1] == '1' ? 1 : code[1] == '2' ? 2 : code[1] == '3' ? 4 : 0;
  if (base * factor <= 0) return std::nullopt;
  return std::min(.5, base * factor);
}

std::vector<Line> statement_lines(const CaseData& data, const Weights& weights, Lines& lines) {
  std::map<std::string, Line> best;
  for (const Statement& statement : data.statements) {
    const auto base = chance_told_anyway(statement.reliability);
    if (!base) continue;
    const Claim* claim = claim_of(data, statement.about);
    const StateSet on = claim != nullptr ? touched_by(*claim) : variable_of(statement.about);
    if (on == 0) continue;
    if (claim != nullptr) ++lines.claims_seen[claim->id];
    Line line;
    line.id = "statement." + (claim != nullptr ? claim->id : statement.about);
    line.base = *base;
    const double yes = 1 - (1 - weights.line("statement").s) * (1 - *base);
    const int way = claim != nullptr ? way_of(*claim) : kNoWay;
    if (way == kNoWay) {
      line.cells.push_back({on, kNoWay, yes});
    } else {
      line.cells.push_back({on, kNoWay, std::max(line.base, weights.way_later_share * yes)});
      line.cells.push_back({on, way, yes});
      lines.ways_seen.insert(way);
    }
    line.reason =
        fmt::format("Statement {} ({}, {}): {}", statement.id, statement.who, statement.reliability, statement.text);
    const auto at = best.find(line.id);
    if (at == best.end()) {
      best.emplace(line.id, std::move(line));
    } else if (line.base < at->second.base) {
      at->second = std::move(line);
    }
  }
  std::vector<Line> out;
  for (auto& [id, line] : best) out.push_back(std::move(line));
  return out;
}

}  // namespace assay
