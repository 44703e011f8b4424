#include "real.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include "assess/generic.h"
#include "case_builder.h"
#include "casefile/case.h"
#include "core/ascii.h"
#include "pool_shape.h"

namespace assay::calibrate {
namespace {

constexpr std::int64_t kEpochDay = 18'353;

// What a capture set out to do, as the tactics in the tags of rules. Their sightings belong to the attack.
std::set<std::string> tactics_of(std::string_view name, std::string_view path) {
  if (name.find("LSASS") != std::string_view::npos) return {"credential-access"};
  if (name.find("ad_playbook") != std::string_view::npos)
    return {"execution", "lateral-movement", "discovery", "persistence"};
  if (name.find("Log4Shell") != std::string_view::npos) return {"initial-access", "execution"};
  for (const std::string_view tactic : {"collection", "credential_access", "defense_evasion", "discovery", "execution",
                                        "lateral_movement", "persistence", "privilege_escalation"}) {
    if (path.find("/" + std::string(tactic) + "/") != std::string_view::npos) {
      std::string out(tactic);
      std::replace(out.begin(), out.end(), '_', '-');
      return {out};
    }
  }
  return {};
}

bool tagged(const DetectorInfo& detector, const std::set<std::string>& tactics) {
  return std::any_of(detector.tags.begin(), detector.tags.end(), [&](const std::string& tag) {
    std::string plain = lower(tag);
    std::replace(plain.begin(), plain.end(), '_', '-');
    return plain.starts_with("attack.") && tactics.contains(plain.substr(7));
  });
}

bool is_generic(const DetectorInfo& one) {
  return one.kind == DetectorKind::sigma && (one.meaning.klass.empty() || one.meaning.klass == "generic") &&
         one.advisory.empty();
}

// The halves: by the source's name, so that no capture stands in both.
bool in_fitting(std::string_view source) {
  std::uint32_t hash = 2166136261U;
  for (const char c : source) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return ((hash >> 7) & 1U) == 0;
}

std::string top_file(std::string_view path) {
  const std::size_t inner = path.find('!');
  return std::string(path.substr(0, inner));
}

}  // namespace

Result<RealPieces> read_pieces(const std::string& folder) {
  RealPieces out;
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const bool used = name.starts_with("windows-json_") || name.starts_with("evtx_");
    if (used && name.ends_with(".case")) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty())
    return Error{ErrorCode::not_found, "no kept cases", folder, "scripts/calibrate makes them from the packs"};
  for (const std::string& file : files) {
    TRY(const std::unique_ptr<Case> kase, Case::open(file, true));
    TRY(CaseData data, kase->load());
    ++out.cases;
    const std::string name = std::filesystem::path(file).stem().string();
    const bool samples = name.starts_with("evtx_");
    std::map<std::string, const DetectorInfo*> detectors;
    std::map<std::string, std::string> paths;
    for (const EvidenceItem& item : data.evidence) paths[item.id] = item.path;
    for (const DetectorInfo& one : data.catalogue) {
      if (is_generic(one)) detectors[one.id] = &one;
    }
    if (out.generic.empty()) {
      for (const DetectorInfo& one : data.catalogue) {
        if (!is_generic(one)) continue;
        DetectorInfo lean;
        lean.kind = one.kind;
        lean.id = one.id;
        lean.title = one.title;
        lean.level = one.level;
        out.generic.push_back(std::move(lean));
      }
    }
    // (capture, host) -> sightings; hosts that showed nothing are pieces too.
    std::map<std::pair<std::string, std::string>, std::vector<Sighting>> pieces;
    if (const Table* coverage = data.table("coverage"); coverage != nullptr && !samples) {
      for (const auto& [key, row] : coverage->rows()) {
        if (key[1] != "process" && key[1] != "windows_security" && key[1] != "endpoint" && key[1] != "linux") continue;
        if (!key[2].empty()) pieces[{top_file(key[0]), lower(key[2].substr(0, key[2].find('.')))}];
      }
    }
    for (const Sighting& s : data.sightings) {
      const auto detector = detectors.find(s.detector_id);
      if (s.mention || detector == detectors.end() || s.records.empty() || s.host.empty()) continue;
      const std::string capture = top_file(paths[s.records.front().evidence]);
      if (!samples && tagged(*detector->second, tactics_of(name, capture))) continue;
      pieces[{capture, lower(s.host.substr(0, s.host.find('.')))}].push_back(s);
    }
    for (auto& [key, sightings] : pieces) {
      Piece piece;
      piece.source = name + ": " + std::filesystem::path(key.first).filename().string();
      piece.fitting = in_fitting(piece.source);
      piece.sightings = std::move(sightings);
      if (samples && piece.sightings.empty()) continue;
      (samples ? out.traces : out.background).push_back(std::move(piece));
    }
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
    std::set<std::string> fired;
    for (const Sighting& s : piece.sightings) fired.insert(s.detector_id);
    for (const std::string& id : fired) {
      const std::string& level = detectors[id]->level;
      out.levels[level].bursts += 1;
      Pool::Family& family = out.families[id];
      family.bursts += 1;
      family.level = level;
    }
  }
  for (const Piece& piece : pieces.traces) {
    if (half != Half::both && piece.fitting != (half == Half::fitting)) continue;
    std::set<std::string> fired;
    for (const Sighting& s : piece.sightings) fired.insert(s.detector_id);
    for (const std::string& id : fired) {
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
  std::set<std::string> captures;
  for (const Piece& piece : pieces.background) captures.insert(piece.source);
  const std::size_t samples = pieces.traces.size();
  std::string out = fmt::format(
      "# How often generic rules fire where nothing is wrong: bursts (one rule on one host on one day) over host-days. "
      "Written by\n"
      "# `make calibrate`; docs/calibration.md says from what. {} captures of laboratories, each host of each taken as "
      "one host-day,\n"
      "# without the sightings that belong to the tactic which the capture shows. `attacks`: in how many of {} hosts "
      "of "
      "attack samples\n"
      "# the rule fired. Rules are named by their own ids. A rule that is not listed has the mean of its level; "
      "`shape` is "
      "that of the\n"
      "# gamma distribution of the rates of a level, by maximum likelihood from these counts. `unknown_rate` stands "
      "for "
      "rules of no such\n"
      "# level, our own generic checks among them, that no pool has measured: a typical noisy rule.\n"
      "host_days: {:.0f}\nshape: {}\nunknown_rate: {}\nlevels:\n",
      captures.size(), samples, pool.host_days, pool.shape, pool.unknown_rate);
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
  std::set<std::string> captures;
  for (const Piece& piece : pieces.background) captures.insert(piece.source);
  std::size_t fired = 0, in_attacks = 0;
  for (const auto& [id, family] : pool.families) {
    fired += family.bursts > 0 ? 1U : 0U;
    in_attacks += family.attacks > 0 ? 1U : 0U;
  }
  std::string out = fmt::format(
      "{} captures, {:.0f} host-days, {} rules, of which {} fired at all; shape of the rates {}. In {} hosts of attack "
      "samples {} rules fired.\n\n",
      captures.size(), pool.host_days, pieces.generic.size(), fired, pool.shape, pieces.traces.size(), in_attacks);
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
    std::map<std::string, std::pair<std::pair<std::int64_t, std::int64_t>, std::uint64_t>> seen;
    for (std::int64_t day = b.first - history; day <= b.last; ++day) {
      if (!r.chance(active)) continue;
      for (const Sighting& s : habits[r.below(2)]->sightings) {
        auto& [span, count] = seen.try_emplace(s.detector_id, std::pair(day, day), 0).first->second;
        span.second = day;
        count += s.count;
      }
    }
    for (const auto& [id, what] : seen)
      b.sighting(id, name, at(what.first.first, 9), at(what.first.second, 17), what.second);
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
        for (const Sighting& s : trace->sightings) {
          b.sighting(s.detector_id, name, at(day, 11), at(day, 12), s.count);
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
