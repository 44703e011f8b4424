#include "assess/visibility.h"

#include <algorithm>
#include <unordered_map>

#include "assess/needs.h"
#include "core/ascii.h"

namespace assay {
namespace {

// A field counts as carried on a day when at least this share of the class's records has it (1 in ...); a cookie is
// rightly absent from many requests, a field that the log never had is absent from all.
constexpr std::int64_t kCarriedOneIn = 100;
// Days beyond this span are a broken clock, not coverage.
constexpr std::int64_t kLastDay = 40'000;  // year 2079

std::optional<std::int64_t> day_of(std::string_view text) {
  const auto day = parse_int(text);
  if (!day || *day < 0 || *day > kLastDay) return std::nullopt;
  return day;
}

}  // namespace

std::size_t key_index(const Table& table, std::string_view key) {
  const auto& keys = table.spec().keys;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == key) return i;
  }
  return std::string::npos;
}

std::size_t column_index(const Table& table, std::string_view column) {
  const auto& columns = table.spec().columns;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i] == column) return i;
  }
  return std::string::npos;
}

std::string scope_host(const HostIndex& hosts, std::string_view text) {
  if (text.empty()) return {};
  if (std::string name = hosts.host_of(text); !name.empty()) return name;
  if (parse_address(text)) return hosts.is_inside(text) ? std::string(text) : std::string();
  return lower(text.substr(0, text.find('.')));
}

Visibility::Visibility(const CaseData& data, const Weights& weights) : weights_(&weights), silent_(data) {
  const Profile& profile = data.profile;
  scope_given_ = profile.lists_scope() || profile.hosts_in_scope.has_value();

  // The window: the union of the advisories' activity; without dates the half year before publication; else the
  // evidence's own.
  bool any_window = false;
  for (const Advisory& advisory : data.knowledge.advisories) {
    Time from = advisory.activity_from, until = advisory.activity_until;
    if (!until.known()) until = advisory.published.known() ? advisory.published : data.as_of;
    if (!from.known() && until.known()) from = Time{until.ns - 182 * kDay};
    if (!from.known() || !until.known()) continue;
    if (!any_window) {
      window_ = {from.day(), until.day()};
    } else {
      window_ = {std::min(window_.first, from.day()), std::max(window_.last, until.day())};
    }
    any_window = true;
  }

  std::map<std::string, std::size_t, std::less<>> place;
  const auto host_place = [&](const std::string& name, std::string kind) {
    const auto [at, fresh] = place.try_emplace(name, hosts_.size());
    if (fresh) hosts_.push_back({name, std::move(kind), false, 0, 0, -1});
    return at->second;
  };
  for (const ProfileHost& host : profile.hosts) host_place(lower(host.name), host.kind);

  // Each name is looked up once: tables hold it for every day and item.
  const HostIndex index(profile);
  std::unordered_map<std::string, std::string> names;
  const auto named = [&](const std::string& text) -> const std::string& {
    const auto [at, fresh] = names.try_emplace(text);
    if (fresh) at->second = scope_host(index, text);
    return at->second;
  };

  if (const Table* coverage = data.table("coverage")) {
    const std::size_t item_at = key_index(*coverage, "item"), class_at = key_index(*coverage, "class"),
                      host_at = key_index(*coverage, "host"), day_at = key_index(*coverage, "day");
    if (class_at != std::string::npos && host_at != std::string::npos && day_at != std::string::npos) {
      for (const auto& [key, row] : coverage->rows()) {
        any_record_ = true;
        SourceDays& source = sources_[key[class_at]];
        source.records += row[0];
        if (item_at != std::string::npos) source.places.insert(key[item_at]);
        const Time first{row[1]}, last{row[2]};
        if (first.known() && first.ns != INT64_MAX && (!source.first.known() || first < source.first))
          source.first = first;
        if (last.known() && last > source.last) source.last = last;
        const auto day = day_of(key[day_at]);
        if (day) source.days.insert(*day);
        std::string host = named(key[host_at]);
        // A name that the given list does not hold is not in scope.
        if (profile.lists_scope() && !place.contains(host)) host.clear();
        if (host.empty()) continue;
        ScopeHost& known = hosts_[host_place(host, "")];
        known.examined = true;
        known.records += row[0];
        any_own_ = true;
        if (day) {
          if (known.last_day < known.first_day) {
            known.first_day = known.last_day = *day;
          } else {
            known.first_day = std::min(known.first_day, *day);
            known.last_day = std::max(known.last_day, *day);
          }
          source.hosts[host].insert(*day);
        } else {
          source.hosts[host];
        }
      }
    }
  }
  // A host that others talk to is examined too, by the sensor that saw it.
  if (const Table* flows = data.table("flows")) {
    for (const std::string_view end : {"src", "dst"}) {
      const std::size_t at = key_index(*flows, end);
      if (at == std::string::npos) continue;
      for (const auto& [key, row] : flows->rows()) {
        const auto host = place.find(named(key[at]));
        if (host == place.end() || hosts_[host->second].examined) continue;
        hosts_[host->second].examined = any_own_ = true;
      }
    }
  }
  if (!any_window) {
    bool any = false;
    for (const auto& [name, source] : sources_) {
      if (source.days.empty()) continue;
      const std::int64_t first = *source.days.begin(), last = *source.days.rbegin();
      window_ = any ? DaySpan{std::min(window_.first, first), std::max(window_.last, last)} : DaySpan{first, last};
      any = true;
    }
  }
  for (const auto& [name, source] : sources_) {
    const auto at = source.days.lower_bound(window_.first);
    if (at != source.days.end() && *at <= window_.last) any_in_window_ = true;
  }
  if (const Table* fields = data.table("field_coverage")) {
    const std::size_t class_at = key_index(*fields, "class"), field_at = key_index(*fields, "field"),
                      day_at = key_index(*fields, "day");
    if (class_at != std::string::npos && field_at != std::string::npos && day_at != std::string::npos) {
      for (const auto& [key, row] : fields->rows()) {
        const auto day = day_of(key[day_at]);
        if (day && row[0] > 0 && row[0] * kCarriedOneIn >= row[1])
          field_days_[{key[class_at], key[field_at]}].insert(*day);
      }
    }
  }
  for (const ScopeHost& host : hosts_) examined_ += host.examined ? 1 : 0;
  in_scope_ = static_cast<std::int64_t>(hosts_.size());
  if (profile.hosts_in_scope) in_scope_ = std::max(in_scope_, *profile.hosts_in_scope);
}

