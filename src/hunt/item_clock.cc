#include "hunt/item_clock.h"

#include <fmt/format.h>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::int64_t kLate = 2 * kMinute;  // lines that were written late stand behind later ones

// '*' stands for any text; compared without case.
bool fits_name(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && to_lower(pattern[p]) == to_lower(text[t])) {
      ++p, ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

// The year in which a stamp is nearest to a time.
int year_near(const LineStamp& stamp, Time near) {
  const int middle = to_civil(near).year;
  int best = middle;
  std::int64_t least = INT64_MAX;
  for (const int year : {middle, middle - 1, middle + 1}) {
    const auto time = from_civil({year, stamp.month, stamp.day, stamp.hour, stamp.minute, stamp.second, 0});
    if (!time || std::abs(time->ns - near.ns) >= least) continue;
    least = std::abs(time->ns - near.ns);
    best = year;
  }
  return best;
}

}  // namespace

ProfileZones::ProfileZones(const Profile& profile) : profile_(&profile), own_(Zone::parse(profile.time_zone)) {
  for (const ProfileZone& entry : profile.zones) zones_.push_back(Zone::parse(entry.zone));
}

const Zone* ProfileZones::find(std::string_view host, std::string_view chain) const {
  for (std::size_t i = 0; i < zones_.size(); ++i) {
    const ProfileZone& entry = profile_->zones[i];
    const bool fits = entry.host.empty() ? fits_name(chain, entry.path) : fits_name(host, entry.host);
    if (fits && zones_[i]) return &*zones_[i];
  }
  return own_ ? &*own_ : nullptr;
}

Time ItemClock::local(Time civil, const Place& place) {
  if (!zone_known_ || zone_host_ != place.host) {
    zone_known_ = true;
    zone_host_ = place.host;
    zone_of_host_ = place.zones->find(place.host, place.chain);
  }
  if (zone_of_host_ == nullptr) {
    zone_.add(place.offset);
    return civil;
  }
  const Zone::Reading reading = zone_of_host_->to_utc(civil);
  if (reading.never) never_.add(place.offset);
  if (!reading.twice) return reading.time;
  const std::int64_t since = civil.ns - hour_.latest;
  if (hour_.latest == 0 || std::abs(since) > 2 * reading.again) {
    hour_ = {};  // of another year
  } else if (since < -kLate && !hour_.second) {
    hour_.second = true;
    hour_.latest = civil.ns;
  } else if (since < -kLate && hour_.broken + kLate < hour_.latest) {
    broken_.add(place.offset);
    hour_.broken = hour_.latest;
  }
  hour_.latest = std::max(hour_.latest, civil.ns);
  (hour_.second ? again_ : twice_).add(place.offset);
  return hour_.second ? Time{reading.time.ns + reading.again} : reading.time;
}

std::optional<Time> ItemClock::iso(std::string_view text, bool is_local, const Place& place) {
  if (!is_local) return parse_iso8601(text);
  if (const auto time = parse_iso8601(text, 0, true)) return time;
  const auto civil = parse_iso8601(text);
  return civil ? std::optional<Time>(local(*civil, place)) : std::nullopt;
}

bool ItemClock::undecided(const RoutePlan::TimePath& path, std::string_view text, std::uint64_t offset) const {
  if (path.kind != TimeRule::Kind::stamp || years.year_at(offset) != 0) return false;
  const auto stamp = parse_stamp(text);
  return stamp && stamp->year == 0;
}

std::optional<Time> ItemClock::read(const RoutePlan::TimePath& path, std::string_view text, std::uint64_t offset,
                                    std::string_view host, std::string_view chain, const ProfileZones& zones,
                                    Time near) {
  const Place place{offset, host, chain, &zones};
  switch (path.kind) {
    case TimeRule::Kind::iso8601:
      return iso(text, path.local, place);
    case TimeRule::Kind::epoch:
      return parse_epoch(text);
    case TimeRule::Kind::clf:
      return parse_clf(text);
    case TimeRule::Kind::rfc5322:
      return parse_rfc5322(text);
    case TimeRule::Kind::windows: {  // 100 ns ticks since 1601
      const auto ticks = parse_int(text);
      if (!ticks || *ticks < 116444736000000000 || *ticks > 200000000000000000) return std::nullopt;
      return Time{(*ticks - 116444736000000000) * 100};
    }
    case TimeRule::Kind::stamp: {
      const auto stamp = parse_stamp(text);
      if (!stamp) {
        if (const auto time = iso(text, path.local, place)) return time;
        return text.find('-') == std::string_view::npos ? parse_epoch(text) : std::nullopt;
      }
      int year = stamp->year;
      if (year == 0 && near.known()) {
        year = year_near(*stamp, near);
      } else if (year == 0) {
        year = years.year_at(offset);
        year_.add(offset);
      }
      if (year == 0) return std::nullopt;
      const auto civil =
          from_civil({year, stamp->month, stamp->day, stamp->hour, stamp->minute, stamp->second, stamp->nanosecond});
      if (!civil) return std::nullopt;
      if (const auto zone = parse_zone(text.substr(stamp->size))) return Time{civil->ns - *zone * kSecond};
      return path.local ? local(*civil, place) : *civil;
    }
    case TimeRule::Kind::pattern: {
      const auto read = parse_pattern(text, path.pattern);
      if (!read) return std::nullopt;
      if (read->offset) return Time{read->civil.ns - *read->offset * kSecond};
      return path.local ? local(read->civil, place) : read->civil;
    }
  }
  return std::nullopt;
}

void ItemClock::tell(std::string_view chain, Notices& notices) const {
  const auto notice = [&](const Assumed& what, std::string detail) {
    notices.add({NoticeKind::assumption, std::string(chain), what.offset, what.count, std::move(detail)});
  };
  if (year_.count > 0) {
    notice(year_, years.spans.empty()
                      ? std::string("stamps without a year, and nothing that says it: such records have no time")
                      : fmt::format("stamps without a year: the years rest on {}", years.how));
  }
  if (zone_.count > 0)
    notice(zone_, "local times without a zone were read as UTC; 'zones' in the profile says otherwise");
  if (twice_.count > 0 && again_.count == 0)
    notice(twice_, "times of the hour that stands twice when clocks are set back: the first was taken");
  if (again_.count > 0) {
    notice(again_,
           fmt::format("times of the hour that stands twice when clocks are set back: the {} before the time goes back "
                       "are of its first pass, these behind it of the second",
                       twice_.count));
  }
  if (broken_.count > 0) {
    notices.add({NoticeKind::clock_jump, std::string(chain), broken_.offset, broken_.count,
                 "the hour that stands twice when clocks are set back goes back more than once: order broken, which of "
                 "the two a line is of is not known"});
  }
  if (never_.count > 0) {
    notices.add(
        {NoticeKind::clock_conflict, std::string(chain), never_.offset, never_.count,
         "local times in the hour that clocks leave out when they are set forward: read as if they had not been; "
         "the zone or the clock is another"});
  }
}

}  // namespace assay
