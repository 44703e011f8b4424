// Whose request a proxy or load balancer sent on: X-Forwarded-For, X-Real-IP (lists of addresses) and Forwarded (RFC
// 7239, section 4), the role @forwarded_for. Anybody can write these headers, so they are believed only as far as
// declared machines speak (the profile's `proxies`, `nat` and hosts of the kind proxy): when the connecting address is
// one, the list is read from its right end, and the first address that is none of them is the client.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/profile.h"

namespace assay {

inline constexpr std::size_t kForwardedBytes = 4096;  // a longer list is not believed
// The field of a finding that says whose word its client is.
inline constexpr std::string_view kForwardedBy = "forwarded_by";
inline constexpr std::size_t kForwardedHops = 64;  // nor one of more hops

// The hops as written, first to last, without quotes, brackets and ports; one that is no address is "".
[[nodiscard]] std::vector<std::string> forwarded_hops(std::string_view text);

class Forwarders {
 public:
  Forwarders() = default;
  explicit Forwarders(const Profile& profile);
  [[nodiscard]] bool declared(std::string_view address) const;
  struct Client {
    enum class Verdict : unsigned char {
      believed,    // `address` is the client
      undeclared,  // the connecting address is none of the declared ones
      unreadable,  // a declared proxy wrote something that names no client
    } verdict = Verdict::undeclared;
    std::string address;
  };
  // `connecting`: who made the connection, as the log names it.
  [[nodiscard]] Client client(std::string_view connecting, std::string_view text) const;

 private:
  std::vector<Network> networks_;
};

}  // namespace assay
