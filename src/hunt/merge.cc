#include "hunt/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <queue>
#include <set>

#include "analytics/analytic.h"
#include "core/ascii.h"
#include "core/hash.h"
#include "core/limits.h"
#include "hunt/clock_offsets.h"
#include "hunt/continuity.h"
#include "hunt/correlate.h"
#include "hunt/duplicates.h"
#include "hunt/exports.h"
#include "hunt/fold_copies.h"
#include "hunt/forwarded.h"
#include "hunt/kept_sightings.h"
#include "hunt/path_clock.h"
#include "hunt/plans.h"
#include "hunt/unit.h"
#include "hunt/worker.h"
#include "match/mention.h"

namespace assay {
namespace {

// Which of a finding's addresses was the host's: whoever weighs it must not take the address for another party.
void note_lease(Sighting& sighting, const std::string& address) {
  sighting.fields.emplace_back("@leased_address", address);
  std::sort(sighting.fields.begin(), sighting.fields.end());
}

// One unit's sorted run of matches, read chunk by chunk.
class RunCursor {
 public:
  RunCursor(Case& file, std::string unit) : file_(&file), unit_(std::move(unit)) { advance(); }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const KeyedMatch& front() const { return front_; }
  void advance() {
    while (at_ >= chunk_.size()) {
      auto next = file_->sealed_chunk(unit_, index_++);
      if (!next) {
        done_ = true;
        return;
      }
      chunk_ = std::move(*next);
      at_ = 0;
    }
    Reader in(std::string_view(chunk_).substr(at_));
    front_ = {};
    if (!load(in, front_)) {
      done_ = true;
      return;
    }
    at_ = chunk_.size() - in.rest().size();
  }

 private:
  Case* file_;
  std::string unit_, chunk_;
  std::size_t at_ = 0;
  std::int64_t index_ = 0;
  KeyedMatch front_;
  bool done_ = false;
};

// All runs as one sorted stream.
class MergedRuns {
  // The heap's order: the smallest match on top.
  [[nodiscard]] auto later() const {
    return [this](std::size_t a, std::size_t b) {
      if (keyed_less(cursors_[a].front(), cursors_[b].front())) return false;
      if (keyed_less(cursors_[b].front(), cursors_[a].front())) return true;
      return a > b;
    };
  }

 public:
  explicit MergedRuns(std::vector<RunCursor> cursors) : cursors_(std::move(cursors)) {
    for (std::size_t i = 0; i < cursors_.size(); ++i) push(i);
  }
  [[nodiscard]] bool done() const { return heap_.empty(); }
  [[nodiscard]] const KeyedMatch& front() const { return cursors_[heap_.front()].front(); }
  KeyedMatch take() {
    std::pop_heap(heap_.begin(), heap_.end(), later());
    const std::size_t at = heap_.back();
    heap_.pop_back();
    KeyedMatch match = cursors_[at].front();
    cursors_[at].advance();
    push(at);
    return match;
  }

