#include "real.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "assess/generic.h"
#include "case_builder.h"
#include "kept.h"
#include "pool_shape.h"

namespace assay::calibrate {
namespace {

constexpr std::int64_t kEpochDay = 18'353;

// An attack is taken to begin and end this long before and after what shows it.
constexpr std::int64_t kMargin = 30'000'000'000;

enum class Kind : std::uint8_t { technique, intrusion, machine };

// A capture of one technique has its tactic as a folder. Everything else of the laboratories is an intrusion from its
// first event to its last; the logs that a reader of event logs is tested with are of ordinary machines.
Kind kind_of(const Capture& capture) {
  if (capture.name.starts_with("windows-json_atomic")) return Kind::technique;
  return capture.name.starts_with("evtx_parser-samples") ? Kind::machine : Kind::intrusion;
}

// What a capture set out to do, as the tactics in the tags of rules.
std::set<std::string> tactics_of(const Capture& capture) {
  // ATT&CK's defence evasion is two tactics by now, and rules carry the new names.
  static const std::map<std::string, std::set<std::string>, std::less<>> kFolders = {
      {"collection", {"collection"}},
      {"credential_access", {"credential-access"}},
      {"defense_evasion", {"defense-evasion", "stealth", "defense-impairment"}},
      {"discovery", {"discovery"}},
      {"execution", {"execution"}},
      {"lateral_movement", {"lateral-movement"}},
      {"persistence", {"persistence"}},
      {"privilege_escalation", {"privilege-escalation"}}};
  std::set<std::string> out;
  for (const auto& [folder, tactics] : kFolders) {
    if (capture.path.find("/" + folder + "/") != std::string::npos) out.insert(tactics.begin(), tactics.end());
  }
  if (capture.name.find("playbook") != std::string::npos) out.insert({"execution", "discovery", "persistence"});
  return out;
}

bool logs_processes(std::string_view source_class) {
  return source_class == "process" || source_class == "windows_security" || source_class == "endpoint" ||
         source_class == "linux";
}

// A capture of one technique, taken apart by when its attack was.
struct Parted {
  bool placed = false;  // false: no rule of the shown tactics fired
  std::vector<const Capture::Seen*> attack, within, outside;
};

Parted part(const Capture& capture) {
  Parted out;
  const std::set<std::string> shown = tactics_of(capture);
  const auto shows = [&](const Capture::Seen& one) {
    const auto rule = capture.tactics_of.find(one.rule);
    return rule != capture.tactics_of.end() &&
           std::any_of(rule->second.begin(), rule->second.end(),
                       [&](const std::string& tactic) { return shown.contains(tactic); });
  };
  std::int64_t from = INT64_MAX, until = INT64_MIN;
  for (const Capture::Seen& one : capture.seen) {
    if (!shows(one)) continue;
    out.placed = true;
    from = std::min(from, one.first.ns - kMargin);
    until = std::max(until, one.last.ns + kMargin);
  }
  for (const Capture::Seen& one : capture.seen)
    (shows(one) ? out.attack : one.first.ns >= from && one.last.ns <= until ? out.within : out.outside).push_back(&one);
  return out;
}

// The halves: by the source's name, so that no capture stands in both.
bool in_fitting(std::string_view source) {
  std::uint32_t hash = 2166136261U;
  for (const char c : source) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return ((hash >> 7) & 1U) == 0;
}

}  // namespace

Result<RealPieces> read_pieces(const std::string& folder) {
  RealPieces out;
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".kept") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty())
    return Error{ErrorCode::not_found, "nothing kept of real hunts", folder, "scripts/calibrate makes it of the packs"};
  out.generic = read_rules(folder + "/rules.list");
  std::vector<Capture> captures;
  std::set<std::string> bytes;
  for (const std::string& file : files) {
    TRY(Capture capture, read_kept(file));
    if (capture.bytes.empty()) continue;
    if (!bytes.insert(capture.bytes).second) {
      ++out.counts.copies;
      continue;
    }
    captures.push_back(std::move(capture));
  }
  // Rules that fire where there is no attack: on ordinary machines, and before or after the attack of a capture.
  std::map<std::string, std::set<std::string>> known;  // rule -> captures
  std::vector<Parted> parted;
  for (const Capture& capture : captures) {
    parted.push_back(kind_of(capture) == Kind::technique ? part(capture) : Parted{});
    if (kind_of(capture) == Kind::machine) {
      for (const Capture::Seen& one : capture.seen) known[one.rule].insert(capture.name);
    } else if (parted.back().placed) {
      for (const Capture::Seen* one : parted.back().outside) known[one->rule].insert(capture.name);
    }
  }
  out.counts.known = known.size();
  for (std::size_t i = 0; i < captures.size(); ++i) {
    const Capture& capture = captures[i];
    const Kind kind = kind_of(capture);
    using Rules = std::map<std::string, Piece::Fired>;  // `after` since 1970, until the piece is put
    std::map<std::string, Rules> attacked;
    std::map<std::pair<std::string, std::int64_t>, Rules> quiet;  // host, day
    const auto saw = [](Rules& rules, const Capture::Seen& one, Time when) {
      const auto [at, fresh] = rules.try_emplace(one.rule, Piece::Fired{when.ns, 0});
      at->second.after = std::min(at->second.after, when.ns);
      at->second.matches += one.count;
    };
    if (kind == Kind::machine) {
      for (const Capture::HostDay& one : capture.host_days) {
        if (logs_processes(one.source_class)) quiet[{one.host, one.day}];
      }
      for (const Capture::Seen& one : capture.seen) {
        // A sighting of several days says how often, not on which: of its first and last it is known.
        for (const Time when : {one.first, one.last}) {
          const auto at = quiet.find({one.host, when.day()});
          if (at != quiet.end()) saw(at->second, one, when);
        }
      }
      out.counts.machine_days += quiet.size();
    } else if (kind == Kind::technique) {
      ++out.counts.captures;
      out.counts.not_placed += parted[i].placed ? 0U : 1U;
      // A capture in which no rule says when the attack was shows nobody's ordinary day.
      if (parted[i].placed) {
        for (const Capture::HostDay& one : capture.host_days) {
          if (logs_processes(one.source_class)) quiet[{one.host, 0}];
        }
        for (const Capture::Seen* one : parted[i].outside) saw(quiet[{one->host, 0}], *one, one->first);
        for (const Capture::Seen* one : parted[i].within) {
          const auto at = known.find(one->rule);
          const bool elsewhere =
              at != known.end() && at->second.size() > static_cast<std::size_t>(at->second.contains(capture.name));
          saw(elsewhere ? quiet[{one->host, 0}] : attacked[one->host], *one, one->first);
        }
        for (const Capture::Seen* one : parted[i].attack) saw(attacked[one->host], *one, one->first);
      }
    } else {
      ++out.counts.samples;
      for (const Capture::Seen& one : capture.seen) saw(attacked[one.host], one, one.first);
    }
    const auto put = [&](std::vector<Piece>& list, Rules rules, const std::string& by) {
      std::int64_t first = INT64_MAX;
      for (const auto& [id, fired] : rules) first = std::min(first, fired.after);
      // Captures of some hours and more are of clocks that were set: no piece is longer than two.
      for (auto& [id, fired] : rules) fired.after = std::min(fired.after - first, 2 * kHour);
      list.push_back({capture.name, std::move(rules), in_fitting(by)});
    };
    // The few ordinary machines are parted by machine and month, else nearly all would stand in one half.
    for (auto& [host_day, rules] : quiet)
      put(out.background, std::move(rules),
          kind == Kind::machine ? fmt::format("{} {}", host_day.first, host_day.second / 30) : capture.name);
    for (auto& [host, rules] : attacked) put(out.traces, std::move(rules), capture.name);
  }
  return out;
}

