#include "analytics/credentials/credentials.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analytics/common.h"
#include "analytics/credentials/gateways.h"
#include "analytics/credentials/signins.h"
#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kFindings = 1000;         // of each kind, the earliest; a notice counts the rest
constexpr std::size_t kHabitDays = 5;           // days of sign-ins from elsewhere before a network can be new
constexpr std::int64_t kHabitSpan = 7 * kDay;   // ... and this long since the first of them
constexpr std::int64_t kOverlap = 5 * kMinute;  // two sessions at once
constexpr std::size_t kReturns = 3;             // days in a new network with the usual one used in between
constexpr std::int64_t kDormant = 45 * kDay;    // silence of an account while others sign in
constexpr std::size_t kCommon = 3;              // people who use a network: a provider's or a clinic's
constexpr std::size_t kBesideOneIn = 10;        // of the sessions from the new network, at least so many overlap
constexpr std::size_t kCrowd = 8;               // ... whoever they are
constexpr std::size_t kSharedPlaces = 3, kSharedDays = 3;  // places at once, on days: no person does that
constexpr std::size_t kSprayAccounts = 10;                 // accounts that fail from one network ...
constexpr std::int64_t kSprayWindow = kDay;                // ... within this time
constexpr std::size_t kNatSucceed = 3;  // people who get in soon after, and a third of those who failed
constexpr std::size_t kStepPeople = 10, kStepPercent = 25;  // a population moves: people, and share of those active
constexpr std::int64_t kStepDays = 7, kStepDamps = 14;

bool listed(const std::vector<std::string>& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& one) { return equals_icase(one, name); });
}

bool is_local(std::string_view src) {
  return src.empty() || src == "-" || src == "::1" || src.starts_with("127.") || equals_icase(src, "localhost");
}

bool is_zero(std::string_view status) {
  return status == "0" || equals_icase(status, "0x0") || equals_icase(status, "0x00000000");
}

// A span of days in which so many people come from somewhere new that it says nothing about one of them.
struct Step {
  std::int64_t first = 0, last = 0;  // days, of the step itself
  std::size_t people = 0, active = 0;
};

// One person and one network that was not the person's.
struct NewNetwork {
  const Person* person = nullptr;
  std::string network;
  std::vector<const Session*> sessions;
  std::size_t overlaps = 0, returns = 0;
  bool device = false;
  std::int64_t silent = 0;  // days of silence before, while others signed in
};

class Credentials final : public Analytic {
 public:
  std::string_view name() const override { return "credentials"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {{"analytic.stolen-session",
             "An account used from a network that is not its owner's, beside the owner's own sessions",
             "Sessions from a network new for the account overlap the owner's own, or come with a device that is new "
             "too while the owner goes on as before.",
             {{"claim.stolen-credential-use"}, "typical", "stolen-session", "credential"}},
            {"analytic.new-sign-in",
             "An account used from a network or with a device that is new for it",
             "People travel and buy devices: shown, and counted only where other evidence says that the password was "
             "lost.",
             {{}, "context", "new-sign-in", "sign-in"}},
            {"analytic.password-spray",
             "One network tried many accounts and got into one",
             "Many accounts failed from one network within a day, few of them ever used it, and then one of them got "
             "in from there.",
             {{"claim.stolen-credential-use"}, "typical", "password-spray", "credential"}},
            {"analytic.password-spray-tried",
             "One network tried many accounts and got into none",
             "Many accounts failed from one network within a day.",
             {{}, "contact", "password-spray-tried", "attempt"}},
            {"analytic.shared-address-failures",
             "Many people failed behind one address and then got in",
             "A forced change of passwords behind one shared address looks like that.",
             {{}, "context", "shared-address-failures", "ordinary"}},
            {"analytic.sign-ins-moved",
             "Many people signed in from somewhere new in the same days",
             "A change of the whole population says nothing about one of them.",
             {{}, "context", "sign-ins-moved", "ordinary"}},
            {"analytic.gateway-sign-in",
             "Somebody signed in to a host from a gateway's own address",
             "A gateway lets people in and passes them on; a shell on another host that is opened from its inside "
             "address is somebody at work on the gateway. Not where it is a habit.",
             {{"claim.lateral-service-account"}, "typical", "gateway-sign-in", "lateral"}},
            {"analytic.onward-sign-in",
             "A host that was reached with an account which had come from a gateway",
             "Whoever signed in from the gateway's own address signed in to this host: straight from there, or from a "
             "host that was reached so before. Not where it is a habit.",
             {{"claim.lateral-service-account"}, "typical", "gateway-sign-in", "lateral"}},
            {"analytic.shared-account",
             "An account that several people use",
             "Active at three places or more at once, again and again: whatever it does is no one person's doing.",
             {{}, "context", "shared-account", "ordinary"}}};
  }