 private:
  void push(std::size_t at) {
    if (cursors_[at].done()) return;
    heap_.push_back(at);
    std::push_heap(heap_.begin(), heap_.end(), later());
  }
  std::vector<RunCursor> cursors_;
  std::vector<std::size_t> heap_;
};

struct Items {
  std::map<std::string, ItemPart> by_chain;
  std::map<std::string, std::string> copy_of;  // chain -> chain that is kept
  std::map<std::string, std::string> ids;      // chain (also of copies) -> "E0001"
  std::map<std::string, std::string> sha;      // id -> sha256
};

void place_items(Items& items, CaseData& data, Notices& notices) {
  std::map<std::string, std::string> first_of;  // sha256 -> chain
  for (const auto& [chain, part] : items.by_chain) {
    if (part.sha256.empty() || part.bytes == 0) continue;
    const auto [at, fresh] = first_of.try_emplace(part.sha256, chain);
    if (!fresh) items.copy_of.emplace(chain, at->second);
  }
  std::map<std::string, std::vector<std::string>> copies;
  for (const auto& [copy, kept] : items.copy_of) copies[kept].push_back(copy);
  std::size_t n = 0;
  for (const auto& [chain, part] : items.by_chain) {
    if (items.copy_of.contains(chain)) continue;
    EvidenceItem& item = data.evidence.emplace_back();
    item.id = fmt::format("E{:04}", ++n);
    items.ids[chain] = item.id;
    items.sha[item.id] = part.sha256;
    item.path = chain;
    item.member = part.parent.empty() ? std::string() : part.chain.substr(part.parent.size() + 1);
    item.copies = copies[chain];
    item.shape = part.shape;
    item.kind = part.kind;
    item.bytes = part.bytes;
    item.records = part.records;
    item.damaged = part.damaged;
    item.skipped_bytes = part.skipped_bytes;
    item.first = part.first;
    item.last = part.last;
    item.hosts = part.hosts;
    item.sha256 = part.sha256;
    item.record_bytes = part.record_bytes;
    item.between_bytes = part.between_bytes;
    item.damaged_bytes = part.damaged_bytes;
    item.outside = part.outside;
    item.routes = part.routes;
    if (part.kind == "container") {  // all of it is wrapping; its members have their own bytes
      item.record_bytes = item.damaged_bytes = item.skipped_bytes = 0;
      item.between_bytes = part.bytes;
    } else if (part.accounted() < part.bytes) {  // a part of it was given up
      item.skipped_bytes += part.bytes - part.accounted();
      notices.add({NoticeKind::limit_other, chain, 0, part.bytes - part.accounted(), "bytes that no unit looked at"});
    }
    data.records_total += part.records;
  }
  for (const auto& [copy, kept] : items.copy_of) {
    items.ids[copy] = items.ids[kept];
    const ItemPart& part = items.by_chain.at(copy);
    data.records_total += part.records;
    // Members of a copied container are copies too; the container's notice says it all.
    if (!items.copy_of.contains(part.parent))
      notices.add({NoticeKind::duplicate_file, copy, 0, 1, "the same bytes as " + kept});
  }
  for (EvidenceItem& item : data.evidence) {
    const std::string& parent = items.by_chain.at(item.path).parent;
    if (const auto at = items.ids.find(parent); at != items.ids.end()) item.parent = at->second;
  }
}

// One group of equal (detector, key): a sighting in the making.
class Group {
 public:
  // Matches come in the order of keyed_less. The same bytes in two items are one match in two places.
  void add(const KeyedMatch& k, const Items& items) {
    const bool same = count_ > 0 && k.match.time == last_time_ && k.match.content == last_content_;
    if (!same) {
      per_item_.clear();
      most_ = 0;
    }
    last_time_ = k.match.time;
    last_content_ = k.match.content;
    const auto kept = items.copy_of.find(k.chain);
    const std::string& chain = kept == items.copy_of.end() ? k.chain : kept->second;
    // Identical items hold identical records at identical places: those count through the kept one alone.
    const bool whole_copy = kept != items.copy_of.end();
    own_ = own_ || !whole_copy;
    const std::uint64_t mine = ++per_item_[k.chain];
    const bool fresh = mine > most_;
    most_ = std::max(most_, mine);
    const auto id = items.ids.find(chain);
    const Sighting::Reference ref{id == items.ids.end() ? std::string() : id->second, k.match.ref.offset,
                                  k.match.ref.length};
    if (count_ == 0) first_ = k.match;
    if (fresh) {
      ++count_;
      if (records_.size() < limits::kRecordsPerSighting) records_.push_back(ref);
    } else if (!whole_copy && copies_.size() < limits::kRecordsPerSighting) {
      copies_.push_back(ref);
    }
    if (k.match.time.known()) {
      if (!from_.known()) from_ = k.match.time;
      until_ = k.match.time;
    }
    items_[chain] += 1;
  }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] const std::map<std::string, std::uint64_t>& items() const { return items_; }
  [[nodiscard]] const Match& first() const { return first_; }
  [[nodiscard]] bool of_copies() const { return !own_; }
  [[nodiscard]] Sighting sighting(const DetectorInfo& info, const Items& items, std::string_view key) const {
    Sighting s;
    s.detector_id = info.id;
    s.time = from_;
    s.until = until_;
    s.count = count_;
    s.records = records_;
    s.copies = copies_;
    s.host = first_.host;
    s.account = first_.account;
    s.role = first_.role;
    s.outcome = first_.outcome;
    s.fields = first_.fields;
    s.mention = first_.mention;
    s.id = id_of(info, items, records_, key);
    return s;
  }
  [[nodiscard]] static std::string id_of(const DetectorInfo& info, const Items& items,
                                         const std::vector<Sighting::Reference>& records, std::string_view key) {
    std::string text = info.id + "\x1f" + info.hash + "\x1f";
    if (!records.empty()) {
      const auto sha = items.sha.find(records.front().evidence);
      text += fmt::format("{}\x1f{}\x1f{}", sha == items.sha.end() ? std::string() : sha->second,
                          records.front().offset, records.front().length);
    }
    // One record can hold two different things of one detector (two links of a message): the key tells them apart.
    text += "\x1f";
    text += key;
    return "sgt--" + sha256_hex(text).substr(0, 32);
  }