Pool measure_pool(const RealPieces& pieces, Half half) {
  Pool out;
  out.unknown_rate = Weights::shipped().pool.unknown_rate;
  std::map<std::string, const DetectorInfo*> detectors;
  for (const DetectorInfo& one : pieces.generic) {
    detectors[one.id] = &one;
    out.levels[one.level].rules += 1;
  }
  for (const Piece& piece : pieces.background) {
    if (half != Half::both && piece.fitting != (half == Half::fitting)) continue;
    out.host_days += 1;
    for (const auto& [id, count] : piece.rules) {
      const std::string& level = detectors[id]->level;
      out.levels[level].bursts += 1;
      Pool::Family& family = out.families[id];
      family.bursts += 1;
      family.level = level;
    }
  }
  for (const Piece& piece : pieces.traces) {
    if (half != Half::both && piece.fitting != (half == Half::fitting)) continue;
    for (const auto& [id, count] : piece.rules) {
      Pool::Family& family = out.families[id];
      family.attacks += 1;
      family.level = detectors[id]->level;
    }
  }
  for (auto& [id, family] : out.families) family.host_days = out.host_days;
  out.shape = fitted_shape(out);
  return out;
}

std::string pool_yaml(const Pool& pool, const RealPieces& pieces) {
  std::string out = fmt::format(
      "# How often generic rules fire where nothing is wrong: bursts (one rule on one host on one day) over host-days. "
      "Written by\n"
      "# `make calibrate`; docs/calibration.md says from what: {} captures of laboratories, each host of each taken as "
      "one host-day,\n"
      "# without the minutes of the attack that the capture shows, and {} host-days of ordinary machines. `attacks`: "
      "on "
      "how many of\n"
      "# {} hosts under attack the rule fired. Rules are named by their own ids. A rule that is not listed has the "
      "mean "
      "of its level;\n"
      "# `shape` is that of the gamma distribution of the rates of a level, by maximum likelihood from these counts. "
      "`unknown_rate`\n"
      "# stands for rules of no such level, our own generic checks among them, that no pool has measured: a typical "
      "noisy rule.\n"
      "host_days: {:.0f}\nshape: {}\nunknown_rate: {}\nlevels:\n",
      pieces.counts.captures - pieces.counts.not_placed, pieces.counts.machine_days, pieces.traces.size(),
      pool.host_days, pool.shape, pool.unknown_rate);
  for (const auto& [name, level] : pool.levels)
    out += fmt::format("  {}: {{rules: {:.0f}, bursts: {:.0f}}}\n", name.empty() ? "none" : name, level.rules,
                       level.bursts);
  out += "families:\n";
  for (const auto& [id, family] : pool.families)
    out += fmt::format("  {}: {{bursts: {:.0f}, attacks: {:.0f}, level: {}}}\n", id, family.bursts, family.attacks,
                       family.level.empty() ? "none" : family.level);
  return out;
}

