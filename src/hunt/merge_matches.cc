#include "hunt/merge_matches.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/limits.h"
#include "hunt/correlate.h"
#include "hunt/kept_sightings.h"
#include "hunt/sighting_group.h"
#include "hunt/suppressed.h"
#include "match/mention.h"

namespace assay {
namespace {

constexpr std::size_t kBaseMatchesOfKey = limits::kMatchesPerDetector * 10;

class MatchMerge {
 public:
  MatchMerge(MergedRuns runs, const MergeInput& input, Notices& notices)
      : runs_(std::move(runs)),
        input_(input),
        notices_(notices),
        suppressed_(input.rules, input.as_of),
        correlator_(input.rules, input.profile, [&items = input.items](const std::string& chain, const RecordRef& ref) {
          return Sighting::Reference{items.id_of(items.kept(chain)), ref.offset, ref.length};
        }) {
    correlator_.cover([&covered = input.covered](const std::string& klass, Time from, Time until) {
      const auto hours = covered.find(klass);
      if (hours == covered.end()) return false;
      const auto first = hours->second.lower_bound(from.hour());
      return first != hours->second.end() && *first <= until.hour();
    });
  }

  MergedMatches run() {
    while (!runs_.done() || correlator_.pending() != nullptr) merge_next();
    correlator_.report(notices_);
    suppressed_.report(input_.catalogue, notices_);
    sightings_.report(input_.catalogue, notices_);
    out_.sightings = sightings_.take();
    quotes_to_mentions();
    return std::move(out_);
  }

 private:
  using Place = std::pair<std::string, std::string>;  // (evidence id, advisory)

  // All matches of one (detector, key).
  struct Batch {
    DetectorIndex detector = 0;
    std::string key;
    bool known = false, base = false;
    std::map<std::string, SightingGroup> groups;       // by the host that held the address at the time; "" as it stands
    std::map<std::uint32_t, SightingGroup> held_back;  // by filter
    std::uint64_t dropped = 0;                         // base matches
  };

  void merge_next() {
    Batch batch = next_batch();
    take_matches(batch);
    if (!batch.known) return;
    for (const auto& [filter, hits] : batch.held_back) suppressed_.add(filter, batch.detector, hits.count());
    const DetectorInfo& info = info_of(batch.detector);
    if (batch.base) {
      decide_window(batch, info);
    } else {
      for (const auto& [holder, group] : batch.groups) add_sighting(batch, info, holder, group);
    }
  }

  // What one correlation feeds to another takes its place among the sorted matches.
  Batch next_batch() const {
    std::pair<DetectorIndex, std::string> next;
    if (!runs_.done()) next = {runs_.front().match.detector, runs_.front().key};
    const bool fed = correlator_.pending() != nullptr && (runs_.done() || *correlator_.pending() <= next);
    if (fed) next = *correlator_.pending();
    Batch batch;
    batch.detector = next.first;
    batch.key = std::move(next.second);
    batch.known = batch.detector < input_.catalogue.size();
    batch.base = fed || runs_.front().match.base;
    return batch;
  }

  void take_matches(Batch& batch) {
    while (!runs_.done() && runs_.front().match.detector == batch.detector && runs_.front().key == batch.key) {
      KeyedMatch match = runs_.take();
      if (!batch.known) continue;
      if (const auto filter = suppressed_.by(match.match)) {
        batch.held_back[*filter].add(match, input_.items);
      } else if (!batch.base) {
        batch.groups[holder_of(match.match)].add(match, input_.items);
      } else if (is_window(batch.detector)) {
        if (correlator_.held() < kBaseMatchesOfKey) {
          correlator_.add(std::move(match));
        } else {
          ++batch.dropped;
        }
      }
    }
  }

  void decide_window(const Batch& batch, const DetectorInfo& info) {
    if (!is_window(batch.detector)) return;
    if (batch.dropped > 0) {
      notices_.add({NoticeKind::limit_matches, "", 0, batch.dropped,
                    fmt::format("base matches of one key of \"{}\" beyond the limit", info.title)});
    }
    auto sighting = correlator_.decide(batch.detector, batch.key);
    if (!sighting) return;
    sighting->detector_id = info.id;
    sighting->id = sighting_id(info, input_.items, sighting->records, batch.key);
    out_.chained.insert(sighting->id);
    sightings_.add(batch.detector, std::move(*sighting));
  }

  void add_sighting(const Batch& batch, const DetectorInfo& info, const std::string& holder,
                    const SightingGroup& group) {
    if (group.first().mention) {
      for (const auto& [chain, n] : group.items()) out_.mentions[{input_.items.id_of(chain), info.advisory}] += n;
      return;
    }
    Sighting sighting = group.sighting(info, input_.items, holder.empty() ? batch.key : batch.key + "\x1f" + holder);
    const std::string id = sighting.id;
    if (group.of_copies()) out_.of_copies.insert(id);
    if (!holder.empty()) {
      out_.leased[id] = sighting.host;
      sighting.host = holder;
    }
    if (!sightings_.add(batch.detector, std::move(sighting))) return;
    out_.met.insert(batch.detector);
    if (group.first().role != Role::text_only) return;
    for (const auto& [chain, n] : group.items()) {
      const Place place{input_.items.id_of(chain), info.advisory};
      if (place.first.empty()) continue;
      quoted_[place].insert(batch.detector);
      quoting_[id][place] += n;
    }
  }

  // An item whose free text holds many indicators of one advisory quotes it.
  void quotes_to_mentions() {
    std::erase_if(out_.sightings, [&](const Sighting& s) {
      const auto in = quoting_.find(s.id);
      if (s.role != Role::text_only || in == quoting_.end()) return false;
      const auto quotes = [&](const auto& hits) { return quoted_.at(hits.first).size() >= kMentionPerItem; };
      if (!std::all_of(in->second.begin(), in->second.end(), quotes)) return false;
      for (const auto& [place, n] : in->second) out_.mentions[place] += n;
      return true;
    });
  }

  [[nodiscard]] bool is_window(DetectorIndex detector) const {
    return detector < input_.rules.rules.size() && input_.rules.rules[detector].window;
  }
  [[nodiscard]] std::string holder_of(const Match& match) const {
    return input_.holders.empty() ? std::string() : input_.holders.holder(match.host, match.time);
  }
  const DetectorInfo& info_of(DetectorIndex detector) {
    if (!current_ || current_->first != detector) current_.emplace(detector, input_.catalogue[detector]);
    return current_->second;
  }

  MergedRuns runs_;
  const MergeInput& input_;
  Notices& notices_;
  Suppressed suppressed_;
  Correlator correlator_;
  KeptSightings sightings_;
  std::optional<std::pair<DetectorIndex, DetectorInfo>> current_;  // one detector's matches stand together
  // Hits in free text: which detectors a place holds, and the places of each such sighting, with hits.
  std::map<Place, std::set<DetectorIndex>> quoted_;
  std::map<std::string, std::map<Place, std::uint64_t>> quoting_;  // by sighting id
  MergedMatches out_;
};

}  // namespace

MergedMatches merge_matches(MergedRuns runs, const MergeInput& input, Notices& notices) {
  return MatchMerge(std::move(runs), input, notices).run();
}

}  // namespace assay