 private:
  Match first_;
  std::uint64_t count_ = 0, most_ = 0;
  bool own_ = false;  // a match stands in an item that is no copy
  Time last_time_, from_, until_;
  std::uint64_t last_content_ = 0;
  std::map<std::string, std::uint64_t> per_item_, items_;
  std::vector<Sighting::Reference> records_, copies_;
};

std::string reason(const DetectorInfo& info, const Sighting& s) {
  std::string out = info.title.empty() ? info.id : info.title;
  if (info.kind == DetectorKind::indicator) {
    out = fmt::format("{} {}", info.title.empty() ? std::string("indicator") : info.title, name_of(s.role));
  }
  std::size_t shown = 0;
  for (const auto& [name, value] : s.fields) {
    if (shown == 3) break;
    if (name == "group_by_not_identity" || name == kForwardedBy || name == kCarved) continue;
    out += fmt::format("{} {} = {}", shown == 0 ? ":" : ",", name, value);
    ++shown;
  }
  for (const auto& [name, value] : s.fields) {
    if (name == "group_by_not_identity") out += "; its key is not one identity: " + value;
    if (name == kCarved) out += "; the record was carved from unused space of its log";
    if (name == kForwardedBy) out += "; the client's address is the word of the proxy " + value;
  }
  return out;
}

// Hits that filters take out of the findings, by filter and rule.
class Suppressed {
 public:
  Suppressed(const RuleSet& rules, Time as_of) : rules_(rules) {
    for (const ir::Filter& filter : rules.filters)
      expired_.push_back(filter.expires.known() && as_of.known() && as_of >= filter.expires);
  }
  // The first filter in force that would suppress the match.
  [[nodiscard]] std::optional<std::uint32_t> by(const Match& match) const {
    for (const std::uint32_t filter : match.filters) {
      if (filter < expired_.size() && !expired_[filter]) return filter;
    }
    return std::nullopt;
  }
  void add(std::uint32_t filter, DetectorIndex rule, std::uint64_t count) { counts_[{filter, rule}] += count; }
  void report(const DetectorCatalogue& catalogue, Notices& notices) const {
    for (const auto& [pair, count] : counts_) {
      const DetectorInfo rule = catalogue[pair.second];
      notices.add(
          {NoticeKind::suppressed, "", 0, count,
           fmt::format("{} suppressed hits of \"{}\" ({})", shown(rules_.filters[pair.first]), rule.title, rule.id)});
    }
    for (std::size_t i = 0; i < expired_.size(); ++i) {
      if (!expired_[i]) continue;
      notices.add({NoticeKind::filter_expired, "", 0, 1,
                   fmt::format("{} is past its last day and was not applied", shown(rules_.filters[i]))});
    }
  }

