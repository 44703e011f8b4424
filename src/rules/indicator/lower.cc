// lower_advisory (rules/loader.h): what an advisory lists, as indicators and detectors.
#include "rules/stix_pattern/lower.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "core/ascii.h"
#include "rules/indicator/benign.h"
#include "rules/indicator/normalise.h"
#include "rules/loader.h"
#include "rules/snort/snort.h"
#include "rules/stix_pattern/names.h"
#include "rules/stix_pattern/pattern.h"

namespace assay {
namespace {

struct Observable {
  Indicator::Kind kind = Indicator::Kind::domain;
  std::string value;
};

// "file:hashes.'SHA-1'" -> sha1; quotes and case of the algorithm do not matter.
std::optional<Indicator::Kind> kind_of(const std::string& path) {
  std::string plain = lower(path);
  plain.erase(std::remove_if(plain.begin(), plain.end(), [](char c) { return c == '\'' || c == '-'; }), plain.end());
  if (plain == "ipv4addr:value") return Indicator::Kind::ipv4;
  if (plain == "ipv6addr:value") return Indicator::Kind::ipv6;
  if (plain == "domainname:value") return Indicator::Kind::domain;
  if (plain == "url:value") return Indicator::Kind::url;
  if (plain == "emailaddr:value" || plain == "emailmessage:from_ref.value" || plain == "emailmessage:sender_ref.value")
    return Indicator::Kind::mail_address;
  if (plain == "file:name") return Indicator::Kind::file_name;
  if (plain == "file:hashes.md5") return Indicator::Kind::md5;
  if (plain == "file:hashes.sha1") return Indicator::Kind::sha1;
  if (plain == "file:hashes.sha256" || plain == "x509certificate:hashes.sha256") return Indicator::Kind::sha256;
  if (plain == "x509certificate:hashes.sha1") return Indicator::Kind::certificate_sha1;
  if (plain == "artifact:hashes.md5") return Indicator::Kind::md5;
  if (plain == "artifact:hashes.sha1") return Indicator::Kind::sha1;
  if (plain == "artifact:hashes.sha256") return Indicator::Kind::sha256;
  if (plain == "networktraffic:extensions.tls.ja3" || plain == "networktraffic:x_ja3") return Indicator::Kind::ja3;
  return std::nullopt;
}

// False when the comparison is not "one of these values".
bool take_leaf(const stix::Comparison& c, std::vector<Observable>& out) {
  using Op = stix::Comparison::Op;
  if (c.negated) return false;
  const stix::Name name = stix::name_of(c.path);
  if (name.index || !name.never.empty()) return false;
  auto kind = kind_of(name.name);
  if (!kind) return false;
  const bool address = *kind == Indicator::Kind::ipv4 || *kind == Indicator::Kind::ipv6;
  if (c.op != Op::equal && c.op != Op::in && !(c.op == Op::is_subset && address)) return false;
  for (const stix::Literal& value : c.values) {
    if (value.kind != stix::Literal::Kind::text) return false;
    Observable one{*kind, value.text};
    if (address) {
      const auto network = parse_network(trim(value.text));
      if (network) one.kind = network->prefix != 128 ? Indicator::Kind::cidr : *kind;
    }
    if (one.kind == Indicator::Kind::file_name && value.text.find_first_of("/\\") != std::string::npos)
      one.kind = Indicator::Kind::file_path;
    out.push_back(std::move(one));
  }
  return true;
}

bool take_tree(const stix::ComparisonTree& tree, std::vector<Observable>& out) {
  using Kind = stix::ComparisonTree::Kind;
  if (tree.kind == Kind::leaf) return take_leaf(tree.leaf, out);
  return tree.kind == Kind::any &&
         std::all_of(tree.children.begin(), tree.children.end(), [&](const auto& c) { return take_tree(c, out); });
}

bool take_observation(const stix::Observation& o, std::vector<Observable>& out) {
  using Kind = stix::Observation::Kind;
  if (!o.qualifiers.empty()) return false;
  if (o.kind == Kind::one) return take_tree(o.test, out);
  return o.kind == Kind::any &&
         std::all_of(o.children.begin(), o.children.end(), [&](const auto& c) { return take_observation(c, out); });
}

std::string join(const std::vector<std::string>& list) { return fmt::format("{}", fmt::join(list, ", ")); }

class Lowering {
 public:
  Lowering(const Advisory& advisory, const Profile& profile, RuleSet& out)
      : advisory_(advisory), profile_(profile), out_(out) {}

  void run() {
    for (const AdvisoryIndicator& indicator : advisory_.indicators) one(indicator);
  }

 private:
  void refuse(const AdvisoryIndicator& indicator, std::string reason) {
    out_.not_loaded.push_back({advisory_.origin, indicator.id, std::move(reason)});
  }

