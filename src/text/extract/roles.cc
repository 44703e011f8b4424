#include "text/extract/roles.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "content/content.h"
#include "core/ascii.h"
#include "text/addresses.h"
#include "text/extract/nature.h"
#include "text/extract/sign_ids.h"
#include "text/extract/vocabulary.h"

namespace assay {
namespace {

// The mean margin of the neighbours is above this.
constexpr std::array<std::int64_t, 4> kSteps = {-2000, -500, 500, 2000};
constexpr std::array<std::string_view, static_cast<std::size_t>(Company::count)> kCompanies = {
    "row", "block", "title", "near", "site", "report"};
constexpr std::array<std::string_view, kSteps.size() + 1> kCompanySigns = {"has others", "mostly not clearly benign",
                                                                           "leans to the attacker", "is the attacker's",
                                                                           "is clearly the attacker's"};

constexpr std::uint32_t kLinesNear = 2;

ReportRole role_at(std::size_t i) { return static_cast<ReportRole>(i); }

std::int64_t margin_of(const std::array<std::int64_t, kRoles>& points) {
  return std::clamp(points[0] - *std::max_element(points.begin() + 1, points.end()), -kMargin, kMargin);
}

// At a service where many have a page, a box or a name of their own.
bool of_many(const ValueSigns& value) {
  static constexpr auto kOfMany = std::to_array<Sign>(
      {Sign::shared_service, Sign::cited_site, Sign::utility_site, Sign::free_mail, Sign::reserved_name});
  return std::any_of(value.signs.begin(), value.signs.end(), [](SignId sign) {
    return std::find(kOfMany.begin(), kOfMany.end(), static_cast<Sign>(sign)) != kOfMany.end();
  });
}

bool publishers(const ValueSigns& value) {
  return std::find(value.signs.begin(), value.signs.end(), static_cast<SignId>(Sign::publisher)) != value.signs.end();
}

constexpr int kSure = 55;  // that a value is not the attacker's, whoever owns its site

// Whoever owns "evil.example" owns all names, pages and mailboxes below it.
void below_own_site(const std::vector<ValueSigns>& values, const std::vector<std::optional<Nature>>& natures,
                    std::vector<Verdict>& verdicts) {
  std::unordered_map<std::string_view, int> owned;  // site, how sure
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (values[v].kind == Observable::domain && values[v].value == values[v].site &&
        verdicts[v].role == ReportRole::attacker && !of_many(values[v]))
      owned.emplace(values[v].site, verdicts[v].confidence);
  }
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (verdicts[v].role == ReportRole::attacker || natures[v] || publishers(values[v]) ||
        verdicts[v].confidence >= kSure)
      continue;
    const ValueGroup group = group_of(values[v].kind);
    if (group != ValueGroup::domain && group != ValueGroup::url && group != ValueGroup::mail) continue;
    const auto at = owned.find(values[v].site);
    if (at != owned.end()) verdicts[v] = {ReportRole::attacker, at->second, "below " + values[v].site};
  }
}

// A name alone in a row with a hash that is hunted for is that file's.
void beside_hunted_hash(const std::vector<ValueSigns>& values, const std::vector<std::optional<Nature>>& natures,
                        std::vector<Verdict>& verdicts) {
  struct Row {
    std::size_t names = 0, hunted = 0, others = 0;
    int confidence = 0;
  };
  std::unordered_map<std::uint32_t, Row> rows;
  for (std::size_t v = 0; v < values.size(); ++v) {
    const ValueGroup group = group_of(values[v].kind);
    for (const std::uint32_t at : values[v].rows) {
      Row& row = rows[at];
      if (group == ValueGroup::file || group == ValueGroup::path) {
        ++row.names;
      } else if (group == ValueGroup::hash && verdicts[v].role == ReportRole::attacker) {
        ++row.hunted;
        row.confidence = std::max(row.confidence, verdicts[v].confidence);
      } else {
        ++row.others;
      }
    }
  }
  const auto has = [](const ValueSigns& value, Sign sign) {
    return std::find(value.signs.begin(), value.signs.end(), static_cast<SignId>(sign)) != value.signs.end();
  };
  for (std::size_t v = 0; v < values.size(); ++v) {
    if (values[v].kind != Observable::file_name || verdicts[v].role == ReportRole::attacker || natures[v] ||
        has(values[v], Sign::ordinary_file) || has(values[v], Sign::dual_use_tool))
      continue;
    for (const std::uint32_t at : values[v].rows) {
      const auto row = rows.find(at);
      if (row == rows.end() || row->second.names != 1 || row->second.hunted == 0 || row->second.others != 0) continue;
      verdicts[v] = {ReportRole::attacker, row->second.confidence, "the name of a file whose hash is the attacker's"};
      break;
    }
  }
}