 private:
  static std::string shown(const ir::Filter& filter) {
    return fmt::format(
        "filter \"{}\" (reason: {}; author: {}; last day: {})", filter.title.empty() ? filter.id : filter.title,
        filter.reason.empty() ? "not given" : filter.reason, filter.author.empty() ? "not given" : filter.author,
        filter.expires.known() ? format_date(Time{filter.expires.ns - kDay}) : "not given");
  }
  const RuleSet& rules_;
  std::vector<bool> expired_;
  std::map<std::pair<std::uint32_t, DetectorIndex>, std::uint64_t> counts_;
};

// The records of one log can stand in two items of which one does not tell its host (a download without its folder):
// what was found in both is one sighting in two places. Every item of the nameless one must be known to share records
// with an item of the other.
// A host that merely is the one of an address in the record counts as not told.
void fold_nameless(std::vector<Sighting>& sightings, const Duplicates& duplicates, const Items& items,
                   const Profile& profile) {
  std::set<std::pair<std::string, std::string>> shared;  // evidence ids, both ways
  const auto share = [&](const std::string& a, const std::string& b) {
    const auto x = items.ids.find(a), y = items.ids.find(b);
    if (x == items.ids.end() || y == items.ids.end()) return;
    shared.emplace(x->second, y->second);
    shared.emplace(y->second, x->second);
  };
  for (const auto& [pair, records] : duplicates.pairs) share(pair.first, pair.second);
  for (const auto& [chain, sum] : duplicates.sums) {
    for (const std::string& part : sum.of) share(chain, part);
  }
  if (shared.empty()) return;
  using What = std::tuple<std::string, std::string, Role, Outcome, std::vector<NamedValue>>;
  const auto what = [](const Sighting& s) { return What{s.detector_id, s.account, s.role, s.outcome, s.fields}; };
  const auto told = [&](const Sighting& s) {
    return !s.host.empty() && std::none_of(s.fields.begin(), s.fields.end(), [&](const NamedValue& field) {
      return field.second == s.host || profile.host_of(field.second) == s.host;
    });
  };
  std::map<What, std::vector<std::size_t>> named;
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    if (told(sightings[i])) named[what(sightings[i])].push_back(i);
  }
  const auto places = [](const Sighting& s) {
    std::vector<Sighting::Reference> all = s.records;
    all.insert(all.end(), s.copies.begin(), s.copies.end());
    return all;
  };
  std::vector<bool> folded(sightings.size(), false);
  for (std::size_t i = 0; i < sightings.size(); ++i) {
    const Sighting& nameless = sightings[i];
    if (told(nameless)) continue;
    const auto at = named.find(what(nameless));
    if (at == named.end()) continue;
    for (const std::size_t k : at->second) {
      Sighting& other = sightings[k];
      if (nameless.time < other.time || nameless.until > other.until || nameless.count > other.count) continue;
      const auto theirs = places(other), mine = places(nameless);
      const bool all = std::all_of(mine.begin(), mine.end(), [&](const Sighting::Reference& m) {
        return std::any_of(theirs.begin(), theirs.end(), [&](const Sighting::Reference& t) {
          return m.evidence == t.evidence || shared.contains({m.evidence, t.evidence});
        });
      });
      if (!all) continue;
      for (const Sighting::Reference& m : mine) {
        if (other.copies.size() < limits::kRecordsPerSighting) other.copies.push_back(m);
      }
      folded[i] = true;
      break;
    }
  }
  std::size_t next = 0;
  std::erase_if(sightings, [&](const Sighting&) { return folded[next++]; });
}

void blind_rules(const EngineFacts& facts, const Table& presence, CaseData& data) {
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::pair<std::int64_t, std::int64_t>>> by_route;
  for (const auto& [key, row] : presence.rows()) by_route[{key[0], key[1]}][key[2]] = {row[0], row[1]};
  std::map<std::pair<std::string, std::string>, std::set<std::string>> blind;  // (rule id, field) -> places
  std::map<std::pair<std::string, std::string>, bool> sees;
  for (const EngineFacts::Need& need : facts.needs) {
    const auto route = by_route.find({need.shape, need.route});
    if (route == by_route.end() || need.detector >= facts.catalogue.size()) continue;
    std::int64_t present = 0, records = 0;
    for (const std::string& path : need.paths) {
      const auto at = route->second.find(path);
      if (at == route->second.end()) continue;
      present = std::max(present, at->second.first);
      records = std::max(records, at->second.second);
    }
    if (records == 0) continue;
    const std::pair<std::string, std::string> rule{facts.catalogue[need.detector].id, need.name};
    if (present * 100 < records) {
      blind[rule].insert(need.shape + "/" + need.route);
    } else {
      sees[rule] = true;
    }
  }
  for (const auto& [rule, places] : blind) {
    if (sees.contains(rule)) continue;  // some other source of the rule carries the field
    std::string where;
    for (const std::string& place : places) where += (where.empty() ? "" : ", ") + place;
    data.blind.push_back({where, rule.first, rule.second});
  }
}

// Findings on an inside address that nothing ties to a host: the address is not taken for one.
void addresses_not_hosts(std::vector<Sighting>& sightings, const Leases& leases, const Profile& profile,
                         Notices& notices) {
  constexpr std::size_t kShown = 8;
  std::set<std::string> addresses;
  std::uint64_t count = 0;
  for (Sighting& s : sightings) {
    const auto address = parse_address(s.host);
    if (!address || !profile.is_inside(s.host)) continue;
    const bool dynamic =
        std::any_of(profile.dynamic_networks.begin(), profile.dynamic_networks.end(), [&](const DynamicNetwork& entry) {
          const auto network = parse_network(entry.network);
          return network && contains(*network, *address);
        });
    ++count;
    addresses.insert(s.host);
    if (dynamic || leases.knows(s.host))
      s.why += fmt::format("; {} is an address, not a host: no lease covers the time", s.host);
  }
  if (count == 0) return;
  std::string names;
  std::size_t shown = 0;
  for (const std::string& address : addresses) {
    if (++shown > kShown) break;
    names += (names.empty() ? "" : ", ") + address;
  }
  if (addresses.size() > kShown) names += fmt::format(" and {} more", addresses.size() - kShown);
  notices.add({NoticeKind::address_not_host, "", 0, count,
               fmt::format("findings on addresses that no lease and no profile ties to a host: {}", names)});
}

