// Correlation at finish: base matches of one (window, key) become emissions; emissions become sightings and, where
// another window builds on this one, its base matches. Windows come in the order of the rule set, children first
// (rules/resolve.h), so one pass over the sorted runs decides all of them.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/notice.h"
#include "core/sighting.h"
#include "hunt/unit.h"
#include "knowledge/profile.h"
#include "rules/resolve.h"

namespace assay {

// Why a key stands for several people or hosts, by the profile: "svc-backup is a service account"; "" when it does not
// or nothing is known.
[[nodiscard]] std::string not_identity(const Profile& profile, std::string_view value);

class Correlator {
 public:
  // `refer` names the record of a match as the case does. All arguments outlive the correlator.
  Correlator(const RuleSet& rules, const Profile& profile, std::function<Sighting::Reference(const KeyedMatch&)> refer);

  // The next (window, key) that other windows feed, if there is one. Ascending, as matches are.
  [[nodiscard]] const std::pair<DetectorIndex, std::string>* pending() const;
  // Decides one (window, key): its base matches in the order of keyed_less, and what other windows fed to it. The
  // sighting has no id, detector and reason yet; none when nothing was met, or when another window's sighting stands
  // for it.
  [[nodiscard]] std::optional<Sighting> decide(DetectorIndex window, const std::string& key,
                                               const std::vector<KeyedMatch>& base);
  // What did not fit.
  void report(Notices& notices) const;

 private:
  struct Episode {
    std::vector<Sighting::Reference> records;
    std::vector<NamedValue> fields;
    std::string host, account;
    Outcome outcome = Outcome::unknown;
    bool mention = false;
  };
  struct Derived {
    Match match;
    const Episode* episode = nullptr;
  };
  void feed(DetectorIndex window, const std::vector<const Match*>& matches, const std::vector<Time>& instants,
            const Episode& episode, std::uint64_t content);

  const RuleSet& rules_;
  const Profile& profile_;
  std::function<Sighting::Reference(const KeyedMatch&)> refer_;
  std::map<DetectorIndex, std::vector<WindowFeed>> feeds_;
  std::map<DetectorIndex, bool> silent_;
  std::map<std::pair<DetectorIndex, std::string>, std::vector<Derived>> derived_;
  std::map<DetectorIndex, std::uint64_t> fed_, dropped_;
  std::deque<Episode> episodes_;
};

}  // namespace assay
