#include "hunt/correlate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "match/windows.h"

namespace assay {
namespace {

// Base matches of one window that come from other windows; further ones are counted and left out.
constexpr std::uint64_t kDerivedMatches = limits::kMatchesPerDetector * 10;
// The first matches of a key keep all fields that they carry, for the finding to show; later ones what is counted.
constexpr std::size_t kFullMatches = 1000;

// "CORP\name" and "name@corp.example" are the account "name".
std::string_view account_name(std::string_view text) {
  if (const std::size_t slash = text.rfind('\\'); slash != std::string_view::npos) return text.substr(slash + 1);
  return text.substr(0, text.find('@'));
}

bool is_listed(const std::vector<std::string>& list, std::string_view value) {
  const auto address = parse_address(value);
  return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
    const auto network = parse_network(entry);
    return address && network ? contains(*network, *address) : equals_icase(entry, value);
  });
}

bool is_account_of(const std::vector<std::string>& list, std::string_view value) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
    return equals_icase(entry, value) || equals_icase(account_name(entry), account_name(value));
  });
}

// The value of a name that a window built on this one asks for: a part of the key, or a carried field.
std::string value_of(const ir::Window& window, const std::vector<std::string>& group, const Match& match,
                     const std::string& name) {
  for (std::size_t i = 0; i < window.keys.size() && i < group.size(); ++i) {
    if (window.keys[i] == name) return group[i];
  }
  for (const auto& [field, value] : match.fields) {
    if (field == name) return value;
  }
  return {};
}

}  // namespace

std::string not_identity(const Profile& profile, std::string_view value) {
  if (value.empty()) return {};
  if (is_account_of(profile.shared_accounts, value)) return fmt::format("{} is a shared account", value);
  if (is_account_of(profile.service_accounts, value)) return fmt::format("{} is a service account", value);
  if (is_listed(profile.nat, value)) return fmt::format("{} translates the addresses of many hosts", value);
  if (is_listed(profile.proxies, value)) return fmt::format("{} is a proxy of many hosts", value);
  const std::string name = profile.host_of(value);
  const ProfileHost* const host = name.empty() ? nullptr : profile.find_host(name);
  if (host != nullptr && host->kind == "terminal_server") return fmt::format("{} is a terminal server", value);
  if (host != nullptr && host->kind == "proxy") return fmt::format("{} is a proxy of many hosts", value);
  return {};
}

Correlator::Correlator(const RuleSet& rules, const Profile& profile, Refer refer)
    : rules_(rules), profile_(profile), refer_(std::move(refer)) {
  for (DetectorIndex i = 0; i < rules.rules.size(); ++i) {
    if (!rules.rules[i].window) continue;
    std::vector<WindowFeed> feeds = fed_by(rules.rules, i);
    silent_[i] = rules.rules[i].base_only || std::any_of(feeds.begin(), feeds.end(), [&](const WindowFeed& feed) {
                   return !rules.rules[feed.window].window->generate;
                 });
    feeds_[i] = std::move(feeds);
  }
}

const std::pair<DetectorIndex, std::string>* Correlator::pending() const {
  return derived_.empty() ? nullptr : &derived_.begin()->first;
}

std::uint32_t Correlator::text(std::string_view text) {
  const auto found = text_index_.find(text);
  if (found != text_index_.end()) return found->second;
  const auto number = static_cast<std::uint32_t>(texts_.size());
  const auto at = text_index_.emplace(std::string(text), number).first;
  texts_.push_back(&at->first);
  return number;
}

