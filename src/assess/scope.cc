#include "assess/scope.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "assess/exfiltration.h"
#include "assess/lines.h"
#include "assess/people.h"
#include "assess/statements.h"
#include "core/ascii.h"

namespace assay {
namespace {

// Does the sighting rest on a file, not on a log's record?
bool of_file(const Sighting& sighting, const CaseData& data) {
  if (sighting.role == Role::file) return true;
  if (sighting.records.empty()) return false;
  const std::string& id = sighting.records.front().evidence;
  const auto item = std::lower_bound(data.evidence.begin(), data.evidence.end(), id,
                                     [](const EvidenceItem& e, const std::string& wanted) { return e.id < wanted; });
  return item != data.evidence.end() && item->id == id && item->kind != "records";
}

// An earliest sign this close to the start of all sources may well not be the first.
constexpr std::int64_t kNearStart = 3 * kDay;

std::string_view account_of(const Sighting& s) {
  return s.account.empty() ? carried(s, {"@account", "account"}) : std::string_view(s.account);
}

bool among(const std::vector<std::string>& list, std::string_view one) {
  return std::any_of(list.begin(), list.end(), [&](const std::string& item) { return equals_icase(item, one); });
}

std::string explanation(Use use) {
  switch (use) {
    case Use::scan:
      return "internet-wide probing, none of these succeeded";
    case Use::contact:
      return "contact from listed addresses, which by itself says little";
    case Use::authorised_test:
      return "our own scanner or an authorised test (profile)";
    case Use::analysis:
      return "our own analysts or their machines and folders (profile)";
    case Use::after_publication:
      return "after publication of the advisory, without an act inside";
    case Use::sinkhole:
      return "the address was a sinkhole by then: an infected or testing machine at most";
    case Use::shared_hosting:
      return "several people browse an ordinary site at this address: shared hosting, keep watching";
    case Use::mention:
      return "text that quotes an advisory, a rule or a list";
    case Use::weightless:
      return "an indicator that must not weigh";
    case Use::new_machine:
      return "set-up of a new machine clears its log";
    case Use::other_time:
      return "long before or after the campaign: addresses change hands";
    case Use::ordinary:
      return "a habit of the estate";
    case Use::judged_benign:
      return "judged benign";
    case Use::judged_test:
      return "judged to be a test of our own";
    case Use::counted:
    case Use::weak:
    case Use::context:
      break;
  }
  return {};
}

}  // namespace

std::string account_kind(const Profile& profile, std::string_view account) {
  const std::string name = bare_account(account);
  if (among(profile.service_accounts, name)) return "service";
  if (among(profile.shared_accounts, name)) return "shared";
  if (name.ends_with('$')) return "machine";
  return "person";
}

Scope find_scope(const CaseData& data, const Uses& uses, const Exfiltration& taken, const Visibility& visibility,
                 const Weights& weights) {
  Scope out;
  std::set<std::string> served;  // hosts that gave files to whoever exploited them
  for (const Exfiltration::Line& line : taken.lines) {
    if (line.what.starts_with("files served") && line.low > 0) served.insert(line.host);
  }
  // A sensor's record of a proxy stands for somebody behind it: where that somebody is known, his own record tells
  // when.
  std::set<std::string, std::less<>> fronted;
  for (const Used& used : uses.all) {
    if (!used.via_proxy && !used.subject.empty() && !used.destination.empty()) fronted.insert(used.destination.str());
  }
  const HostIndex index(data.profile);
  std::map<std::string, std::set<std::string>> lines;  // host -> kinds of lines
  std::set<std::string> touched, accounts;
  for (const Used& used : uses.all) {
    if (used.use == Use::counted && !used.subject.empty() && !used.via_proxy)
      lines[used.subject.str()].insert(used.line.str());
    if (used.use == Use::scan || used.use == Use::contact) {
      if (const std::string host = scope_host(index, used.sighting->host); !host.empty()) touched.insert(host);
    }
    if (used.use != Use::counted) continue;
    if (used.line == "credential" || used.line == "lateral" || used.line == "collection") {
      if (const auto account = account_of(*used.sighting); !account.empty()) accounts.emplace(account);
    }
    const StateSet on = touched_by(used.line);
    if ((on & (kA | kM)) != 0 && !(used.via_proxy && fronted.contains(used.destination.str()))) {
      Time until = used.sighting->until.known() ? used.sighting->until : used.sighting->time;
      if (used.sighting->time.known() && (!out.earliest.known() || used.sighting->time < out.earliest))
        out.earliest = used.sighting->time;
      // A file's time may be that of its collection: it says nothing about when they were last there.
      if (!of_file(*used.sighting, data) && until > out.latest) out.latest = until;
    }
  }
  for (const auto& [host, kinds] : lines) {
    const auto any = [&](auto test) { return std::any_of(kinds.begin(), kinds.end(), test); };
    const bool malware = any([](const std::string& line) { return line == "unique.malware" || line == "unique.c2"; });
    const bool exploited =
        kinds.contains("exploit") &&
        (any([](const std::string& line) { return line.starts_with("follow_on"); }) || served.contains(host));
    const bool acted = any([](const std::string& line) { return (touched_by(line) & (kA | kM)) != 0; });
    if (malware || exploited || kinds.contains("follow_on")) {
      out.confirmed.push_back(host);
    } else if (acted) {
      out.suspected.push_back(host);
    } else {
      touched.insert(host);
    }
  }
  for (const std::string& host : touched) {
    if (!std::binary_search(out.confirmed.begin(), out.confirmed.end(), host) &&
        !std::binary_search(out.suspected.begin(), out.suspected.end(), host)) {
      out.touched.push_back(host);
    }
  }
  for (const ScopeHost& host : visibility.hosts()) {
    if (!host.examined) out.not_examined.push_back(host.name);
  }
  std::sort(out.not_examined.begin(), out.not_examined.end());
  out.examined = static_cast<std::uint64_t>(visibility.examined());
  out.in_scope = visibility.scope_given() ? static_cast<std::uint64_t>(visibility.in_scope()) : 0;
  out.accounts.assign(accounts.begin(), accounts.end());
  if (out.earliest.known()) {
    Time start;
    for (const auto& [name, source] : visibility.sources()) {
      if (weights.source(name).reach != Reach::snapshot && source.first.known() &&
          (!start.known() || source.first < start))
        start = source.first;
    }
    if (start.known() && out.earliest.ns - start.ns > kNearStart) out.earliest_not_before = start;
    out.latest_not_after = data.as_of;
  }
  return out;
}

std::vector<Credential> lost_credentials(const CaseData& data, const Uses& uses, const Exfiltration& taken) {
  std::map<std::string, Credential> accounts;  // by lower-case name
  std::map<std::string, Time> used_at;
  for (const Used& used : uses.all) {
    if (used.use != Use::counted) continue;
    const std::string account = lower(account_of(*used.sighting));
    if (account.empty()) continue;
    if (used.group == "stolen-session" || used.group == "credential-used" || used.group == "password-spray") {
      Time& latest = used_at[account];
      latest = std::max(latest, used.sighting->until);
    }
    if (used.line == "credential") {
      const auto [at, fresh] = accounts.try_emplace(account);
      if (!fresh && at->second.exposed_at <= used.sighting->time) continue;
      at->second = {account, account_kind(data.profile, account), used.detector->title, used.sighting->time,
                    "cannot_say"};
    } else if (used.line == "lateral" || used.line == "collection") {
      Time& latest = used_at[account];
      latest = std::max(latest, used.sighting->time);
      if (used.line == "lateral")
        accounts.try_emplace(account, Credential{account, account_kind(data.profile, account), used.detector->title,
                                                 used.sighting->time, "yes"});
    }
  }
  std::vector<Credential> out;
  for (auto& [name, credential] : accounts) {
    if (const auto at = used_at.find(name); at != used_at.end() && at->second >= credential.exposed_at)
      credential.used = "yes";
    out.push_back(credential);
  }
  for (const Statement& told : data.statements) {
    if (told.account.empty() || !chance_told_anyway(told.reliability)) continue;
    const std::string account = lower(told.account), how = fmt::format("told by {} ({})", told.who, told.id);
    const auto known = std::find_if(
        out.begin(), out.end(), [&](const Credential& c) { return bare_account(c.account) == bare_account(account); });
    if (known == out.end()) {
      out.push_back({account, account_kind(data.profile, account), how, told.time, "cannot_say"});
    } else {
      known->how += "; " + how;  // two grounds: taking back one leaves the other
    }
  }
  // Files that an exploited gateway served: whatever secrets stand in its configuration.
  for (const Exfiltration::Line& line : taken.lines) {
    if (!line.what.starts_with("files served") || line.low == 0) continue;
    Credential secrets;
    secrets.account = fmt::format("all secrets in the configuration of {}", line.host);
    secrets.kind = "key";
    secrets.how = fmt::format("{} of its files were served to the intruder", amount_text(line.low));
    secrets.used = "cannot_say";
    for (const Used& used : uses.all) {
      if (used.use == Use::counted && used.source.str() == line.destination && used.sighting->time.known() &&
          (!secrets.exposed_at.known() || used.sighting->time < secrets.exposed_at)) {
        secrets.exposed_at = used.sighting->time;
      }
    }
    out.push_back(std::move(secrets));
  }
  return out;
}

std::vector<Explained> explain_away(const CaseData& data, const Uses& uses) {
  struct Heap {
    std::uint64_t count = 0;
    std::string first, title;
    std::set<std::string> parties;
  };
  std::map<std::pair<Use, std::string>, Heap> heaps;
  for (const Used& used : uses.all) {
    if (explanation(used.use).empty()) continue;
    // What explains itself stands alone; the rest of a kind is one heap.
    std::string what = used.use == Use::ordinary                                        ? used.sighting->why
                       : used.use == Use::judged_benign || used.use == Use::judged_test ? used.sighting->id
                       : used.use == Use::shared_hosting || used.use == Use::sinkhole   ? used.destination.str()
                                                                                        : used.detector->meaning.family;
    if (what.empty()) what = used.detector->title.empty() ? used.sighting->detector_id : used.detector->title;
    if (used.use == Use::mention || used.use == Use::weightless)
      what = used.use == Use::mention ? "" : used.detector->value;
    Heap& heap = heaps[{used.use, what}];
    heap.count += used.sighting->count;
    if (heap.first.empty()) {
      heap.first = used.sighting->id;
      heap.title = used.detector->title.empty() ? used.sighting->detector_id : used.detector->title;
    }
    const std::string_view party = used.source.empty() ? std::string_view(used.subject) : std::string_view(used.source);
    if (!party.empty()) heap.parties.emplace(party);
  }
  std::vector<Explained> out;
  for (const auto& [key, heap] : heaps) {
    const auto& [use, what] = key;
    Explained line;
    line.sighting = heap.first;
    if (use == Use::mention) {
      line.text = fmt::format("{} indicator{} in text", heap.count, heap.count == 1 ? "" : "s");
    } else if (use == Use::ordinary) {
      line.text = heap.title;
      if (heap.parties.size() == 1) line.text += ", " + *heap.parties.begin();
    } else {
      line.text = fmt::format("{} x {}", heap.count, heap.title);
      if (use == Use::shared_hosting || use == Use::sinkhole) line.text += " (" + what + ")";
      if (heap.parties.size() > 1)
        line.text += fmt::format(", {} {}", heap.parties.size(),
                                 use == Use::scan || use == Use::contact ? "addresses" : "parties");
      if (heap.parties.size() == 1) line.text += ", " + *heap.parties.begin();
    }
    line.explanation = use == Use::ordinary && !what.empty() ? what : explanation(use);
    if (use == Use::judged_benign || use == Use::judged_test) {
      for (const Disposition& one : data.dispositions) {
        if (one.sighting == what) line.explanation = judgement_text(data, one);
      }
    }
    if (use == Use::weightless) {
      for (const DetectorInfo& detector : data.catalogue) {
        if (detector.value == what && !detector.mark.empty()) line.explanation = detector.mark;
      }
    }
    out.push_back(std::move(line));
    if (out.size() == kExplained) break;
  }
  std::uint64_t mentions = 0;
  for (const Mention& mention : data.mentions) mentions += mention.count;
  if (mentions > 0) {
    out.push_back({"",
                   fmt::format("{} hit{} in copies of advisories, lists and rules", mentions, mentions == 1 ? "" : "s"),
                   "text that quotes them supports nothing"});
  }
  return out;
}

}  // namespace assay
