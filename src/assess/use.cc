#include "assess/use.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "core/ascii.h"

namespace assay {
namespace {

const DetectorInfo kUnknownDetector;

bool is_relay(const HostIndex& index, std::string_view subject) {
  const Profile& profile = index.profile();
  const ProfileHost* host = index.find_host(subject);
  if (host != nullptr && (host->kind == "proxy" || host->kind == "mail" || host->kind == "sensor")) return true;
  const auto listed = [&](const std::vector<std::string>& list) {
    return std::any_of(list.begin(), list.end(), [&](const std::string& one) {
      return equals_icase(one, subject) || (!subject.empty() && index.host_of(one) == subject);
    });
  };
  return listed(profile.proxies) || listed(profile.nat) || listed(profile.mail_gateways);
}

bool is_analysis(const HostIndex& index, std::string_view party) {
  if (party.empty()) return false;
  const Profile& profile = index.profile();
  const std::string name = index.host_of(party);
  if (const ProfileHost* host = index.find_host(name.empty() ? party : std::string_view(name));
      host != nullptr && host->kind == "analysis") {
    return true;
  }
  const auto address = parse_address(party);
  for (const std::string& one : profile.analysis_hosts) {
    if (equals_icase(one, party) || (!name.empty() && (equals_icase(one, name) || index.host_of(one) == name)))
      return true;
    if (const auto network = parse_network(one); network && address && contains(*network, *address)) return true;
  }
  return false;
}

// A whole step (or several) of the path chain: "soc-share" is in "/ev/soc-share/iocs.csv" and not in
// "/ev/soc-shared/x".
bool in_folder(std::string_view path, std::string_view folder) {
  while (!folder.empty() && folder.back() == '/') folder.remove_suffix(1);
  if (folder.empty()) return false;
  for (std::size_t at = path.find(folder); at != std::string_view::npos; at = path.find(folder, at + 1)) {
    const std::size_t end = at + folder.size();
    const bool starts = at == 0 || path[at - 1] == '/' || path[at - 1] == '!' || folder.front() == '/';
    if (starts && (end == path.size() || path[end] == '/' || path[end] == '!' || path[end] == '.')) return true;
  }
  return false;
}

std::int64_t months(double count) { return static_cast<std::int64_t>(count * 30.44) * kDay; }

bool is_inside_party(const HostIndex& index, std::string_view text) {
  return !text.empty() && (!index.host_of(text).empty() || index.is_inside(text));
}

// Below this share of its weight an address says nothing any more (more than three half-lives).
constexpr double kFaded = 0.1;

constexpr std::uint64_t kScheduledRuns = 4;         // runs over ...
constexpr std::int64_t kScheduledSpan = 14 * kDay;  // ... this long are a schedule

// The advisory's own end of validity of an indicator, and its publication.
struct Dates {
  Time published, valid_until;
};

bool has_expired(const CaseData& data, const Disposition& one) {
  return one.expires.known() && data.today.known() && data.today >= one.expires;
}

class Judge {
 public:
  Judge(const CaseData& data, const Weights& weights) : data_(data), weights_(weights), hosts_(data.profile) {
    for (const DetectorInfo& detector : data.catalogue) detectors_.try_emplace(detector.id, &detector);
    for (const EvidenceItem& item : data.evidence) {
      for (const std::string& folder : data.profile.analysis_folders) {
        if (in_folder(item.path, folder)) in_analysis_.insert(item.id);
      }
    }
    for (const Advisory& advisory : data.knowledge.advisories) {
      advisories_.try_emplace(advisory.id, &advisory);
      if (!published_.known() || advisory.published < published_) published_ = advisory.published;
      for (const AdvisoryIndicator& indicator : advisory.indicators) {
        valid_until_.try_emplace(indicator.id, indicator.revoked ? advisory.published : indicator.valid_until);
      }
    }
    read_flows();
  }

