#include "assess/lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>

#include "assess/exfiltration.h"
#include "assess/generic.h"
#include "assess/statements.h"
#include "core/limits.h"

namespace assay {
namespace {

struct Group {
  std::string key, line, artefact;
  bool indicator = false, advisory = false;
  std::uint64_t count = 0;
  Time first, last;
  std::set<std::string> subjects, relays;  // relays: proxies that stand for some host behind them
  std::vector<std::tuple<bool, Time, std::string_view>> sightings;  // behind a relay last, then by time
  std::string title;
  double power = 0;
  int way = kNoWay;
  bool confirmed = false;  // an analyst says that one of them is real
};

constexpr double kConfirmed = 0.1;

double strength(const Line& line) {
  double most = line.base;
  for (const Cell& cell : line.cells) most = std::max(most, cell.p);
  return line.power * std::log(most / line.base);
}

double chance_if_true(const Likelihood& line, double base) { return 1 - (1 - line.s) * (1 - base); }

std::string span_text(Time first, Time last) {
  if (!first.known()) return {};
  if (!last.known() || last.day() == first.day()) return format_day_month(first);
  return format_day_month(first) + " to " + format_day_month(last);
}

std::string reason_of(const Group& group) {
  std::string out = group.title.empty() ? group.key : group.title;
  const std::set<std::string>& subjects = group.subjects.empty() ? group.relays : group.subjects;
  if (!subjects.empty()) {
    out += group.subjects.empty() ? " behind " : " on ";
    std::size_t shown = 0;
    for (const std::string& subject : subjects) {
      if (shown == 3) {
        out += fmt::format(" and {} more", subjects.size() - shown);
        break;
      }
      out += (shown > 0 ? ", " : "") + subject;
      ++shown;
    }
  }
  if (group.count > 1) out += fmt::format(", {} times", group.count);
  if (const std::string span = span_text(group.first, group.last); !span.empty()) out += ", " + span;
  return out;
}

int way_of(const Used& used) {
  if (is_exploitation(used.line)) return 0;
  if (used.line == "credential") {
    const std::string& family = used.group.str();
    if (family == "stolen-session") return 4;  // how it was lost nothing says
    return family.find("spray") != std::string::npos || family.find("guess") != std::string::npos ? 3 : 1;
  }
  return kNoWay;
}

bool is_advisory_line(std::string_view line) { return line.starts_with("unique.") || line.starts_with("typical."); }

// The smallest ids, as many as a line names.
class Smallest {
 public:
  void add(std::string_view id) {
    if (kept_.size() == limits::kRecordsPerSighting && id >= *kept_.rbegin()) return;
    kept_.emplace(id);
    if (kept_.size() > limits::kRecordsPerSighting) kept_.erase(std::prev(kept_.end()));
  }
  [[nodiscard]] std::vector<std::string> take() const { return {kept_.begin(), kept_.end()}; }

 private:
  std::set<std::string, std::less<>> kept_;
};

// Groups of one question, strongest first, count with falling power: they are never quite independent.
void discount(std::vector<Line>& lines, double factor) {
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) {
    const double x = strength(a), y = strength(b);
    if (x != y) return x > y;
    return a.id < b.id;
  });
  std::map<std::pair<StateSet, int>, int> rank;
  for (Line& line : lines) {
    if (line.cells.empty()) continue;
    // The widest cell says what the line is about; the way in is kept apart.
    const auto key = std::pair(line.cells.back().on, line.cells.back().way);
    line.power *= std::pow(factor, rank[key]++);
  }
}

}  // namespace

StateSet variable_of(std::string_view question) {
  if (question == "targeted") return kT;
  if (question == "access") return kA;
  if (question == "malware") return kM;
  if (question == "exfiltration") return kX;
  if (question == "impact") return kD;
  return 0;
}

StateSet touched_by(std::string_view line) {
  if (line.ends_with(".malware") || line.ends_with(".c2")) return kT | kM;
  if (line.ends_with(".outbound")) return kT | kA;
  if (line.ends_with(".lure") || line == "contact") return kT;
  if (is_exploitation(line) || line == "credential" || line == "lateral" || line == "confirmed") return kA;
  if (line.starts_with("taken") || line == "collection" || line == "staging" || line == "unexplained_bulk") return kX;
  if (line.starts_with("impact")) return kD;
  return 0;
}

StateSet touched_by(const Claim& claim) {
  for (const std::string& question : claim.questions) {
    if (const StateSet on = variable_of(question); on != 0) return on;
  }
  return 0;
}

