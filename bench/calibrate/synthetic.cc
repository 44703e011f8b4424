#include "synthetic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "case_builder.h"
#include "pool_shape.h"

namespace assay::calibrate {
namespace {

constexpr std::int64_t kEpochDay = 18'353;  // 1 April 2020: dates carry no meaning here
constexpr std::int64_t kMostListed = 100;   // larger organisations give a number of hosts and list their gateways
constexpr const char* kHostClasses[] = {"windows_security", "process", "file"};
constexpr const char* kSiteClasses[] = {"proxy", "network_flow", "web_access", "message_trace", "file_audit"};

struct HostPlan {
  std::string name, address, kind;
  bool covered = false, admin = false;
  double frailty = 1;
};

class Drawing {
 public:
  Drawing(const World& world, const GenericRules& rules, std::uint64_t seed)
      : w_(world), rules_(rules), r_(seed), builder_(kEpochDay, kEpochDay + r_.range(9, 27)) {}

  Labelled run() {
    first_ = builder_.first;
    last_ = builder_.last;
    history_ = std::min<std::int64_t>(60, static_cast<std::int64_t>(-w_.history * std::log(1 - r_.unit())));
    truth();
    estate();
    sources();
    builder_.data.knowledge.advisories.push_back(invented_advisory(first_, last_));
    add_campaign_detectors(builder_);
    for (const GenericRules::Rule& rule : rules_.rules)
      builder_.detector(rule.id, DetectorKind::sigma, "generic", "", "", "", rule.level);
    noise();
    traffic();
    if (out_.truth.targeted) approach();
    acting_ = true;
    if (out_.truth.access) intrusion();
    acting_ = false;
    contact();
    herrings();
    out_.data = builder_.finish();
    out_.hosts = static_cast<std::int64_t>(hosts_.size());
    out_.world = w_.name;
    return std::move(out_);
  }

 private:
  void truth() {
    Truth& t = out_.truth;
    t.targeted = r_.chance(w_.targeted);
    t.access = r_.chance(t.targeted ? w_.in_if_targeted : w_.in_if_not);
    if (!t.access) return;
    t.named = t.targeted && r_.chance(.92);
    t.malware = t.named ? r_.chance(.6) : r_.chance(.01);
    t.taken = r_.chance(t.named ? .5 : .22);
    t.impact = r_.chance(.07);
  }

  void estate() {
    const auto count = static_cast<std::int64_t>(r_.log_uniform(10, 5000));
    const auto add = [&](std::string name, const std::string& kind, std::string address) {
      hosts_.push_back({std::move(name), std::move(address), kind, false, false, r_.gamma(w_.frail) / w_.frail});
    };
    add("gw-1", "gateway", "192.0.2.10");
    add("proxy", "proxy", "10.0.0.30");
    add("mx", "mail", "10.0.0.25");
    const std::int64_t servers = std::max<std::int64_t>(2, count / 6);
    for (std::int64_t i = 3; i < count; ++i) {
      const bool server = i < 3 + servers;
      std::string address = fmt::format("10.{}.{}.{}", server ? 1 : 2, i / 250, 1 + i % 250);
      std::string name = count > kMostListed ? address : fmt::format("{}-{:04}", server ? "srv" : "ws", i);
      add(std::move(name), server ? "server" : "workstation", std::move(address));
    }
    double share = std::clamp(r_.beta(2, 2 * (1 - w_.covered) / w_.covered), .02, 1.0);
    out_.fully_covered = r_.chance(.3);
    if (out_.fully_covered) share = 1;
    for (HostPlan& host : hosts_) {
      host.admin = host.kind != "gateway" && r_.chance(w_.admin);
      host.covered = (host.kind == "server" || host.kind == "workstation") && r_.chance(share);
      if (count <= kMostListed || host.kind == "gateway") {
        builder_.host(host.name, host.address, host.kind);
        builder_.data.profile.hosts.back().only_gateway = count > kMostListed;
      }
    }
    if (count > kMostListed) {
      builder_.data.profile.hosts_in_scope = static_cast<std::int64_t>(hosts_.size());
      builder_.data.profile.proxies = {"10.0.0.30"};
      builder_.data.profile.mail_gateways = {"10.0.0.25"};
    }
  }