// The hours in which each kind of source has records (core/coverage.h).
std::map<std::string, std::set<std::int64_t>> hours_of(const Table& coverage) {
  std::map<std::string, std::set<std::int64_t>> out;
  for (const auto& [key, row] : coverage.rows()) {
    const auto day = parse_int(key[3]);
    if (!day) continue;
    for (std::int64_t hour = 0; hour < 24; ++hour) {
      if (((row[3] >> hour) & 1) != 0) out[key[1]].insert(*day * 24 + hour);
    }
  }
  return out;
}

// A chain whose records stand in sources with different clocks holds only as far as these are apart less than it is
// long.
void doubt_order(Sighting& s, const ClockDoubts& doubts, const std::map<std::string, std::string>& chains) {
  if (!s.time.known() || !s.until.known()) return;
  std::set<std::string> items;
  for (const Sighting::Reference& ref : s.records) {
    if (const auto at = chains.find(ref.evidence); at != chains.end()) items.insert(at->second);
  }
  if (items.size() < 2) return;
  if (const ClockOffset* offset = doubts.between(items, s.until.ns - s.time.ns)) {
    s.why += fmt::format("; its order holds only within a clock's uncertainty: {} and {} differ by {}", offset->source,
                         offset->other, offset_words(offset->ahead));
  }
}

// What each source says about itself and its clock.
void judge_sources(const std::vector<Table>& tables, const Duplicates& duplicates, const Items& items,
                   const Profile& profile, ClockDoubts& doubts, Notices& notices) {
  if (tables.size() < kAnalyticTables) return;
  const Table coverage = without_copies(tables[kCoverageTable], duplicates, items.copy_of);
  const Table clears = without_copies(tables[kLogClearTable], duplicates, items.copy_of);
  find_gaps(coverage, notices);
  find_clears(clears, notices);
  find_record_holes(without_copies(tables[kRecordIdTable], duplicates, items.copy_of), clears, notices);
  find_jumps(without_copies(tables[kOrderTable], duplicates, items.copy_of), coverage, notices);
  const std::vector<ClockOffset> offsets = find_clock_offsets(tables[kSharedEventTable], items.copy_of);
  report_clock_offsets(offsets, notices);
  doubts = ClockDoubts(offsets, tables[kSharedEventTable]);
  if (profile.hosts.empty()) return;
  std::set<std::string> seen;
  for (const auto& [key, row] : coverage.rows()) seen.insert(key[2]);
  for (const Table& table : tables) {
    if (table.spec().name != "flows") continue;
    for (const auto& [key, row] : table.rows()) seen.insert({key[2], key[3]});
  }
  if (!seen.empty()) find_silent(profile, seen, notices);
}

// Every rule, and of the indicators those that were met: a list of a million is not copied into each case.
std::vector<DetectorInfo> shown_in_case(const DetectorCatalogue& all, const std::set<DetectorIndex>& met) {
  std::vector<DetectorInfo> out = all.rules();
  for (auto at = met.lower_bound(all.first_indicator()); at != met.end() && *at < all.first_yara(); ++at)
    out.push_back(all[*at]);
  out.insert(out.end(), all.yara().begin(), all.yara().end());
  return out;
}

}  // namespace