DaySpan Visibility::window_of(const Claim& claim) const {
  return {claim.from.known() ? claim.from.day() : window_.first,
          claim.until.known() ? claim.until.day() : window_.last};
}

double Visibility::share(const std::vector<std::string>& classes, const std::vector<std::string>& fields,
                         std::string_view kind, DaySpan span, std::string_view claim) const {
  std::string key = std::to_string(span.first) + '\x1f' + std::to_string(span.last) + '\x1f';
  key.append(kind) += '\x1f';
  key.append(claim) += '\x1f';
  for (const std::string& name : classes) key.append(name) += '\x1e';
  key += '\x1f';
  for (const std::string& field : fields) key.append(field) += '\x1e';
  const auto known = shares_.find(key);
  if (known != shares_.end()) return known->second;
  const double out = count_share(classes, fields, kind, span, claim);
  shares_.emplace(std::move(key), out);
  return out;
}

double Visibility::count_share(const std::vector<std::string>& classes, const std::vector<std::string>& fields,
                               std::string_view kind, DaySpan span, std::string_view claim) const {
  const std::int64_t length = std::min(span.size(), kLastDay);
  if (length <= 0) return 0;
  const auto place_of = [&](std::int64_t day) { return static_cast<std::size_t>(day - span.first); };

  // Per class: the days on which its records stand and carry the fields.
  struct Usable {
    const SourceDays* source;
    Reach reach;
    std::vector<bool> days;
  };
  std::vector<Usable> usable;
  for (const std::string& name : classes) {
    const auto at = sources_.find(name);
    if (at == sources_.end()) continue;
    const Reach reach = weights_->source(name).reach;
    if (reach == Reach::sample) continue;
    const bool snapshot = reach == Reach::snapshot;  // one look shows what persisted, so it stands for every day
    Usable one{&at->second, reach, std::vector<bool>(static_cast<std::size_t>(length), snapshot)};
    if (!snapshot) {
      std::vector<const std::set<std::int64_t>*> carried;
      bool blind = false;
      for (const std::string& field : fields) {
        const auto known = field_days_.find({name, field});
        if (known == field_days_.end()) {
          blind = true;
        } else {
          carried.push_back(&known->second);
        }
      }
      if (blind) continue;
      const auto end = one.source->days.lower_bound(span.first + length);
      for (auto day = one.source->days.lower_bound(span.first); day != end; ++day) {
        one.days[place_of(*day)] = std::all_of(
            carried.begin(), carried.end(), [&](const std::set<std::int64_t>* known) { return known->contains(*day); });
      }
    }
    usable.push_back(std::move(one));
  }

  // Days on which the source is silent that the claim rests on show nothing of it.
  if (const auto need = shipped_needs().find(claim); need != shipped_needs().end()) {
    const auto at = sources_.find(need->second.source_class);
    for (std::int64_t i = 0; i < length; ++i) {
      const std::int64_t day = span.first + i;
      bool heard = false;
      if (at != sources_.end()) {
        const auto near = at->second.days.lower_bound(day - need->second.days);
        heard = near != at->second.days.end() && *near <= day + need->second.days;
      }
      if (heard) continue;
      for (Usable& one : usable) one.days[place_of(day)] = false;
    }
  }

  std::int64_t of_kind = 0, covered = 0;
  const bool any = kind.empty() || kind == "any";
  std::vector<bool> days(static_cast<std::size_t>(length));
  for (const ScopeHost& host : hosts_) {
    if (!any && host.kind != kind && !(host.kind.empty() && !scope_given_)) continue;
    ++of_kind;
    std::fill(days.begin(), days.end(), false);
    const bool silent = silent_.of(claim, host.name) != nullptr;
    for (const Usable& one : usable) {
      const auto own = one.source->hosts.find(host.name);
      const bool whole = one.reach == Reach::site || (one.reach == Reach::sensor && host.examined) ||
                         (one.reach == Reach::snapshot && own != one.source->hosts.end());
      if (whole) {
        for (std::size_t i = 0; i < days.size(); ++i) days[i] = days[i] || one.days[i];
      } else if (one.reach == Reach::host && !silent && own != one.source->hosts.end()) {
        const auto end = own->second.lower_bound(span.first + length);
        for (auto day = own->second.lower_bound(span.first); day != end; ++day) {
          days[place_of(*day)] = days[place_of(*day)] || one.days[place_of(*day)];
        }
      }
    }
    covered += std::count(days.begin(), days.end(), true);
  }
  if (any) of_kind = std::max(of_kind, in_scope_);
  return of_kind == 0 ? 0 : static_cast<double>(covered) / static_cast<double>(of_kind * length);
}

double Visibility::of(const Claim& claim) const {
  if (!claim.looked_for) return 0;
  return share(claim.source_classes, claim.fields, claim.hosts, window_of(claim), claim.id);
}

double Visibility::of(const Claim& claim, std::string_view source_class) const {
  if (!claim.looked_for) return 0;
  return share({std::string(source_class)}, claim.fields, claim.hosts, window_of(claim), claim.id);
}

double Visibility::of_class(std::string_view source_class) const {
  return share({std::string(source_class)}, {}, "any", window_);
}

double Visibility::of_classes(const std::vector<std::string>& source_classes) const {
  return share(source_classes, {}, "any", window_);
}

std::vector<DaySpan> Visibility::gaps(const SourceDays& source) {
  std::vector<DaySpan> out;
  if (source.days.empty()) return out;
  const std::int64_t span = *source.days.rbegin() - *source.days.begin() + 1;
  if (static_cast<std::int64_t>(source.days.size()) * 10 < span * 8) return out;
  std::int64_t before = *source.days.begin();
  for (const std::int64_t day : source.days) {
    if (day - before > 2) out.push_back({before + 1, day - 1});
    before = day;
  }
  return out;
}

}  // namespace assay
