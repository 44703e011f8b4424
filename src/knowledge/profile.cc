#include "knowledge/profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <set>

#include "core/ascii.h"
#include "core/yaml.h"
#include "core/zone.h"
#include "knowledge/host_index.h"

namespace assay {
namespace {

constexpr std::size_t kProfileBytes = std::size_t{8} << 20;
constexpr std::size_t kScalarBytes = 4096;
constexpr std::int64_t kMaxDays = 36'500;
constexpr std::int64_t kMaxHosts = 10'000'000;
constexpr std::array<std::string_view, 13> kHostKinds = {
    "workstation", "server",   "terminal_server", "gateway", "proxy",      "mail", "dc",
    "scanner",     "analysis", "sensor",          "printer", "instrument", "other"};
constexpr std::array<std::string_view, 3> kDynamicKinds = {"dhcp", "vpn", "cgnat"};

// What people call a source, and the source classes of the schemas that it holds.
struct SourceName {
  std::string_view name;
  std::initializer_list<std::string_view> classes;
};
const std::array<SourceName, 5> kSourceNames = {
    {{"gateway", {"web_access"}},
     {"zeek", {"network_flow", "tls", "certificate", "dns", "smtp", "http"}},
     {"windows", {"windows_security"}},
     {"fileserver", {"file_audit"}},
     {"firewall", {"firewall"}}}};

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

// Reads one YAML profile. The first error ends it: a profile that is half understood is worse than none.
class Reader {
 public:
  Reader(std::string_view file, Profile& out) : file_(file), out_(out) {}

