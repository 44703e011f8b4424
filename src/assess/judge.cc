#include "assess/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "assess/needs.h"

namespace assay {
namespace {

struct Asked {
  std::string_view id;
  Event event;
};
constexpr std::array<Asked, 6> kAsked = {{{"targeted", {kT, false, kNoWay}},
                                          {"access", {kA, false, kNoWay}},
                                          {"malware", {kM, false, kNoWay}},
                                          {"exfiltration", {kX, false, kNoWay}},
                                          {"impact", {kD, false, kNoWay}},
                                          {"actor", {0, true, kNoWay}}}};

constexpr double kLog10 = 2.302585092994046;
constexpr double kNegligible = 0.005;   // log10; smaller lines are summed into one
constexpr double kReliabilityStep = 3;  // one step lower in reliability: chance results three times as likely
constexpr double kPriorStep = 3;
constexpr double kGoodCoverage = 0.5;
constexpr double kLowTerm = 0.35;  // below it a term says that something is unlikely
constexpr std::size_t kWouldChange = 3;

bool asks(const Claim& claim, std::string_view question) {
  return std::find(claim.questions.begin(), claim.questions.end(), question) != claim.questions.end();
}

// Does the line bear on the question by itself, not only through other variables?
bool speaks_for(const Line& line, const Asked& asked) {
  if (!line.hit) return false;
  StateSet on = 0;
  for (const Cell& cell : line.cells) on |= cell.on;
  if (asked.id == "actor") return (on & kT) != 0 && (on & (kA | kM)) != 0;
  if (asked.id == "access") return (on & (kA | kM | kX | kD)) != 0;
  return (on & asked.event.on) != 0;
}

class Judging {
 public:
  explicit Judging(const JudgeInput& input)
      : in_(input), w_(*input.weights), model_(w_, prior_input(*input.data)), before_(model_), after_(model_) {
    for (const Line& line : in_.lines->hits) all_.push_back(&line);
    for (const Line& line : in_.lines->silences) all_.push_back(&line);
    for (const Line* line : all_) after_.add(*line);
  }

  Judged run() {
    Judged out;
    blind_ = blindness(*in_.data, *in_.visibility);
    claims(out);
    contributions();
    variants();
    pieces();
    for (std::size_t i = 0; i < kAsked.size(); ++i) out.questions.push_back(question(i));
    out.access = after_.probability(kAsked[1].event);
    ways(out);
    actors(out);
    return out;
  }

  static PriorInput prior_input(const CaseData& data) {
    PriorInput input;
    for (const Advisory& advisory : data.knowledge.advisories) {
      const auto listed = [](const std::vector<std::string>& list, const std::string& one) {
        return !one.empty() &&
               std::any_of(list.begin(), list.end(), [&](const std::string& item) { return equals(item, one); });
      };
      input.sector = input.sector || listed(advisory.sectors, data.profile.sector);
      input.country = input.country || listed(advisory.countries, data.profile.country);
    }
    return input;
  }

 private:
  static bool equals(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
             const auto fold = [](char c) {
               return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c == '_' || c == ' ' ? '-' : c;
             };
             return fold(x) == fold(y);
           });
  }

  void claims(Judged& out) {
    for (const Advisory& advisory : in_.data->knowledge.advisories) {
      for (const Claim& claim : advisory.claims) {
        ClaimResult result;
        result.id = claim.id;
        result.text = claim.text;
        const auto seen = in_.lines->claims_seen.find(claim.id);
        if (seen != in_.lines->claims_seen.end()) result.seen = seen->second;
        const double visible = in_.visibility->of(claim);
        visible_[claim.id] = visible;
        result.visible = rounded(visible);
        if (result.seen > 0) {
          result.state = "seen";
        } else if (visible >= w_.claim_coverage) {
          result.state = "not_seen";
        } else {
          result.state = "cannot_say";
        }
        if (result.seen == 0) {
          const std::string missing =
              visible < 0.995 ? missing_for(claim, *in_.data, *in_.visibility, w_) : std::string();
          result.why = fmt::format("{:.0f} % of the host-days where it would show are covered{}{}", visible * 100,
                                   missing.empty() ? "" : "; missing: ", missing);
        }
        out.claims.push_back(std::move(result));
      }
    }
  }

