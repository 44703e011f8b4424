#include "analytics/lure/lure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "analytics/common.h"
#include "core/ascii.h"
#include "text/domains.h"
#include "text/lookalike.h"
#include "text/urls.h"

namespace assay {
namespace {

constexpr std::size_t kUrl = 4096;  // longer links are cut before their host is looked for; the host stands in front
constexpr std::size_t kLinksPerMail = 100;

// How a foreign name resembles one of ours. `literal`: our label stands in it as we write it, which partners' sites do
// too.
struct Imitated {
  enum class Kind : std::uint8_t { none, confusable, mistyped, literal } kind = Kind::none;
  std::string own;
};

Imitated imitates(const std::string& domain, std::span<const std::string> own) {
  const LookalikeOf like = lookalike(domain, own);
  Imitated out{Imitated::Kind::none, like.own};
  switch (like.kind) {
    case Lookalike::none:
      break;
    case Lookalike::same_look:
      out.kind = Imitated::Kind::confusable;
      break;
    case Lookalike::one_edit:
      out.kind = Imitated::Kind::mistyped;
      break;
    case Lookalike::other_end:
      out.kind = Imitated::Kind::literal;
      break;
    case Lookalike::part:
      out.kind =
          contains_icase(domain, registrable_label(like.own)) ? Imitated::Kind::literal : Imitated::Kind::confusable;
      break;
  }
  return out;
}

// Host that a link leads to, once what rewriting services put around it is gone; "" when there is none.
std::string final_host(std::string_view link) {
  const Unwrapped inner = unwrap_url(link.substr(0, kUrl));
  const auto url = parse_url(inner.url);
  return url ? url->host : std::string();
}

std::string mail_domain(std::string_view address) {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos) return {};
  std::string_view domain = address.substr(at + 1);
  domain = domain.substr(0, domain.find_first_of("> ,;"));
  return lower(domain);
}

bool is_mail_gateway(const Profile& profile, std::string_view source) {
  const std::string name = profile.host_of(source);
  if (const ProfileHost* host = profile.find_host(name); host != nullptr && host->kind == "mail") return true;
  return std::any_of(profile.mail_gateways.begin(), profile.mail_gateways.end(), [&](const std::string& one) {
    return equals_icase(one, source) || (!name.empty() && (equals_icase(one, name) || profile.host_of(one) == name));
  });
}

class Lure final : public Analytic {
 public:
  std::string_view name() const override { return "lure"; }

  std::vector<AnalyticDetector> detectors() const override {
    return {{"analytic.lure",
             "Mail that leads to a look-alike of our own domain",
             "A link or sender whose domain reads as one of ours, and is not.",
             {{"claim.lure-mail"}, "typical", "lure", "lure"}},
            {"analytic.lure-click",
             "Look-alike of our own domain visited by a user",
             "A request by a user's machine, not by the mail gateway that looks at links.",
             {{}, "typical", "lure", "lure"}},
            {"analytic.credential-given",
             "Form sent to a look-alike of our own login page",
             "A request with a body to a domain that reads as one of ours, and is not.",
             {{"claim.credential-given"}, "typical", "credential-given", "credential"}},
            {"analytic.lure-checked",
             "Look-alike of our own domain looked at by the mail gateway",
             "The mail gateway fetches links to look at them; nobody clicked.",
             {{}, "context", "lure", ""}}};
  }

  std::vector<std::string> names() const override {
    return {"@sender", "@recipient", "@link", "@domain", "@dst_ip", "@src_ip", "@method", "@bytes_out"};
  }
  std::vector<std::string> source_classes() const override {
    return {"mail", "smtp", "message_trace", "proxy", "http"};
  }

  std::vector<TableSpec> tables() const override {
    return {{"mail_domains",
             {"item", "kind", "domain", "sender", "recipient", "outcome", "hour"},
             {"count", "at", "first_ref"},
             {Merge::sum, Merge::min, Merge::min}},
            {"visits",
             {"item", "domain", "dst", "src", "account", "method", "hour"},
             {"count", "bytes_out", "at", "first_ref"},
             {Merge::sum, Merge::sum, Merge::min, Merge::min}}};
  }