void Correlator::add(KeyedMatch&& base) {
  Match& m = base.match;
  // The same bytes in two items feed the window once.
  if (m.time != at_) seen_.clear();
  at_ = m.time;
  auto& per_item = seen_[{m.content, m.part}];
  std::uint64_t most = 0;
  for (const auto& [chain, n] : per_item) most = std::max(most, n);
  if (++per_item[base.chain] <= most) return;
  if (matches_.empty()) group_ = m.group;
  if (matches_.size() >= kFullMatches) {
    const ir::Window& window = *rules_.rules[m.detector].window;
    const auto counted = [&](const NamedValue& field) {
      const auto in = [&](const std::vector<std::string>& list) {
        return std::find(list.begin(), list.end(), field.first) != list.end();
      };
      return in(window.value_fields) || in(window.kept);
    };
    std::erase_if(m.fields, [&](const NamedValue& field) { return !counted(field); });
    m.fields.shrink_to_fit();
  }
  origins_.push_back({text(base.chain), text(m.host), text(m.account)});
  m.ref.item = static_cast<std::uint32_t>(origins_.size() - 1);
  m.host = std::string();
  m.account = std::string();
  m.group = std::vector<std::string>();
  m.filters = std::vector<std::uint32_t>();
  matches_.push_back(std::move(m));
}

std::optional<Sighting> Correlator::decide(DetectorIndex index, const std::string& key) {
  const ir::Detector& rule = rules_.rules[index];
  std::vector<Derived> derived;
  if (const auto at = derived_.find({index, key}); at != derived_.end()) {
    derived = std::move(at->second);
    derived_.erase(at);
  }
  std::vector<Match> matches = std::move(matches_);
  const std::vector<Origin> origins = std::move(origins_);
  std::vector<std::string> group = std::move(group_);
  matches_.clear();
  origins_.clear();
  group_.clear();
  seen_.clear();
  at_ = Time{};
  if (group.empty() && !derived.empty()) group = derived.front().match.group;
  for (std::size_t i = 0; i < derived.size(); ++i) {
    matches.push_back(derived[i].match);
    matches.back().ref.item = static_cast<std::uint32_t>(origins.size() + i);
  }
  static const std::string kNone;
  const auto chain_of = [&](const Match& m) -> const std::string& {
    return m.ref.item < origins.size() ? *texts_[origins[m.ref.item].chain] : kNone;
  };
  std::stable_sort(matches.begin(), matches.end(), [&](const Match& a, const Match& b) {
    return std::tie(a.time, a.part, chain_of(a), a.ref.offset, a.content) <
           std::tie(b.time, b.part, chain_of(b), b.ref.offset, b.content);
  });

  Sighting s;
  const bool wanted = !silent_[index];
  const bool feeds = !feeds_[index].empty();
  const bool whole = decide_window(*rule.window, matches, [&](const Emission& met) {
    if (met.matches.empty()) return;
    Episode episode;
    for (const Match* match : met.matches) {
      const bool own = match->ref.item < origins.size();
      const Episode* const below = own ? nullptr : derived[match->ref.item - origins.size()].episode;
      const std::string& host = own ? *texts_[origins[match->ref.item].host] : below->host;
      const std::string& account = own ? *texts_[origins[match->ref.item].account] : below->account;
      const auto cite = [&](const Sighting::Reference& ref) {
        if (episode.records.size() >= limits::kRecordsPerSighting) return;
        if (std::find(episode.records.begin(), episode.records.end(), ref) == episode.records.end())
          episode.records.push_back(ref);
      };
      if (below == nullptr) {
        if (episode.records.size() < limits::kRecordsPerSighting) cite(refer_(chain_of(*match), match->ref));
      } else {
        for (const Sighting::Reference& ref : below->records) cite(ref);
      }
      if (episode.host.empty()) episode.host = host;
      if (episode.account.empty()) episode.account = account;
      if (episode.outcome == Outcome::unknown) episode.outcome = match->outcome;
      for (const NamedValue& field : below == nullptr ? match->fields : below->fields) {
        if (episode.fields.size() >= limits::kCarriedFields) break;
        const bool has = std::any_of(episode.fields.begin(), episode.fields.end(),
                                     [&](const NamedValue& f) { return f.first == field.first; });
        if (!has) episode.fields.push_back(field);
      }
      episode.mention = episode.mention || match->mention;
    }
    if (wanted) {
      for (const Sighting::Reference& ref : episode.records) {
        if (s.records.size() < limits::kRecordsPerSighting) s.records.push_back(ref);
      }
      if (s.host.empty()) s.host = episode.host;
      if (s.account.empty()) s.account = episode.account;
      if (s.outcome == Outcome::unknown) s.outcome = episode.outcome;
      if (s.count == 0) s.fields = episode.fields;
      s.mention = s.mention || episode.mention;
      if (!s.time.known()) s.time = met.matches.front()->time;
      s.until = met.matches.back()->time;
      ++s.count;
    }
    if (feeds) {
      // What makes this emission itself: its window, its key and its first match.
      const Match& first = *met.matches.front();
      const std::uint64_t content = hash64(fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", rule.id, key, first.time.ns,
                                                       first.content, first.ref.offset, first.ref.length));
      episodes_.push_back(std::move(episode));
      feed(index, group, met.matches, met.instants, episodes_.back(), content);
    }
  });
  if (!whole) ++given_up_[index];
  text_index_.clear();
  texts_.clear();
  if (!wanted || s.count == 0) return std::nullopt;
  std::string people;
  for (const std::string& value : group) {
    const std::string why = not_identity(profile_, value);
    if (!why.empty()) people += (people.empty() ? "" : "; ") + why;
  }
  if (!people.empty()) s.fields.emplace_back("group_by_not_identity", people);
  std::sort(s.fields.begin(), s.fields.end());
  return s;
}

