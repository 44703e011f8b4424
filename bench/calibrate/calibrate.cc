// make calibrate: fits, scores and writes the generated parts of docs/calibration.md (scripts/calibrate calls it).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "attribution_run.h"
#include "casefile/case.h"
#include "dump.h"
#include "fit.h"
#include "kept.h"
#include "knowledge/attack.h"
#include "real.h"
#include "score.h"
#include "synthetic.h"

namespace assay::calibrate {
namespace {

constexpr std::uint64_t kFitSeed = 1'000'000, kScoreSeed = 9'000'000;

struct Arguments {
  std::string attack, kept, doc, strikes, pool, dump, worlds, compare;
  std::string keep, name, path;  // a case to be kept as text, what it is called, and what was hunted
  int synthetic = 15'000, real = 500, fit = 0;
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
// Worlds named by their seeds, "21,22": to study misses and to compare forms of the model without a look at those that
// score.
std::vector<World> named_worlds(const std::string& seeds) {
  std::vector<World> out;
  for (const char* at = seeds.c_str(); *at != '\0';) {
    char* end = nullptr;
    const auto seed = std::strtoull(at, &end, 10);
    if (end == at) break;
    out.push_back(draw_world(seed));
    at = *end == ',' ? end + 1 : end;
  }
  return out;
}
void say(const std::string& text) { fmt::print(stderr, "{}\n", text); }

// Between "<!-- NAME -->" and "<!-- end NAME -->".
void put(std::string& page, const std::string& name, const std::string& text) {
  const std::string open = "<!-- " + name + " -->\n", close = "<!-- end " + name + " -->";
  const std::size_t begin = page.find(open), end = page.find(close);
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    say("the page has no part " + name);
    return;
  }
  page.replace(begin + open.size(), end - begin - open.size(), text);
}

std::shared_ptr<const Weights> with_pool(const Weights& constants, Pool pool) {
  auto out = std::make_shared<Weights>(constants);
  out->pool = std::move(pool);
  return out;
}

std::string rates_table(const std::vector<std::pair<std::string, std::vector<Scored>>>& sets) {
  std::string out =
      "| cases | n | Brier A | log loss A | Brier T; X; M | terms of A in their band | benign above unlikely / likely "
      "/ almost certain | "
      "unique artefact under .8 | missed in 1,000 hosts and more | cannot say, fully covered "
      "|\n|---|---|---|---|---|---|---|---|---|---|\n";
  for (const auto& [name, outcomes] : sets) {
    if (outcomes.empty()) continue;
    const Rates r = rates_of(outcomes);
    std::size_t used = 0;
    const std::size_t kept = bands_kept(outcomes, 1, used);
    out += fmt::format(
        "| {} | {} | {:.3f} | {:.3f} | {:.3f}; {:.3f}; {:.3f} | {} of {} | {:.1f} / {:.1f} / {:.2f} % | {:.1f} % of "
        "{:.0f} | {} | {:.0f} % |\n",
        name, outcomes.size(), brier(outcomes, 1), log_loss(outcomes, 1), brier(outcomes, 0), brier(outcomes, 3),
        brier(outcomes, 2), kept, used, 100 * r.above_unlikely, 100 * r.likely, 100 * r.almost_certain,
        100 * r.unique_low, r.unique,
        r.large > 0 ? fmt::format("{:.2f} of {:.0f}", r.large_missed, r.large) : "none drawn", 100 * r.covered_silent);
  }
  return out;
}

// The case of one hunt as a text below `kept`.
int keep_case(const Arguments& args) {
  const auto kase = Case::open(args.keep, true);
  if (!kase.ok()) {
    say(kase.error().text());
    return 2;
  }
  const auto data = (*kase)->load();
  if (!data.ok()) {
    say(data.error().text());
    return 2;
  }
  std::string file = args.name;
  std::replace_if(file.begin(), file.end(), [](char c) { return c == '/' || c == ' ' || c == ':'; }, '_');
  write(args.kept + "/" + file + ".kept", kept_text(*data, args.name, args.path));
  if (const std::string rules = args.kept + "/rules.list"; read(rules).empty()) write(rules, kept_rules(*data));
  return 0;
}

int run(const Arguments& args) {
  if (!args.keep.empty()) return keep_case(args);
  std::string page = read(args.doc);
  Weights constants = Weights::shipped();
  if (!args.attack.empty()) {
    const auto attack = read_attack(args.attack, read(args.attack));
    if (!attack.ok()) {
      say(attack.error().text());
      return 2;
    }
    put(page, "attribution", attribution_section(*attack, constants));
    if (!args.strikes.empty()) write(args.strikes, strike_list(*attack));
  }

  RealPieces pieces;
  if (!args.kept.empty()) {
    auto got = read_pieces(args.kept);
    if (!got.ok()) {
      say(got.error().text());
      return 2;
    }
    pieces = std::move(*got);
    say(fmt::format("{} background pieces, {} traces, {} generic rules", pieces.background.size(), pieces.traces.size(),
                    pieces.generic.size()));
    const Pool pool = measure_pool(pieces, Half::both);
    if (!args.pool.empty()) write(args.pool, pool_yaml(pool, pieces));
    put(page, "pool", pool_section(pool, pieces, constants));
  }
  // A study takes the halves the other way round.
  const bool mirrored = !args.worlds.empty();
  const auto real_weights = [&] {
    return with_pool(constants, measure_pool(pieces, mirrored ? Half::scoring : Half::fitting));
  };

  const std::vector<World> studied = args.worlds.empty() ? fitting_worlds() : named_worlds(args.worlds);
  const std::vector<World> scored = args.worlds.empty() ? scoring_worlds() : studied;
  if (!args.worlds.empty() && (studied.empty() || !args.doc.empty())) {
    say("--worlds names seeds, \"21,22\", for a study; the page is of the scoring worlds alone");
    return 2;
  }
  if (!args.dump.empty()) {
    std::ofstream file(args.dump, std::ios::binary);
    for (const World& world : studied) {
      const GenericRules rules = generic_rules(world);
      std::string text =
          fmt::format("{{\"rules\":\"{}\",\"pool_days\":{},\"list\":[", world.name, rules.pool.host_days);
      for (const auto& rule : rules.rules) {
        const auto measured = rules.pool.families.find(rule.id);
        text += fmt::format("{}[{:.10f},{:.5f},\"{}\",{}]", text.back() == '[' ? "" : ",", rule.rate, rule.intruder,
                            rule.level, measured == rules.pool.families.end() ? 0 : measured->second.bursts);
      }
      file << text << "]}\n";
    }
    for (int i = 0; i < args.fit; ++i) {
      for (const World& world : studied) {
        const GenericRules rules = generic_rules(world);
        const auto weights = with_pool(constants, rules.pool);
        const auto one = prepare(draw_case(world, rules, kFitSeed + static_cast<std::uint64_t>(i)), weights);
        file << dump_line(*one, constants);
      }
    }
    if (!pieces.background.empty()) {
      const auto weights = real_weights();
      file << fmt::format("{{\"rules\":\"real\",\"pool_days\":{},\"list\":[", weights->pool.host_days);
      for (std::size_t i = 0; i < pieces.generic.size(); ++i) {
        const DetectorInfo& one = pieces.generic[i];
        const auto fired = weights->pool.families.find(one.id);
        const bool known = fired != weights->pool.families.end();
        file << fmt::format("{}[\"{}\",0,\"{}\",{},{}]", i > 0 ? "," : "", one.id.substr(one.id.rfind('-') + 1),
                            one.level, known ? fired->second.bursts : 0, known ? fired->second.attacks : 0);
      }
      file << "]}\n";
      for (int i = 0; i < args.real; ++i)
        file << dump_line(*prepare(compose_real(pieces, true, kFitSeed + static_cast<std::uint64_t>(i)), weights),
                          constants);
    }
    return 0;
  }
  if (!args.compare.empty()) {
    std::vector<std::unique_ptr<Prepared>> drawn, real;
    for (const World& world : studied) {
      const GenericRules rules = generic_rules(world);
      const auto weights = with_pool(constants, rules.pool);
      for (int i = 0; i < args.synthetic / static_cast<int>(studied.size()); ++i)
        drawn.push_back(prepare(draw_case(world, rules, kFitSeed + static_cast<std::uint64_t>(i)), weights));
    }
    for (int i = 0; i < args.real && !pieces.background.empty(); ++i)
      real.push_back(prepare(compose_real(pieces, true, kFitSeed + static_cast<std::uint64_t>(i)),
                             with_pool(constants, measure_pool(pieces, Half::scoring))));
    for (std::string_view rest = args.compare; !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      Weights changed = constants;
      if (!set_constants(changed, one)) {
        say(fmt::format("not constants that can be fitted: {}", one));
        return 2;
      }
      for (const auto* list : {&drawn, &real}) {
        if (!list->empty())
          fmt::print("{:6} {} {}\n", list == &drawn ? "drawn" : "real", access_figures(*list, changed), one);
      }
      std::fflush(stdout);
    }
    return 0;
  }
  if (args.fit > 0) {
    std::vector<std::unique_ptr<Prepared>> cases;
    for (const World& world : fitting_worlds()) {
      const GenericRules rules = generic_rules(world);
      const auto weights = with_pool(constants, rules.pool);
      for (int i = 0; i < args.fit; ++i)
        cases.push_back(prepare(draw_case(world, rules, kFitSeed + static_cast<std::uint64_t>(i)), weights));
    }
    if (!pieces.background.empty()) {
      const auto weights = real_weights();
      for (int i = 0; i < args.fit / 2; ++i)
        cases.push_back(prepare(compose_real(pieces, true, kFitSeed + static_cast<std::uint64_t>(i)), weights));
    }
    say(fmt::format("fitting on {} cases, loss {:.4f}", cases.size(), loss_of(cases, constants)));
    std::string table = "| constant | from | to | loss before | after |\n|---|---|---|---|---|\n";
    for (const Step& step : fit(cases, constants, 3, say))
      table += fmt::format("| `{}` | {:.3g} | {:.3g} | {:.4f} | {:.4f} |\n", step.name, step.from, step.to,
                           step.loss_before, step.loss_after);
    put(page, "fit", table);
  }

  std::vector<Scored> synthetic, real;
  std::map<std::string, std::vector<Scored>> worlds;
  for (const World& world : scored) {
    if (args.synthetic <= 0) break;
    const GenericRules rules = generic_rules(world);
    const auto weights = with_pool(constants, rules.pool);
    const int n = (args.synthetic + static_cast<int>(scored.size()) - 1) / static_cast<int>(scored.size());
    for (int i = 0; i < n; ++i) {
      const Labelled one = draw_case(world, rules, kScoreSeed + static_cast<std::uint64_t>(i));
      worlds[world.name].push_back(outcome_of(one, assess(one.data, Scale::phia, {nullptr, weights.get()})));
      if (i % 500 == 499)
        say(fmt::format("{}: {} cases, Brier A {:.4f}", world.name, i + 1, brier(worlds[world.name], 1)));
    }
    synthetic.insert(synthetic.end(), worlds[world.name].begin(), worlds[world.name].end());
  }
  if (!pieces.background.empty()) {
    const auto weights = real_weights();
    for (int i = 0; i < args.real; ++i) {
      const Labelled one = compose_real(pieces, mirrored, kScoreSeed + static_cast<std::uint64_t>(i));
      real.push_back(outcome_of(one, assess(one.data, Scale::phia, {nullptr, weights.get()})));
    }
  }
  std::vector<std::pair<std::string, std::vector<Scored>>> sets = {
      {fmt::format("synthetic, {} new worlds", scored.size()), synthetic}};
  for (const auto& [name, outcomes] : worlds) sets.emplace_back("world " + name, outcomes);
  sets.emplace_back("real pieces, scoring half", real);
  put(page, "summary", rates_table(sets));
  put(page, "worlds", world_table(scoring_worlds()));
  for (const auto& [name, outcomes] :
       {std::pair<std::string, const std::vector<Scored>*>{"synthetic", &synthetic}, {"real", &real}}) {
    if (outcomes->empty()) continue;
    put(page, std::string(name) + " left", left_table(*outcomes));
    std::string text = question_table(*outcomes);
    for (std::size_t q = 0; q < kAskedOf.size(); ++q) text += "\n" + band_table(*outcomes, q);
    put(page, name, text);
  }
  if (page.empty()) {
    fmt::print("{}\n{}\n{}", rates_table(sets), question_table(synthetic), band_table(synthetic, 1));
    fmt::print("{}", left_table(synthetic));
  } else {
    write(args.doc, page);
    fmt::print("{}", rates_table(sets));
  }
  return 0;
}

}  // namespace
}  // namespace assay::calibrate