  // Each line's share of every question's log odds, given the lines before it; they add up to the unclipped posterior.
  void contributions() {
    Posterior running(model_);
    std::array<double, kAsked.size()> at{};
    for (std::size_t q = 0; q < kAsked.size(); ++q) at[q] = running.log_odds(kAsked[q].event);
    for (const Line* line : all_) {
      running.add(*line);
      std::array<double, kAsked.size()> moved{};
      for (std::size_t q = 0; q < kAsked.size(); ++q) {
        const double now = running.log_odds(kAsked[q].event);
        moved[q] = now - at[q];
        at[q] = now;
      }
      moved_.push_back(moved);
    }
  }

  double shown_probability(std::size_t q, double probability) const {
    if (kAsked[q].id == "actor") {
      const std::size_t kinds = artefact_kinds();
      if (kinds == 0) probability = std::min(probability, w_.cap_techniques);
      if (kinds == 1) probability = std::min(probability, w_.cap_one_class);
    }
    return clipped(probability, w_);
  }
  std::size_t artefact_kinds() const { return in_.lines->artefacts.size(); }

  void variants() {
    for (std::size_t q = 0; q < kAsked.size(); ++q)
      ranks_[q] = term_for(shown_probability(q, after_.probability(kAsked[q].event)), in_.scale).rank;
    // Reliability one step lower.
    Posterior doubted(model_);
    for (const Line* line : all_) {
      Line copy = *line;
      if (copy.reliability) {
        copy.base = std::min(.5, copy.base * kReliabilityStep);
        for (Cell& cell : copy.cells) cell.p = std::max(cell.p, copy.base);
      }
      doubted.add(copy);
    }
    for (std::size_t q = 0; q < kAsked.size(); ++q) {
      const double odds = after_.log_odds(kAsked[q].event);
      int most = 0;
      for (const double shift : {-std::log(kPriorStep), std::log(kPriorStep)})
        most = std::max(most, steps(q, odds + shift));
      most = std::max(most, steps(q, doubted.log_odds(kAsked[q].event)));
      prior_steps_[q] = most;
    }
    for (std::size_t skip = 0; skip < in_.lines->hits.size(); ++skip) {
      Posterior without = after_;
      without.remove(*all_[skip]);
      for (const Line& line : in_.lines->hits) {
        const std::vector<std::string>& on = line.rests_on;
        if (std::find(on.begin(), on.end(), all_[skip]->id) != on.end()) without.remove(line);
      }
      for (std::size_t q = 0; q < kAsked.size(); ++q)
        drop_steps_[q] = std::max(drop_steps_[q], steps(q, without.log_odds(kAsked[q].event)));
    }
  }

  int steps(std::size_t q, double log_odds) const {
    const double p = log_odds > 0 ? 1 / (1 + std::exp(-log_odds)) : std::exp(log_odds) / (1 + std::exp(log_odds));
    return std::abs(term_for(shown_probability(q, p), in_.scale).rank - ranks_[q]);
  }

  // Mean visibility of the claims of a question, by how much they would show; for a term above even chances only those
  // that were seen, since what was not seen cannot overturn it.
  double coverage(std::string_view id, bool seen_only) const {
    double sum = 0, weight = 0;
    for (const Advisory& advisory : in_.data->knowledge.advisories) {
      for (const Claim& claim : advisory.claims) {
        if (!asks(claim, id) || (seen_only && !in_.lines->claims_seen.contains(claim.id))) continue;
        sum += claim.sensitivity * visible_.at(claim.id);
        weight += claim.sensitivity;
      }
    }
    return weight <= 0 ? 0 : sum / weight;
  }

  // Had it happened: chance that at least one source would show something, by the model's own figures for silence.
  double would_have_seen(const Asked& asked) const {
    Posterior silent(model_);
    // Claims that were seen would have been silent lines too.
    for (const Line& line : hypothetical_) silent.add(line);
    return 1 - std::exp(silent.log_chance_given(asked.event));
  }

  std::string confidence(std::size_t q, double coverage) const {
    if (!in_.visibility->scope_given()) return "low";
    if (prior_steps_[q] == 0 && drop_steps_[q] <= 1 && coverage >= kGoodCoverage) return "high";
    if (prior_steps_[q] <= 1 && drop_steps_[q] <= 2) return "moderate";
    return "low";
  }