CaseData finish_run(Case& file, const std::vector<std::string>& units, const EngineFacts& facts, const RuleSet& rules,
                    const Knowledge& knowledge, const Profile& profile, const Notices& notices,
                    const FinishSettings& settings) {
  CaseData data;
  data.complete = settings.complete;
  data.reproducible = settings.reproducible;
  data.not_reproducible_because = settings.not_reproducible_because;
  data.knowledge = knowledge;
  data.profile = profile;
  data.not_loaded = facts.not_loaded;
  data.not_evaluable = facts.not_evaluable;
  data.rules_loaded = rules.rules.size();
  data.rules_loaded += facts.catalogue.yara().size();
  data.indicators_loaded = facts.catalogue.indicators().size();

  Notices all = notices;
  Items items;
  std::vector<Table> tables;
  std::vector<RunCursor> cursors;
  Time latest;
  for (const std::string& unit : units) {
    UnitResult result;
    const auto bytes = file.sealed_result(unit);
    if (!bytes) continue;  // given up, or its file could not be opened: the supervisor has said so
    if (!load_result(*bytes, result)) {
      all.add({NoticeKind::unit_given_up, "", 0, 1, "a sealed result cannot be read"});
      data.complete = false;
      continue;
    }
    for (const ItemPart& part : result.items) merge(items.by_chain[part.chain], part);
    for (std::size_t t = 0; t < result.tables.size(); ++t) {
      if (t == tables.size()) tables.emplace_back(result.tables[t].spec());
      tables[t].merge(result.tables[t]);
    }
    all.merge(result.notices);
    if (result.latest.known() && (!latest.known() || result.latest > latest)) latest = result.latest;
    RunCursor cursor(file, unit);
    if (!cursor.done()) cursors.push_back(std::move(cursor));
  }
  report_cut_exports(items.by_chain, all);
  data.as_of = settings.as_of.known() ? settings.as_of : latest;
  place_items(items, data, all);

  // Copies between items.
  Duplicates duplicates;
  if (tables.size() > kSketchTable) {
    std::set<std::string> nameless;
    for (const auto& [chain, part] : items.by_chain) {
      if (part.hosts.empty()) nameless.insert(chain);
    }
    duplicates = find_duplicates(tables[kSketchTable], items.copy_of, nameless);
    if (tables.size() > kItemEndTable)
      add_shared_ends(without_copies(std::move(tables[kItemEndTable]), duplicates, items.copy_of), nameless,
                      duplicates);
  }
  data.duplicates_total = duplicates.records;
  for (EvidenceItem& item : data.evidence) {
    for (const auto& [pair, records] : duplicates.pairs) item.copied += pair.first == item.path ? records : 0;
    if (const auto sum = duplicates.sums.find(item.path); sum != duplicates.sums.end())
      item.copied += sum->second.records;
    item.copied = std::min(item.copied, item.records - item.outside);
  }
  for (const auto& [pair, records] : duplicates.pairs) {
    if (items.copy_of.contains(pair.first)) continue;  // has its own notice
    all.add({NoticeKind::duplicate_records, pair.first, 0, records,
             "records that " + pair.second + " holds too; counted once"});
  }
  for (const auto& [chain, sum] : duplicates.sums) {
    all.add({NoticeKind::duplicate_records, chain, 0, sum.records,
             fmt::format("records that {} and {} more hold too; counted once", *sum.of.begin(), sum.of.size() - 1)});
  }
  for (const auto& [pair, shared] : duplicates.shared) {
    all.add(
        {NoticeKind::shared_records, pair.first, 0, shared.records,
         fmt::format("{} holds about as many of its records too, from {} on, and no whole hour of them: sums of bytes "
                     "there are given as bounds",
                     pair.second, format_utc(Time{shared.first_hour * kHour}))});
  }
  if (tables.size() > kPresenceTable) blind_rules(facts, tables[kPresenceTable], data);
  ClockDoubts doubts;
  judge_sources(tables, duplicates, items, profile, doubts, all);
  std::map<std::string, std::set<std::int64_t>> covered_hours;  // by source class
  if (tables.size() > kCoverageTable) covered_hours = hours_of(tables[kCoverageTable]);
  for (std::size_t t = 0; t < tables.size(); ++t) {
    if (of_finish(t)) continue;
    data.tables.push_back(without_copies(std::move(tables[t]), duplicates, items.copy_of));
  }

  if (!duplicates.shared_hours.empty()) data.tables.push_back(shared_hours_table(duplicates));

  // Matches to sightings, one (detector, key) at a time.
  std::map<std::pair<std::string, std::string>, std::uint64_t> mentions;  // (evidence id, advisory)
  KeptSightings sightings;
  // Hits in free text: (evidence id, advisory) -> detectors, and the items of each such sighting.
  std::map<std::pair<std::string, std::string>, std::set<DetectorIndex>> quoted;
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::uint64_t>> quoting;  // sighting id -> hits
  const Leases holders = tables.size() < kAnalyticTables
                             ? Leases()
                             : Leases(without_copies(tables[kLeaseTable], duplicates, items.copy_of), profile);
  tables.clear();
  std::map<std::string, std::string> leased;  // sighting id -> the address that its host held
  std::set<std::string> chained;              // sightings of windows
  std::set<std::string> of_copies;            // sightings of whole copies alone
  std::map<std::string, std::string> chains;  // evidence id -> path chain
  for (const EvidenceItem& item : data.evidence) chains.emplace(item.id, item.path);
  MergedRuns runs(std::move(cursors));
  Suppressed suppressed(rules, data.as_of);
  Correlator correlator(rules, profile, [&](const std::string& chain, const RecordRef& ref) {
    const auto kept = items.copy_of.find(chain);
    const auto id = items.ids.find(kept == items.copy_of.end() ? chain : kept->second);
    return Sighting::Reference{id == items.ids.end() ? std::string() : id->second, ref.offset, ref.length};
  });
  correlator.cover([&](const std::string& klass, Time from, Time until) {
    const auto hours = covered_hours.find(klass);
    if (hours == covered_hours.end()) return false;
    const auto first = hours->second.lower_bound(from.hour());
    return first != hours->second.end() && *first <= until.hour();
  });
  std::set<DetectorIndex> met;
  std::optional<std::pair<DetectorIndex, DetectorInfo>> current;  // one detector's matches stand together
  while (!runs.done() || correlator.pending() != nullptr) {
    // What one correlation feeds to another takes its place among the sorted matches.
    std::pair<DetectorIndex, std::string> next;
    if (!runs.done()) next = {runs.front().match.detector, runs.front().key};
    const bool fed = correlator.pending() != nullptr && (runs.done() || *correlator.pending() <= next);
    if (fed) next = *correlator.pending();
    const DetectorIndex detector = next.first;
    const std::string& key = next.second;
    const bool known = detector < facts.catalogue.size();
    const bool base = fed || runs.front().match.base;
    std::map<std::string, Group> groups;       // by the host that held the address at the time; "" as it stands
    std::map<std::uint32_t, Group> held_back;  // by filter
    std::uint64_t dropped = 0;
    while (!runs.done() && runs.front().match.detector == detector && runs.front().key == key) {
      KeyedMatch match = runs.take();
      if (!known) continue;
      if (const auto filter = suppressed.by(match.match)) {
        held_back[*filter].add(match, items);
        continue;
      }
      if (base) {
        if (detector >= rules.rules.size() || !rules.rules[detector].window) continue;
        if (correlator.held() < limits::kMatchesPerDetector * 10) {
          correlator.add(std::move(match));
        } else {
          ++dropped;
        }
      } else {
        groups[holders.empty() ? std::string() : holders.holder(match.match.host, match.match.time)].add(match, items);
      }
    }
    if (!known) continue;
    if (!current || current->first != detector) current.emplace(detector, facts.catalogue[detector]);
    const DetectorInfo& info = current->second;
    for (const auto& [filter, hits] : held_back) suppressed.add(filter, detector, hits.count());
    if (base) {
      if (detector < rules.rules.size() && rules.rules[detector].window) {
        if (dropped > 0) {
          all.add({NoticeKind::limit_matches, "", 0, dropped,
                   fmt::format("base matches of one key of \"{}\" beyond the limit", info.title)});
        }
        if (auto sighting = correlator.decide(detector, key)) {
          sighting->detector_id = info.id;
          sighting->id = Group::id_of(info, items, sighting->records, key);
          chained.insert(sighting->id);
          sightings.add(detector, std::move(*sighting));
        }
      }
      continue;
    }
    for (const auto& [holder, group] : groups) {
      if (group.first().mention) {
        for (const auto& [chain, n] : group.items()) {
          const auto id = items.ids.find(chain);
          mentions[{id == items.ids.end() ? std::string() : id->second, info.advisory}] += n;
        }
        continue;
      }
      Sighting sighting = group.sighting(info, items, holder.empty() ? key : key + "\x1f" + holder);
      const std::string id_of_it = sighting.id;
      if (group.of_copies()) of_copies.insert(id_of_it);
      if (!holder.empty()) {
        leased[id_of_it] = sighting.host;
        sighting.host = holder;
      }
      if (!sightings.add(detector, std::move(sighting))) continue;
      met.insert(detector);
      if (group.first().role == Role::text_only) {
        for (const auto& [chain, n] : group.items()) {
          const auto id = items.ids.find(chain);
          if (id == items.ids.end()) continue;
          const std::pair<std::string, std::string> place{id->second, info.advisory};
          quoted[place].insert(detector);
          quoting[id_of_it][place] += n;
        }
      }
    }
  }
  correlator.report(all);
  suppressed.report(facts.catalogue, all);
  sightings.report(facts.catalogue, all);
  data.sightings = sightings.take();
  // An item whose free text holds many indicators of one advisory quotes it.
  std::erase_if(data.sightings, [&](const Sighting& s) {
    const auto in = quoting.find(s.id);
    if (s.role != Role::text_only || in == quoting.end()) return false;
    const auto quotes = [&](const auto& hits) { return quoted.at(hits.first).size() >= kMentionPerItem; };
    if (!std::all_of(in->second.begin(), in->second.end(), quotes)) return false;
    for (const auto& [place, n] : in->second) mentions[place] += n;
    return true;
  });
  fold_nameless(data.sightings, duplicates, items, profile);
  fold_copies(data.sightings, of_copies);
  for (const auto& [where, count] : mentions) data.mentions.push_back({where.first, where.second, count});

  data.catalogue = shown_in_case(facts.catalogue, met);
  std::map<std::string, const DetectorInfo*> infos;
  for (const DetectorInfo& info : data.catalogue) infos.emplace(info.id, &info);
  const auto canonical = [](const Sighting& a, const Sighting& b) {
    return std::tie(a.detector_id, a.host, a.time, a.id) < std::tie(b.detector_id, b.host, b.time, b.id);
  };
  for (Sighting& s : data.sightings) {
    if (const auto info = infos.find(s.detector_id); info != infos.end()) s.why = reason(*info->second, s);
    if (const auto address = leased.find(s.id); address != leased.end()) {
      s.why += fmt::format("; {} was leased to it then", address->second);
      note_lease(s, address->second);
    }
    if (chained.contains(s.id)) doubt_order(s, doubts, chains);
  }
  std::sort(data.sightings.begin(), data.sightings.end(), canonical);

  // Analytics.
  FinishInput input;
  input.profile = &data.profile;
  input.tables = data.tables;
  input.sightings = data.sightings;
  input.catalogue = &data.catalogue;
  input.evidence_ids = &items.ids;
  input.as_of = data.as_of;
  std::vector<Sighting> found;
  std::vector<DetectorInfo> analytic_infos;
  for (const Analytic* analytic : analytics()) {
    for (const AnalyticDetector& detector : analytic->detectors()) {
      DetectorInfo info;
      info.kind = DetectorKind::analytic;
      info.id = detector.id;
      info.title = detector.title;
      info.description = detector.description;
      info.meaning = detector.meaning;
      info.hash = sha256_hex(detector.id + "\x1f" + detector.description);
      analytic_infos.push_back(std::move(info));
    }
    for (Finding& finding : analytic->finish(input, all)) {
      Sighting& s = finding.sighting;
      const auto info = std::find_if(analytic_infos.begin(), analytic_infos.end(),
                                     [&](const DetectorInfo& i) { return i.id == s.detector_id; });
      if (info == analytic_infos.end()) continue;
      std::sort(s.fields.begin(), s.fields.end());
      if (s.records.empty()) {
        for (const std::string& id : finding.rests_on) {
          for (const Sighting& under : data.sightings) {
            if (under.id != id) continue;
            for (const auto& ref : under.records) {
              if (s.records.size() < limits::kRecordsPerSighting) s.records.push_back(ref);
            }
          }
        }
      }
      Writer key;
      key.str(s.host);
      key.str(s.account);
      for (const auto& [name, value] : s.fields) {
        key.str(name);
        key.str(value);
      }
      s.id = Group::id_of(*info, items, s.records, key.bytes());
      if (s.why.empty()) s.why = reason(*info, s);
      if (const std::string holder = holders.holder(s.host, s.time, s.until); !holder.empty()) {
        s.why += fmt::format("; {} was leased to {} then", s.host, holder);
        note_lease(s, s.host);
        s.host = holder;
      }
      doubt_order(s, doubts, chains);
      found.push_back(std::move(s));
    }
  }
  data.catalogue.insert(data.catalogue.end(), analytic_infos.begin(), analytic_infos.end());
  data.sightings.insert(data.sightings.end(), std::make_move_iterator(found.begin()),
                        std::make_move_iterator(found.end()));
  std::sort(data.sightings.begin(), data.sightings.end(), canonical);

  addresses_not_hosts(data.sightings, holders, profile, all);

  // Finding numbers in order of time.
  std::vector<Sighting*> by_time;
  for (Sighting& s : data.sightings) by_time.push_back(&s);
  std::sort(by_time.begin(), by_time.end(), [](const Sighting* a, const Sighting* b) {
    return std::tie(a->time, a->detector_id, a->host, a->id) < std::tie(b->time, b->detector_id, b->host, b->id);
  });
  std::uint32_t number = 0;
  for (Sighting* s : by_time) s->finding = ++number;
  data.notices = all.sorted();
  return data;
}

}  // namespace assay
