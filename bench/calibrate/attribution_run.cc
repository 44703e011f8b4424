#include "attribution_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "core/ascii.h"

namespace assay::calibrate {
namespace {

constexpr double kLikely = .55;
constexpr std::size_t kBarely = 10;  // statements about a group, below which little can be compared

// One page under several addresses: without scheme, "www.", an archive's prefix, query, fragment and last slash.
std::string page_of(std::string_view url) {
  std::string out = lower(url);
  if (const std::size_t archived = out.find("web.archive.org/web/"); archived != std::string::npos) {
    const std::size_t inner = out.find("http", archived + 20);
    if (inner != std::string::npos) out.erase(0, inner);
  }
  if (const std::size_t scheme = out.find("://"); scheme != std::string::npos) out.erase(0, scheme + 3);
  if (out.starts_with("www.")) out.erase(0, 4);
  out.erase(std::min(out.find_first_of("?#"), out.size()));
  while (!out.empty() && out.back() == '/') out.pop_back();
  return out;
}

std::vector<const AttackCampaign*> attributed(const Attack& attack) {
  std::vector<const AttackCampaign*> out;
  for (const AttackCampaign& campaign : attack.campaigns) {
    if (!campaign.groups.empty()) out.push_back(&campaign);
  }
  return out;
}

std::string csv(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

}  // namespace

std::vector<std::uint32_t> strikes(const Attack& attack, const AttackCampaign& campaign) {
  std::set<std::uint32_t> cited(campaign.references.begin(), campaign.references.end());
  for (const auto* uses : {&campaign.techniques, &campaign.software, &campaign.groups}) {
    for (const AttackUse& use : *uses) cited.insert(use.references.begin(), use.references.end());
  }
  std::set<std::string> pages;
  for (const std::uint32_t reference : cited) {
    if (!attack.references[reference].url.empty()) pages.insert(page_of(attack.references[reference].url));
  }
  for (std::uint32_t i = 0; i < attack.references.size(); ++i) {
    if (pages.contains(page_of(attack.references[i].url))) cited.insert(i);
  }
  return {cited.begin(), cited.end()};
}

AttributionFigures leave_one_out(const Attack& attack, Leakage leakage, bool software, const Weights& weights) {
  AttributionFigures out;
  for (const AttackCampaign* campaign : attributed(attack)) {
    ProfileRules rules;
    if (leakage != Leakage::leaky) {
      rules.struck.resize(attack.references.size());
      for (const std::uint32_t reference : strikes(attack, *campaign)) rules.struck[reference] = true;
    }
    if (leakage == Leakage::strict_time) rules.before = campaign->first_seen;
    const Attribution attribution(attack, rules, weights);
    SeenArtefacts seen;
    for (const AttackUse& use : campaign->techniques) seen.techniques.push_back(use.what);
    if (software) {
      for (const AttackUse& use : campaign->software) seen.software.push_back(use.what);
    }
    std::set<int> truth;
    for (const AttackUse& use : campaign->groups) truth.insert(static_cast<int>(use.what));

    ++out.campaigns;
    std::size_t statements = 0;  // of the group that is known best
    for (const int group : truth) {
      const auto& profile = attack.groups[static_cast<std::size_t>(group)];
      std::size_t counted = 0;
      for (const auto* uses : {&profile.techniques, &profile.software})
        counted += static_cast<std::size_t>(
            std::count_if(uses->begin(), uses->end(), [&](const AttackUse& use) { return rules.counts(attack, use); }));
      statements = std::max(statements, counted);
    }
    const bool known = statements >= kBarely;
    out.unknown_before += statements == 0 ? 1U : 0U;
    out.barely_known += known ? 0U : 1U;
    std::size_t place = 0;
    bool placed = false;
    double of_truth = 0, unknown = 0;
    const auto shown = [&](const GroupScore& score) {
      return std::min(score.probability, actor_cap(score.shared_software.empty() ? 0 : 1, weights));
    };
    for (const GroupScore& score : attribution.rank(seen)) {
      if (score.group < 0) {
        unknown = score.probability;
        continue;
      }
      const bool right = truth.contains(score.group);
      if (right) of_truth += score.probability;
      if (right && !placed) {
        placed = true;
        out.top1 += place == 0 ? 1U : 0U;
        out.top3 += place < 3 ? 1U : 0U;
        out.known_top1 += known && place == 0 ? 1U : 0U;
        out.known_top3 += known && place < 3 ? 1U : 0U;
        out.right_likely += shown(score) >= kLikely ? 1U : 0U;
      }
      if (!right) {
        out.wrong_likely += shown(score) >= kLikely ? 1U : 0U;
        out.highest_wrong = std::max(out.highest_wrong, shown(score));
      }
      ++place;
    }
    out.log_loss -= std::log(of_truth / (1 - unknown));
    if (known) out.known_log_loss -= std::log(of_truth / (1 - unknown));
    out.log_loss_with_unknown -= std::log(of_truth);
    // Left out one by one: of a joint campaign the other group is still right.
    for (const int group : truth) {
      for (const GroupScore& score : attribution.rank(seen, group)) {
        if (score.group >= 0 && !truth.contains(score.group) && shown(score) >= kLikely) ++out.removed_likely;
      }
    }
  }
  if (out.campaigns > out.barely_known) out.known_log_loss /= static_cast<double>(out.campaigns - out.barely_known);
  if (out.campaigns > 0) {
    out.log_loss /= static_cast<double>(out.campaigns);
    out.log_loss_with_unknown /= static_cast<double>(out.campaigns);
  }
  return out;
}

std::string strike_list(const Attack& attack) {
  std::string out = "campaign,reference,url\n";
  for (const AttackCampaign* campaign : attributed(attack)) {
    for (const std::uint32_t reference : strikes(attack, *campaign)) {
      const AttackReference& one = attack.references[reference];
      out += fmt::format("{},{},{}\n", campaign->id, csv(one.name), csv(one.url));
    }
  }
  return out;
}

std::string attribution_section(const Attack& attack, const Weights& weights) {
  std::string out = fmt::format(
      "{} attributed campaigns, {} groups. *Right* and *wrong* count groups shown at \"likely\" or above; *removed*: a "
      "group at "
      "that level when the true one is left out of the comparison.\n\n"
      "| seen | profiles | top-1 | top-3 | log loss | with unknown | right | wrong | removed | highest wrong "
      "|\n|---|---|---|---|---|---|---|---|---|---|\n",
      attributed(attack).size(), attack.groups.size());
  std::array<std::string, 2> known;
  for (const bool software : {false, true}) {
    for (const auto& [leakage, name] :
         {std::pair{Leakage::clean, "clean"}, {Leakage::strict_time, "strict time"}, {Leakage::leaky, "leaky"}}) {
      const AttributionFigures f = leave_one_out(attack, leakage, software, weights);
      const auto n = static_cast<double>(f.campaigns);
      out += fmt::format("| {} | {} | {:.2f} | {:.2f} | {:.2f} | {:.2f} | {} | {} | {} | {:.2f} |\n",
                         software ? "techniques and software" : "techniques", name, static_cast<double>(f.top1) / n,
                         static_cast<double>(f.top3) / n, f.log_loss, f.log_loss_with_unknown, f.right_likely,
                         f.wrong_likely, f.removed_likely, f.highest_wrong);
      if (leakage == Leakage::leaky) continue;
      std::string& text = known[leakage == Leakage::clean ? 0 : 1];
      if (!software)
        text = fmt::format(
            "- {}: of {} campaigns {} are by a group of which no statement is left, and {} by one of which "
            "fewer than {} are. The others: ",
            name, f.campaigns, f.unknown_before, f.barely_known, kBarely);
      const double others = std::max(1.0, n - static_cast<double>(f.barely_known));
      text += fmt::format("{}{}: top-1 {:.2f}, top-3 {:.2f}, log loss {:.2f}", software ? "; " : "",
                          software ? "with software" : "techniques", static_cast<double>(f.known_top1) / others,
                          static_cast<double>(f.known_top3) / others, f.known_log_loss);
    }
  }
  return out + "\n" + known[0] + ".\n" + known[1] + ".\n";
}

}  // namespace assay::calibrate
