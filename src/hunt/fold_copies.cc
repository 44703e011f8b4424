#include "hunt/fold_copies.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "core/ascii.h"

namespace assay {
namespace {

std::string_view last_name(std::string_view path) { return last_step(path, "/\\!"); }

bool is_path(std::string_view text) { return last_name(text).size() != text.size(); }

bool same_but_for_place(const Sighting& a, const Sighting& b) {
  return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const NamedValue& x, const NamedValue& y) {
                      if (x.first != y.first) return false;
                      if (x.second == y.second) return true;
                      return is_path(x.second) && is_path(y.second) && last_name(x.second) == last_name(y.second);
                    });
}

}  // namespace

void fold_copies(std::vector<Sighting>& sightings, const std::set<std::string>& of_copies) {
  if (of_copies.empty()) return;
  using What = std::tuple<std::string_view, std::string_view, Role, Outcome, std::vector<Sighting::Reference>>;
  const auto what = [](const Sighting& s) { return What{s.detector_id, s.account, s.role, s.outcome, s.records}; };
  std::map<What, std::vector<const Sighting*>> kept;
  for (const Sighting& s : sightings) {
    if (!of_copies.contains(s.id)) kept[what(s)].push_back(&s);
  }
  std::set<std::string> dropped;
  for (const Sighting& s : sightings) {
    if (!of_copies.contains(s.id)) continue;
    const auto at = kept.find(what(s));
    if (at != kept.end() && std::any_of(at->second.begin(), at->second.end(),
                                        [&](const Sighting* one) { return same_but_for_place(*one, s); }))
      dropped.insert(s.id);
  }
  std::erase_if(sightings, [&](const Sighting& s) { return dropped.contains(s.id); });
}

}  // namespace assay