  // Missing evidence as lines that could still come: (words, line with its share of not-yet-covered host-days).
  void pieces() {
    std::map<std::string, std::map<std::pair<StateSet, int>, double>> best;
    for (const Advisory& advisory : in_.data->knowledge.advisories) {
      for (const Claim& claim : advisory.claims) {
        const StateSet on = touched_by(claim);
        if (on == 0 || claim.klass == "contact" || claim.klass == "context" || claim.klass == "generic") continue;
        const std::string missing = missing_for(claim, *in_.data, *in_.visibility, w_);
        if (missing.empty()) continue;
        const double shows = w_.silence_trust * claim.sensitivity * (1 - visible_.at(claim.id));
        const std::pair key(on, on == kA && claim.hosts == "gateway" ? 0 : kNoWay);
        double& most = best[missing][key];
        most = std::max(most, shows);
      }
    }
    for (const auto& [words, cells] : best) {
      Line hit;
      hit.id = words;
      hit.base = w_.line("typical.c2").p0;
      for (const auto& [key, shows] : cells) {
        if (shows > 0) hit.cells.push_back({key.first, key.second, 1 - (1 - shows) * (1 - hit.base)});
      }
      if (!hit.cells.empty()) pieces_.push_back(std::move(hit));
    }
    // What silence of everything would have been, for would_have_seen.
    Uses none;
    Exfiltration nothing;
    hypothetical_ = build_lines(*in_.data, none, *in_.visibility, nothing, w_).silences;
  }

  std::vector<WouldChange> would_change(const Asked& asked) const {
    // By the expected shift of the probability; where that is settled already, by how far the odds would move.
    struct Piece {
      WouldChange change;
      double odds;
    };
    std::vector<Piece> all;
    const double now = after_.probability(asked.event), odds_now = after_.log_odds(asked.event);
    for (const Line& piece : pieces_) {
      // Chance of a hit by the present posterior, and where each outcome would take the question.
      Line silent = piece;
      silent.hit = false;
      silent.base = 1 - piece.base;
      for (Cell& cell : silent.cells) cell.p = 1 - cell.p;
      Posterior if_hit = after_, if_silent = after_;
      if_hit.add(piece);
      if_silent.add(silent);
      const double p_hit = chance_of(piece);
      const double shift = p_hit * std::abs(if_hit.probability(asked.event) - now) +
                           (1 - p_hit) * std::abs(if_silent.probability(asked.event) - now);
      const double odds = p_hit * std::abs(if_hit.log_odds(asked.event) - odds_now) +
                          (1 - p_hit) * std::abs(if_silent.log_odds(asked.event) - odds_now);
      if (rounded(odds) > 0) all.push_back({{piece.id, rounded(shift)}, rounded(odds)});
    }
    std::sort(all.begin(), all.end(), [](const Piece& a, const Piece& b) {
      if (a.change.expected_shift != b.change.expected_shift) return a.change.expected_shift > b.change.expected_shift;
      return a.odds != b.odds ? a.odds > b.odds : a.change.evidence < b.change.evidence;
    });
    std::vector<WouldChange> out;
    for (std::size_t i = 0; i < all.size() && i < kWouldChange; ++i) out.push_back(std::move(all[i].change));
    return out;
  }

  double chance_of(const Line& line) const {
    Posterior with = after_;
    with.add(line);
    const Event anything;
    return std::exp(with.log_chance_given(anything) - after_.log_chance_given(anything));
  }

  Question question(std::size_t q) {
    const Asked& asked = kAsked[q];
    Question out;
    out.id = asked.id;
    out.prior = rounded(before_.probability(asked.event));
    const double unclipped = after_.probability(asked.event);
    const double shown = shown_probability(q, unclipped);
    out.probability = rounded(shown);
    if (asked.id == "actor" && artefact_kinds() < 2) {
      out.cap = artefact_kinds() == 0 ? w_.cap_techniques : w_.cap_one_class;
      out.cap_reason = artefact_kinds() == 0
                           ? "no artefact of the campaign's own was seen; techniques alone name nobody"
                           : "only one kind of the campaign's own artefacts was seen";
    }
    out.term = term_for(shown, in_.scale);
    out.would_have_seen = rounded(would_have_seen(asked));
    out.would_change = would_change(asked);

    bool spoken = false;
    double rest = 0;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const double part = moved_[i][q] / kLog10;
      spoken = spoken || speaks_for(*all_[i], asked);
      if (std::abs(part) < kNegligible) {
        rest += part;
        continue;
      }
      Because line{all_[i]->sightings, rounded(part), all_[i]->reason};
      const bool direct = !all_[i]->hit || speaks_for(*all_[i], asked);
      if (!direct) {
        // Another question's line: it moves this one through what they share, and names its sightings there.
        line.reason = "Indirectly: " + line.reason;
        line.sightings.clear();
      }
      (part > 0 ? out.because : out.against).push_back(std::move(line));
    }
    if (rounded(rest) != 0)
      (rest > 0 ? out.because : out.against).push_back({{}, rounded(rest), "Further lines, each below 0.005"});
    // The question's own lines first, each half by size.
    const auto order = [](const Because& a, const Because& b) {
      if (a.sightings.empty() != b.sightings.empty()) return b.sightings.empty();
      return std::abs(a.log10_lr) > std::abs(b.log10_lr);
    };
    std::stable_sort(out.because.begin(), out.because.end(), order);
    std::stable_sort(out.against.begin(), out.against.end(), order);