  // Which kinds of source are there, from when on, and what they lose without saying so.
  void sources() {
    for (const auto& list : {std::vector<const char*>(std::begin(kHostClasses), std::end(kHostClasses)),
                             std::vector<const char*>(std::begin(kSiteClasses), std::end(kSiteClasses))}) {
      for (const char* name : list) {
        if (!out_.fully_covered && r_.chance(w_.withheld)) continue;
        Source source;
        source.from = first_ - history_;
        source.until = last_;
        if (!out_.fully_covered && r_.chance(.3)) source.from = r_.range(first_, last_);
        if (!out_.fully_covered && r_.chance(.1)) source.until = r_.range(first_, last_);
        if (source.until < source.from) std::swap(source.from, source.until);
        source.keeps = r_.chance(w_.undeclared) ? r_.between(.2, .8) : 1;
        sources_[name] = source;
      }
    }
    cookie_ = r_.chance(.6);
    for (const auto& [name, source] : sources_) {
      const bool host_class =
          std::find(std::begin(kHostClasses), std::end(kHostClasses), name) != std::end(kHostClasses);
      if (name == "web_access") {
        builder_.cover(name, "gw-1", source.from, source.until);
        builder_.carry(name, "@path", source.from, source.until);
      } else if (name == "message_trace") {
        builder_.cover(name, "", source.from, source.until);
      } else if (name == "proxy" || name == "network_flow") {
        // A sensor: one host a day keeps it awake, and each host is seen at least once.
        builder_.cover(name, hosts_.back().name, source.from, source.until);
        for (const HostPlan& host : hosts_) builder_.cover(name, host.name, source.until, source.until);
        builder_.carry(name, "@bytes_out", source.from, source.until);
        if (name == "proxy" && cookie_) builder_.carry(name, "@cookie", source.from, source.until);
      } else if (name == "file") {
        for (const HostPlan& host : hosts_) {
          if (host.covered && host.kind == "server") builder_.cover(name, host.name, last_, last_);
        }
      } else if (name == "file_audit") {
        for (std::size_t i = 3; i < hosts_.size() && i < 6; ++i)
          builder_.cover(name, hosts_[i].name, source.from, source.until);
      } else if (host_class) {
        const bool half = name == "process" && !out_.fully_covered && r_.chance(.5);
        std::size_t n = 0;
        for (const HostPlan& host : hosts_) {
          if (!host.covered || (half && ++n % 2 == 0)) continue;
          builder_.cover(name, host.name, source.from, source.until);
          if (name == "process") with_process_.insert(host.name);
        }
      }
    }
  }

  // Does a source show what happens on this host, that day, with this chance?
  bool shows(const std::string& source_class, const HostPlan& host, std::int64_t day, double chance) {
    const auto at = sources_.find(source_class);
    if (at == sources_.end()) return false;
    const Source& source = at->second;
    if (source_class != "file" && (day < source.from || day > source.until)) return false;
    if (source_class == "file" && (!host.covered || host.kind != "server")) return false;
    if (source_class == "windows_security" && !host.covered) return false;
    if (source_class == "process" && !with_process_.contains(host.name)) return false;
    return r_.chance(chance * source.keeps);
  }
  bool generic_shows(const HostPlan& host, std::int64_t day, double chance) {
    return shows("process", host, day, chance) || shows("windows_security", host, day, chance * .5);
  }

  HostPlan& any_host() {
    return hosts_[static_cast<std::size_t>(r_.range(3, static_cast<std::int64_t>(hosts_.size()) - 1))];
  }
  std::int64_t any_day() { return r_.range(first_, last_); }