  Uses run() {
    Uses out;
    words_ = out.words;
    out.all.reserve(data_.sightings.size());
    std::map<std::string_view, const Disposition*> judged;
    for (const Disposition& one : data_.dispositions) {
      if (!has_expired(data_, one)) judged[one.sighting] = &one;
    }
    for (const Sighting& sighting : data_.sightings) {
      Used used = first_look(sighting);
      if (const auto at = judged.find(sighting.id); at != judged.end()) apply(*at->second, used);
      out.all.push_back(std::move(used));
    }
    browse(out);
    look_behind_proxies(out);
    for (const Used& used : out.all) {
      if (used.use != Use::counted) continue;
      if (!used.destination.empty() && (used.line.ends_with(".outbound") || used.line.ends_with(".c2")))
        out.tied.insert(used.destination.str());
      if (!used.source.empty() && is_exploitation(used.line)) out.exploiters.insert(used.source.str());
    }
    // A domain and its address are one destination.
    for (const Used& used : out.all) {
      if (used.use != Use::counted || !used.line.ends_with(".outbound")) continue;
      if (const auto domain = carried(*used.sighting, {"@domain", "@server_name"}); !domain.empty())
        out.tied.insert(lower(domain));
    }
    settle(out);
    return out;
  }

 private:
  Word word(std::string_view text) const { return words_->word(text); }

  // What the profile says of a name or address; looked up once for each.
  struct Party {
    Word host;
    bool inside = false, relay = false, is_relay_host = false, analysis = false, scanner = false, may_test = false;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  const Party& party(std::string_view text) const {
    const auto at = parties_.find(text);
    if (at != parties_.end()) return at->second;
    const Profile& profile = data_.profile;
    Party out;
    const std::string host = scope_host(hosts_, text);
    out.host = word(host);
    out.inside = is_inside_party(hosts_, text);
    out.relay = is_relay(hosts_, text);
    out.is_relay_host = is_relay(hosts_, host);
    out.analysis = is_analysis(hosts_, text);
    const ProfileHost* known = hosts_.find_host(text);
    out.scanner = known != nullptr && known->kind == "scanner";
    const auto address = parse_address(text);
    for (const AuthorisedTest& test : profile.tests) {
      for (const std::string& one : test.addresses) {
        const auto network = parse_network(one);
        out.may_test = out.may_test || equals_icase(one, text) || (network && address && contains(*network, *address));
      }
    }
    out.may_test = out.may_test && !text.empty();
    return parties_.emplace(text, std::move(out)).first->second;
  }

  // What an analyst says of a finding. Benign and test take its weight away. Confirmed: the line that it has weighs
  // more (lines.cc), and a generic rule or a look-alike becomes a line about access.
  void apply(const Disposition& judgement, Used& used) const {
    switch (judgement.verdict) {
      case Verdict::benign:
        used.use = Use::judged_benign;
        break;
      case Verdict::test:
        used.use = Use::judged_test;
        break;
      case Verdict::confirmed:
        used.confirmed = true;
        if (used.use == Use::counted || used.use == Use::mention) break;
        used.use = Use::counted;
        used.line = word("confirmed");
        used.artefact = word("technique");
        break;
    }
  }

  // What a sensor behind the proxy saw is what somebody in front of it did: the proxy's own log says who.
  void look_behind_proxies(Uses& uses) const {
    std::map<std::string, Use> fronts;  // destination -> what its known visitors were; counted wins
    for (const Used& used : uses.all) {
      if (used.via_proxy || used.subject.empty() || used.destination.empty()) continue;
      const auto [at, fresh] = fronts.try_emplace(used.destination.str(), used.use);
      if (!fresh && used.use == Use::counted) at->second = Use::counted;
    }
    for (Used& used : uses.all) {
      if (used.use != Use::counted || !used.via_proxy || used.destination.empty()) continue;
      const auto front = fronts.find(used.destination.str());
      if (front != fronts.end()) {
        if (front->second != Use::counted) used.use = front->second;
      } else if (after_publication(used) && used.line.ends_with(".outbound")) {
        used.use = Use::after_publication;  // nobody knows who; everybody looks these addresses up now
      }
    }
  }