  void observe(const RoleView& record, std::span<Table> tables) const override {
    const std::string& klass = record.route().source_class;
    if (!record.time().known()) return;
    const std::int64_t ref = pack_ref(record.ref().offset, record.ref().length);
    if (klass == "proxy" || klass == "http") {
      const std::string domain = lower(record.get("@domain").text);
      if (domain.empty() || domain == "-" || parse_address(domain)) return;
      const std::array<std::int64_t, 4> row{1, std::max<std::int64_t>(record.number("@bytes_out", 0), 0),
                                            record.time().ns, ref};
      tables[1].add(
          {std::string(record.item()), domain, lower(record.get("@dst_ip").text), lower(record.get("@src_ip").text),
           lower(record.account()), lower(record.get("@method").text), hour_key(record.time())},
          row);
      return;
    }
    std::set<std::string> recipients;
    record.each("@recipient", [&](const Value& value) {
      for (const std::string_view one : split(value.text, ',')) {
        std::string_view address = trim(one);
        if (const std::size_t open = address.rfind('<'); open != std::string_view::npos)
          address = address.substr(open + 1);
        address = address.substr(0, address.find('>'));
        if (address.find('@') != std::string_view::npos && recipients.size() < kLinksPerMail)
          recipients.insert(lower(address));
      }
    });
    if (recipients.empty()) recipients.emplace();
    std::set<std::pair<std::string, std::string>> seen;  // (kind, domain)
    record.each("@link", [&](const Value& value) {
      if (seen.size() < kLinksPerMail) {
        if (std::string host = final_host(value.text); !host.empty() && !parse_address(host))
          seen.emplace("link", std::move(host));
      }
    });
    std::string sender;
    record.each("@sender", [&](const Value& value) {
      if (std::string domain = mail_domain(value.text); !domain.empty()) {
        if (sender.empty()) sender = domain;
        seen.emplace("sender", std::move(domain));
      }
    });
    const std::array<std::int64_t, 3> row{1, record.time().ns, ref};
    for (const auto& [kind, domain] : seen) {
      for (const std::string& recipient : recipients) {
        tables[0].add({std::string(record.item()), kind, domain, sender, recipient,
                       std::string(name_of(record.outcome())), hour_key(record.time())},
                      row);
      }
    }
  }

