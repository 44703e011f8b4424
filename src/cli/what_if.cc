#include "cli/what_if.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "cli/common.h"
#include "cli/people.h"
#include "core/ascii.h"

namespace assay::cli {
namespace {

Json standing(const Question& q) {
  return Json::object({{"state", q.judged ? "judged" : "cannot_say"},
                       {"model_probability", Json(q.probability)},
                       {"term", q.judged ? Json(q.term.words) : Json(nullptr)},
                       {"confidence", q.judged ? Json(q.confidence) : Json(nullptr)}});
}

}  // namespace

int what_if(const CaseData& data, const Assessment& before, const std::vector<std::string>& names, Scale scale,
            const std::string& format) {
  if (!format.empty() && format != "text" && format != "json") {
    complain("--what-if prints text or json, not \"" + format + "\"");
    return 2;
  }
  std::set<std::string> sightings, statements, labels;
  for (const std::string& list : names) {
    for (const std::string_view one : split(list, ',')) {
      const std::string_view name = trim(one);
      if (name.empty()) continue;
      if (const Sighting* sighting = find_sighting(data, name)) {
        sightings.insert(sighting->id);
        labels.insert(sighting->finding > 0 ? fmt::format("F{:02}", sighting->finding) : sighting->id);
        continue;
      }
      const auto told = std::find_if(data.statements.begin(), data.statements.end(),
                                     [&](const Statement& s) { return equals_icase(s.id, name); });
      if (told == data.statements.end()) {
        complain(fmt::format(
            "the case knows no finding or statement \"{}\"; findings are F01, F02 ..., statements S1 ...", name));
        return 2;
      }
      statements.insert(told->id);
      labels.insert(told->id);
    }
  }
  if (labels.empty()) {
    complain("--what-if names nothing to leave out: --what-if F07,F08");
    return 2;
  }
  CaseData less = data;
  std::erase_if(less.sightings, [&](const Sighting& s) { return sightings.contains(s.id); });
  std::erase_if(less.statements, [&](const Statement& s) { return statements.contains(s.id); });
  const Assessment after = assess(less, scale);
  if (format == "json" || (format.empty() && !stdout_is_terminal())) {
    Json without = Json::array(), questions = Json::array();
    for (const std::string& label : labels) without.push(Json(label));
    for (const Question& q : before.questions) {
      const Question* now = after.find(q.id);
      if (now == nullptr) continue;
      const double moved =
          std::log10(now->probability / (1 - now->probability)) - std::log10(q.probability / (1 - q.probability));
      questions.push(Json::object({{"id", q.id},
                                   {"before", standing(q)},
                                   {"after", standing(*now)},
                                   {"log10_odds", Json(std::round(moved * 1e6) / 1e6)}}));
    }
    print(dump_json(Json::object({{"without", std::move(without)}, {"questions", std::move(questions)}}), 1) + "\n");
    return 0;
  }
  print(fmt::format("Without {}\n", fmt::join(labels, ", ")) + difference_text(before, after));
  return 0;
}

}  // namespace assay::cli