  // Lines that only mean something next to others: bytes need a tie, habits need a host or account under control.
  void settle(Uses& uses) const {
    std::set<std::string, std::less<>> hosts, accounts, imaged;
    std::map<std::string, Time, std::less<>> given;  // accounts whose password was given away, and when
    for (const Used& used : uses.all) {
      if (used.use == Use::counted && used.line == "credential" && used.group == "credential-given" &&
          used.sighting->time.known()) {
        Time& first = given.try_emplace(bare_account(used.sighting->account), used.sighting->time).first->second;
        first = std::min(first, used.sighting->time);
      }
    }
    const auto lost_before = [&](const Used& used) {
      const auto at = given.find(bare_account(used.sighting->account));
      return at != given.end() && used.sighting->until >= at->second;
    };
    // A session from somewhere new is a traveller's, unless the password had been given away before; and a stolen
    // session whose password was given away came by that way.
    for (Used& used : uses.all) {
      const bool stolen = used.use == Use::counted && used.group == "stolen-session";
      const bool fresh = used.use == Use::context && used.detector->id == "analytic.new-sign-in";
      if (!(stolen || fresh) || !lost_before(used)) continue;
      used.use = Use::counted;
      used.line = word("credential");
      used.artefact = word("technique");
      used.group = word("credential-used");
    }
    const std::set<std::string> habits = scheduled_deletions(uses);
    for (Used& used : uses.all) {
      if (used.detector->id == "analytic.log-cleared-new-machine") {
        imaged.insert(used.sighting->host);
        if (used.use == Use::context) used.use = Use::new_machine;
      }
      if (used.use != Use::counted) continue;
      if (controls_host(used)) hosts.insert(used.subject.str());
      if ((used.line == "credential" || used.line == "lateral") && !used.sighting->account.empty())
        accounts.insert(lower(used.sighting->account));
    }
    for (Used& used : uses.all) {
      if (used.use != Use::counted || used.confirmed) continue;
      if (used.group == "backup-deletion" &&
          (is_service(used.sighting->account) || habits.contains(deletion_key(*used.sighting)))) {
        used.use = Use::ordinary;
      } else if (used.line == "impact" && (used.group == "mass-deletion" || used.group == "research-files-changed")) {
        if (!hosts.contains(used.subject.str()) && !accounts.contains(lower(used.sighting->account)))
          used.use = Use::weak;
      } else if (used.line == "taken") {
        if (!uses.tied.contains(used.destination.str()) && !uses.exploiters.contains(used.source.str()))
          used.use = Use::context;
      } else if ((used.line == "collection" || used.line == "staging" || used.line == "unexplained_bulk") &&
                 used.detector->meaning.klass == "generic") {
        if (!hosts.contains(used.subject.str()) && !accounts.contains(lower(used.sighting->account)))
          used.use = Use::weak;
      } else if (used.line == "impact" && used.detector->kind != DetectorKind::analytic &&
                 used.group == "log-clearing" && imaged.contains(used.sighting->host)) {
        used.use = Use::new_machine;
      }
    }
  }

  bool is_service(std::string_view account) const {
    const std::string name = bare_account(account);
    const auto& list = data_.profile.service_accounts;
    return !name.empty() &&
           std::any_of(list.begin(), list.end(), [&](const std::string& one) { return equals_icase(one, name); });
  }

  static std::string deletion_key(const Sighting& sighting) {
    return lower(sighting.host) + '\n' + bare_account(sighting.account);
  }

  // Host and account that delete copies again and again over weeks: a schedule does that, an intruder does it once.
  static std::set<std::string> scheduled_deletions(const Uses& uses) {
    struct Runs {
      std::uint64_t count = 0;
      Time first, last;
    };
    std::map<std::string, Runs> runs;
    for (const Used& used : uses.all) {
      if (used.use != Use::counted || used.group != "backup-deletion" || !used.sighting->time.known()) continue;
      Runs& one = runs[deletion_key(*used.sighting)];
      one.count += used.sighting->count;
      if (!one.first.known() || used.sighting->time < one.first) one.first = used.sighting->time;
      one.last = std::max(one.last, used.sighting->until);
    }
    std::set<std::string> out;
    for (const auto& [key, one] : runs) {
      if (one.count >= kScheduledRuns && one.last.ns - one.first.ns >= kScheduledSpan) out.insert(key);
    }
    return out;
  }

  void read_flows() {
    const Table* flows = data_.table("flows");
    if (flows == nullptr) return;
    const std::size_t src = key_index(*flows, "src"), dst = key_index(*flows, "dst");
    const std::size_t count = column_index(*flows, "count"), gets = column_index(*flows, "gets"),
                      posts = column_index(*flows, "posts"), named = column_index(*flows, "named"),
                      web = column_index(*flows, "web");
    if (src == std::string::npos || dst == std::string::npos || count == std::string::npos) return;
    // Only destinations that an indicator names are asked for.
    std::set<std::string, std::less<>> wanted;
    for (const Sighting& sighting : data_.sightings) {
      if (sighting.mention ||
          (sighting.role != Role::contacted && sighting.role != Role::question && sighting.role != Role::answer))
        continue;
      wanted.emplace(destination_of(sighting, find(sighting)));
    }
    for (const auto& [key, row] : flows->rows()) {
      const auto at = wanted.find(key[dst]);
      if (at == wanted.end()) continue;
      DestinationUse& use = destinations_[key[dst]];
      use.count += row[count];
      if (gets != std::string::npos) use.gets += row[gets];
      if (posts != std::string::npos) use.posts += row[posts];
      if (named != std::string::npos) use.named += row[named];
      if (web != std::string::npos) use.web += row[web];
      const std::string host = scope_host(hosts_, key[src]);
      if (!host.empty() && !is_relay(hosts_, host) && !is_analysis(hosts_, key[src])) use.sources.insert(host);
    }
  }

