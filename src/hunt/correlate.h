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
  // `refer` names a record, by path chain and place, as the case does. All arguments outlive the correlator.
  using Refer = std::function<Sighting::Reference(const std::string& chain, const RecordRef&)>;
  Correlator(const RuleSet& rules, const Profile& profile, Refer refer);

  // The next (window, key) that other windows feed, if there is one. Ascending, as matches are.
  [[nodiscard]] const std::pair<DetectorIndex, std::string>* pending() const;
  // The base matches of the (window, key) that decide() is called for next, in the order of keyed_less. Only what the
  // decision needs of them is held.
  void add(KeyedMatch&& base);
  [[nodiscard]] std::size_t held() const { return matches_.size(); }
  // Decides one (window, key) from what was added and what other windows fed to it. The sighting has no id, detector
  // and reason yet; none when nothing was met, or when another window's sighting stands for it.
  [[nodiscard]] std::optional<Sighting> decide(DetectorIndex window, const std::string& key);
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
  void feed(DetectorIndex window, const std::vector<std::string>& group, const std::vector<const Match*>& matches,
            const std::vector<Time>& instants, const Episode& episode, std::uint64_t content);

  const RuleSet& rules_;
  const Profile& profile_;
  Refer refer_;
  std::map<DetectorIndex, std::vector<WindowFeed>> feeds_;
  std::map<DetectorIndex, bool> silent_;
  std::map<std::pair<DetectorIndex, std::string>, std::vector<Derived>> derived_;
  std::map<DetectorIndex, std::uint64_t> fed_, dropped_, given_up_;
  std::deque<Episode> episodes_;

  // Of the key at hand: texts stand once, and a match's place in `origins_` is its Match::ref.item.
  struct Origin {
    std::uint32_t chain = 0, host = 0, account = 0;
  };
  [[nodiscard]] std::uint32_t text(std::string_view text);
  std::vector<Match> matches_;
  std::vector<Origin> origins_;
  std::map<std::string, std::uint32_t, std::less<>> text_index_;
  std::vector<const std::string*> texts_;
  std::vector<std::string> group_;
  Time at_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::map<std::string, std::uint64_t>> seen_;  // of that instant
};

}  // namespace assay
