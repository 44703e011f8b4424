// Who held an address, and when: from DHCP logs of any shape that gives the roles @dhcp_ip, @dhcp_mac, @dhcp_host,
// @lease (seconds) and @dhcp_message, and from logs of gateways that give @dhcp_ip and @lease_account: the address that
// an account had inside its tunnel. An address is a host only while a lease says so.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/table.h"
#include "core/time.h"
#include "knowledge/profile.h"

namespace assay {

// keys: item, address, hardware address (or kAccountHolder and an account), host name, hour; columns: first and last ns
// of an acknowledgement, lease seconds.
[[nodiscard]] TableSpec leases_spec();

inline constexpr std::string_view kAccountHolder = "account ";
inline constexpr std::int64_t kLeaseNotSaid = 24 * kHour;  // how long an acknowledgement holds that names no time

class Leases {
 public:
  Leases() = default;
  Leases(const Table& table, const Profile& profile);
  [[nodiscard]] bool empty() const { return by_address_.empty(); }
  // Some lease of the address is known, at whatever time.
  [[nodiscard]] bool knows(std::string_view address) const;
  // The host that held it then: its name (the profile's when it has one), else "mac " and its hardware address, or
  // "account " and who was in the tunnel; "" when no lease covers the time, and for an address that several accounts
  // used at once: behind it stands a gateway, not one of them. A lease ends early when another machine gets the
  // address.
  [[nodiscard]] std::string holder(std::string_view address, Time at) const;
  // The one host that held it from first to last; "" when none did or more than one.
  [[nodiscard]] std::string holder(std::string_view address, Time first, Time last) const;

 private:
  struct Lease {
    std::int64_t from = 0, until = 0;
    std::string host;
  };
  std::map<std::string, std::vector<Lease>, std::less<>> by_address_;  // in order of `from`, none overlapping
};

}  // namespace assay