  Status run(const Yaml& root) {
    if (root.is_null()) return Ok{};
    mapping(
        root, "profile",
        {{"organisation", [&](const Yaml& v) { out_.organisation = text(v); }},
         {"segment", [&](const Yaml& v) { out_.segment = text(v); }},
         {"sector", [&](const Yaml& v) { out_.sector = text(v); }},
         {"country", [&](const Yaml& v) { out_.country = text(v); }},
         {"time_zone", [&](const Yaml& v) { out_.time_zone = zone(v); }},
         {"zones", [&](const Yaml& v) { each(v, [&](const Yaml& n) { zone_of(n); }); }},
         {"own_networks",
          [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.own_networks.push_back(network(n)); }); }},
         {"own_domains",
          [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.own_domains.push_back(domain(n)); }); }},
         {"dynamic_networks", [&](const Yaml& v) { each(v, [&](const Yaml& n) { dynamic_network(n); }); }},
         {"proxies", [&](const Yaml& v) { each(v, [&](const Yaml& n) { addressed(n, out_.proxies); }); }},
         {"nat", [&](const Yaml& v) { each(v, [&](const Yaml& n) { nat(n); }); }},
         {"mail_gateways", [&](const Yaml& v) { each(v, [&](const Yaml& n) { mail_gateway(n); }); }},
         {"gateways", [&](const Yaml& v) { each(v, [&](const Yaml& n) { host(n, true); }); }},
         {"scanners", [&](const Yaml& v) { each(v, [&](const Yaml& n) { test(n); }); }},
         {"authorised_tests", [&](const Yaml& v) { each(v, [&](const Yaml& n) { test(n); }); }},
         {"analysis", [&](const Yaml& v) { analysis(v); }},
         {"key_shares", [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.key_shares.push_back(text(n)); }); }},
         {"key_systems",
          [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.key_systems.push_back(lower(text(n))); }); }},
         {"accounts", [&](const Yaml& v) { accounts(v); }},
         {"partners", [&](const Yaml& v) { each(v, [&](const Yaml& n) { partner(n); }); }},
         {"sinkholes", [&](const Yaml& v) { each(v, [&](const Yaml& n) { sinkhole(n); }); }},
         {"retention", [&](const Yaml& v) { each(v, [&](const Yaml& n) { retention(n); }); }},
         {"clocks", [&](const Yaml& v) { clocks(v); }},
         {"hosts", [&](const Yaml& v) { each(v, [&](const Yaml& n) { host(n, false); }); }},
         {"hosts_in_scope", [&](const Yaml& v) { out_.hosts_in_scope = number(v, 0, kMaxHosts); }}});
    finish();
    if (error_) return *error_;
    return Ok{};
  }

 private:
  struct Key {
    std::string_view name;
    std::function<void(const Yaml&)> take;
  };

  std::string where(const Yaml& node) const { return fmt::format("{}:{}:{}", file_, node.line, node.column); }

  void fail(const Yaml& node, std::string what, std::string remedy) {
    if (!error_) error_ = Error{ErrorCode::bad_input, std::move(what), where(node), std::move(remedy)};
  }

  // Every member by its key. An unknown or repeated key is an error.
  void mapping(const Yaml& node, std::string_view place, std::initializer_list<Key> keys) {
    if (error_) return;
    if (!node.is_mapping()) return fail(node, fmt::format("{} must be key: value pairs", place), known(keys));
    std::set<std::string_view> seen;
    for (const auto& [name, value] : node.members) {
      const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& k) { return k.name == name.text; });
      if (found == keys.end())
        return fail(name, fmt::format("unknown key '{}' in {}", shown(name.text), place), known(keys));
      if (!seen.insert(found->name).second) {
        return fail(name, fmt::format("key '{}' stands twice in {}", shown(name.text), place), "keep one of them");
      }
      found->take(value);
      if (error_) return;
    }
  }

  static std::string known(std::initializer_list<Key> keys) {
    std::string out = "known keys: ";
    bool first = true;
    for (const Key& key : keys) {
      if (!first) out += ", ";
      first = false;
      out += key.name;
    }
    return out;
  }

  // What stands in the file may hold anything; in a message it is short and plain.
  static std::string shown(std::string_view value) {
    std::string out;
    for (const char c : value.substr(0, 60)) out += c >= ' ' && c <= '~' ? c : '?';
    return out;
  }

  // A list, or one item alone.
  template <class F>
  void each(const Yaml& node, F&& f) {
    if (node.is_null()) return;
    if (!node.is_sequence()) return f(node);
    for (const Yaml& item : node.items) {
      if (error_) return;
      f(item);
    }
  }

  std::string text(const Yaml& node) {
    if (node.is_scalar() && !node.is_null() && !node.text.empty() && node.text.size() <= kScalarBytes &&
        is_utf8(node.text) &&
        std::none_of(node.text.begin(), node.text.end(), [](char c) { return (c >= 0 && c < ' ') || c == 0x7f; })) {
      return node.text;
    }
    fail(node, "a text is expected here", "one line, not empty; put quotes around it when it holds ':' or '#'");
    return {};
  }

  std::string network(const Yaml& node) {
    const std::string value = text(node);
    if (const auto parsed = parse_network(value)) return format_network(*parsed);
    fail(node, fmt::format("'{}' is no network", shown(value)), "write 10.0.0.0/8, 2001:db8::/32 or a single address");
    return {};
  }

  std::string address(const Yaml& node) {
    const std::string value = text(node);
    if (const auto parsed = parse_address(value)) return format_network(*parsed);
    fail(node, fmt::format("'{}' is no address", shown(value)), "write 192.0.2.1 or 2001:db8::1");
    return {};
  }

  std::string domain(const Yaml& node) {
    std::string value = lower(text(node));
    if (value.starts_with("*.")) value.erase(0, 2);
    if (value.ends_with('.')) value.pop_back();
    const bool fits = !value.empty() && value.size() <= 253 && std::all_of(value.begin(), value.end(), [](char c) {
      return is_alnum(c) || c == '-' || c == '.' || c == '_' || static_cast<unsigned char>(c) >= 0x80;
    });
    if (!fits)
      fail(node, fmt::format("'{}' is no domain", shown(value)), "write example.org, without scheme, path or port");
    return value;
  }

  std::int64_t number(const Yaml& node, std::int64_t low, std::int64_t high) {
    const std::int64_t value = node.as_int(low - 1);
    if (node.is_integer() && value >= low && value <= high) return value;
    fail(node, fmt::format("'{}' is no whole number from {} to {}", shown(node.text), low, high), "write digits only");
    return low;
  }

  bool yes_no(const Yaml& node) {
    if (node.is_scalar() && !node.quoted) {
      if (equals_icase(node.text, "yes") || equals_icase(node.text, "true")) return true;
      if (equals_icase(node.text, "no") || equals_icase(node.text, "false")) return false;
    }
    fail(node, fmt::format("'{}' is neither yes nor no", shown(node.text)), "write yes or no");
    return false;
  }

  // A date is the start of that day in UTC, or its last nanosecond when it ends a period.
  Time time(const Yaml& node, bool end = false) {
    const std::string value = text(node);
    auto parsed = parse_iso8601(value);
    if (!parsed) {
      fail(node, fmt::format("'{}' is no date", shown(value)), "write 2020-06-24 or 2020-06-24T18:00:00Z");
      return {};
    }
    if (end && value.size() == 10) parsed->ns += kDay - 1;
    return *parsed;
  }

  template <class List>
  std::string one_of(const Yaml& node, const List& list) {
    const std::string value = lower(text(node));
    if (error_) return value;
    if (std::find(list.begin(), list.end(), value) == list.end()) {
      fail(node, fmt::format("unknown kind '{}'", shown(value)),
           "known kinds: " + join(std::vector<std::string>(list.begin(), list.end())));
    }
    return value;
  }

  // {name, addresses}, or an address alone.
  void addressed(const Yaml& node, std::vector<std::string>& into) {
    if (node.is_scalar()) {
      into.push_back(network(node));
      return;
    }
    mapping(node, "this entry",
            {{"name", [&](const Yaml& v) { text(v); }},
             {"addresses", [&](const Yaml& v) { each(v, [&](const Yaml& n) { into.push_back(network(n)); }); }}});
  }

  void nat(const Yaml& node) {
    if (node.is_scalar()) {
      out_.nat.push_back(network(node));
      return;
    }
    mapping(node, "nat",
            {{"address", [&](const Yaml& v) { out_.nat.push_back(network(v)); }},
             {"inside", [&](const Yaml& v) { network(v); }}});
  }

  void mail_gateway(const Yaml& node) {
    if (node.is_scalar()) {
      out_.mail_gateways.push_back(network(node));
      return;
    }
    mapping(node, "mail_gateways",
            {{"name", [&](const Yaml& v) { text(v); }},
             {"addresses",
              [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.mail_gateways.push_back(network(n)); }); }},
             {"link_rewriting",
              [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.link_rewriters.push_back(domain(n)); }); }}});
  }

  void dynamic_network(const Yaml& node) {
    DynamicNetwork entry;
    mapping(node, "dynamic_networks",
            {{"network", [&](const Yaml& v) { entry.network = network(v); }},
             {"kind", [&](const Yaml& v) { entry.kind = one_of(v, kDynamicKinds); }}});
    if (!error_ && entry.network.empty()) fail(node, "a dynamic network without 'network'", "add network: 10.0.0.0/24");
    out_.dynamic_networks.push_back(std::move(entry));
  }

  void test(const Yaml& node) {
    AuthorisedTest entry;
    if (node.is_scalar()) {
      entry.addresses.push_back(network(node));
      out_.tests.push_back(std::move(entry));
      return;
    }
    mapping(
        node, "this scanner or test",
        {{"name", [&](const Yaml& v) { entry.who = text(v); }},
         {"addresses", [&](const Yaml& v) { each(v, [&](const Yaml& n) { entry.addresses.push_back(network(n)); }); }},
         {"kind", [&](const Yaml& v) { text(v); }},
         {"reference", [&](const Yaml& v) { text(v); }},
         {"from", [&](const Yaml& v) { entry.from = time(v); }},
         {"to", [&](const Yaml& v) { entry.until = time(v, true); }}});
    if (error_) return;
    if (entry.addresses.empty()) fail(node, "a scanner or test without addresses", "add addresses: [192.0.2.1]");
    if (entry.from.known() && entry.until.known() && entry.until < entry.from) {
      fail(node, "'to' lies before 'from'", "swap the two dates");
    }
    out_.tests.push_back(std::move(entry));
  }

  void analysis(const Yaml& node) {
    mapping(node, "analysis",
            {{"hosts",
              [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.analysis_hosts.push_back(lower(text(n))); }); }},
             {"networks",
              [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.analysis_networks.push_back(network(n)); }); }},
             {"folders",
              [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.analysis_folders.push_back(text(n)); }); }}});
  }

  void accounts(const Yaml& node) {
    mapping(
        node, "accounts",
        {{"shared", [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.shared_accounts.push_back(text(n)); }); }},
         {"service",
          [&](const Yaml& v) { each(v, [&](const Yaml& n) { out_.service_accounts.push_back(text(n)); }); }}});
  }

  void partner(const Yaml& node) {
    if (node.is_scalar()) {
      out_.partners.push_back(text(node));
      return;
    }
    std::string name;
    std::vector<std::string> destinations, hosts;
    bool bulk = false;
    mapping(node, "partners",
            {{"name", [&](const Yaml& v) { name = text(v); }},
             {"domains", [&](const Yaml& v) { each(v, [&](const Yaml& n) { destinations.push_back(domain(n)); }); }},
             {"addresses", [&](const Yaml& v) { each(v, [&](const Yaml& n) { destinations.push_back(network(n)); }); }},
             {"bulk", [&](const Yaml& v) { bulk = yes_no(v); }},
             {"from_hosts", [&](const Yaml& v) { each(v, [&](const Yaml& n) { hosts.push_back(lower(text(n))); }); }}});
    if (error_) return;
    if (name.empty()) return fail(node, "a partner without name", "add name: Some Partner Ltd");
    if (bulk && destinations.empty()) {
      return fail(node, fmt::format("bulk transfers to '{}' are declared without a destination", shown(name)),
                  "add domains: or addresses:");
    }
    if (bulk && hosts.empty()) out_.transfers.push_back({name, "", destinations});
    for (const std::string& host : hosts) {
      if (bulk) out_.transfers.push_back({name, host, destinations});
    }
    out_.partners.push_back(std::move(name));
  }

  void sinkhole(const Yaml& node) {
    Sinkhole entry;
    mapping(node, "sinkholes",
            {{"address", [&](const Yaml& v) { entry.address = address(v); }},
             {"since", [&](const Yaml& v) { entry.since = time(v); }}});
    if (!error_ && entry.address.empty()) fail(node, "a sinkhole without 'address'", "add address: 192.0.2.1");
    out_.sinkholes.push_back(std::move(entry));
  }

  void retention(const Yaml& node) {
    std::string source;
    std::int64_t days = 0;
    mapping(node, "retention",
            {{"source", [&](const Yaml& v) { source = lower(text(v)); }},
             {"days", [&](const Yaml& v) { days = number(v, 1, kMaxDays); }}});
    if (error_) return;
    const bool fits =
        !source.empty() && std::all_of(source.begin(), source.end(), [](char c) { return is_alnum(c) || c == '_'; });
    if (!fits || days == 0)
      return fail(node, "retention needs 'source' and 'days'", "write {source: proxy, days: 119}");
    const auto named =
        std::find_if(kSourceNames.begin(), kSourceNames.end(), [&](const SourceName& s) { return s.name == source; });
    if (named == kSourceNames.end()) {
      out_.retention_days[source] = days;
      return;
    }
    for (const std::string_view klass : named->classes) out_.retention_days.emplace(klass, days);
  }

  // {host or path: how far its clock is ahead}, "+7m40s", "-1h".
  void clocks(const Yaml& node) {
    if (error_ || node.is_null()) return;
    if (!node.is_mapping()) return fail(node, "clocks must be key: value pairs", "write {ctx-gw-01: +7m40s}");
    for (const auto& [name, value] : node.members) {
      SourceClock entry;
      entry.source = text(name);
      const auto ahead = span_of(text(value));
      if (error_) return;
      if (!ahead)
        return fail(value, fmt::format("'{}' is no offset", shown(value.text)),
                    "write how far the clock is ahead: +7m40s, -1h, +2d3h, 90s");
      for (const SourceClock& other : out_.clocks) {
        if (equals_icase(other.source, entry.source))
          return fail(name, fmt::format("key '{}' stands twice in clocks", shown(entry.source)), "keep one of them");
      }
      entry.ahead = *ahead;
      out_.clocks.push_back(std::move(entry));
    }
  }

  // Days, hours, minutes and seconds in that order, at most some 100 years; a sign before them.
  static std::optional<std::int64_t> span_of(std::string_view text) {
    const bool back = text.starts_with('-');
    if (back || text.starts_with('+')) text.remove_prefix(1);
    std::int64_t total = 0;
    std::size_t unit = 0;
    constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits = {
        {{'d', kDay}, {'h', kHour}, {'m', kMinute}, {'s', kSecond}}};
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
      std::size_t digits = 0;
      while (digits < text.size() && is_digit(text[digits])) ++digits;
      const auto number = parse_int(text.substr(0, digits));
      if (!number || digits == 0 || digits > 9 || digits == text.size()) return std::nullopt;
      while (unit < kUnits.size() && kUnits[unit].first != text[digits]) ++unit;
      if (unit == kUnits.size() || *number > kMaxDays * kDay / kUnits[unit].second) return std::nullopt;
      total += *number * kUnits[unit++].second;
      if (total > kMaxDays * kDay) return std::nullopt;
      text.remove_prefix(digits + 1);
    }
    return back ? -total : total;
  }

  std::string zone(const Yaml& node) {
    std::string value = text(node);
    if (!error_ && !Zone::parse(value)) {
      fail(node, fmt::format("'{}' is no time zone whose rule is known", shown(value)),
           "write a name (Europe/London), an offset (+02:00), or the rule that was in force "
           "(CET-1CEST,M3.5.0,M10.5.0/3)");
    }
    return value;
  }

  void zone_of(const Yaml& node) {
    ProfileZone entry;
    mapping(node, "zones",
            {{"host", [&](const Yaml& v) { entry.host = lower(text(v)); }},
             {"path", [&](const Yaml& v) { entry.path = text(v); }},
             {"zone", [&](const Yaml& v) { entry.zone = zone(v); }}});
    if (error_) return;
    if (entry.zone.empty() || entry.host.empty() == entry.path.empty())
      return fail(node, "a zone needs 'zone' and either 'host' or 'path'",
                  "write {host: 'ctx-*', zone: Europe/London}");
    out_.zones.push_back(std::move(entry));
  }

  // A host of the scope; a gateway entry has the product too and joins the host entry of the same name.
  void host(const Yaml& node, bool gateway) {
    ProfileHost entry;
    entry.kind = gateway ? "gateway" : "other";
    entry.only_gateway = gateway;
    if (node.is_scalar()) {
      entry.name = lower(text(node));
    } else {
      mapping(node, gateway ? "gateways" : "hosts",
              {{"name", [&](const Yaml& v) { entry.name = lower(text(v)); }},
               {"addresses",
                [&](const Yaml& v) { each(v, [&](const Yaml& n) { entry.addresses.push_back(address(n)); }); }},
               {"kind", [&](const Yaml& v) { entry.kind = one_of(v, kHostKinds); }},
               {"product", [&](const Yaml& v) { entry.product = text(v); }},
               {"version", [&](const Yaml& v) { entry.version = text(v); }},
               {"patched_on", [&](const Yaml& v) { entry.patched_on = time(v); }},
               {"logging", [&](const Yaml& v) { entry.logging = yes_no(v); }},
               {"partner", [&](const Yaml& v) { entry.partner = lower(text(v)); }}});
    }
    if (error_) return;
    if (entry.name.empty()) return fail(node, "a host without name", "add name: ws-01");
    const auto same =
        std::find_if(out_.hosts.begin(), out_.hosts.end(), [&](const ProfileHost& h) { return h.name == entry.name; });
    if (same == out_.hosts.end()) {
      (gateway ? gateway_names_ : host_names_).insert(entry.name);
      out_.hosts.push_back(std::move(entry));
      return;
    }
    if (!(gateway ? gateway_names_ : host_names_).insert(entry.name).second) {
      return fail(node, fmt::format("host '{}' stands twice", shown(entry.name)), "keep one of them");
    }
    merge(*same, entry, gateway);
  }

  static void merge(ProfileHost& into, const ProfileHost& from, bool gateway) {
    for (const std::string& value : from.addresses) {
      if (std::find(into.addresses.begin(), into.addresses.end(), value) == into.addresses.end())
        into.addresses.push_back(value);
    }
    into.only_gateway = into.only_gateway && from.only_gateway;
    if (gateway || into.kind == "other") into.kind = from.kind;
    if (into.product.empty()) into.product = from.product;
    if (into.version.empty()) into.version = from.version;
    if (!into.patched_on.known()) into.patched_on = from.patched_on;
    if (!into.logging) into.logging = from.logging;
    if (into.partner.empty()) into.partner = from.partner;
  }

  // What only the whole file can say: an address belongs to one host.
  void finish() {
    if (error_) return;
    std::map<std::string, std::string> owner;
    for (const ProfileHost& entry : out_.hosts) {
      for (const std::string& value : entry.addresses) {
        const auto [at, fresh] = owner.emplace(value, entry.name);
        if (!fresh && at->second != entry.name) {
          error_ =
              Error{ErrorCode::bad_input,
                    fmt::format("address {} belongs to '{}' and to '{}'", value, shown(at->second), shown(entry.name)),
                    std::string(file_), "leave it with one host, or put its range into dynamic_networks"};
          return;
        }
      }
    }
  }

  std::string_view file_;
  Profile& out_;
  std::optional<Error> error_;
  std::set<std::string> gateway_names_, host_names_;
};