  void one(const AdvisoryIndicator& indicator) {
    if (indicator.revoked) return refuse(indicator, "revoked by its publisher");
    const ir::Meaning meaning{indicator.claims, indicator.klass, indicator.family, indicator.stage};
    if (indicator.pattern_type == "yara")
      return load_yara(origin(indicator), indicator.pattern, advisory_.id, meaning, out_);
    if (indicator.pattern_type == "sigma") return sigma(indicator, meaning);
    if (indicator.pattern_type == "snort" || indicator.pattern_type == "suricata") return snort(indicator, meaning);
    if (indicator.pattern_type != "stix" && !indicator.pattern_type.empty()) {
      return refuse(indicator, fmt::format("patterns of type '{}' are not evaluated", indicator.pattern_type));
    }
    stix::ParseReport report;
    auto pattern = stix::parse_pattern(indicator.pattern, true, &report);
    if (!pattern.ok()) return refuse(indicator, pattern.error().text());
    for (const std::string& what : report.forgiven)
      out_.warnings.push_back({advisory_.origin, indicator.id, "not as the standard has it, but understood: " + what});
    std::vector<Observable> observables;
    if (take_observation(*pattern, observables)) return listed(indicator, observables, meaning);
    detector(indicator, *pattern, meaning);
  }

  [[nodiscard]] std::string origin(const AdvisoryIndicator& indicator) const {
    return advisory_.origin + "#" + indicator.id;
  }

  void sigma(const AdvisoryIndicator& indicator, const ir::Meaning& meaning) {
    const std::size_t before = out_.rules.size();
    load_sigma(origin(indicator), indicator.pattern, advisory_.id, out_);
    for (std::size_t i = before; i < out_.rules.size(); ++i) {
      if (out_.rules[i].meaning != ir::Meaning{}) continue;
      out_.rules[i].meaning = meaning;
      out_.rules[i].hash = ir::hash_of(out_.rules[i]);
    }
  }

  // A network rule is read for what it names; it never sees a packet here.
  void snort(const AdvisoryIndicator& indicator, const ir::Meaning& meaning) {
    const snort::Reading reading = snort::read(indicator.pattern);
    if (reading.found.empty())
      return refuse(indicator, fmt::format("a {} rule with no host, address or URI that can be looked for",
                                           indicator.pattern_type));
    std::vector<Observable> observables;
    for (const snort::Found& one : reading.found) observables.push_back({one.kind, one.value});
    out_.warnings.push_back(
        {advisory_.origin, indicator.id,
         fmt::format(
             "the {} rule is not run as a detection rule: its hosts, addresses and URIs are looked for ({}){}",
             indicator.pattern_type, observables.size(),
             reading.without + reading.unread == 0
                 ? ""
                 : fmt::format("; {} of its rules hold none, {} lines are no rule", reading.without, reading.unread))});
    listed(indicator, observables, meaning);
  }

  void listed(const AdvisoryIndicator& indicator, const std::vector<Observable>& observables,
              const ir::Meaning& meaning) {
    for (const Observable& observable : observables) {
      auto value = normalise(observable.kind, observable.value);
      if (!value) {
        refuse(indicator, fmt::format("a value is no {}", name_of(observable.kind)));
        continue;
      }
      Indicator made;
      made.kind = observable.kind;
      made.value = std::move(*value);
      made.id = indicator.id;
      made.advisory = advisory_.id;
      made.title = indicator.name;
      made.malware = join(indicator.indicates);
      made.valid_from = indicator.valid_from;
      made.valid_until = indicator.valid_until;
      made.confidence = indicator.confidence;
      made.weightless = indicator.weightless;
      made.mark = indicator.mark;
      made.meaning = meaning;
      if (const std::string reason = benign_reason(made.kind, made.value, profile_); !reason.empty()) {
        made.weightless = true;
        made.mark += (made.mark.empty() ? "" : "; ") + reason;
      }
      sinkhole(made);
      out_.indicators.push_back(std::move(made));
    }
  }

  void sinkhole(Indicator& made) const {
    for (const Sinkhole& known : profile_.sinkholes) {
      const auto a = parse_network(known.address);
      const auto b = parse_network(made.value);
      const bool same = a && b ? contains(*a, *b) : normalise_domain(known.address) == made.value;
      if (!same) continue;
      made.mark += made.mark.empty() ? "sinkhole" : "; sinkhole";
      if (known.since.known()) {
        made.mark += " since " + format_date(known.since);
        made.sinkhole_dates.push_back(format_utc(known.since));
      }
    }
  }

  void detector(const AdvisoryIndicator& indicator, const stix::Observation& pattern, const ir::Meaning& meaning) {
    ir::Detector d;
    d.kind = DetectorKind::stix_pattern;
    d.id = indicator.id;
    d.title = indicator.name;
    d.description = indicator.description;
    d.advisory = advisory_.id;
    d.origin = advisory_.origin;
    d.meaning = meaning;
    d.carry = {"@src_ip", "@dst_ip", "@dst_port", "@url"};
    if (auto status = stix::lower_pattern(pattern, d); !status.ok()) return refuse(indicator, status.error().text());
    if (auto status = ir::check(d); !status.ok()) return refuse(indicator, status.error().text());
    d.hash = ir::hash_of(d);
    out_.rules.push_back(std::move(d));
  }

  const Advisory& advisory_;
  const Profile& profile_;
  RuleSet& out_;
};

}  // namespace

void lower_advisory(const Advisory& advisory, const Profile& profile, RuleSet& out) {
  Lowering(advisory, profile, out).run();
}

}  // namespace assay
