// What the organisation says about itself (docs/profile.md). All optional; what is missing the answer says it had to
// assume.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/time.h"

namespace assay {

struct Network {
  std::uint8_t bytes[16] = {};  // IPv4 as ::ffff:a.b.c.d
  int prefix = 128;             // bits of the 128
};
// "10.0.0.0/8", "2001:db8::/32", or a single address.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);
[[nodiscard]] std::optional<Network> parse_address(std::string_view text);
[[nodiscard]] bool contains(const Network& network, const Network& address);
// RFC 1918, loopback, link-local, unique local, CGNAT.
[[nodiscard]] bool is_private(const Network& address);
// "10.0.0.0/8", RFC 5952 for IPv6; without the prefix length when it is a single address.
[[nodiscard]] std::string format_network(const Network& network);
// An address or name as addresses of a profile are compared: IPv6 has many spellings, IPv4 and names have one. No
// value: it has colons and is no address. The text is the given one or stands in `kept`.
[[nodiscard]] std::optional<std::string_view> one_spelling(std::string_view address_or_name, std::string& kept);

struct ProfileHost {
  std::string name;  // lower case
  std::vector<std::string> addresses;
  std::string kind;  // workstation server gateway proxy mail dc scanner analysis sensor printer instrument other
  std::string product, version;  // gateways
  Time patched_on;
  std::optional<bool> logging;
  std::string partner;        // name of the other half of a high-availability pair
  bool only_gateway = false;  // stands in `gateways` alone: known, but it makes no list of the scope
};

struct DeclaredTransfer {                 // bulk destinations that are known and wanted
  std::string name, host;                 // host "" = any
  std::vector<std::string> destinations;  // addresses, networks or domains
};

struct AuthorisedTest {
  std::string who;
  std::vector<std::string> addresses;
  Time from, until;  // unknown: always
};

struct Sinkhole {
  std::string address;
  Time since;
};

// A range whose addresses change hands; kind: dhcp | vpn | cgnat.
struct DynamicNetwork {
  std::string network, kind;
};

// A source whose clock is known to be wrong: a host's own records, or all below a place of the evidence.
struct SourceClock {
  std::string source;      // host, or steps of a path: "zeek", "export/proxy"
  std::int64_t ahead = 0;  // ns that it shows more than the true time
};

// Whose local times stand in which zone: by host, or by the path of the evidence; '*' is any text.
struct ProfileZone {
  std::string host, path;  // one of them
  std::string zone;        // as core/zone.h reads it
};

struct Profile {
  bool given = false;  // a file was read
  std::string organisation, segment, sector, country, time_zone;
  std::vector<ProfileZone> zones;  // the first that fits
  std::vector<std::string> own_networks, own_domains;
  std::vector<DynamicNetwork> dynamic_networks;
  std::vector<ProfileHost> hosts;              // in scope
  std::optional<std::int64_t> hosts_in_scope;  // a number when there is no list
  std::vector<std::string> proxies, nat, mail_gateways, link_rewriters;
  std::vector<AuthorisedTest> tests;  // own scanners and authorised testers
  std::vector<std::string> analysis_hosts, analysis_networks, analysis_folders;
  std::vector<std::string> key_shares, key_systems;
  std::vector<std::string> shared_accounts, service_accounts;
  std::vector<DeclaredTransfer> transfers;
  std::vector<Sinkhole> sinkholes;
  std::vector<std::string> partners;
  std::map<std::string, std::int64_t, std::less<>> retention_days;  // source class -> days
  std::vector<SourceClock> clocks;

  [[nodiscard]] static Result<Profile> parse(std::string_view file_name, std::string_view yaml);
  // Whether `hosts` says which hosts are in scope; gateways alone do not.
  [[nodiscard]] bool lists_scope() const;
  // Inside: own networks when given, else private addresses and those of the listed hosts.
  [[nodiscard]] bool is_inside(std::string_view address) const;
  // The host's name for one of its addresses or names (without case; without domain when the domain is ours, or none of
  // ours is given); "" when not listed.
  [[nodiscard]] std::string host_of(std::string_view address_or_name) const;
  [[nodiscard]] const ProfileHost* find_host(std::string_view name) const;
  // The clock that is given for records of an item, and of a host when it wrote them; null when none is. The first that
  // fits.
  [[nodiscard]] const SourceClock* clock_of(std::string_view chain, std::string_view writing_host) const;
  // An own scanner or an authorised tester at that time. A test with dates says nothing about a record without a time.
  [[nodiscard]] bool is_authorised_test(std::string_view address, Time at) const;
};

}  // namespace assay