bool in_any(const std::vector<std::string>& networks, const Network& address) {
  return std::any_of(networks.begin(), networks.end(), [&](const std::string& text) {
    const auto network = parse_network(text);
    return network && contains(*network, address);
  });
}

}  // namespace

// A name with a domain is one of ours under our domains and the suffixes that no public name has (RFC 6761, 6762, 8375,
// and the usual ones of internal directories); without own_domains under any.
bool is_own_suffix(std::string_view suffix, const std::vector<std::string>& own_domains) {
  static constexpr std::array<std::string_view, 7> kInternal = {"local",    "lan",  "internal", "corp",
                                                                "intranet", "test", "home.arpa"};
  const auto under = [&](std::string_view domain) {
    return equals_icase(suffix, domain) || (suffix.size() > domain.size() && ends_with_icase(suffix, domain) &&
                                            suffix[suffix.size() - domain.size() - 1] == '.');
  };
  return own_domains.empty() || std::any_of(own_domains.begin(), own_domains.end(), under) ||
         std::any_of(kInternal.begin(), kInternal.end(), under);
}

Result<Profile> Profile::parse(std::string_view file_name, std::string_view yaml) {
  if (yaml.size() > kProfileBytes) {
    return Error{ErrorCode::limit, fmt::format("a profile larger than {} MiB", kProfileBytes >> 20),
                 std::string(file_name), "is this the right file?"};
  }
  auto documents = parse_yaml(yaml);
  if (!documents.ok()) {
    Error error = std::move(documents).error();
    error.where = error.where.empty() ? std::string(file_name) : fmt::format("{}:{}", file_name, error.where);
    return error;
  }
  if (documents->size() > 1) {
    return Error{ErrorCode::bad_input, "a profile is one YAML document",
                 fmt::format("{}:{}", file_name, (*documents)[1].line), "remove the '---' line"};
  }
  Profile out;
  out.given = true;
  if (!documents->empty()) TRY_VOID(Reader(file_name, out).run(documents->front()));
  return out;
}