std::string pool_section(const Pool& pool, const RealPieces& pieces, const Weights& constants) {
  std::size_t fired = 0, in_attacks = 0;
  for (const auto& [id, family] : pool.families) {
    fired += family.bursts > 0 ? 1U : 0U;
    in_attacks += family.attacks > 0 ? 1U : 0U;
  }
  std::string out = fmt::format(
      "{} captures of one technique ({} more in which no rule says when it was, {} that came twice), {} host-days of "
      "ordinary machines: {:.0f} host-days, {} rules, of which {} fired at all; shape of the rates {}. On {} hosts "
      "under "
      "attack, in {} samples and whole intrusions and in the captures' own attacks, {} rules fired. {} rules fired "
      "where "
      "no attack was.\n\n",
      pieces.counts.captures - pieces.counts.not_placed, pieces.counts.not_placed, pieces.counts.copies,
      pieces.counts.machine_days, pool.host_days, pieces.generic.size(), fired, pool.shape, pieces.traces.size(),
      pieces.counts.samples, in_attacks, pieces.counts.known);
  out +=
      "What one hit adds to a host on which three other rules of level high fired that never did elsewhere, among 100 "
      "hosts "
      "that log for 21 days, without quiet history (a factor; 1: nothing):\n\n"
      "| level | rules | bursts | never fired: ratio | fired: lowest | quarter | median | three quarters | highest |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  Weights weights = constants;
  weights.pool = pool;
  std::vector<GenericRule> rules;
  for (const DetectorInfo& one : pieces.generic) rules.push_back({one.id, one.level});
  // Beside three others of the kind that never fired: one alone is never a sign.
  const auto ratio = [&](const std::string& family, const std::string& level) {
    std::vector<WeakHit> hits;
    for (const char* other : {"another 1", "another 2", "another 3"})
      hits.push_back({"host", other, "high", {}, {}, 1});
    const GenericScope scope{100, {0, 20}, 0, 2100, 100};
    const double without = weigh_generic(hits, rules, scope, weights);
    hits.push_back({"host", family, level, Time{}, Time{}, 1});
    return std::exp(weigh_generic(hits, rules, scope, weights) - without);
  };
  for (const auto& [name, level] : pool.levels) {
    std::vector<double> all;
    for (const auto& [id, family] : pool.families) {
      if (family.level == name && family.bursts > 0) all.push_back(ratio(id, name));
    }
    std::sort(all.begin(), all.end());
    out += fmt::format("| {} | {:.0f} | {:.0f} | {:.2f} |", name.empty() ? "none" : name, level.rules, level.bursts,
                       ratio("a rule that is not listed", name));
    for (const std::size_t part : {0U, 1U, 2U, 3U, 4U})
      out += all.empty() ? " |" : fmt::format(" {:.2f} |", all[std::min(all.size() - 1, all.size() * part / 4)]);
    out += "\n";
  }
  return out;
}

