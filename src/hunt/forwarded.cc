#include "hunt/forwarded.h"

#include <algorithm>

#include "core/ascii.h"

namespace assay {
namespace {

std::string_view stripped(std::string_view text) {
  const auto odd = [](char c) { return is_space(c) || c == '"' || c == '+' || c == '\\'; };  // IIS: '+' for a blank
  while (!text.empty() && odd(text.front())) text.remove_prefix(1);
  while (!text.empty() && odd(text.back())) text.remove_suffix(1);
  return text;
}

// "203.0.113.7:4711", "[2001:db8::7]:4711", "2001:db8::7"; "" when it is no address.
std::string address_of(std::string_view text) {
  text = stripped(text);
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    text = text.substr(1, end - 1);
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    text = text.substr(0, text.find(':'));
  }
  if (starts_with_icase(text, "::ffff:") && text.find('.') != std::string_view::npos) text.remove_prefix(7);
  return parse_address(text) ? lower(text) : std::string();
}

// The value of for= in one element of Forwarded; an element without one names nobody.
std::string_view for_of(std::string_view element) {
  for (const std::string_view part : split(element, ';')) {
    const std::string_view pair = stripped(part);
    if (starts_with_icase(pair, "for=")) return pair.substr(4);
  }
  return {};
}

}  // namespace

std::vector<std::string> forwarded_hops(std::string_view text) {
  std::vector<std::string> out;
  const bool standard = contains_icase(text, "for=");
  for (const std::string_view element : split(text, ','))
    out.push_back(address_of(standard ? for_of(element) : element));
  return out;
}

Forwarders::Forwarders(const Profile& profile) {
  const auto add = [&](const std::vector<std::string>& list) {
    for (const std::string& text : list) {
      if (const auto network = parse_network(text)) networks_.push_back(*network);
    }
  };
  add(profile.proxies);
  add(profile.nat);
  for (const ProfileHost& host : profile.hosts) {
    if (host.kind == "proxy") add(host.addresses);
  }
}

bool Forwarders::declared(std::string_view address) const {
  const auto parsed = parse_address(address);
  return parsed && std::any_of(networks_.begin(), networks_.end(),
                               [&](const Network& network) { return contains(network, *parsed); });
}

Forwarders::Client Forwarders::client(std::string_view connecting, std::string_view text) const {
  using Verdict = Client::Verdict;
  if (!declared(address_of(connecting))) return {Verdict::undeclared, {}};
  if (text.size() > kForwardedBytes) return {Verdict::unreadable, {}};
  const std::vector<std::string> hops = forwarded_hops(text);
  if (hops.size() > kForwardedHops) return {Verdict::unreadable, {}};
  // Where all of them are declared the leftmost one asked.
  Client out{Verdict::unreadable, {}};
  for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
    if (hop->empty()) return {Verdict::unreadable, {}};
    out = {Verdict::believed, *hop};
    if (!declared(*hop)) break;
  }
  return out;
}

}  // namespace assay