Lines build_lines(const CaseData& data, const Uses& uses, const Visibility& visibility, const Exfiltration& taken,
                  const Weights& w) {
  Lines out;
  std::map<std::string, Group> groups;
  std::vector<WeakHit> weak;
  Smallest weak_sightings;
  // What many sightings of a large case share is looked at once.
  std::map<const DetectorInfo*, std::uint64_t> claimed;
  std::map<std::pair<const std::string*, const std::string*>, Group*> group_of;  // line, family
  std::set<std::string> taken_ids, response_ids;
  for (const Used& used : uses.all) {
    if (used.use == Use::weak) {
      ++claimed[used.detector];
      if (used.subject.empty() || used.via_proxy) continue;
      weak.push_back(
          {used.subject.str(), used.group.str(),
           used.detector->kind == DetectorKind::sigma ? std::string_view(used.detector->level) : std::string_view(),
           used.sighting->time, used.sighting->until, used.sighting->count});
      weak_sightings.add(used.sighting->id);
      continue;
    }
    if (used.use != Use::counted && used.use != Use::contact && used.use != Use::scan) continue;
    ++claimed[used.detector];
    if (used.use == Use::scan) continue;
    if (used.line == "taken") {
      (used.group.find("served") != std::string::npos ? response_ids : taken_ids).insert(used.sighting->id);
      continue;
    }
    const bool contact = used.use == Use::contact;
    Group*& kept = group_of[{contact ? nullptr : &used.line.str(), contact ? nullptr : &used.group.str()}];
    if (kept == nullptr) {
      const std::string key =
          contact ? "contact" : fmt::format("{}.{}", static_cast<int>(touched_by(used.line)), used.group.str());
      kept = &groups[key];
      kept->key = key;
    }
    Group& group = *kept;
    // The strongest kind of a group stands for it.
    if (group.line.empty() ||
        w.line(used.line).s / w.line(used.line).p0 > w.line(group.line).s / w.line(group.line).p0) {
      group.line = used.line.str();
      group.artefact = used.artefact.str();
      group.title = used.detector->title;
      group.way = way_of(used);
    }
    group.confirmed = group.confirmed || used.confirmed;
    group.advisory = is_advisory_line(group.line);
    group.power = std::max(group.power, used.power);
    group.count += used.sighting->count;
    if (used.sighting->time.known() && (!group.first.known() || used.sighting->time < group.first))
      group.first = used.sighting->time;
    const Time until = used.sighting->until.known() ? used.sighting->until : used.sighting->time;
    if (until.known() && until > group.last) group.last = until;
    if (!used.subject.empty()) (used.via_proxy ? group.relays : group.subjects).insert(used.subject.str());
    group.sightings.emplace_back(used.via_proxy, used.sighting->time, used.sighting->id);
  }

  for (const auto& [detector, count] : claimed) {
    for (const std::string& claim : detector->meaning.claims) out.claims_seen[claim] += count;
  }

  std::set<std::string> unique_kinds;
  for (const auto& [key, group] : groups) {
    if (group.line.starts_with("unique.")) unique_kinds.insert(group.artefact);
    if (is_advisory_line(group.line) && group.artefact != "lure") out.artefacts.insert(group.artefact);
  }
  // The earliest sign of anybody being in: a way that shows later was not the first.
  Time earliest;
  for (const auto& [key, group] : groups) {
    const StateSet on = touched_by(group.line);
    if ((on & (kA | kM)) == 0 || group.line == "lateral" || !group.first.known()) continue;
    if (!earliest.known() || group.first < earliest) earliest = group.first;
  }
  for (auto& [key, group] : groups) {
    const Likelihood& chance = w.line(group.line);
    Line line;
    line.id = key;
    line.reliability = group.advisory;
    line.base = chance.p0;
    if (group.line.starts_with("unique."))
      line.base = unique_kinds.size() >= 2 ? w.floor_with_second : std::max(chance.p0, w.floor_alone);
    // An analyst who looked at it leaves a tenth of the chance that it is nothing.
    if (group.confirmed) line.base = std::max(w.floor_with_second, line.base * kConfirmed);
    line.power = group.power;
    const double yes = chance_if_true(chance, line.base);
    const StateSet on = touched_by(group.line);
    if (group.way == kNoWay) {
      line.cells.push_back({on, kNoWay, yes});
    } else {
      const bool first = !earliest.known() || !group.first.known() || group.first <= earliest;
      line.cells.push_back({on, kNoWay, std::max(line.base, (first ? w.way_other_share : w.way_later_share) * yes)});
      line.cells.push_back({on, group.way, yes});
      out.ways_seen.insert(group.way);
    }
    line.reason = reason_of(group) + (group.confirmed ? ", confirmed by an analyst" : "");
    std::sort(group.sightings.begin(), group.sightings.end());
    for (const auto& [relayed, time, id] : group.sightings) {
      // Where the host behind a proxy is known, the proxy's own line adds nothing.
      if (line.sightings.size() == limits::kRecordsPerSighting || (relayed && !group.subjects.empty())) break;
      line.sightings.emplace_back(id);
    }
    out.hits.push_back(std::move(line));
  }

  // Bytes.
  std::uint64_t payload = 0, served = 0;
  std::vector<std::string> payload_sightings(taken_ids.begin(), taken_ids.end()),
      served_sightings(response_ids.begin(), response_ids.end());
  for (const Exfiltration::Line& line : taken.lines) {
    if (line.what.starts_with("payload")) {
      payload += line.low;
      if (taken_ids.empty())
        payload_sightings.insert(payload_sightings.end(), line.sightings.begin(), line.sightings.end());
    } else if (line.what.starts_with("files served") || line.what.starts_with(kStolenSessionBytes)) {
      served += line.low;
      if (response_ids.empty())
        served_sightings.insert(served_sightings.end(), line.sightings.begin(), line.sightings.end());
    }
  }
  const auto bytes_line = [&](const char* id, const char* kind, std::string reason,
                              std::vector<std::string> sightings) {
    const Likelihood& chance = w.line(kind);
    Line line;
    line.id = id;
    line.base = chance.p0;
    line.cells.push_back({kX, kNoWay, chance_if_true(chance, line.base)});
    line.reason = std::move(reason);
    std::sort(sightings.begin(), sightings.end());
    sightings.erase(std::unique(sightings.begin(), sightings.end()), sightings.end());
    if (sightings.size() > limits::kRecordsPerSighting) sightings.resize(limits::kRecordsPerSighting);
    line.sightings = std::move(sightings);
    out.hits.push_back(std::move(line));
  };
  if (payload > 0) {
    const auto amount = static_cast<double>(payload);
    bytes_line("bytes.payload",
               amount >= w.bulk_bytes   ? "taken.bulk"
               : amount >= w.some_bytes ? "taken.some"
                                        : "taken.small",
               fmt::format("{} of payload went to destinations of the intrusion",
                           amount_text(static_cast<std::uint64_t>(payload))),
               payload_sightings);
  }
  if (served > 0) {
    bytes_line("bytes.served", "taken.response",
               fmt::format("{} were served to the intruder: files of an exploited server, or a stolen session",
                           amount_text(static_cast<std::uint64_t>(served))),
               served_sightings);
  }
  for (Line& line : statement_lines(data, w, out)) out.hits.push_back(std::move(line));
  discount(out.hits, w.group_discount);

  // Silence, once per source.
  for (const auto& [name, source] : visibility.sources()) {
    Line line, way;
    line.id = "silence." + name;
    line.hit = way.hit = false;
    line.power = way.power = w.silence_power;
    way.id = line.id + ".way";
    double most = 0, most_way = 0;
    for (const Advisory& advisory : data.knowledge.advisories) {
      for (const Claim& claim : advisory.claims) {
        if (out.claims_seen.contains(claim.id) || claim.klass == "contact" || claim.klass == "context") continue;
        if (std::find(claim.source_classes.begin(), claim.source_classes.end(), name) == claim.source_classes.end())
          continue;
        const StateSet on = touched_by(claim);
        if (on == 0) continue;
        const double covered = visibility.of(claim, name);
        const double shows = w.silence_trust * claim.sensitivity * covered;
        if (shows <= 0) continue;
        // A gateway that shows no exploitation speaks against that way in, not against every way.
        const bool one_way = on == kA && claim.hosts == "gateway";
        (one_way ? way : line).cells.push_back({on, one_way ? 0 : kNoWay, 1 - shows});
        double& widest = one_way ? most_way : most;
        widest = std::max(widest, covered);
      }
    }
    if (!way.cells.empty()) {
      way.reason = fmt::format("No exploited gateway in {}, which covers {:.0f} % of the gateways' days",
                               w.source(name).label, most_way * 100);
      out.silences.push_back(std::move(way));
    }
    if (line.cells.empty()) continue;
    line.reason = fmt::format("Nothing in {}, which covers up to {:.0f} % of the host-days where it would show",
                              w.source(name).label, most * 100);
    out.silences.push_back(std::move(line));
  }
  Suspects suspects;
  for (const auto& [key, group] : groups) {
    if (group.line != "unique.malware" && group.line != "unique.c2") continue;
    suspects.hosts.insert(group.subjects.begin(), group.subjects.end());
    suspects.lines.push_back(key);
  }
  Smallest beside;
  std::unordered_map<const std::string*, bool> suspect;  // a host's name is asked about once
  for (const Used& used : uses.all) {
    if (suspects.hosts.empty()) break;
    if (used.use != Use::weak || used.via_proxy) continue;
    const auto [at, fresh] = suspect.try_emplace(&used.subject.str());
    if (fresh) at->second = suspects.hosts.contains(used.subject.str());
    if (at->second) beside.add(used.sighting->id);
  }
  suspects.sightings = beside.take();
  for (Line& line : generic_lines(data, weak, visibility, suspects, weak_sightings.take(), w)) {
    auto& list = line.hit ? out.hits : out.silences;
    list.push_back(std::move(line));
  }
  return out;
}

}  // namespace assay