Labelled compose_real(const RealPieces& pieces, bool fitting, std::uint64_t seed) {
  Random r(seed * 2 + (fitting ? 1 : 0));
  std::vector<const Piece*> background, traces;
  for (const Piece& piece : pieces.background) {
    if (piece.fitting == fitting) background.push_back(&piece);
  }
  for (const Piece& piece : pieces.traces) {
    if (piece.fitting == fitting) traces.push_back(&piece);
  }
  const auto any = [&](const std::vector<const Piece*>& list) {
    return list[static_cast<std::size_t>(r.below(static_cast<std::int64_t>(list.size())))];
  };
  CaseBuilder b(kEpochDay, kEpochDay + r.range(6, 20));
  const std::int64_t history = r.chance(.6) ? r.range(5, 14) : 0;
  const auto hosts = static_cast<std::int64_t>(r.log_uniform(5, 150));
  Labelled out;
  out.hosts = hosts;
  out.world = fitting ? "real, fitting half" : "real, scoring half";
  b.data.knowledge.advisories.push_back(invented_advisory(b.first, b.last));
  add_campaign_detectors(b);
  for (const DetectorInfo& one : pieces.generic) b.data.catalogue.push_back(one);

  b.host("gw-1", "192.0.2.10", "gateway");
  const bool gateway_logs = r.chance(.7), proxy_logs = r.chance(.7), trace_logs = r.chance(.6);
  if (gateway_logs) {
    b.cover("web_access", "gw-1", b.first - history, b.last);
    b.carry("web_access", "@path", b.first - history, b.last);
  }
  if (trace_logs) b.cover("message_trace", "", b.first - history, b.last);
  const double share = r.chance(.4) ? 1 : r.between(.2, 1);
  std::vector<std::string> covered;
  for (std::int64_t i = 0; i < hosts; ++i) {
    const std::string name = fmt::format("host-{:03}", i);
    b.host(name, fmt::format("10.1.0.{}", 1 + i), i % 5 == 0 ? "server" : "workstation");
    if (proxy_logs) b.cover("proxy", name, b.first - history, b.last);
    if (!r.chance(share)) continue;
    covered.push_back(name);
    for (const char* source : {"windows_security", "process"}) b.cover(source, name, b.first - history, b.last);
    // A host keeps its habits: each of its days looks like one of a few captures, most days like none.
    const Piece* habits[] = {any(background), any(background)};
    const double active = r.chance(.1) ? .8 : r.between(0, .06);
    struct Seen {
      Time first;
      std::int64_t last = 0;  // day
      std::uint64_t matches = 0;
    };
    std::map<std::string, Seen> seen;
    for (std::int64_t day = b.first - history; day <= b.last; ++day) {
      if (!r.chance(active)) continue;
      for (const auto& [id, fired] : habits[r.below(2)]->rules) {
        Seen& one = seen.try_emplace(id, Seen{Time{at(day, 9).ns + fired.after}, day, 0}).first->second;
        one.last = day;
        one.matches += fired.matches;
      }
    }
    for (const auto& [id, one] : seen) b.sighting(id, name, one.first, at(one.last, 17), one.matches);
  }
  if (proxy_logs) {
    b.carry("proxy", "@bytes_out", b.first - history, b.last);
    b.carry("proxy", "@cookie", b.first - history, b.last);
    for (std::int64_t day = b.first - history; day <= b.last; ++day)
      b.flow("proxy", "10.1.0.1", "203.0.113.5", at(day, 10), 20'000, 3, 1, 4);
  }

  Truth& t = out.truth;
  t.access = r.chance(.15);
  if (t.access) {
    t.targeted = t.named = r.chance(.5);
    t.malware = t.named && r.chance(.6);
    const std::int64_t held = r.range(1, std::min<std::int64_t>(3, hosts));
    for (std::int64_t i = 0; i < held; ++i) {
      // An intruder is not kept to the hosts that log.
      const std::string name = fmt::format("host-{:03}", r.below(hosts));
      const bool visible = std::find(covered.begin(), covered.end(), name) != covered.end();
      const std::int64_t samples = r.range(1, 3), day = r.range(b.first, b.last);
      for (std::int64_t k = 0; k < samples; ++k) {
        const Piece* trace = any(traces);
        out.note += trace->source + "; ";
        if (!visible) continue;
        for (const auto& [id, fired] : trace->rules) {
          // One sample after the other.
          b.sighting(id, name, Time{at(day, 9 + 3 * k).ns + fired.after}, at(day, 18), fired.matches);
          ++out.left_generic[name];
        }
        // The campaign's list names a file of the sample.
        if (t.malware && k == 0 && r.chance(.6)) {
          b.sighting("quill-hash", name, at(day, 11), at(day, 11), 1, Role::file);
          t.unique_shown = true;
          ++out.left["quill-hash"];
        }
      }
    }
  }
  // Red herrings, as in any estate.
  if (r.chance(.3) && gateway_logs)
    b.sighting("listed-1", "gw-1", at(b.first + 2, 4), at(b.first + 2, 5), 3, Role::contacting,
               {{"@src_ip", "198.51.100.11"}});
  if (r.chance(.05) && trace_logs) b.sighting("lure", "host-000", at(b.first + 3, 4), at(b.first + 3, 4), 1);
  if (r.chance(.3))
    b.sighting("quill-hash", "host-001", at(b.last, 4), at(b.last, 4), 1, Role::text_only).mention = true;
  out.data = b.finish();
  out.fully_covered = share >= 1 && gateway_logs && proxy_logs && trace_logs;
  return out;
}

}  // namespace assay::calibrate