// One emission is one event of the window that it feeds, at each instant at which it was met; where that window asks
// for a field in which the emission's matches differ, one for each of its values.
void Correlator::feed(DetectorIndex index, const std::vector<std::string>& group,
                      const std::vector<const Match*>& matches, const std::vector<Time>& instants,
                      const Episode& episode, std::uint64_t content) {
  const ir::Window& child = *rules_.rules[index].window;
  for (const WindowFeed& target : feeds_[index]) {
    const ir::Window& parent = *rules_.rules[target.window].window;
    const ir::Base& base = parent.bases[target.part];
    std::set<std::vector<std::string>> tuples;
    for (const Match* match : matches) {
      std::vector<std::string> tuple;
      bool whole = true;
      for (const std::string& name : base.group_by) {
        tuple.push_back(lower(value_of(child, group, *match, name)));
        whole = whole && !tuple.back().empty();
      }
      for (const std::string& name : base.values) {
        tuple.push_back(value_of(child, group, *match, name));
        whole = whole && !tuple.back().empty();
      }
      for (const std::string& name : parent.kept) tuple.push_back(value_of(child, group, *match, name));
      if (whole) tuples.insert(std::move(tuple));
    }
    for (const std::vector<std::string>& tuple : tuples) {
      Derived event;
      event.episode = &episode;
      Match& m = event.match;
      m.detector = target.window;
      m.part = target.part;
      m.base = true;
      m.content = content;
      m.host = episode.host;
      m.account = episode.account;
      m.outcome = episode.outcome;
      m.mention = episode.mention;
      std::size_t at = 0;
      for (; at < base.group_by.size(); ++at) m.group.push_back(tuple[at]);
      for (const std::string& name : parent.value_fields) m.fields.emplace_back(name, tuple[at++]);
      for (const std::string& name : parent.kept) m.fields.emplace_back(name, tuple[at++]);
      auto& list = derived_[{target.window, group_key(m, true)}];
      for (const Time& instant : instants) {
        if (fed_[target.window] >= kDerivedMatches) {
          ++dropped_[target.window];
          continue;
        }
        ++fed_[target.window];
        m.time = instant;
        list.push_back(event);
      }
    }
  }
}

void Correlator::report(Notices& notices) const {
  for (const auto& [window, count] : given_up_) {
    notices.add({NoticeKind::rule_limit, "", 0, count,
                 fmt::format("too many ways to bind the records of \"{}\": what was found first is kept",
                             rules_.rules[window].title)});
  }
  for (const auto& [window, count] : dropped_) {
    notices.add({NoticeKind::limit_matches, "", 0, count,
                 fmt::format("what other correlations feed to \"{}\" beyond the limit", rules_.rules[window].title)});
  }
}

}  // namespace assay
