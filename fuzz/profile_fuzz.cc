// The profile reader, and addresses and networks: what is read formats to text that reads back as the same.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "knowledge/profile.h"

namespace {

void check_network(std::string_view text) {
  const auto network = assay::parse_network(text);
  if (!network) return;
  const std::string shown = assay::format_network(*network);
  const auto back = assay::parse_network(shown);
  if (!back || back->prefix != network->prefix || std::memcmp(back->bytes, network->bytes, sizeof back->bytes) != 0)
    std::abort();
  if (!assay::contains(*network, *back)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_network(text);
  const auto profile = assay::Profile::parse("fuzz.yaml", text);
  if (!profile.ok()) {
    if (profile.error().what.empty() || profile.error().text().find('\n') != std::string::npos) std::abort();
    return 0;
  }
  for (const std::string& network : profile->own_networks) check_network(network);
  for (const assay::ProfileHost& host : profile->hosts) {
    for (const std::string& address : host.addresses) {
      if (profile->host_of(address) != host.name) std::abort();
    }
    if (profile->find_host(host.name) == nullptr) std::abort();
  }
  (void)profile->is_inside(text.substr(0, 64));
  (void)profile->host_of(text.substr(0, 64));
  (void)profile->is_authorised_test(text.substr(0, 64), assay::Time{0});
  return 0;
}