  std::vector<Finding> finish(const FinishInput& input, Notices&) const override {
    std::vector<Finding> out;
    if (input.profile == nullptr || input.profile->own_domains.empty()) return out;
    const Profile& profile = *input.profile;
    std::map<std::string, Imitated> judged;
    const auto imitation = [&](const std::string& domain) -> const Imitated& {
      const auto [at, fresh] = judged.try_emplace(domain);
      if (fresh) at->second = imitates(domain, profile.own_domains);
      return at->second;
    };
    // Partners and rewriting services carry our name with our leave.
    const auto wanted = [&](const std::string& domain) {
      for (const auto* list : {&profile.link_rewriters, &profile.partners}) {
        for (const std::string& one : *list) {
          if (equals_icase(one, domain) || ends_with_icase(domain, "." + one)) return false;
        }
      }
      return imitation(domain).kind != Imitated::Kind::none;
    };

    struct Mailed {
      std::int64_t count = 0, first = INT64_MAX, last = INT64_MIN;
      std::string outcome;
      std::vector<std::pair<std::string, std::int64_t>> references;
    };
    std::map<std::pair<std::string, std::string>, Mailed> mailed;  // (domain, recipient)
    std::set<std::string> linked, from_outside;
    if (const Table* mails = input.table("mail_domains")) {
      for (const bool reports : {false, true}) {
        for (const auto& [key, row] : mails->rows()) {
          const std::string& domain = key[2];
          if (!wanted(domain)) continue;
          // A foreign domain that merely contains our label is an imitation only where a link leads there.
          if (imitation(domain).kind == Imitated::Kind::literal && key[1] != "link") continue;
          // Our own people who report or forward a lure did not send it; without any other message the mail counts all
          // the same.
          const bool own_sender = is_own(profile, key[3]);
          if (own_sender != reports || (reports && from_outside.contains(domain))) continue;
          if (!reports) from_outside.insert(domain);
          if (!key[4].empty() && !is_own(profile, mail_domain(key[4]))) continue;
          linked.insert(domain);
          Mailed& one = mailed[{domain, key[4]}];
          one.count += row[0];
          one.first = std::min(one.first, row[1]);
          one.last = std::max(one.last, row[1]);
          if (one.outcome.empty() || one.outcome == "unknown") one.outcome = key[5];
          one.references.emplace_back(key[0], row[2]);
        }
      }
    }
    for (const auto& [key, one] : mailed) {
      const auto& [domain, recipient] = key;
      Finding finding;
      Sighting& s = finding.sighting;
      s.detector_id = "analytic.lure";
      s.role = Role::link;
      s.account = recipient.substr(0, recipient.find('@'));
      s.outcome = outcome_from(one.outcome).value_or(Outcome::unknown);
      s.time = Time{one.first};
      s.until = Time{one.last};
      s.count = 1;
      s.fields = {{"@domain", domain}, {"imitates", imitation(domain).own}};
      References references(input);
      for (const auto& [item, packed] : one.references) references.add(item, packed);
      s.records = references.take();
      s.why = fmt::format("a mail to one of our people leads to, or comes from, a domain that {} one of ours",
                          verb(imitation(domain).kind));
      out.push_back(std::move(finding));
    }

    if (const Table* visits = input.table("visits")) {
      struct Visit {
        std::int64_t count = 0, bytes = 0, first = INT64_MAX, last = INT64_MIN;
        std::set<std::string> destinations;
        std::vector<std::pair<std::string, std::int64_t>> references;
      };
      // (detector, domain, source, account)
      std::map<std::array<std::string, 4>, Visit> sums;
      for (const auto& [key, row] : visits->rows()) {
        const std::string& domain = key[1];
        if (!wanted(domain) || is_ours_to_test(profile, key[3], Time{row[2]})) continue;
        // Somebody's honest page may carry our label; without a mail that led there only the confusable spelling
        // counts.
        if (imitation(domain).kind != Imitated::Kind::confusable && !linked.contains(domain)) continue;
        const ProfileHost* known = profile.find_host(profile.host_of(key[3]));
        if (known != nullptr && known->kind == "proxy") continue;  // the sensor behind the proxy saw the same request
        const bool post = key[5] == "post" || key[5] == "put";
        const char* detector = is_mail_gateway(profile, key[3]) ? "analytic.lure-checked"
                               : post                           ? "analytic.credential-given"
                                                                : "analytic.lure-click";
        Visit& visit = sums[{detector, domain, key[3], key[4]}];
        visit.count += row[0];
        visit.bytes += row[1];
        visit.first = std::min(visit.first, row[2]);
        visit.last = std::max(visit.last, row[2]);
        if (!key[2].empty()) visit.destinations.insert(key[2]);
        visit.references.emplace_back(key[0], row[3]);
      }
      for (const auto& [key, visit] : sums) {
        const auto& [detector, domain, source, account] = key;
        Finding finding;
        Sighting& s = finding.sighting;
        s.detector_id = detector;
        s.host = party_name(profile, source);
        s.account = account;
        s.role = Role::contacted;
        s.outcome = Outcome::allowed;
        s.time = Time{visit.first};
        s.until = Time{visit.last};
        s.count = static_cast<std::uint64_t>(visit.count);
        s.fields = {{"@domain", domain}, {"@src_ip", source}, {"imitates", imitation(domain).own}};
        if (!visit.destinations.empty()) s.fields.emplace_back("@dst_ip", *visit.destinations.begin());
        if (detector == "analytic.credential-given") s.fields.emplace_back("bytes", std::to_string(visit.bytes));
        std::sort(s.fields.begin(), s.fields.end());
        References references(input);
        for (const auto& [item, packed] : visit.references) references.add(item, packed);
        s.records = references.take();
        s.why = detector == "analytic.credential-given"
                    ? fmt::format("a form of {} B was sent to a domain that {} one of ours", visit.bytes,
                                  verb(imitation(domain).kind))
                : detector == "analytic.lure-checked"
                    ? std::string("the mail gateway looked at the link; nobody clicked")
                    : fmt::format("a user visited a domain that {} one of ours", verb(imitation(domain).kind));
        out.push_back(std::move(finding));
      }
    }
    return out;
  }

 private:
  static std::string_view verb(Imitated::Kind kind) {
    switch (kind) {
      case Imitated::Kind::confusable:
        return "reads as";
      case Imitated::Kind::mistyped:
        return "is one letter away from";
      case Imitated::Kind::literal:
        return "contains the name of";
      case Imitated::Kind::none:
        break;
    }
    return "resembles";
  }

  static bool is_own(const Profile& profile, std::string_view domain) {
    return !domain.empty() &&
           std::any_of(profile.own_domains.begin(), profile.own_domains.end(), [&](const std::string& own) {
             return equals_icase(own, domain) || ends_with_icase(domain, "." + own);
           });
  }
};

}  // namespace

const Analytic& lure_analytic() {
  static const Lure kLure;
  return kLure;
}

}  // namespace assay