bool Profile::lists_scope() const {
  return std::any_of(hosts.begin(), hosts.end(), [](const ProfileHost& host) { return !host.only_gateway; });
}

bool Profile::is_inside(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  if (!own_networks.empty()) return in_any(own_networks, *parsed);
  return is_private(*parsed) || !host_of(address).empty();
}

const SourceClock* Profile::clock_of(std::string_view chain, std::string_view writing_host) const {
  const auto step = [](char c) { return c == '/' || c == '!'; };
  for (const SourceClock& clock : clocks) {
    if (!writing_host.empty() &&
        (equals_icase(clock.source, writing_host) || equals_icase(host_of(clock.source), writing_host)))
      return &clock;
    for (std::size_t at = chain.find(clock.source); at != std::string_view::npos;
         at = chain.find(clock.source, at + 1)) {
      const std::size_t end = at + clock.source.size();
      if ((at == 0 || step(chain[at - 1])) && (end == chain.size() || step(chain[end]))) return &clock;
    }
  }
  return nullptr;
}

std::string Profile::host_of(std::string_view address_or_name) const {
  std::string kept;
  const auto spelled = one_spelling(address_or_name, kept);
  if (!spelled) return {};
  address_or_name = *spelled;
  for (const ProfileHost& host : hosts) {
    for (const std::string& address : host.addresses) {
      if (address == address_or_name) return host.name;
    }
  }
  if (address_or_name.empty() || parse_address(address_or_name)) return {};
  const ProfileHost* const named = find_host(address_or_name);
  return named ? named->name : std::string();
}

const ProfileHost* Profile::find_host(std::string_view name) const {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::size_t dot = name.find('.');
  const std::string_view bare = name.substr(0, dot);
  const auto without_domain = [](std::string_view full) { return full.substr(0, full.find('.')); };
  for (const ProfileHost& host : hosts) {
    if (equals_icase(host.name, name)) return &host;
  }
  if (dot != std::string_view::npos && !is_own_suffix(name.substr(dot + 1), own_domains)) return nullptr;
  for (const ProfileHost& host : hosts) {
    if (!bare.empty() && equals_icase(without_domain(host.name), bare)) return &host;
  }
  return nullptr;
}

bool Profile::is_authorised_test(std::string_view address, Time at) const {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  return std::any_of(tests.begin(), tests.end(), [&](const AuthorisedTest& test) {
    if (!in_any(test.addresses, *parsed)) return false;
    if (!test.from.known() && !test.until.known()) return true;
    return at.known() && (!test.from.known() || at >= test.from) && (!test.until.known() || at <= test.until);
  });
}

}  // namespace assay