  const DetectorInfo& find(const Sighting& sighting) const {
    const auto at = detectors_.find(sighting.detector_id);
    return at == detectors_.end() ? kUnknownDetector : *at->second;
  }

  static std::string destination_of(const Sighting& sighting, const DetectorInfo& detector) {
    if (const auto carried_one = destination_address(sighting); !carried_one.empty()) return lower(carried_one);
    if (detector.kind == DetectorKind::indicator) return detector.value;
    return {};
  }

  Used first_look(const Sighting& s) const {
    const Profile& profile = data_.profile;
    Used used;
    used.sighting = &s;
    used.detector = &find(s);
    const DetectorInfo& d = *used.detector;
    const ir::Meaning& meaning = d.meaning;
    const std::string_view source = source_address(s);
    const Party &from = party(source), &writer = party(s.host);
    // The inside party: a carried source address before the host that wrote the record.
    if (from.inside) used.subject = from.host;
    if (!source.empty() && !writer.host.empty() && carried(s, {"@leased_address"}) == source)
      used.subject = writer.host;
    if (used.subject.empty() || party(used.subject.str()).relay) {
      if (!writer.host.empty() && !writer.is_relay_host) {
        // A record of the proxy names the proxy as its host; the source, when there is one, is nearer.
        used.subject = writer.host;
      } else if (used.subject.empty()) {
        used.subject = writer.host;
      }
    }
    used.via_proxy = party(used.subject.str()).relay;
    const std::string destination = destination_of(s, d);
    if (!party(destination).inside) used.destination = word(destination);
    if (!source.empty() && !from.inside) used.source = word(source);
    if (used.source.empty() && s.role == Role::contacting && d.kind == DetectorKind::indicator)
      used.source = word(d.value);

    if (s.mention || s.role == Role::text_only) return with(used, Use::mention);
    if (d.weightless) return with(used, Use::weightless);
    if (!in_analysis_.empty()) {
      for (const Sighting::Reference& reference : s.records) {
        if (in_analysis_.contains(reference.evidence)) return with(used, Use::analysis);
      }
    }
    const Time when = s.time.known() ? s.time : data_.as_of;
    if ((from.may_test && profile.is_authorised_test(source, when)) ||
        (writer.may_test && profile.is_authorised_test(s.host, when))) {
      return with(used, Use::authorised_test);
    }
    if (party(used.subject.str()).scanner) {
      if (d.kind != DetectorKind::analytic) return with(used, Use::authorised_test);
    }
    if (from.analysis || writer.analysis || party(used.subject.str()).analysis) return with(used, Use::analysis);
    for (const Sinkhole& sinkhole : profile.sinkholes) {
      if (sinkhole.address != used.destination.str() && sinkhole.address != used.source.str() &&
          sinkhole.address != d.value)
        continue;
      if (!sinkhole.since.known() || !s.time.known() || s.time >= sinkhole.since) return with(used, Use::sinkhole);
    }
    return weigh(std::move(used), meaning);
  }

  static Used with(Used used, Use use) {
    used.use = use;
    return used;
  }