    const bool above_even = shown >= .55;
    const double covered = coverage(asked.id, above_even);
    out.confidence = confidence(q, covered);
    out.judged = true;
    const double moved = std::abs(after_.log_odds(asked.event) - before_.log_odds(asked.event));
    const double all_coverage = coverage(asked.id, false);
    // A sign that leaves a question low has not been followed up where little is covered: no reason to call it
    // unlikely.
    const bool speaks = spoken && shown >= kLowTerm;
    if (!blind_.empty() && !speaks) {
      refuse(out, blind_);
    } else if (asked.id == "exfiltration" && !in_.taken->bounded) {
      refuse(out, "no source that counts bytes covers enough of the window" + missing_bytes());
    } else if (asked.id == "actor" && after_.probability(kAsked[1].event) < .55) {
      refuse(out, "there is no intrusion to compare with the campaign");
    } else if (asked.id == "actor" && artefact_kinds() == 0 && shown > kLowTerm) {
      refuse(out, out.cap_reason);
    } else if (!speaks && asked.id != "actor" &&
               (all_coverage < w_.cannot_say_coverage || 1 - out.would_have_seen > w_.cannot_say_factor)) {
      refuse(out,
             all_coverage < w_.cannot_say_coverage
                 ? fmt::format("only {:.0f} % of the host-days where it would show are covered", all_coverage * 100)
                 : fmt::format("had it happened, it would have shown in about {:.0f} of 10 cases only",
                               out.would_have_seen * 10));
    } else if (moved < std::log(w_.cannot_say_odds)) {
      refuse(out, "the evidence moves the odds by less than a factor of two");
    }
    if (out.judged) {
      if (!out.because.empty() && (above_even || !out.because.front().sightings.empty())) {
        out.why = out.because.front().reason;
      } else {
        out.why = fmt::format("had it happened, something would have shown in about {:.0f} of 10 cases",
                              out.would_have_seen * 10);
        if (!in_.visibility->scope_given())
          out.why += fmt::format(", on the {} hosts that appear in the evidence", in_.visibility->examined());
      }
    }
    return out;
  }

  static void refuse(Question& question, std::string why) {
    question.judged = false;
    question.confidence = "low";
    question.why = std::move(why);
  }

  std::string missing_bytes() const {
    std::string out;
    for (const auto& [name, kind] : w_.sources) {
      if (!kind.bytes || in_.visibility->sources().contains(name)) continue;
      out += (out.empty() ? "; missing: " : ", ") + kind.label;
    }
    return out;
  }

  void ways(Judged& out) const {
    const Event access{kA, false, kNoWay};
    double undecided = 0;
    std::vector<double> share(kWays.size());
    for (std::size_t way = 0; way + 1 < kWays.size(); ++way) {
      share[way] = after_.given({kA, false, static_cast<int>(way)}, access);
      // A way that nothing speaks for is a guess of the prior: it stays undetermined.
      if (!in_.lines->ways_seen.contains(static_cast<int>(way))) {
        undecided += share[way];
        share[way] = 0;
      }
    }
    share.back() = undecided + after_.given({kA, false, static_cast<int>(kWays.size()) - 1}, access);
    for (std::size_t way = 0; way < kWays.size(); ++way)
      out.initial_access.emplace_back(std::string(kWays[way]), rounded(share[way]));
  }

  void actors(Judged& out) const {
    const Event access{kA, false, kNoWay};
    if (after_.probability(access) < .2) return;
    std::set<std::string> names;
    for (const Advisory& advisory : in_.data->knowledge.advisories) {
      if (!advisory.actor.empty()) names.insert(advisory.actor);
    }
    const double named_raw = after_.given({0, true, kNoWay}, access);
    // What the comparison rests on bounds it; without an artefact of the campaign's own, half of the weight belongs to
    // nobody on any list, as before anything is compared. What is taken from the campaign goes to unknown.
    const std::size_t kinds = artefact_kinds();
    const double named = kinds == 0   ? std::min(named_raw, w_.cap_techniques) * (1 - w_.actor_unknown)
                         : kinds == 1 ? std::min(named_raw, w_.cap_one_class)
                                      : named_raw;
    ActorRank campaign;
    for (const std::string& name : names) campaign.name += (campaign.name.empty() ? "" : " / ") + name;
    if (campaign.name.empty()) campaign.name = "the named campaign";
    campaign.probability = rounded(named);
    for (const std::string& kind : in_.lines->artefacts) campaign.because.push_back(kind + " of the advisory's own");
    if (campaign.because.empty())
      campaign.because.emplace_back("no artefact of the campaign; techniques alone do not name an actor");
    const double other_known = (1 - named_raw) * w_.other_known;
    ActorRank unknown{"unknown", rounded(1 - named - other_known), {"nothing ties the rest to anybody"}};
    ActorRank other{"another known group", rounded(other_known), {"share of known groups among other intruders"}};
    out.actors = {std::move(campaign), std::move(unknown), std::move(other)};
    std::stable_sort(out.actors.begin(), out.actors.end(),
                     [](const ActorRank& a, const ActorRank& b) { return a.probability > b.probability; });
  }

  const JudgeInput& in_;
  const Weights& w_;
  Model model_;
  Posterior before_, after_;
  std::vector<const Line*> all_;
  std::vector<std::array<double, kAsked.size()>> moved_;
  std::array<int, kAsked.size()> ranks_{}, prior_steps_{}, drop_steps_{};
  std::map<std::string, double, std::less<>> visible_;
  std::vector<Line> pieces_, hypothetical_;
  std::string blind_;
};

}  // namespace

