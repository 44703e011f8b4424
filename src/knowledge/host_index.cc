#include "knowledge/host_index.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {

// Of equal addresses or names the first host of the list holds, as in the walk.
HostIndex::HostIndex(const Profile& profile) : profile_(&profile) {
  for (const ProfileHost& host : profile.hosts) {
    for (const std::string& address : host.addresses) addresses_.try_emplace(address, &host);
    const std::string name = lower(host.name);
    names_.try_emplace(name, &host);
    if (std::string bare = name.substr(0, name.find('.')); !bare.empty())
      bare_names_.try_emplace(std::move(bare), &host);
  }
  for (const std::string& text : profile.own_networks) {
    if (const auto network = parse_network(text)) own_networks_.push_back(*network);
  }
}

std::string HostIndex::host_of(std::string_view address_or_name) const {
  std::string kept;
  const auto spelled = one_spelling(address_or_name, kept);
  if (!spelled) return {};
  address_or_name = *spelled;
  if (const auto at = addresses_.find(address_or_name); at != addresses_.end()) return at->second->name;
  if (address_or_name.empty() || parse_address(address_or_name)) return {};
  const ProfileHost* const named = find_host(address_or_name);
  return named != nullptr ? named->name : std::string();
}

const ProfileHost* HostIndex::find_host(std::string_view name) const {
  if (name.ends_with('.')) name.remove_suffix(1);
  const std::string wanted = lower(name);
  if (const auto at = names_.find(wanted); at != names_.end()) return at->second;
  const std::size_t dot = wanted.find('.');
  const auto at = bare_names_.find(std::string_view(wanted).substr(0, dot));
  if (at == bare_names_.end()) return nullptr;
  if (dot != std::string::npos && !is_own_suffix(name.substr(dot + 1), profile_->own_domains)) return nullptr;
  return at->second;
}

bool HostIndex::is_inside(std::string_view address) const {
  const auto parsed = parse_address(address);
  if (!parsed) return false;
  if (profile_->own_networks.empty()) return is_private(*parsed) || !host_of(address).empty();
  return std::any_of(own_networks_.begin(), own_networks_.end(),
                     [&](const Network& network) { return contains(network, *parsed); });
}

}  // namespace assay
