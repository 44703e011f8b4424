#include "rules/resolve.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/ascii.h"

namespace assay {
namespace {

// Correlations over correlations over ...: deeper is refused.
constexpr std::size_t kChainDepth = 8;

bool named(const ir::Detector& rule, const std::string& name) { return rule.id == name || rule.name == name; }

std::pair<std::string, std::string> file_of(const std::string& origin) {
  const std::size_t colon = origin.rfind(':');
  if (colon == std::string::npos) return {origin, ""};
  return {origin.substr(0, colon), origin.substr(colon + 1)};
}

NotLoaded said(const std::string& origin, const std::string& id, std::string what, std::string remedy = {}) {
  const auto [path, line] = file_of(origin);
  NotLoaded out;
  out.path = path;
  out.id = id;
  out.reason = remedy.empty() ? what : fmt::format("{} ({})", what, remedy);
  out.line = static_cast<int>(parse_int(line).value_or(0));
  out.column = out.line > 0 ? 1 : 0;
  out.what = std::move(what);
  out.remedy = std::move(remedy);
  return out;
}

bool compatible(const std::string& filter, const std::string& rule) {
  return filter.empty() || rule.empty() || equals_icase(filter, rule);
}

class Resolver {
 public:
  explicit Resolver(RuleSet& set) : set_(set) {}

  void run() {
    std::vector<ir::Detector> rules;
    for (ir::Detector& rule : set_.rules) {
      auto& list = rule.window ? windows_ : rules;
      list.push_back(std::move(rule));
    }
    for (const ir::Detector& rule : rules) {
      plain_.insert(rule.id);
      if (!rule.name.empty()) plain_.insert(rule.name);
    }
    drop_broken();
    sort(rules);
    set_.rules = std::move(rules);
    set_.place_of.clear();
    ask_for_fields();
    find_targets();
  }

 private:
  using Index = std::map<std::string, std::vector<std::size_t>, std::less<>>;

  static void add_names(Index& index, const ir::Detector& rule, std::size_t at) {
    index[rule.id].push_back(at);
    if (!rule.name.empty() && rule.name != rule.id) index[rule.name].push_back(at);
  }

  // One that falls takes those with it that name it.
  void drop_broken() {
    Index named_so, naming;  // windows of that name; windows that refer to it
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      add_names(named_so, windows_[i], i);
      for (const ir::Base& base : windows_[i].window->bases) {
        if (!base.rule.empty()) naming[base.rule].push_back(i);
      }
    }
    std::map<std::size_t, std::string> broken;  // window -> the name that is not there
    std::vector<std::string> gone;
    for (const auto& [name, users] : naming) {
      if (!plain_.contains(name) && !named_so.contains(name)) gone.push_back(name);
    }
    while (!gone.empty()) {
      const std::string name = std::move(gone.back());
      gone.pop_back();
      for (const std::size_t user : naming[name]) {
        if (!broken.emplace(user, name).second) continue;
        for (const std::string& own : {windows_[user].id, windows_[user].name}) {
          const auto at = named_so.find(own);
          if (own.empty() || at == named_so.end()) continue;
          std::erase(at->second, user);
          if (at->second.empty() && !plain_.contains(own)) gone.push_back(own);
        }
      }
    }
    std::vector<ir::Detector> kept;
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      const auto at = broken.find(i);
      if (at == broken.end()) {
        kept.push_back(std::move(windows_[i]));
        continue;
      }
      set_.not_loaded.push_back(said(windows_[i].origin, windows_[i].id,
                                     fmt::format("refers to the rule '{}', which is not loaded", at->second),
                                     "load it too: rules are named by id or by name"));
    }
    windows_ = std::move(kept);
  }

