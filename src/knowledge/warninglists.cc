#include "knowledge/warninglists.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/ascii.h"
#include "core/json.h"

namespace assay {
namespace {

std::string masked(const Network& network, int prefix) {
  std::string out;
  for (int bit = 0; bit < 128; bit += 8) {
    const int left = std::clamp(prefix - bit, 0, 8);
    const auto mask = static_cast<std::uint8_t>(left == 0 ? 0 : 0xff << (8 - left));
    out += static_cast<char>(network.bytes[bit / 8] & mask);
  }
  return out;
}

std::string_view host_of(std::string_view value) {
  if (const std::size_t scheme = value.find("://"); scheme != value.npos) value.remove_prefix(scheme + 3);
  value = value.substr(0, value.find_first_of("/?#"));
  if (const std::size_t at = value.rfind('@'); at != value.npos) value.remove_prefix(at + 1);
  if (std::count(value.begin(), value.end(), ':') == 1) value = value.substr(0, value.find(':'));
  return value;
}

}  // namespace

Status WarningLists::add(std::string_view name, std::string_view json) {
  const auto parsed = parse_json(json);
  if (!parsed.ok()) {
    Error error = parsed.error();
    error.where = std::string(name);
    return error;
  }
  const Json& list = (*parsed)["list"];
  const std::string& type = (*parsed)["type"].as_string();
  if (!list.is_array() || type.empty())
    return Error{ErrorCode::bad_input, "no warning list: \"type\" or \"list\" is missing", std::string(name),
                 "name a folder of MISP warning lists"};
  if (names_.size() >= 60'000) return Error{ErrorCode::limit, "too many warning lists", std::string(name), {}};
  const auto id = static_cast<std::uint16_t>(names_.size());
  const std::string& title = (*parsed)["name"].as_string();
  names_.push_back(title.empty() ? std::string(name) : title);
  if (type == "regex") {
    not_read_ += list.items().size();
    return Ok{};
  }
  for (const Json& item : list.items()) {
    const std::string value = lower(trim(item.as_string()));
    if (value.empty()) continue;
    if (entries_ >= kWarningEntries) {
      ++not_read_;
      continue;
    }
    ++entries_;
    if (type == "cidr") {
      if (const auto network = parse_network(value))
        networks_[network->prefix][masked(*network, network->prefix)].push_back(id);
    } else if (type == "hostname") {
      below_[value.starts_with('.') ? value.substr(1) : value].push_back(id);
    } else if (type == "substring") {
      inside_.emplace_back(value, id);
    } else {
      exact_[value].push_back(id);
    }
  }
  return Ok{};
}

std::vector<std::string> WarningLists::hits(std::string_view given) const {
  std::set<std::uint16_t> ids;
  const std::string value = lower(trim(given));
  const auto take = [&](const std::unordered_map<std::string, Ids>& table, const std::string& key) {
    if (const auto at = table.find(key); at != table.end()) ids.insert(at->second.begin(), at->second.end());
  };
  take(exact_, value);
  std::string host(host_of(value));
  if (const auto network = parse_network(host.empty()                                                       ? value
                                         : value.find("://") == value.npos && value.find('/') != value.npos ? value
                                                                                                            : host)) {
    for (const auto& [prefix, table] : networks_) {
      if (prefix <= network->prefix) take(table, masked(*network, prefix));
    }
  } else {
    for (std::size_t steps = 0; !host.empty() && steps < 64; ++steps) {
      take(below_, host);
      const std::size_t dot = host.find('.');
      if (dot == host.npos) break;
      host = host.substr(dot + 1);
    }
  }
  for (const auto& [part, id] : inside_) {
    if (value.find(part) != value.npos) ids.insert(id);
  }
  std::vector<std::string> out;
  for (const std::uint16_t id : ids) out.push_back(names_[id]);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace assay
