#include "assess/actions.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/ascii.h"

namespace assay {
namespace {

std::string join(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i)
    out += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return out;
}

std::string recommendation(const CaseData& data, std::string_view word) {
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const Recommendation& one : advisory.recommendations) {
      if (contains_icase(one.text, word)) return one.id;
    }
  }
  return {};
}

class Planner {
 public:
  Planner(const CaseData& data, const Uses& uses, const Assessment& assessment)
      : data_(data), uses_(uses), assessment_(assessment) {}

  std::vector<Action> run() {
    const Question* access = assessment_.find("access");
    const bool in = access != nullptr && access->judged && access->probability >= .55;
    collect();
    if (in) {
      preserve_gateways();
      rotation();
      preserve_hosts();
      quiet();
      contain();
      evict();
      reset();
    } else {
      rotation();
    }
    verify(in);
    if (in) notify();
    std::stable_sort(out_.begin(), out_.end(), [](const Action& a, const Action& b) { return a.phase < b.phase; });
    return std::move(out_);
  }

 private:
  Action& add(int phase, std::string id, std::string what, std::string on, std::string because) {
    Action action;
    action.phase = phase;
    action.id = std::move(id);
    action.what = std::move(what);
    action.on = std::move(on);
    action.because = std::move(because);
    out_.push_back(std::move(action));
    return out_.back();
  }

  bool is_gateway(const std::string& host) const {
    const ProfileHost* known = data_.profile.find_host(host);
    return (known != nullptr && known->kind == "gateway") || exploited_.contains(host);
  }

  void collect() {
    for (const Used& used : uses_.all) {
      if (used.use != Use::counted || used.subject.empty()) continue;
      if (is_exploitation(used.line)) exploited_.insert(used.subject.str());
      auto& ids = evidence_[used.subject.str()];
      if (ids.size() < 5) ids.push_back(used.sighting->id);
    }
    for (const std::string& host : assessment_.scope.confirmed) (is_gateway(host) ? gateways_ : hosts_).push_back(host);
    // The other half of a pair has the same flaw and, often, the same configuration.
    std::vector<std::string> partners;
    for (const std::string& gateway : gateways_) {
      const ProfileHost* known = data_.profile.find_host(gateway);
      if (known != nullptr && !known->partner.empty() &&
          std::find(gateways_.begin(), gateways_.end(), known->partner) == gateways_.end()) {
        partners.push_back(lower(known->partner));
      }
    }
    gateways_.insert(gateways_.end(), partners.begin(), partners.end());
  }

  std::vector<std::string> evidence_of(const std::string& host) const {
    const auto at = evidence_.find(host);
    return at == evidence_.end() ? std::vector<std::string>{} : at->second;
  }

  void preserve_gateways() {
    if (!gateways_.empty()) {
      Action& action =
          add(0, "preserve.gateways", fmt::format("Image {} before anyone patches or reboots", join(gateways_)),
              join(gateways_), "what the intruder did on the appliance stands in its memory, disk and /var/log only");
      action.owner_role = "network team with the forensic examiner";
      action.pap = "RED";
      for (const std::string& host : gateways_) {
        for (const std::string& id : evidence_of(host)) action.evidence.push_back(id);
      }
    }
  }

  void preserve_hosts() {
    if (!hosts_.empty()) {
      Action& action =
          add(0, "preserve.hosts", fmt::format("Take memory, then disk, of {}; do not switch off", join(hosts_)),
              join(hosts_), "keys and commands of the running malware are in memory");
      action.owner_role = "forensic examiner";
      action.pap = "RED";
      for (const std::string& host : hosts_) {
        for (const std::string& id : evidence_of(host)) action.evidence.push_back(id);
      }
    }
  }

  void rotation() {
    if (assessment_.about_to_be_lost.empty()) return;
    std::vector<std::string> names, sources;
    Time first;
    std::string how;
    for (const AboutToBeLost& lost : assessment_.about_to_be_lost) {
      names.push_back(lost.source.substr(0, lost.source.find(" (")));
      if (!first.known() || lost.on < first) first = lost.on;
      sources.push_back(lost.source);
      how += (how.empty() ? "" : "; ") + lost.what_to_do;
    }
    Action& action = add(0, "preserve.rotation",
                         fmt::format("Stop log rotation: {} {} days from {} on", join(names),
                                     names.size() == 1 ? "loses" : "lose", format_day_month(first)),
                         join(sources), how);
    action.owner_role = "owners of the logs";
    action.pap = "RED";
  }

  void quiet() {
    Action& action = add(1, "quiet", "Keep this off e-mail and chat; cut all footholds at once", "everybody who knows",
                         "an intruder with passwords reads along, also in anything that uses the directory's logons: "
                         "speak by telephone or in person");
    action.owner_role = "head of the response";
    action.pap = "RED";
  }

  std::vector<std::string> footholds() const {
    std::vector<std::string> out = gateways_;
    out.insert(out.end(), hosts_.begin(), hosts_.end());
    return out;
  }