  Sighting& see(const std::string& detector, const HostPlan& host, std::int64_t day, std::int64_t until,
                std::uint64_t count = 1, Role role = Role::none, std::vector<NamedValue> values = {}) {
    if (acting_) ++(detector.starts_with("generic-") ? out_.left_generic[host.name] : out_.left[detector]);
    return builder_.sighting(detector, host.name, at(day, r_.below(20), r_.below(60)), at(until, 20 + r_.below(3)),
                             count, role, std::move(values));
  }

  void noise() {
    std::vector<double> upto;
    double all = 0;
    for (const GenericRules::Rule& rule : rules_.rules) {
      // Rates differ from estate to estate.
      all += rule.rate * std::exp(.7 * r_.normal());
      upto.push_back(all);
    }
    for (const HostPlan& host : hosts_) {
      if (!host.covered) continue;
      const double mean =
          all * host.frailty * (host.admin ? 20 : 1) * static_cast<double>(last_ - first_ + 1 + history_);
      const std::int64_t bursts = std::min<std::int64_t>(400, r_.poisson(mean));
      for (std::int64_t i = 0; i < bursts; ++i) {
        const double at_rate = r_.unit() * all;
        const auto rule = static_cast<std::size_t>(std::lower_bound(upto.begin(), upto.end(), at_rate) - upto.begin());
        const std::int64_t day = r_.range(first_ - history_, last_);
        if (generic_shows(host, day, .9))
          see(rules_.rules[std::min(rule, rules_.rules.size() - 1)].id, host, day, day,
              static_cast<std::uint64_t>(r_.range(1, 5)));
      }
    }
  }

