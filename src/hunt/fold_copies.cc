#include "hunt/fold_copies.h"

#include <algorithm>
#include <string_view>
#include <tuple>
#include <utility>

#include "core/ascii.h"
#include "core/limits.h"

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

// Evidence ids, both ways.
using SharingItems = std::set<std::pair<std::string, std::string>>;

SharingItems sharing_items(const Duplicates& duplicates, const std::map<std::string, std::string>& ids) {
  SharingItems shared;
  const auto share = [&](const std::string& a, const std::string& b) {
    const auto x = ids.find(a), y = ids.find(b);
    if (x == ids.end() || y == ids.end()) return;
    shared.emplace(x->second, y->second);
    shared.emplace(y->second, x->second);
  };
  for (const auto& [pair, records] : duplicates.pairs) share(pair.first, pair.second);
  for (const auto& [chain, sum] : duplicates.sums) {
    for (const std::string& part : sum.of) share(chain, part);
  }
  return shared;
}

bool tells_host(const Sighting& s, const Profile& profile) {
  return !s.host.empty() && std::none_of(s.fields.begin(), s.fields.end(), [&](const NamedValue& field) {
    return field.second == s.host || profile.host_of(field.second) == s.host;
  });
}

std::vector<Sighting::Reference> places(const Sighting& s) {
  std::vector<Sighting::Reference> all = s.records;
  all.insert(all.end(), s.copies.begin(), s.copies.end());
  return all;
}

// `nameless` is `other`, which tells its host, in another place: then its records become copies of the other's.
bool fold_into(Sighting& other, const Sighting& nameless, const SharingItems& shared) {
  if (nameless.time < other.time || nameless.until > other.until || nameless.count > other.count) return false;
  const auto theirs = places(other), mine = places(nameless);
  const bool all = std::all_of(mine.begin(), mine.end(), [&](const Sighting::Reference& m) {
    return std::any_of(theirs.begin(), theirs.end(), [&](const Sighting::Reference& t) {
      return m.evidence == t.evidence || shared.contains({m.evidence, t.evidence});
    });
  });
  if (!all) return false;
  for (const Sighting::Reference& m : mine) {
    if (other.copies.size() < limits::kRecordsPerSighting) other.copies.push_back(m);
  }
  return true;
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

void fold_nameless(std::vector<Sighting>& sightings, const Duplicates& duplicates,
                   const std::map<std::string, std::string>& ids, const Profile& profile) {
  const SharingItems shared = sharing_items(duplicates, ids);
  if (shared.empty()) return;
  using What = std::tuple<std::string, std::string, Role, Outcome, std::vector<NamedValue>>;
  const auto what = [](const Sighting& s) { return What{s.detector_id, s.account, s.role, s.outcome, s.fields}; };
  std::map<What, std::vector<std::size_t>> named;
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    if (tells_host(sightings[i], profile)) named[what(sightings[i])].push_back(i);
  }
  std::vector<bool> folded(sightings.size(), false);
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    const Sighting& nameless = sightings[i];
    if (tells_host(nameless, profile)) continue;
    const auto at = named.find(what(nameless));
    if (at == named.end()) continue;
    folded[i] = std::any_of(at->second.begin(), at->second.end(),
                            [&](std::size_t k) { return fold_into(sightings[k], nameless, shared); });
  }
  std::size_t next = 0;
  std::erase_if(sightings, [&](const Sighting&) { return folded[next++]; });
}

}  // namespace assay