// Of two that are nobody's weapon the one that the words beside it name, where the points are near each other; words
// right beside it may be further off.
bool victim_said(const ValueSigns& value, const std::array<std::int64_t, kRoles>& points) {
  constexpr std::int64_t kNearPoints = 1000, kBesidePoints = 4000;
  static const std::uint32_t victim = [] {
    const auto& kinds = Vocabulary::shipped().kinds();
    return static_cast<std::uint32_t>(std::find(kinds.begin(), kinds.end(), "victim") - kinds.begin());
  }();
  const auto has = [&](WordPlace place) {
    return std::find(value.signs.begin(), value.signs.end(), word_sign(place, victim)) != value.signs.end();
  };
  const bool beside = has(WordPlace::next_before) || has(WordPlace::cell);
  const bool said = beside || has(WordPlace::before) || has(WordPlace::row);
  // A private address is somebody's whose network was looked at.
  if (said && group_of(value.kind) == ValueGroup::address && nature_of(value.kind, value.value)) return true;
  return said && group_of(value.kind) != ValueGroup::file && group_of(value.kind) != ValueGroup::path &&
         points[static_cast<std::size_t>(ReportRole::victim)] + (beside ? kBesidePoints : kNearPoints) >
             points[static_cast<std::size_t>(ReportRole::benign)];
}

struct Sum {
  std::int64_t total = 0, n = 0;
  void add(std::int64_t margin) {
    total += margin;
    ++n;
  }
};

}  // namespace

std::optional<HostOfValue> own_host(const ValueSigns& value) {
  const ValueGroup group = group_of(value.kind);
  if (group != ValueGroup::url && group != ValueGroup::mail) return std::nullopt;
  const auto somebodys = [](SignId sign) {
    return static_cast<Sign>(sign) == Sign::publisher || static_cast<Sign>(sign) == Sign::government ||
           static_cast<Sign>(sign) == Sign::under_victims;
  };
  // A mailbox that is plain where others are defanged may be one that was taken over.
  const auto has = [&](Sign sign) {
    return std::find(value.signs.begin(), value.signs.end(), static_cast<SignId>(sign)) != value.signs.end();
  };
  if (group == ValueGroup::mail && has(Sign::plain_among_defanged) && !has(Sign::listed_as_indicator))
    return std::nullopt;
  if (of_many(value) || std::any_of(value.signs.begin(), value.signs.end(), somebodys)) return std::nullopt;
  std::string host = host_of(value.kind, value.value);
  std::string why;
  const Observable kind = !is_address(host)             ? Observable::domain
                          : host.find(':') == host.npos ? Observable::ipv4
                                                        : Observable::ipv6;
  auto normal = normalise_observable(kind, host, why);
  if (!normal || nature_of(kind, *normal)) return std::nullopt;
  return HostOfValue{kind, std::move(*normal)};
}

std::string_view name_of(ReportRole role) {
  switch (role) {
    case ReportRole::attacker:
      return "attacker";
    case ReportRole::victim:
      return "victim";
    case ReportRole::reference:
      return "reference";
    case ReportRole::benign:
      return "benign";
  }
  return "benign";
}

const std::vector<std::string>& company_sign_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> out;
    for (const std::string_view company : kCompanies) {
      for (const std::string_view sign : kCompanySigns) out.push_back(fmt::format("its {} {}", company, sign));
    }
    return out;
  }();
  return names;
}