  Used weigh(Used used, const ir::Meaning& meaning) const {
    const Sighting& s = *used.sighting;
    const DetectorInfo& d = *used.detector;
    const std::string& stage = meaning.stage;
    const std::string& klass = meaning.klass;
    const bool known_class = klass == "unique" || klass == "typical";
    used.group = word(meaning.family.empty() ? (d.kind == DetectorKind::indicator ? "list " + d.advisory : d.id)
                                             : meaning.family);
    const bool after = after_publication(used);

    if (klass == "context") return with(std::move(used), stage == "ordinary" ? Use::ordinary : Use::context);
    if (s.role == Role::contacting && d.kind == DetectorKind::indicator) {
      if (after) return with(std::move(used), Use::after_publication);
      used.line = word("contact");
      return with(std::move(used), Use::contact);
    }
    if (stage == "scan" || stage == "attempt" || klass == "contact")
      return with(std::move(used), after ? Use::after_publication : Use::scan);

    const auto counted = [&](std::string_view line, std::string_view artefact) {
      used.line = word(line);
      used.artefact = word(artefact);
      return with(std::move(used), Use::counted);
    };
    if (stage == "exploit" || stage == "follow_on")
      return counted(known_class ? stage : stage + ".generic", "technique");
    if (stage == "credential") return counted("credential", "technique");
    if (stage == "collection" || stage == "staging") return counted(stage, "bytes");
    if (stage == "exfiltration") return counted(klass == "generic" ? "unexplained_bulk" : "taken", "bytes");
    if (stage == "impact") return counted(known_class ? "impact.strong" : "impact", "technique");
    if (!known_class) return with(std::move(used), klass == "generic" || klass.empty() ? Use::weak : Use::context);
    if (stage == "lateral") return counted("lateral", "technique");

    if (d.kind == DetectorKind::indicator) {
      switch (s.role) {
        case Role::contacted:
        case Role::question:
        case Role::answer:
          if (after && used.subject.empty()) return with(std::move(used), Use::after_publication);
          used.power = age(used);
          if (used.power < kFaded) return with(std::move(used), Use::other_time);
          // A look-up is not yet a visit.
          return counted((s.role == Role::contacted ? klass : std::string("typical")) + ".outbound", "infrastructure");
        case Role::link:
        case Role::mail_hop:
          if (after) return with(std::move(used), Use::after_publication);
          used.power = age(used);
          if (used.power < kFaded) return with(std::move(used), Use::other_time);
          return counted(klass + ".lure", "lure");
        case Role::file:
        case Role::none:
          return counted(klass + ".malware", "software");
        case Role::contacting:
        case Role::text_only:
          return with(std::move(used), Use::context);
      }
    }
    if (stage == "lure") {
      if (after) return with(std::move(used), Use::after_publication);
      return counted(klass + ".lure", "lure");
    }
    if (stage == "c2")
      return counted(klass + ".c2", used.group.find("cert") != std::string::npos ? "certificate" : "wire");
    if (d.kind == DetectorKind::yara || stage == "malware") return counted(klass + ".malware", "software");
    return with(std::move(used), Use::weak);
  }

  bool after_publication(const Used& used) const {
    const auto advisory = advisories_.find(used.detector->advisory);
    const Time published = advisory != advisories_.end() ? advisory->second->published : published_;
    return published.known() && used.sighting->time.known() && used.sighting->time > published;
  }

  // Addresses change hands: full weight until the end of validity, or for some months after publication; then it
  // halves. The same before: some months ahead of the campaign's first activity they still belonged to others.
  double age(const Used& used) const {
    const Sighting& s = *used.sighting;
    if (!s.time.known()) return 1;
    Time limit;
    if (const auto until = valid_until_.find(used.detector->id); until != valid_until_.end()) limit = until->second;
    if (!limit.known()) {
      const auto advisory = advisories_.find(used.detector->advisory);
      const Time published = advisory != advisories_.end() ? advisory->second->published : published_;
      if (!published.known()) return 1;
      limit = Time{published.ns + months(weights_.dated_after_months)};
    }
    std::int64_t beyond = s.time.ns - limit.ns;
    if (const auto advisory = advisories_.find(used.detector->advisory); advisory != advisories_.end()) {
      if (const Time from = advisory->second->activity_from; from.known())
        beyond = std::max(beyond, from.ns - months(weights_.dated_after_months) - s.time.ns);
    }
    return beyond <= 0 ? 1 : std::pow(0.5, static_cast<double>(beyond / kDay) / weights_.half_life_days);
  }