  void traffic() {
    for (const char* name : {"proxy", "network_flow"}) {
      const auto source = sources_.find(name);
      if (source == sources_.end()) continue;
      for (int i = 0; i < 6; ++i) {
        const HostPlan& host = any_host();
        for (std::int64_t day = source->second.from; day <= source->second.until; day += 1 + r_.below(3))
          builder_.flow(name, host.address, fmt::format("203.0.113.{}", 5 + i), at(day, 9 + r_.below(9)),
                        static_cast<std::int64_t>(r_.log_normal(30'000, 1.5)), 3, 1, 4);
      }
    }
  }

  // What a campaign does to its targets, whether it gets in or not.
  void approach() {
    const double careful = r_.between(w_.stealth_low, w_.stealth_high);
    const HostPlan& mx = hosts_[2];
    const std::int64_t day = any_day();
    if (r_.chance(.6) && shows("message_trace", mx, day, .6 * careful)) see("lure", any_host(), day, day);
    if (r_.chance(.25) && shows("message_trace", mx, day, .5 * careful)) see("lure-hash", any_host(), day, day);
    if (r_.chance(.6) && shows("web_access", hosts_[0], day, .9))
      see("attempt", hosts_[0], day, day, 1, Role::none, {{"@src_ip", "198.18.0.9"}});
  }

  void intrusion() {
    Truth& t = out_.truth;
    const double clear = r_.between(w_.stealth_low, w_.stealth_high);
    const std::int64_t start = r_.range(first_ - 2, last_ - 2),
                       dwell = r_.range(1, std::max<std::int64_t>(1, last_ - start));
    const std::int64_t most = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::sqrt(hosts_.size())));
    std::int64_t affected = 1;
    while (affected < most && r_.chance(.65)) ++affected;
    std::vector<const HostPlan*> held;
    for (std::int64_t i = 0; i < affected; ++i) held.push_back(&any_host());

    // The way in: gateway, given credential, or one that leaves nothing of its own.
    const double way = r_.unit();
    if (way < .35) {
      const std::int64_t day = std::max(first_, start);
      const std::vector<NamedValue> client = {{"@src_ip", "198.18.77.41"}};
      if (shows("web_access", hosts_[0], day, .75 * clear)) see("exploit", hosts_[0], day, day, 2, Role::none, client);
      if (shows("web_access", hosts_[0], day, .5 * clear)) see("follow-on", hosts_[0], day, day, 3, Role::none, client);
    } else if (way < .55) {
      if (shows("proxy", *held[0], start, .5 * clear))
        see("credential-given", *held[0], start, start).account = "amber";
    }
    for (const HostPlan* host : held) {
      const std::int64_t from = r_.range(start, start + dwell / 2), until = r_.range(from, start + dwell);
      const double busy = clear * r_.between(.3, 1.7);
      for (const GenericRules::Rule& rule : rules_.rules) {
        const std::int64_t day = std::clamp(r_.range(from, until), first_ - history_, last_);
        if (rule.intruder > 0 && generic_shows(*host, day, std::min(.95, rule.intruder * busy)))
          see(rule.id, *host, day, day, static_cast<std::uint64_t>(r_.range(1, 8)));
      }
      if (affected > 1 && shows("windows_security", *host, from, .25 * clear)) see("lateral", *host, from, from);
      if (t.malware) implant(*host, from, std::min(until, last_), clear);
    }
    if (t.taken) take(*held[0], std::clamp(start + dwell, first_, last_), clear);
    if (t.impact) {
      const std::int64_t day = std::clamp(start + dwell, first_, last_);
      if (shows("windows_security", *held[0], day, .6)) see("cleared", *held[0], day, day);
      if (r_.chance(.5) && (shows("process", *held[0], day, .7) || shows("windows_security", *held[0], day, .4)))
        see("destroyed", *held[0], day, day);
    }
  }

  void implant(const HostPlan& host, std::int64_t from, std::int64_t until, double clear) {
    Truth& t = out_.truth;
    from = std::max(from, first_ - history_);
    const std::string listed = fmt::format("198.51.100.{}", 10 + r_.below(4));
    const std::vector<NamedValue> wire = {{"@dst_ip", listed}, {"@src_ip", host.address}};
    const auto beats = static_cast<std::uint64_t>(24 * (until - from + 1));
    bool unique = false;
    if (shows("file", host, until, .6 * clear) || shows("process", host, from, .5 * clear)) {
      see(r_.chance(.5) ? "quill-file" : "quill-hash", host, from, from, 1, Role::file);
      unique = true;
    }
    if (cookie_ && shows("proxy", host, until, .7 * clear)) {
      see("cookie", host, from, until, beats, Role::none, wire);
      unique = true;
    }
    if (shows("network_flow", host, until, .3 * clear)) {
      see("certificate", host, from, until, beats, Role::none, wire);
      unique = true;
    }
    if (r_.chance(.7) && (shows("proxy", host, until, .8) || shows("network_flow", host, until, .8))) {
      for (int i = 0; i < 4; ++i) {
        if (listed.ends_with(std::to_string(10 + i)))
          see(fmt::format("listed-{}", i), host, from, until, beats, Role::contacted, wire);
      }
      tied_ = listed;
      for (const char* name : {"proxy", "network_flow"}) {
        if (!sources_.contains(name)) continue;
        for (std::int64_t day = from; day <= until; ++day) {
          if (day >= sources_[name].from && day <= sources_[name].until)
            builder_.flow(name, host.address, listed, at(day, r_.below(24)),
                          static_cast<std::int64_t>(r_.log_normal(9'000, .8)), 0, 24, 0);
        }
      }
    }
    if (shows("process", host, from, .3 * clear)) see("task-name", host, from, from);
    t.unique_shown = t.unique_shown || unique;
  }

  void take(const HostPlan& host, std::int64_t day, double clear) {
    const auto bytes = static_cast<std::int64_t>(r_.log_normal(2e8, 2.2));
    const std::string to = !tied_.empty() && r_.chance(.6) ? tied_ : "203.0.113.77";
    for (const char* name : {"proxy", "network_flow"}) {
      if (sources_.contains(name) && day >= sources_[name].from && day <= sources_[name].until &&
          r_.chance(sources_[name].keeps))
        builder_.flow(name, host.address, to, at(day, 2), bytes, 0, 40, 0);
    }
    if (shows("file_audit", hosts_[3], day, .5 * clear))
      see("reads", hosts_[3], day, day, 1, Role::none, {{"reads", "4000"}}).account = "amber";
    if (shows("process", host, day, .4 * clear)) see("archive", host, day, day);
    if (to != tied_ && shows("network_flow", host, day, .5))
      see("bulk", host, day, day, 1, Role::none, {{"@dst_ip", to}, {"@src_ip", host.address}});
  }

  void contact() {
    const bool knocked = r_.chance(out_.truth.targeted ? std::min(1.0, w_.knocked * 1.6) : w_.knocked);
    const std::int64_t day = any_day();
    if (knocked && shows("web_access", hosts_[0], day, .9))
      see("listed-1", hosts_[0], day, day, 4, Role::contacting, {{"@src_ip", "198.51.100.11"}});
  }

  // What looks like the campaign or an intruder and is neither.
  void herrings() {
    for (const char* name : {"quill-hash", "cookie", "certificate"}) {
      const std::string source = std::string_view(name) == "quill-hash" ? "process" : "proxy";
      const HostPlan& host = any_host();
      const std::int64_t day = any_day();
      if (r_.chance(w_.list_errors) && shows(source, host, day, 1))
        see(name, host, day, day, 1, source == "process" ? Role::file : Role::none);
    }
    const auto typical = [&](const char* name, const char* source, double chance, Role role,
                             std::vector<NamedValue> values) {
      const HostPlan& host = std::string_view(source) == "web_access" ? hosts_[0] : any_host();
      const std::int64_t day = any_day();
      for (auto& [key, value] : values) {
        if (key == "@src_ip" && value.empty()) value = host.address;
      }
      if (r_.chance(chance) && shows(source, host, day, .9)) see(name, host, day, day, 2, role, std::move(values));
    };
    const double e = w_.typical_errors, h = w_.herrings;
    typical("task-name", "process", e, Role::none, {});
    typical("lure", "message_trace", e * 1.5, Role::none, {});
    typical("lateral", "windows_security", e, Role::none, {});
    typical("listed-2", "proxy", e, Role::contacted, {{"@dst_ip", "198.51.100.12"}, {"@src_ip", ""}});
    typical("listed-2", "network_flow", e * .5, Role::question, {{"@src_ip", ""}});
    typical("credential-given", "proxy", e * .4, Role::none, {});
    typical("exploit", "web_access", e * .4, Role::none, {{"@src_ip", "198.18.3.3"}});
    typical("attempt", "web_access", h, Role::none, {{"@src_ip", "198.18.3.4"}});
    typical("cleared", "windows_security", h * .5, Role::none, {});
    typical("destroyed", "process", e * .2, Role::none, {});
    typical("reads", "file_audit", h * .4, Role::none, {{"reads", "2500"}});
    typical("archive", "process", h * .5, Role::none, {});
    if (r_.chance(h * .5)) {
      const HostPlan& host = any_host();
      const std::int64_t day = any_day();
      if (sources_.contains("network_flow")) {
        builder_.flow("network_flow", host.address, "203.0.113.200", at(day, 3),
                      static_cast<std::int64_t>(r_.log_normal(3e9, 1)));
        if (shows("network_flow", host, day, .7))
          see("bulk", host, day, day, 1, Role::none, {{"@dst_ip", "203.0.113.200"}, {"@src_ip", host.address}});
      }
    }
    // The advisory's own text in mail, tickets and rule files; and knocking after it was published.
    if (r_.chance(h)) {
      for (const char* name : {"cookie", "listed-0", "quill-hash"})
        see(name, any_host(), last_, last_, 1, Role::text_only).mention = true;
      builder_.data.mentions.push_back({"E0001", "report--1", 3});
    }
    if (r_.chance(h))
      see("listed-3", hosts_[0], last_ + 1, last_ + 1, 9, Role::contacting, {{"@src_ip", "198.51.100.13"}});
  }

  struct Source {
    std::int64_t from = 0, until = 0;
    double keeps = 1;
  };
  const World& w_;
  const GenericRules& rules_;
  Random r_;
  CaseBuilder builder_;
  Labelled out_;
  std::int64_t first_ = 0, last_ = 0, history_ = 0;
  std::vector<HostPlan> hosts_;
  std::map<std::string, Source> sources_;
  std::set<std::string> with_process_;
  std::string tied_;
  bool cookie_ = false, acting_ = false;
};

}  // namespace

// Ranges: base rates around those that the goals presume (access .12); noise, tails and frailty from quiet offices to
// laboratories; list errors up to four times what the model allows for. `loud`: two to five things at the 3.6 rules
// that a real sample, hunted by itself, sets off.
World draw_world(std::uint64_t seed) {
  Random r(seed * 7919 + 17);
  World out;
  out.name = fmt::format("{}", seed);
  out.targeted = r.between(.10, .18);
  out.in_if_targeted = r.between(.35, .55);
  out.in_if_not = r.between(.05, .09);
  out.noise = r.log_uniform(.006, .06);
  out.tail = r.between(1.4, 2.4);
  out.frail = r.between(.25, .7);
  out.admin = r.between(.01, .06);
  out.loud = r.log_uniform(7.2, 18);
  out.rules = r.range(200, 400);
  out.intruder_rules = r.range(60, 160);
  out.pool_days = r.log_uniform(100, 2000);
  out.covered = r.between(.5, .9);
  out.withheld = r.between(.1, .3);
  out.undeclared = r.between(.05, .25);
  out.stealth_low = r.between(.2, .4);
  out.stealth_high = r.between(.7, 1);
  out.list_errors = r.log_uniform(.0005, .004);
  out.typical_errors = r.between(.02, .06);
  out.herrings = r.between(.2, .45);
  out.knocked = r.between(.2, .5);
  out.history = r.log_uniform(4, 30);
  return out;
}

namespace {

std::vector<World> draw_worlds(std::initializer_list<std::uint64_t> seeds) {
  std::vector<World> out;
  for (const std::uint64_t seed : seeds) out.push_back(draw_world(seed));
  return out;
}

}  // namespace

const std::vector<World>& fitting_worlds() {
  static const std::vector<World> kWorlds = draw_worlds({1, 2, 3, 4, 5, 6, 7, 8});
  return kWorlds;
}

const std::vector<World>& scoring_worlds() {
  static const std::vector<World> kWorlds = draw_worlds({7701, 7702, 7703, 7801, 7802, 7803, 7901, 7902, 7903});
  return kWorlds;
}

std::string world_table(const std::vector<World>& worlds) {
  std::string out = "| parameter |", line = "|---|";
  for (const World& world : worlds) {
    out += fmt::format(" world {} |", world.name);
    line += "---|";
  }
  out += "\n" + line + "\n";
  const auto row = [&](const char* what, auto value) {
    out += fmt::format("| {} |", what);
    for (const World& world : worlds) out += fmt::format(" {:.3g} |", static_cast<double>(value(world)));
    out += "\n";
  };
  row("targeted", [](const World& w) { return w.targeted; });
  row("got in, if targeted", [](const World& w) { return w.in_if_targeted; });
  row("somebody else got in", [](const World& w) { return w.in_if_not; });
  row("generic rules", [](const World& w) { return w.rules; });
  row("their bursts per host-day", [](const World& w) { return w.noise; });
  row("spread of their rates (sigma)", [](const World& w) { return w.tail; });
  row("spread of hosts (shape)", [](const World& w) { return w.frail; });
  row("administrators' hosts", [](const World& w) { return w.admin; });
  row("host-days of the pool", [](const World& w) { return w.pool_days; });
  row("rules that intruders can set off", [](const World& w) { return w.intruder_rules; });
  row("of them on a held host", [](const World& w) { return w.loud; });
  row("share that shows of an intruder, least", [](const World& w) { return w.stealth_low; });
  row("most", [](const World& w) { return w.stealth_high; });
  row("hosts that log", [](const World& w) { return w.covered; });
  row("source missing", [](const World& w) { return w.withheld; });
  row("source loses events", [](const World& w) { return w.undeclared; });
  row("days of history", [](const World& w) { return w.history; });
  row("error of the list, each artefact", [](const World& w) { return w.list_errors; });
  row("typical sign by chance", [](const World& w) { return w.typical_errors; });
  row("red herring", [](const World& w) { return w.herrings; });
  row("knocked on", [](const World& w) { return w.knocked; });
  return out;
}

GenericRules generic_rules(const World& world) {
  GenericRules out;
  std::uint64_t seed = 7;
  for (const char c : world.name) seed = seed * 131 + static_cast<unsigned char>(c);
  Random r(seed);
  double all = 0, chances = 0;
  for (std::int64_t i = 0; i < world.rules; ++i) {
    GenericRules::Rule rule;
    rule.id = fmt::format("generic-{:03}", i);
    const double kind = r.unit();
    rule.level = kind < .05 ? "critical" : kind < .4 ? "high" : kind < .8 ? "medium" : "low";
    const double usual = rule.level == "critical" ? .1 : rule.level == "high" ? .4 : rule.level == "medium" ? 1 : 4;
    rule.rate = r.log_normal(usual, world.tail);
    if (i < world.intruder_rules) rule.intruder = r.between(.06, 1);
    all += rule.rate;
    chances += rule.intruder;
    out.rules.push_back(std::move(rule));
  }
  out.pool.host_days = world.pool_days;
  out.pool.unknown_rate = .03;
  for (GenericRules::Rule& rule : out.rules) {
    rule.rate *= world.noise / all;
    rule.intruder *= world.loud / chances;
    const std::int64_t bursts = r.poisson(rule.rate * std::exp(.7 * r.normal()) * world.pool_days);
    Pool::Level& level = out.pool.levels[rule.level];
    level.rules += 1;
    level.bursts += static_cast<double>(bursts);
    if (bursts > 0) out.pool.families[rule.id] = {static_cast<double>(bursts), world.pool_days, rule.level, 0};
  }
  out.pool.shape = fitted_shape(out.pool);
  // Samples of attacks, fewer than the packs have, of 3.6 rules each as these. They are other people's attacks, so a
  // rule's share of them is off by a factor of e either way, and three of ten that intruders set off are in none.
  Random samples(seed + 1);
  for (const GenericRules::Rule& rule : out.rules) {
    const double share = world.loud > 0 ? rule.intruder / world.loud : 0;
    const double off = std::exp(samples.normal());
    const bool missing = samples.chance(.3);
    const std::int64_t fired = samples.poisson(200 * 3.6 * share * off);
    if (missing || fired == 0) continue;
    const auto [at, fresh] = out.pool.families.try_emplace(rule.id);
    if (fresh) at->second = {0, world.pool_days, rule.level, 0};
    at->second.attacks = static_cast<double>(fired);
  }
  return out;
}

Labelled draw_case(const World& world, const GenericRules& rules, std::uint64_t seed) {
  std::uint64_t own = seed;  // the same seed in another world is another case
  for (const char c : world.name) own = own * 1099511628211ULL + static_cast<unsigned char>(c);
  return Drawing(world, rules, own).run();
}

}  // namespace assay::calibrate
