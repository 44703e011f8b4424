#include "hunt/continuity.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "analytics/rhythm.h"
#include "core/ascii.h"
#include "core/time.h"
#include "hunt/path_clock.h"
#include "hunt/tally.h"

namespace assay {
namespace {

constexpr std::int64_t kFewestIds = 20;
constexpr std::size_t kNamesShown = 12;

std::string minute(Time time) { return format_utc(time).substr(0, 16); }

std::string words(std::string_view klass) {
  std::string out(klass);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

// Keeps the first notices of a kind in canonical order, counts the rest.
class Kept {
 public:
  Kept(Notices& notices, std::string_view what) : notices_(notices), what_(what) {}
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() {
    if (more_ > 0) notices_.add({NoticeKind::limit_other, "", 0, more_, fmt::format("further notices: {}", what_)});
  }
  void add(Notice notice) {
    if (++kept_ > kContinuityNotices) {
      ++more_;
    } else {
      notices_.add(std::move(notice));
    }
  }

 private:
  Notices& notices_;
  std::string_view what_;
  std::size_t kept_ = 0;
  std::uint64_t more_ = 0;
};

using Hours = std::set<std::int64_t>;

void add_hours(Hours& to, std::int64_t day, std::int64_t bits) {
  for (std::int64_t hour = 0; hour < 24; ++hour) {
    if ((bits >> hour & 1) != 0) to.insert(day * 24 + hour);
  }
}

// Most of a hole lies inside one that is already told.
bool told(const std::vector<RhythmGap>& known, const RhythmGap& gap) {
  return std::any_of(known.begin(), known.end(), [&](const RhythmGap& other) {
    const std::int64_t common = std::min(gap.last, other.last) - std::max(gap.first, other.first) + 1;
    return common * 2 > gap.last - gap.first + 1;
  });
}

std::string hole(const RhythmGap& gap) {
  return fmt::format("no records from {} to {}; by the source's own rhythm {} of these hours would have some",
                     minute(Time{gap.first * kHour}), minute(Time{(gap.last + 1) * kHour}), gap.expected);
}

}  // namespace

std::string folder_of(std::string_view chain) {
  const std::string_view file = chain.substr(0, chain.find('!'));
  const std::size_t cut = file.rfind('/');
  return std::string(cut == std::string_view::npos ? std::string_view(".") : file.substr(0, cut));
}

void find_gaps(const Table& coverage, Notices& notices) {
  std::map<std::string, Hours> folders;
  std::map<std::pair<std::string, std::string>, Hours> kinds;                   // (folder, class)
  std::map<std::string, std::map<std::string, Hours>> hosts;                    // host -> class
  std::map<std::pair<std::string, std::string>, std::set<std::string>> places;  // (host, class) -> folders
  for (const auto& [key, row] : coverage.rows()) {
    const auto day = parse_int(key[3]);
    if (!day || key[1] == "file" || key[1] == "mail") continue;
    const std::string folder = folder_of(key[0]);
    add_hours(folders[folder], *day, row[3]);
    add_hours(kinds[{folder, key[1]}], *day, row[3]);
    if (!written_by_host(key[1]) || key[2].empty()) continue;
    add_hours(hosts[key[2]][key[1]], *day, row[3]);
    places[{key[2], key[1]}].insert(folder);
  }
  Kept kept(notices, "holes by a source's own rhythm");
  std::map<std::string, std::vector<RhythmGap>> known;  // folder
  for (const auto& [folder, hours] : folders) {
    for (const RhythmGap& gap : rhythm_gaps(hours)) {
      known[folder].push_back(gap);
      kept.add({NoticeKind::gap, folder, 0, 1, hole(gap)});
    }
  }
  for (const auto& [where, hours] : kinds) {
    for (const RhythmGap& gap : rhythm_gaps(hours)) {
      if (told(known[where.first], gap)) continue;
      known[where.first + "\x1f" + where.second].push_back(gap);
      kept.add({NoticeKind::gap, where.first, 0, 1, words(where.second) + ": " + hole(gap)});
    }
  }
  for (const auto& [host, classes] : hosts) {
    std::vector<RhythmGap> of_host;
    for (const auto& [klass, hours] : classes) {
      const std::set<std::string>& folders_of = places.at({host, klass});
      for (const RhythmGap& gap : rhythm_gaps(hours)) {
        const bool known_there = std::any_of(folders_of.begin(), folders_of.end(), [&](const std::string& folder) {
          return told(known[folder], gap) || told(known[folder + "\x1f" + klass], gap);
        });
        if (known_there || told(of_host, gap)) continue;
        of_host.push_back(gap);
        kept.add(
            {NoticeKind::gap, *folders_of.begin(), 0, 1, fmt::format("{}, {}: {}", host, words(klass), hole(gap))});
      }
    }
  }
}

void find_clears(const Table& clears, Notices& notices) {
  std::map<std::pair<std::string, std::string>, std::map<std::int64_t, std::pair<std::string, std::int64_t>>> all;
  for (const auto& [key, row] : clears.rows()) {
    auto& [item, count] = all[{key[1], key[2]}][row[1]];
    item = key[0];
    count = row[0];
  }
  Kept kept(notices, "logs that were emptied");
  for (const auto& [where, times] : all) {
    for (const auto& [first, clear] : times) {
      kept.add(
          {NoticeKind::log_cleared, clear.first, 0, static_cast<std::uint64_t>(clear.second),
           fmt::format(
               "{}: an event says that {} was emptied at {}; what it held before is known only from other copies",
               where.first.empty() ? "a host that is not named" : where.first, where.second, minute(Time{first}))});
    }
  }
}

void find_record_holes(const Table& ids, const Table& clears, Notices& notices) {
  struct Row {
    std::int64_t records = 0, lowest = INT64_MAX, highest = INT64_MIN;
    void add(std::int64_t n, std::int64_t low, std::int64_t high) {
      records += n;
      lowest = std::min(lowest, low);
      highest = std::max(highest, high);
    }
  };
  std::map<std::pair<std::string, std::string>, std::map<std::int64_t, Row>> logs;  // (host, channel) -> hour
  std::map<std::pair<std::string, std::string>, std::string> items;
  for (const auto& [key, row] : ids.rows()) {
    const auto hour = parse_int(key[3]);
    if (!hour) continue;
    logs[{key[1], key[2]}][*hour].add(row[0], row[1], row[2]);
    items.try_emplace({key[1], key[2]}, key[0]);
  }
  std::map<std::pair<std::string, std::string>, std::set<std::int64_t>> emptied;
  for (const auto& [key, row] : clears.rows()) {
    if (const auto hour = parse_int(key[3])) emptied[{key[1], key[2]}].insert(*hour);
  }
  std::map<std::string, std::set<std::string>> selections;  // channel -> hosts
  Kept kept(notices, "numbered records that are missing");
  for (const auto& [log, hours] : logs) {
    const std::set<std::int64_t>& resets = emptied[log];
    const std::string name = fmt::format("{}{}{}", log.first, log.first.empty() ? "" : ", ", log.second);
    // One stretch of numbers, its widest hole between two hours.
    Row stretch;
    std::int64_t before = 0, widest = 0, from = 0, until = 0;
    const auto close = [&] {
      const std::int64_t range = stretch.records > 0 ? stretch.highest - stretch.lowest + 1 : 0;
      const std::int64_t missing = range - stretch.records;
      if (stretch.records >= kFewestIds && missing > 0) {
        if (missing > stretch.records) {
          selections[log.second].insert(log.first);
        } else {
          std::string detail = fmt::format("{}: {} of the records numbered {} to {} are missing", name, missing,
                                           stretch.lowest, stretch.highest);
          if (widest * 2 > missing)
            detail += fmt::format(", {} of them between {} and {}", widest, minute(Time{from * kHour}),
                                  minute(Time{(until + 1) * kHour}));
          kept.add({NoticeKind::record_hole, items.at(log), 0, static_cast<std::uint64_t>(missing), std::move(detail)});
        }
      }
      stretch = {};
      widest = 0;
    };
    for (const auto& [hour, row] : hours) {
      if (resets.contains(hour)) {  // numbers of before and after stand in one hour
        close();
        continue;
      }
      if (stretch.records > 0 && row.highest < stretch.lowest) {
        kept.add(
            {NoticeKind::record_hole, items.at(log), 0, 1,
             fmt::format("{}: the numbers start again at {} on {}, and no event says that the log was emptied: it was "
                         "deleted, the machine was set up anew, or time went back",
                         name, row.lowest, minute(Time{hour * kHour}))});
        close();
      }
      if (stretch.records > 0 && row.lowest - stretch.highest - 1 > widest) {
        widest = row.lowest - stretch.highest - 1;
        from = before;
        until = hour;
      }
      stretch.add(row.records, row.lowest, row.highest);
      before = hour;
    }
    close();
  }
  for (const auto& [channel, hosts] : selections) {
    kept.add({NoticeKind::record_hole, "", 0, hosts.size(),
              fmt::format(
                  "{}: fewer than half of the numbered records are there, so this is a selection of events; what was "
                  "not selected is not known",
                  channel)});
  }
}

void find_jumps(const Table& order, const Table& coverage, Notices& notices) {
  std::map<std::string, std::map<std::int64_t, std::int64_t>> items;  // item -> block -> latest
  for (const auto& [key, row] : order.rows()) {
    if (const auto block = parse_int(key[1].substr(std::min(key[1].size() - 1, key[1].find_first_not_of('0')))))
      items[key[0]][*block] = row[1];
  }
  Kept kept(notices, "clocks that jump");
  for (const auto& [item, blocks] : items) {
    struct Jump {
      std::int64_t back = 0, block = 0, from = 0, to = 0;
    } largest;
    std::int64_t forward = 0, back = 0, before = INT64_MIN;
    for (const auto& [block, latest] : blocks) {
      if (before != INT64_MIN && latest < before - kReorder * kSecond) {
        ++back;
        if (before - latest > largest.back) largest = {before - latest, block, before, latest};
      } else if (before != INT64_MIN) {
        ++forward;
      }
      before = latest;
    }
    // Newest first, or hosts mixed without order: no statement about a clock.
    if (back == 0 || back * 10 > forward) continue;
    kept.add(
        {NoticeKind::clock_jump, item, static_cast<std::uint64_t>(largest.block) * kOrderBlock,
         static_cast<std::uint64_t>(back),
         fmt::format("time goes back by {}, from {} to {}: the clock was set, or parts were joined in another order",
                     offset_words(largest.back).substr(1), minute(Time{largest.from}), minute(Time{largest.to}))});
  }
  // Clocks that were not set.
  constexpr std::int64_t kSetDays = 10, kYear2000 = 10957, kLater = 12000;
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> unset;  // item -> records with such a time, first ns
  std::set<std::string> later;
  for (const auto& [key, row] : coverage.rows()) {
    const auto day = parse_int(key[3]);
    if (!day || key[1] == "file" || key[1] == "mail") continue;
    if ((*day >= 0 && *day < kSetDays) || (*day >= kYear2000 && *day < kYear2000 + kSetDays)) {
      auto& [records, first] = unset.try_emplace(key[0], 0, INT64_MAX).first->second;
      records += row[0];
      first = std::min(first, row[1]);
    } else if (*day > kLater) {
      later.insert(key[0]);
    }
  }
  for (const auto& [item, seen] : unset) {
    if (!later.contains(item)) continue;
    kept.add({NoticeKind::clock_jump, item, 0, static_cast<std::uint64_t>(seen.first),
              fmt::format("records stamped {} beside later ones: a clock that was not set yet, as after a start; their "
                          "true time is not known",
                          format_date(Time{seen.second}))});
  }
}

void find_silent(const Profile& profile, const std::set<std::string>& seen, Notices& notices) {
  const auto left_something = [&](const ProfileHost& host) {
    return seen.contains(lower(host.name)) ||
           std::any_of(host.addresses.begin(), host.addresses.end(),
                       [&](const std::string& address) { return seen.contains(lower(address)); });
  };
  std::vector<std::string> silent;
  for (const ProfileHost& host : profile.hosts) {
    if (left_something(host)) continue;
    if (host.kind != "gateway") {
      silent.push_back(host.name);
      continue;
    }
    std::string detail = fmt::format("gateway {} left no record", host.name);
    if (!host.partner.empty()) {
      const ProfileHost* partner = profile.find_host(host.partner);
      const bool other = partner != nullptr && left_something(*partner);
      detail += fmt::format("; {}, the other half of the pair, {}: an intruder on the silent half was not seen",
                            host.partner, other ? "did" : "did not either");
    }
    if (host.logging.has_value() && !*host.logging) detail += "; the profile says that it does not log";
    notices.add({NoticeKind::silent_source, "", 0, 1, std::move(detail)});
  }
  if (silent.empty()) return;
  std::sort(silent.begin(), silent.end());
  std::string names;
  for (std::size_t i = 0; i < silent.size() && i < kNamesShown; ++i) names += (i == 0 ? "" : ", ") + silent[i];
  if (silent.size() > kNamesShown) names += fmt::format(" and {} more", silent.size() - kNamesShown);
  notices.add({NoticeKind::silent_source, "", 0, silent.size(), "hosts of the profile without a record: " + names});
}

}  // namespace assay