  // Several people who browse named pages at a listed address, without the malware's structure there: shared hosting.
  void browse(Uses& uses) const {
    std::set<std::string, std::less<>> structured;  // destinations and hosts with more than a list against them
    std::map<std::string, std::set<std::string>> people, hosts;
    for (const Used& used : uses.all) {
      if (used.use != Use::counted) continue;
      if (used.line.ends_with(".outbound")) {
        if (!used.sighting->account.empty()) people[used.destination.str()].insert(lower(used.sighting->account));
        if (!used.subject.empty() && !used.via_proxy) hosts[used.destination.str()].insert(used.subject.str());
      } else if (used.line.ends_with(".c2") || used.line.ends_with(".malware")) {
        if (!used.destination.empty()) structured.insert(used.destination.str());
      }
    }
    for (Used& used : uses.all) {
      if (used.use != Use::counted || !used.line.ends_with(".outbound") || structured.contains(used.destination.str()))
        continue;
      const auto at = destinations_.find(used.destination.str());
      if (at == destinations_.end()) continue;
      const DestinationUse& seen = at->second;
      const std::size_t parties =
          std::max({people[used.destination.str()].size(), hosts[used.destination.str()].size(), seen.sources.size()});
      const bool pages = seen.gets > 0 && seen.gets * 3 >= (seen.gets + seen.posts) * 2;
      // Without a proxy log only the server's name in the handshake tells a site from an implant that calls a bare
      // address.
      const bool site = seen.web > 0 && seen.named * 10 >= seen.web * 9;
      if (site && ((pages && parties >= 2) || (seen.gets + seen.posts == 0 && used.via_proxy)))
        used.use = Use::shared_hosting;
    }
  }

  const CaseData& data_;
  const Weights& weights_;
  const HostIndex hosts_;
  std::unordered_map<std::string_view, const DetectorInfo*> detectors_;  // by id; looked up for every sighting
  std::set<std::string, std::less<>> in_analysis_;                       // items in folders of our analysts
  mutable std::unordered_map<std::string, Party, TextHash, std::equal_to<>> parties_;
  std::shared_ptr<WordPool> words_ = std::make_shared<WordPool>();
  std::map<std::string, const Advisory*, std::less<>> advisories_;
  std::map<std::string, Time, std::less<>> valid_until_;
  std::map<std::string, DestinationUse, std::less<>> destinations_;
  Time published_;
};

}  // namespace

bool is_exploitation(std::string_view line) { return line.starts_with("exploit") || line.starts_with("follow_on"); }

bool controls_host(const Used& used) {
  const std::string& line = used.line;
  return used.use == Use::counted && !used.subject.empty() && !used.via_proxy &&
         used.sighting->outcome != Outcome::quarantined &&
         (line.ends_with(".malware") || line.ends_with(".c2") || line.ends_with(".outbound") || is_exploitation(line) ||
          line == "lateral");
}

std::string_view name_of(Use use) {
  switch (use) {
    case Use::counted:
      return "counted";
    case Use::contact:
      return "contact";
    case Use::weak:
      return "weak";
    case Use::context:
      return "context";
    case Use::mention:
      return "mention";
    case Use::weightless:
      return "weightless";
    case Use::scan:
      return "scan";
    case Use::authorised_test:
      return "authorised_test";
    case Use::analysis:
      return "analysis";
    case Use::after_publication:
      return "after_publication";
    case Use::sinkhole:
      return "sinkhole";
    case Use::shared_hosting:
      return "shared_hosting";
    case Use::new_machine:
      return "new_machine";
    case Use::ordinary:
      return "ordinary";
    case Use::judged_benign:
      return "judged_benign";
    case Use::judged_test:
      return "judged_test";
    case Use::other_time:
      return "other_time";
  }
  return "";
}

const Disposition* disposition_of(const CaseData& data, const Sighting& sighting) {
  const Disposition* out = nullptr;
  for (const Disposition& one : data.dispositions) {
    if (one.sighting == sighting.id && !has_expired(data, one)) out = &one;
  }
  return out;
}

std::string_view carried(const Sighting& sighting, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (const auto& [field, value] : sighting.fields) {
      if (field == name && !value.empty()) return value;
    }
  }
  return {};
}

std::string bare_account(std::string_view account) {
  if (const std::size_t slash = account.rfind('\\'); slash != std::string_view::npos) account.remove_prefix(slash + 1);
  return lower(account.substr(0, account.find('@')));
}

std::string_view source_address(const Sighting& sighting) {
  return carried(sighting, {"@src_ip", "src_ip", "c-ip", "id.orig_h", "source.ip", "client"});
}

std::string_view destination_address(const Sighting& sighting) {
  return carried(sighting, {"@dst_ip", "dst_ip", "id.resp_h", "destination.ip", "destination"});
}

Uses judge_uses(const CaseData& data, const Weights& weights) { return Judge(data, weights).run(); }

}  // namespace assay