Judged judge(const JudgeInput& input) { return Judging(input).run(); }

double rounded(double value) {
  const double out = std::round(value * 1e6) / 1e6;
  return out == 0 ? 0 : out;  // no minus zero
}

double clipped(double probability, const Weights& weights) {
  return std::clamp(probability, weights.lowest, weights.highest);
}

std::string blindness(const CaseData& data, const Visibility& visibility) {
  if (!visibility.any_record()) {
    return data.evidence.empty() ? "there is no evidence" : "nothing in the evidence could be read as records";
  }
  if (!visibility.any_in_window()) return "the evidence holds nothing from the time of the campaign";
  if (!visibility.any_own()) {
    return data.profile.given
               ? "no record speaks about a host in scope: this looks like another organisation's evidence"
               : "no record names a host, so it cannot be told whose evidence this is";
  }
  return {};
}

std::string missing_for(const Claim& claim, const CaseData& data, const Visibility& visibility,
                        const Weights& weights) {
  if (!claim.looked_for) return "a hunt for what this version of the advisory adds";
  const double visible = visibility.of(claim);
  if (visible >= .9) return {};
  // A host of the wanted kind with no record at all is the plainest gap.
  if (!claim.hosts.empty() && claim.hosts != "any") {
    std::string names;
    for (const ScopeHost& host : visibility.hosts()) {
      if (host.kind == claim.hosts && !host.examined) names += (names.empty() ? "" : ", ") + host.name;
    }
    if (!names.empty()) return names + " logs";
    for (const ScopeHost& host : visibility.hosts()) {
      const Appliance* silent = visibility.silent_appliances().of(claim.id, host.name);
      if (silent != nullptr && (host.kind == claim.hosts || host.kind.empty()))
        return fmt::format("what {} does not log ({})", host.name, silent->reason);
    }
  }
  const DaySpan span = visibility.window_of(claim);
  if (const auto need = shipped_needs().find(claim.id); need != shipped_needs().end()) {
    if (!visibility.sources().contains(need->second.source_class))
      return fmt::format("{} ({})", weights.source(need->second.source_class).label, need->second.reason);
  }
  std::string absent;
  for (const std::string& name : claim.source_classes) {
    const auto at = visibility.sources().find(name);
    const std::string label = weights.source(name).label;
    if (weights.source(name).reach == Reach::sample) continue;
    if (at == visibility.sources().end() || at->second.days.empty()) {
      if (absent.empty()) absent = label;
      continue;
    }
    const SourceDays& source = at->second;
    if (*source.days.begin() > span.first + 1)
      return label + " before " + format_day_month(Time{*source.days.begin() * kDay});
    if (*source.days.rbegin() + 1 < span.last)
      return label + " after " + format_day_month(Time{*source.days.rbegin() * kDay});
    if (!claim.fields.empty() && visibility.of(claim, name) < .5 * visibility.of_class(name)) {
      std::string fields;
      for (const std::string& field : claim.fields)
        fields += (fields.empty() ? "" : ", ") + (field.starts_with('@') ? field.substr(1) : field);
      return label + " with " + fields;
    }
  }
  (void)data;
  if (!absent.empty()) return absent;
  return visible < .9 ? "hosts without records" : "";
}

}  // namespace assay