  void contain() {
    const std::vector<std::string> all = footholds();
    std::vector<std::string> destinations;
    for (const std::string& one : uses_.tied) destinations.push_back(one);
    if (all.empty() && destinations.empty()) return;
    const bool sessions = !assessment_.credentials.empty() || !gateways_.empty();
    std::string what = all.empty() ? "Block" : fmt::format("Cut {} off the network", join(all));
    if (sessions) what += ", end all remote sessions";
    if (!destinations.empty()) {
      what += fmt::format("{} {} address{} of the campaign", all.empty() ? "" : ", block", destinations.size(),
                          destinations.size() == 1 ? "" : "es");
    }
    what += ": together, at one agreed time";
    Action& action = add(2, "contain.together", what, all.empty() ? "the border: proxy and firewall" : join(all),
                         "cut one by one, the others warn the intruder");
    action.owner_role = "network team";
    action.pap = "GREEN";
    if (!gateways_.empty()) action.after.emplace_back("preserve.gateways");
    if (!hosts_.empty()) action.after.emplace_back("preserve.hosts");
    action.after.emplace_back("quiet");
  }

  void evict() {
    for (const std::string& host : footholds()) {
      const bool gateway = is_gateway(host);
      Action& action = add(
          3, "evict." + host,
          gateway ? fmt::format(
                        "Rebuild {} from the vendor's image; patching alone does not remove what was left behind", host)
                  : fmt::format("Rebuild {} from known media", host),
          host, "a foothold was seen on it or shares its configuration");
      action.destroys = {"memory", "disk", "/var/log on " + host};
      action.after = {gateway ? "preserve.gateways" : "preserve.hosts", "contain.together"};
      action.owner_role = gateway ? "network team" : "server team";
      action.pap = "GREEN";
      action.reversible = false;
      action.evidence = evidence_of(host);
      if (gateway) action.source = recommendation(data_, "patch");
    }
  }

  void reset() {
    std::vector<std::string> evictions;
    for (const std::string& host : footholds()) evictions.push_back("evict." + host);
    for (const Credential& credential : assessment_.credentials) {
      const bool key = credential.kind == "key";
      Action& action = add(4, "reset." + credential.account,
                           key ? fmt::format("Replace {}: certificates, keys, service passwords", credential.account)
                               : fmt::format("Reset the password of {} and end its sessions", credential.account),
                           credential.account, credential.how);
      action.after = evictions;
      action.owner_role = "directory team";
      action.pap = "GREEN";
      action.reversible = false;
      action.source = recommendation(data_, "multi-factor");
    }
    if (assessment_.credentials.empty() && evictions.empty()) return;
    const Claim* dc = nullptr;
    for (const Advisory& advisory : data_.knowledge.advisories) {
      for (const Claim& claim : advisory.claims) {
        if (claim.hosts == "dc") dc = &claim;
      }
    }
    const std::string state = dc == nullptr ? "cannot_say" : [&] {
      for (const ClaimResult& result : assessment_.claims) {
        if (result.id == dc->id) return result.state;
      }
      return std::string("cannot_say");
    }();
    if (state != "not_seen") {
      Action& action = add(4, "decide.krbtgt", "Decide whether to reset krbtgt, twice", "domain controllers",
                           state == "seen" ? "signs reach a domain controller"
                                           : "whether a domain controller was reached cannot be judged");
      action.after = evictions;
      action.owner_role = "head of the response with the directory team";
      action.pap = "GREEN";
      action.reversible = false;
    }
  }

  void verify(bool in) {
    std::map<std::string, double> missing;
    for (const Question& question : assessment_.questions) {
      for (const WouldChange& change : question.would_change) {
        double& most = missing[change.evidence];
        most = std::max(most, change.expected_shift);
      }
    }
    std::vector<std::pair<double, std::string>> order;
    for (const auto& [what, shift] : missing) order.emplace_back(-shift, what);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < order.size() && i < 3; ++i) {
      Action& action = add(5, "fetch." + order[i].second, "Fetch " + order[i].second, order[i].second,
                           "this would change the answer most");
      action.owner_role = "owner of the log";
      action.pap = "RED";
    }
    if (in) {
      Action& action =
          add(5, "verify.again", "Run this again a day and a week after the eviction, with the logs of that time",
              "the same scope", "an intruder who comes back shows in the same places");
      action.owner_role = "on-call analyst";
      action.pap = "RED";
      action.after = {"contain.together"};
    }
  }

  void notify() {
    Action& action =
        add(6, "notify",
            "Tell the national CERT and the data protection officer; their clocks run from the moment of knowing",
            "organisation", "whether a duty to report exists is theirs to decide");
    action.owner_role = "head of the response";
    action.pap = "RED";
  }

  const CaseData& data_;
  const Uses& uses_;
  const Assessment& assessment_;
  std::set<std::string> exploited_;
  std::map<std::string, std::vector<std::string>> evidence_;
  std::vector<std::string> gateways_, hosts_;
  std::vector<Action> out_;
};

}  // namespace

std::vector<Action> plan_actions(const CaseData& data, const Uses& uses, const Assessment& so_far) {
  return Planner(data, uses, so_far).run();
}

}  // namespace assay