int main(int argc, char** argv) {
  assay::calibrate::Arguments args;
  const std::map<std::string, std::string*> texts = {
      {"--attack", &args.attack}, {"--kept", &args.kept}, {"--doc", &args.doc},       {"--strikes", &args.strikes},
      {"--pool", &args.pool},     {"--dump", &args.dump}, {"--worlds", &args.worlds}, {"--compare", &args.compare},
      {"--keep", &args.keep},     {"--name", &args.name}, {"--path", &args.path}};
  const std::map<std::string, int*> numbers = {
      {"--synthetic", &args.synthetic}, {"--real", &args.real}, {"--fit", &args.fit}};
  if (argc % 2 == 0) {
    fmt::print(stderr, "assay_calibrate takes pairs, \"--synthetic 10002\"; {} stands alone\n", argv[argc - 1]);
    return 2;
  }
  for (int i = 1; i + 1 < argc; i += 2) {
    const auto text = texts.find(argv[i]);
    const auto number = numbers.find(argv[i]);
    if (text != texts.end()) {
      *text->second = argv[i + 1];
    } else if (number != numbers.end()) {
      *number->second = std::atoi(argv[i + 1]);
    } else {
      fmt::print(stderr, "assay_calibrate knows no {}\n", argv[i]);
      return 2;
    }
  }
  return assay::calibrate::run(args);
}