  // Children first; what is left stands in a circle, or builds on one.
  void sort(std::vector<ir::Detector>& out) {
    Index named_so;
    for (std::size_t i = 0; i < windows_.size(); ++i) add_names(named_so, windows_[i], i);
    std::vector<std::set<std::size_t>> children(windows_.size()), parents(windows_.size());
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      for (const ir::Base& base : windows_[i].window->bases) {
        const auto at = named_so.find(base.rule);
        if (base.rule.empty() || at == named_so.end()) continue;
        for (const std::size_t child : at->second) {
          children[i].insert(child);
          parents[child].insert(i);
        }
      }
    }
    std::vector<std::size_t> depth(windows_.size(), 1), waiting(windows_.size());
    std::set<std::size_t> ready;  // the smallest first: the order is that of the files where it may be
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      waiting[i] = children[i].size();
      if (waiting[i] == 0) ready.insert(i);
    }
    while (!ready.empty()) {
      const std::size_t i = *ready.begin();
      ready.erase(ready.begin());
      for (const std::size_t parent : parents[i]) {
        depth[parent] = std::max(depth[parent], depth[i] + 1);
        if (--waiting[parent] == 0) ready.insert(parent);
      }
      if (depth[i] <= kChainDepth) {
        out.push_back(windows_[i]);
        continue;
      }
      set_.not_loaded.push_back(said(
          windows_[i].origin, windows_[i].id,
          fmt::format("stands on {} correlations over one another; {} is the most", depth[i] - 1, kChainDepth - 1)));
    }
    for (std::size_t i = 0; i < windows_.size(); ++i) {
      if (waiting[i] == 0) continue;
      set_.not_loaded.push_back(said(windows_[i].origin, windows_[i].id,
                                     "it names itself, directly or through other correlations",
                                     "take one reference of the circle out"));
    }
  }

  // A window that builds on another one needs values from it: they must travel with the other one's base matches.
  void ask_for_fields() {
    Index named_so;
    for (std::size_t i = 0; i < set_.rules.size(); ++i) {
      if (set_.rules[i].window) add_names(named_so, set_.rules[i], i);
    }
    for (std::size_t i = set_.rules.size(); i-- > 0;) {
      if (!set_.rules[i].window) continue;
      const ir::Window& parent = *set_.rules[i].window;
      for (const ir::Base& base : parent.bases) {
        const auto at = base.rule.empty() ? named_so.end() : named_so.find(base.rule);
        if (at == named_so.end()) continue;
        for (const std::size_t child : at->second) {
          std::vector<std::string>& kept = set_.rules[child].window->kept;
          for (const auto* wanted : {&base.group_by, &base.values, &parent.kept}) {
            for (const std::string& name : *wanted) {
              const auto place = std::lower_bound(kept.begin(), kept.end(), name);
              if (place == kept.end() || *place != name) kept.insert(place, name);
            }
          }
        }
      }
    }
  }

  void find_targets() {
    for (const ir::Filter& filter : set_.filters) {
      std::set<std::string> missing(filter.rules.begin(), filter.rules.end());
      missing.erase("any");
      std::size_t targets = 0;
      for (const ir::Detector& rule : set_.rules) {
        const bool here = missing.erase(rule.id) + missing.erase(rule.name) > 0;
        if (here && rule.window) {
          set_.warnings.push_back(said(filter.origin, filter.id,
                                       fmt::format("the filter names the correlation '{}'", rule.id),
                                       "a filter looks at one record: name the rules below the correlation"));
        } else if (here && !applies(filter, rule)) {
          set_.warnings.push_back(said(filter.origin, filter.id,
                                       fmt::format("the filter's logsource is not that of the rule '{}'", rule.id),
                                       "it does not touch that rule"));
        }
        targets += applies(filter, rule) ? 1U : 0U;
      }
      for (const std::string& name : missing) {
        set_.warnings.push_back(
            said(filter.origin, filter.id, fmt::format("the filter names the rule '{}', which is not loaded", name)));
      }
      if (targets == 0)
        set_.warnings.push_back(said(filter.origin, filter.id, "the filter applies to no rule that is loaded"));
    }
  }

  RuleSet& set_;
  std::vector<ir::Detector> windows_;
  std::set<std::string> plain_;
};

}  // namespace

void resolve_rules(RuleSet& rules) { Resolver(rules).run(); }

bool applies(const ir::Filter& filter, const ir::Detector& rule) {
  if (rule.window) return false;
  const bool here = std::any_of(filter.rules.begin(), filter.rules.end(),
                                [&](const std::string& name) { return name == "any" || named(rule, name); });
  return here && compatible(filter.source.product, rule.source.product) &&
         compatible(filter.source.category, rule.source.category) &&
         compatible(filter.source.service, rule.source.service) &&
         compatible(filter.source.source_class, rule.source.source_class);
}

std::vector<WindowFeed> fed_by(const std::vector<ir::Detector>& rules, DetectorIndex rule) {
  std::vector<WindowFeed> out;
  if (!rules[rule].window) return out;
  for (DetectorIndex i = rule + 1; i < rules.size(); ++i) {
    if (!rules[i].window) continue;
    const std::vector<ir::Base>& bases = rules[i].window->bases;
    for (std::uint32_t part = 0; part < bases.size(); ++part) {
      if (!bases[part].rule.empty() && named(rules[rule], bases[part].rule)) out.push_back({i, part});
    }
  }
  return out;
}

}  // namespace assay