RoleWeights::RoleWeights(std::string_view file, std::vector<std::string>* problems) {
  std::unordered_map<std::string, SignId> ids;
  for (const auto* names : {&sign_names(), &company_sign_names()}) {
    for (const std::string& name : *names) ids.emplace(name, static_cast<SignId>(ids.size()));
  }
  for (auto& time : rows_) {
    for (auto& group : time) group.assign(ids.size(), Row{});
  }
  std::size_t number = 0;
  for (const std::string_view raw : split(file, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') continue;
    const auto fail = [&](std::string_view why) {
      if (problems != nullptr) problems->push_back(fmt::format("line {}: {}: {}", number, why, line));
    };
    const auto cells = split(line, '\t');
    if (cells.size() == 2 && (cells[0] == "threshold" || cells[0] == "plain")) {
      (cells[0] == "plain" ? plain_ : threshold_) = parse_int(cells[1]).value_or(0);
      continue;
    }
    if (cells.size() != 3 + kRoles || (cells[0] != "1" && cells[0] != "2")) {
      fail("no \"time, group, sign, points of four roles\"");
      continue;
    }
    std::size_t group = kValueGroups + 1;
    for (std::size_t g = 0; g < kValueGroups; ++g) {
      if (name_of(static_cast<ValueGroup>(g)) == cells[1]) group = g;
    }
    if (cells[1] == "all") group = kValueGroups;
    const auto sign = ids.find(std::string(cells[2]));
    if (group > kValueGroups || sign == ids.end()) {
      fail("no such group or sign");
      continue;
    }
    Row& row = rows_[cells[0] == "1" ? 0 : 1][group][sign->second];
    for (std::size_t i = 0; i < kRoles; ++i) {
      const auto points = parse_int(cells[3 + i]);
      if (!points || *points < -100'000 || *points > 100'000) {
        fail("points are whole numbers of thousandths");
        break;
      }
      row[i] = static_cast<std::int32_t>(*points);
    }
  }
}

const RoleWeights& RoleWeights::shipped() {
  static const RoleWeights shipped{content::find("reports/weights.txt")};
  return shipped;
}

std::array<std::int64_t, kRoles> RoleWeights::of(int time, ValueGroup group, SignId sign) const {
  const auto& groups = rows_[static_cast<std::size_t>(time)];
  const Row &own = groups[static_cast<std::size_t>(group)][sign], &all = groups[kValueGroups][sign];
  std::array<std::int64_t, kRoles> out{};
  for (std::size_t i = 0; i < kRoles; ++i) out[i] = std::int64_t{own[i]} + all[i];
  return out;
}

std::array<std::int64_t, kRoles> RoleWeights::points(int time, ValueGroup group,
                                                     const std::vector<SignId>& signs) const {
  std::array<std::int64_t, kRoles> out{};
  for (const SignId sign : signs) {
    const auto points = of(time, group, sign);
    for (std::size_t i = 0; i < kRoles; ++i) out[i] += points[i];
  }
  return out;
}

std::vector<SignId> RoleWeights::strongest(int time, ValueGroup group, const std::vector<SignId>& signs,
                                           ReportRole role, std::size_t most) const {
  std::vector<std::pair<std::int64_t, SignId>> by;
  for (const SignId sign : signs) {
    const auto points = of(time, group, sign);
    std::int64_t others = 0;
    for (const std::int64_t p : points) others += p;
    const std::int64_t speaks = points[static_cast<std::size_t>(role)] * static_cast<std::int64_t>(kRoles) - others;
    if (speaks > 0) by.emplace_back(-speaks, sign);
  }
  std::sort(by.begin(), by.end());
  std::vector<SignId> out;
  for (std::size_t i = 0; i < by.size() && i < most; ++i) out.push_back(by[i].second);
  return out;
}

std::vector<Verdict> roles_of(const std::vector<ValueSigns>& values, const RoleWeights& weights) {
  std::vector<std::optional<Nature>> natures;
  std::vector<std::int64_t> margins;
  std::array<std::unordered_map<std::uint32_t, Sum>, 3> near;  // row, block, title
  std::unordered_map<std::string, Sum> sites;
  Sum report;
  for (const ValueSigns& value : values) {
    natures.push_back(fixed_nature(value));
    const std::int64_t margin = margin_of(weights.points(0, group_of(value.kind), value.signs));
    margins.push_back(margin);
    if (natures.back()) continue;
    const std::array<const std::vector<std::uint32_t>*, 3> lists = {&value.rows, &value.blocks, &value.titles};
    for (std::size_t k = 0; k < lists.size(); ++k) {
      for (const std::uint32_t place : *lists[k]) near[k][place].add(margin);
    }
    if (!value.site.empty()) sites[value.site].add(margin);
    report.add(margin);
  }
  std::vector<Verdict> out;
  for (std::size_t v = 0; v < values.size(); ++v) {
    const ValueSigns& value = values[v];
    const ValueGroup group = group_of(value.kind);
    std::vector<SignId> signs = value.signs;
    const auto put = [&](Company company, std::size_t sign) {
      signs.push_back(
          static_cast<SignId>(sign_names().size() + static_cast<std::size_t>(company) * kCompanySigns.size() + sign));
    };
    // The company's mean without the value itself.
    const auto look = [&](Company company, Sum sum) {
      if (!natures[v]) {
        sum.total -= margins[v];
        --sum.n;
      }
      if (sum.n <= 0) return;
      put(company, 0);
      for (std::size_t s = 0; s < kSteps.size(); ++s) {
        if (sum.total > kSteps[s] * sum.n) put(company, s + 1);
      }
    };
    const std::array<const std::vector<std::uint32_t>*, 3> lists = {&value.rows, &value.blocks, &value.titles};
    for (std::size_t k = 0; k < lists.size(); ++k) {
      for (const std::uint32_t place : *lists[k]) {
        if (const auto at = near[k].find(place); at != near[k].end()) look(static_cast<Company>(k), at->second);
      }
    }
    // Two lines up and down: a table whose cells stand below each other.
    for (const std::uint32_t row : value.rows) {
      Sum sum;
      for (std::uint32_t k = row < kLinesNear ? 0 : row - kLinesNear; k <= row + kLinesNear; ++k) {
        if (const auto at = near[0].find(k); at != near[0].end()) {
          sum.total += at->second.total;
          sum.n += at->second.n;
        }
        if (!natures[v] && k != row && std::binary_search(value.rows.begin(), value.rows.end(), k)) {
          sum.total -= margins[v];
          --sum.n;
        }
      }
      look(Company::near, sum);
    }
    if (const auto at = sites.find(value.site); at != sites.end()) look(Company::site, at->second);
    look(Company::report, report);
    std::sort(signs.begin(), signs.end());
    signs.erase(std::unique(signs.begin(), signs.end()), signs.end());
    const auto points = weights.points(1, group, signs);
    if (natures[v]) {
      const bool victim =
          victim_said(value, points) || points[static_cast<std::size_t>(ReportRole::victim)] >
                                            std::max(points[static_cast<std::size_t>(ReportRole::benign)],
                                                     points[static_cast<std::size_t>(ReportRole::reference)]);
      out.push_back({victim ? ReportRole::victim : natures[v]->role, natures[v]->confidence, natures[v]->reason});
      continue;
    }
    const std::int64_t margin = margin_of(points) - weights.threshold() - plainly_named(value) * weights.plain();
    Verdict verdict;
    if (margin <= 0 && shown_and_unspoken(value)) {
      out.push_back({ReportRole::attacker, 30,
                     fmt::format("{}, and nothing says whose else it is", evident(value) ? "named or kept as malware is"
                                                                          : value.defanged ? "defanged"
                                                                                           : "listed")});
      continue;
    }
    if (margin > 0) {
      verdict.role = ReportRole::attacker;
    } else {
      verdict.role =
          role_at(static_cast<std::size_t>(std::max_element(points.begin() + 1, points.end()) - points.begin()));
      const bool cited = std::any_of(value.signs.begin(), value.signs.end(), [](SignId sign) {
        return sign == static_cast<SignId>(Sign::publisher) || sign == static_cast<SignId>(Sign::cited_site) ||
               sign == static_cast<SignId>(Sign::under_references);
      });
      if ((verdict.role == ReportRole::benign || (verdict.role == ReportRole::reference && !cited)) &&
          victim_said(value, points))
        verdict.role = ReportRole::victim;
    }
    // 0 is even, 3 and more as sure as a report makes it.
    verdict.confidence = static_cast<int>(25 + std::min<std::int64_t>(std::abs(margin), 3000) * 40 / 3000);
    std::string reason;
    for (const SignId sign : weights.strongest(1, group, signs, verdict.role, 3)) {
      const std::size_t own = sign_names().size();
      if (!reason.empty()) reason += "; ";
      reason += sign < own ? sign_names()[sign] : company_sign_names()[sign - own];
    }
    verdict.reason = reason.empty() ? "nothing speaks for the attacker" : std::move(reason);
    out.push_back(std::move(verdict));
  }
  below_own_site(values, natures, out);
  beside_hunted_hash(values, natures, out);
  return out;
}

}  // namespace assay