  std::vector<std::string> names() const override {
    return {"@account",  "@session_user", "@session_event", "@src_ip",
            "@event_id", "@status",       "@user_agent",    "@bytes_out"};
  }
  std::vector<std::string> source_classes() const override {
    return {"vpn", "cloud_signin", "linux_auth", "windows_security"};
  }
  std::vector<TableSpec> tables() const override { return {signins_spec()}; }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    if (!record.time().known()) return;
    const std::string_view src = record.get("@src_ip").text;
    if (is_local(src)) return;
    const std::string kind = kind_of(record);
    if (kind.empty()) return;
    std::string_view account = record.account();
    if (account.empty()) account = record.get("@session_user").text;
    if (account.empty()) account = record.get("@account").text;
    if (account.empty() || account == "-" || account.ends_with('$')) return;
    const std::string& klass = record.route().source_class;
    const bool person_like = klass == "vpn" || klass == "cloud_signin";
    const std::string device = person_like && kind == "ok" ? device_of(record.get("@user_agent").text) : std::string();
    // Running totals ("tunnel-stats") would be added up to many times the session.
    const bool counts = klass == "vpn" && record.get("@session_event").text.find("stats") == std::string_view::npos;
    const std::int64_t bytes = counts ? std::max<std::int64_t>(record.number("@bytes_out", 0), 0) : 0;
    const std::array<std::int64_t, 6> row{1,
                                          record.time().ns,
                                          record.time().ns,
                                          kind == "end" ? bytes : 0,
                                          kind == "end" ? 0 : bytes,
                                          pack_ref(record.ref().offset, record.ref().length)};
    tables[0].add(
        {std::string(record.item()), lower(account), lower(src), klass, device, kind, hour_key(record.time())}, row);
  }

  std::vector<Finding> finish(const FinishInput& input, Notices& notices) const override {
    std::vector<Finding> out;
    const Table* table = input.table("signins");
    if (table == nullptr || input.profile == nullptr) return out;
    const People people = people_of(input, *table);
    std::set<std::string> shared;
    for (const auto& [name, person] : people.by_name) {
      if (listed(input.profile->shared_accounts, name) || listed(input.profile->service_accounts, name)) {
        shared.insert(name);
      } else if (Finding finding; is_shared(input, person, finding)) {
        shared.insert(name);
        out.push_back(std::move(finding));
      }
    }
    const std::vector<Step> steps = find_steps(people, shared);
    for (const Step& step : steps) out.push_back(moved(input, people, step));
    new_networks(input, people, shared, steps, out);
    sprays(input, people, out);
    from_gateways(input, *table, out);

    std::stable_sort(out.begin(), out.end(),
                     [](const Finding& a, const Finding& b) { return a.sighting.time < b.sighting.time; });
    std::map<std::string, std::size_t> kept;
    std::erase_if(out, [&](const Finding& finding) {
      if (++kept[finding.sighting.detector_id] <= kFindings) return false;
      notices.add(
          {NoticeKind::limit_other, "", 0, 1, "signs about accounts beyond the first " + std::to_string(kFindings)});
      return true;
    });
    return out;
  }

 private:
  static std::string kind_of(const RoleView& record) {
    const std::string& klass = record.route().source_class;
    const std::string event = lower(record.get("@event_id").text);
    if (klass == "windows_security") {
      if (event == "4624") return "ok";
      if (event == "4625" || event == "4771") return "failed";
      if (event == "4768" || event == "4776") {
        const std::string_view status = record.get("@status").text;
        return status.empty() ? "" : is_zero(status) ? "ok" : "failed";
      }
      return {};
    }
    const Outcome outcome = record.outcome();
    if (klass == "vpn") {
      const std::string session = lower(record.get("@session_event").text);
      for (const std::string_view end : {"logout", "disconnect", "tunnel-down", "icaend", "session ended"}) {
        if (session.find(end) != std::string::npos) return "end";
      }
      if (outcome == Outcome::blocked) return "failed";
      return outcome == Outcome::allowed ? "ok" : "use";
    }
    if (outcome == Outcome::blocked || event.ends_with("login_failure")) return "failed";
    if (outcome == Outcome::allowed || event.ends_with("login_success")) return "ok";
    return event == "logout" ? "end" : "";
  }

  // Is the account active at several places at once, again and again?
  static bool is_shared(const FinishInput& input, const Person& person, Finding& finding) {
    std::set<std::string> networks;
    for (const Session& s : person.sessions) networks.insert(s.network.empty() ? s.src : s.network);
    if (networks.size() < kSharedPlaces) return false;
    std::set<std::int64_t> days;
    std::vector<const Session*> open;
    Time first, last;
    References references(input);
    for (const Session& s : person.sessions) {
      std::erase_if(open, [&](const Session* o) { return o->until <= s.from; });
      open.push_back(&s);
      std::set<std::string_view> places;
      for (const Session* o : open) places.insert(o->network.empty() ? o->src : o->network);
      if (places.size() < kSharedPlaces) continue;
      days.insert(s.from.day());
      if (!first.known()) first = s.from;
      last = std::max(last, s.until);
      references.add(s.item, s.ref);
    }
    if (days.size() < kSharedDays) return false;
    Sighting& out = finding.sighting;
    out.detector_id = "analytic.shared-account";
    out.account = person.name;
    out.time = first;
    out.until = last;
    out.count = days.size();
    out.outcome = Outcome::allowed;
    out.records = references.take();
    out.why = fmt::format("at {} places or more at once on {} days: several people use it", kSharedPlaces, days.size());
    return true;
  }

  // Days on which somebody who signs in from outside was somewhere new.
  static std::vector<Step> find_steps(const People& people, const std::set<std::string>& shared) {
    std::map<std::int64_t, std::set<std::string>> fresh, active;
    for (const auto& [name, person] : people.by_name) {
      if (shared.contains(name)) continue;
      std::set<std::string> known;
      for (const Session& s : person.sessions) {
        if (!s.remote) continue;
        active[s.from.day()].insert(name);
        if (known.insert(s.network).second) fresh[s.from.day()].insert(name);
      }
    }
    std::vector<Step> out;
    for (const auto& [day, names] : fresh) {
      std::set<std::string> moved, all;
      for (auto at = fresh.lower_bound(day - kStepDays + 1); at != fresh.end() && at->first <= day; ++at)
        moved.insert(at->second.begin(), at->second.end());
      for (auto at = active.lower_bound(day - kStepDays + 1); at != active.end() && at->first <= day; ++at)
        all.insert(at->second.begin(), at->second.end());
      if (moved.size() < kStepPeople || moved.size() * 100 < all.size() * kStepPercent) continue;
      const std::int64_t first = std::max(day - kStepDays + 1, fresh.begin()->first);
      if (!out.empty() && first <= out.back().last + 1) {
        out.back().last = day;
        if (moved.size() > out.back().people) {
          out.back().people = moved.size();
          out.back().active = all.size();
        }
      } else {
        out.push_back({first, day, moved.size(), all.size()});
      }
    }
    return out;
  }

  static bool damped(const std::vector<Step>& steps, Time at) {
    return std::any_of(steps.begin(), steps.end(), [&](const Step& step) {
      return at.day() >= step.first && at.day() <= std::max(step.last, step.first + kStepDamps - 1);
    });
  }

  static Finding moved(const FinishInput& input, const People& people, const Step& step) {
    Finding finding;
    Sighting& s = finding.sighting;
    s.detector_id = "analytic.sign-ins-moved";
    s.time = Time{step.first * kDay};
    s.until = Time{(step.last + 1) * kDay - 1};
    s.count = step.people;
    s.outcome = Outcome::allowed;
    References references(input);
    for (const auto& [name, person] : people.by_name) {
      for (const Session& one : person.sessions) {
        if (one.remote && one.from.day() >= step.first && one.from.day() <= step.last) {
          references.add(one.item, one.ref);
          break;
        }
      }
    }
    s.records = references.take();
    s.fields = {{"active", std::to_string(step.active)}, {"people", std::to_string(step.people)}};
    s.why = fmt::format(
        "{} of the {} people who signed in from outside within a week did so from somewhere new; for {} days from then "
        "on, new places and devices say nothing about one of them",
        step.people, step.active, kStepDamps);
    return finding;
  }

  static void new_networks(const FinishInput& input, const People& people, const std::set<std::string>& shared,
                           const std::vector<Step>& steps, std::vector<Finding>& out) {
    // Who uses a network, and for whom it is usual.
    std::map<std::string, std::set<std::string>> users;
    std::set<std::string> usual_for_some;
    std::vector<NewNetwork> all;
    for (const auto& [name, person] : people.by_name) {
      if (shared.contains(name)) {
        // Where a shared account signs in there is a place of many: a clinic, a laboratory.
        for (const Session& s : person.sessions) {
          if (!s.remote || s.network.empty()) continue;
          users[s.network].insert(name);
          usual_for_some.insert(s.network);
        }
        continue;
      }
      std::map<std::string, std::vector<const Session*>> by_network;
      std::set<std::string> fresh;
      std::set<std::int64_t> days;
      Time first;
      for (const Session& s : person.sessions) {
        if (!s.remote || s.network.empty()) continue;
        auto& list = by_network[s.network];
        if (list.empty()) {
          std::set<std::int64_t> before = days;
          before.erase(s.from.day());
          if (before.size() >= kHabitDays && s.from.ns - first.ns >= kHabitSpan) {
            fresh.insert(s.network);
          } else {
            usual_for_some.insert(s.network);
          }
          users[s.network].insert(name);
        }
        list.push_back(&s);
        if (!fresh.contains(s.network)) days.insert(s.from.day());
        if (!first.known()) first = s.from;
      }
      for (const std::string& network : fresh) {
        NewNetwork one;
        one.person = &person;
        one.network = network;
        one.sessions = by_network[network];
        look_at(one, fresh, people);
        all.push_back(std::move(one));
      }
    }
    for (const NewNetwork& one : all) {
      // Many people's network, and somebody's usual one: a provider's. A crowd's: a clinic, a hotel with a meeting.
      const std::size_t people_there = users[one.network].size();
      if ((people_there >= kCommon && usual_for_some.contains(one.network)) || people_there >= kCrowd) continue;
      const bool in_step = damped(steps, one.sessions.front()->from);
      // One overlap among dozens of sessions is a line that dropped and a session that had not ended yet.
      const bool beside = one.overlaps > 0 && one.overlaps * kBesideOneIn >= one.sessions.size();
      const bool typical = !in_step && (beside || (one.device && (one.returns >= kReturns || one.silent > 0)));
      if (!typical && in_step) continue;  // the population's finding stands for it
      out.push_back(make(input, one, typical));
    }
  }

  static void look_at(NewNetwork& one, const std::set<std::string>& fresh, const People& people) {
    const Time begin = one.sessions.front()->from;
    std::set<std::string> devices;
    bool device_known = false;
    Time last_before;
    for (const Session& s : one.person->sessions) {
      if (s.from < begin) {
        last_before = std::max(last_before, s.until);
        if (!s.device.empty() && !fresh.contains(s.network)) {
          devices.insert(s.device);
          device_known = true;
        }
      }
    }
    std::set<std::int64_t> days, own_days;
    for (const Session* s : one.sessions) {
      days.insert(s->from.day());
      one.device = one.device || (device_known && !s->device.empty() && !devices.contains(s->device));
      const bool overlaps =
          std::any_of(one.person->sessions.begin(), one.person->sessions.end(), [&](const Session& o) {
            return o.remote && !o.network.empty() && !fresh.contains(o.network) &&
                   std::min(o.until, s->until).ns - std::max(o.from, s->from).ns >= kOverlap;
          });
      one.overlaps += overlaps;
    }
    for (const Session& s : one.person->sessions) {
      if (s.remote && !fresh.contains(s.network) && s.from > begin) own_days.insert(s.from.day());
    }
    // Days in the new network that have a day of the usual one behind them, before the next.
    for (auto at = days.begin(); at != days.end(); ++at) {
      const auto own = own_days.lower_bound(*at);
      one.returns += own != own_days.end() && (std::next(at) == days.end() || *own <= *std::next(at));
    }
    if (last_before.known() && begin.ns - last_before.ns >= kDormant) {
      const auto active =
          std::distance(people.days.upper_bound(last_before.day()), people.days.lower_bound(begin.day()));
      const std::int64_t gap = begin.day() - last_before.day() - 1;
      if (active * 2 >= gap) one.silent = gap;
    }
  }

  static Finding make(const FinishInput& input, const NewNetwork& one, bool typical) {
    Finding finding;
    Sighting& s = finding.sighting;
    s.detector_id = typical ? "analytic.stolen-session" : "analytic.new-sign-in";
    s.account = one.person->name;
    s.time = one.sessions.front()->from;
    s.count = one.sessions.size();
    s.outcome = Outcome::allowed;
    References references(input);
    for (const Session* session : one.sessions) {
      s.until = std::max(s.until, session->until);
      references.add(session->item, session->ref);
      if (session->end_ref >= 0) references.add(session->end_item, session->end_ref);
    }
    s.records = references.take();
    s.fields = {{"@src_ip", one.sessions.front()->src},
                {"network", one.network},
                {"overlaps", std::to_string(one.overlaps)},
                {"sessions", std::to_string(one.sessions.size())}};
    s.why = fmt::format("{} session{} from {}, which the account had never used", one.sessions.size(),
                        one.sessions.size() == 1 ? "" : "s", one.network);
    if (one.overlaps > 0)
      s.why += fmt::format("; {} of them while the owner's own session went on elsewhere", one.overlaps);
    if (one.device) s.why += "; with a program or device that it had never used";
    if (one.silent > 0) s.why += fmt::format("; after {} days of silence while others signed in", one.silent);
    if (one.returns >= kReturns) s.why += "; in turn with the usual network";
    return finding;
  }

  struct Tried {
    Time at;
    const Person* person;
    const Failure* failure;
  };

  static void sprays(const FinishInput& input, const People& people, std::vector<Finding>& out) {
    std::map<std::string, std::vector<Tried>> by_network;
    for (const auto& [name, person] : people.by_name) {
      for (const auto& [network, list] : person.failures) {
        for (const Failure& failure : list) by_network[network].push_back({failure.at, &person, &failure});
      }
    }
    for (auto& [network, tried] : by_network) {
      std::stable_sort(tried.begin(), tried.end(), [](const Tried& a, const Tried& b) { return a.at < b.at; });
      std::map<const Person*, std::size_t> in_window;
      std::size_t from = 0, begin = tried.size(), end = 0;
      const auto episode = [&] {
        if (begin < tried.size()) spray(input, network, std::span(tried).subspan(begin, end - begin), out);
        begin = tried.size();
      };
      for (std::size_t at = 0; at < tried.size(); ++at) {
        ++in_window[tried[at].person];
        while (tried[at].at.ns - tried[from].at.ns > kSprayWindow) {
          const auto old = in_window.find(tried[from++].person);
          if (--old->second == 0) in_window.erase(old);
        }
        if (in_window.size() >= kSprayAccounts) {
          if (begin == tried.size()) begin = from;
          end = at + 1;
        } else if (begin < tried.size() && from >= end) {
          episode();
        }
      }
      episode();
    }
  }

  static void spray(const FinishInput& input, const std::string& network, std::span<const Tried> tried,
                    std::vector<Finding>& out) {
    const Time since = tried.front().at, until = tried.back().at;
    std::set<const Person*> failed;
    for (const Tried& one : tried) failed.insert(one.person);
    std::size_t known = 0;
    std::vector<std::pair<const Person*, const Session*>> got_in;
    for (const Person* person : failed) {
      bool before = false;
      const Session* after = nullptr;
      for (const Session& s : person->sessions) {
        if ((s.network.empty() ? lower(s.src) : s.network) != network) continue;
        if (s.from < since) before = true;
        if (s.from >= since && s.from.ns <= until.ns + kSprayWindow && after == nullptr) after = &s;
      }
      known += before;
      if (after != nullptr) got_in.emplace_back(person, after);
    }
    const bool shared_address =
        known * 2 >= failed.size() || (got_in.size() >= kNatSucceed && got_in.size() * 3 >= failed.size());
    const auto common = [&](Sighting& s) {
      s.time = since;
      s.until = until;
      s.fields = {
          {"@src_ip", tried.front().failure->src}, {"accounts", std::to_string(failed.size())}, {"network", network}};
    };
    if (shared_address || got_in.empty()) {
      Finding finding;
      Sighting& s = finding.sighting;
      common(s);
      s.detector_id = shared_address ? "analytic.shared-address-failures" : "analytic.password-spray-tried";
      s.outcome = shared_address ? Outcome::allowed : Outcome::blocked;
      s.count = tried.size();
      References references(input);
      for (const Tried& one : tried) references.add(one.failure->item, one.failure->ref);
      s.records = references.take();
      s.why = shared_address
                  ? fmt::format(
                        "{} accounts failed behind one address; {} of them used it before and {} got in from "
                        "there soon after: a shared address and new passwords",
                        failed.size(), known, got_in.size())
                  : fmt::format("{} accounts failed from {}, none got in from there", failed.size(), network);
      out.push_back(std::move(finding));
      return;
    }
    for (const auto& [person, session] : got_in) {
      Finding finding;
      Sighting& s = finding.sighting;
      common(s);
      s.detector_id = "analytic.password-spray";
      s.account = person->name;
      s.time = session->from;
      s.until = session->until;
      s.count = 1;
      s.outcome = Outcome::allowed;
      References references(input);
      references.add(session->item, session->ref);
      for (const Tried& one : tried) {
        if (one.person == person) references.add(one.failure->item, one.failure->ref);
      }
      s.records = references.take();
      s.why = fmt::format("{} accounts failed from {} within a day or so, and then this one got in from there",
                          failed.size(), network);
      out.push_back(std::move(finding));
    }
  }
};

}  // namespace

const Analytic& credentials_analytic() {
  static const Credentials kCredentials;
  return kCredentials;
}

}  // namespace assay
