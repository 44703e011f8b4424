#include "analytics/credentials/signins.h"

#include <algorithm>

#include "analytics/common.h"
#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::int64_t kLongest = 12 * kHour;
constexpr std::int64_t kLongestWithEnd = 36 * kHour;
constexpr std::size_t kDeviceBytes = 80;

}  // namespace

TableSpec signins_spec() {
  return {"signins",
          {"item", "account", "src", "class", "device", "kind", "hour"},
          {"count", "first", "last", "session_bytes", "connection_bytes", "first_ref"},
          {Merge::sum, Merge::min, Merge::max, Merge::sum, Merge::sum, Merge::min}};
}

std::string person_of(const Profile& profile, std::string_view account) {
  if (const std::size_t slash = account.rfind('\\'); slash != std::string_view::npos) account.remove_prefix(slash + 1);
  const std::size_t at = account.find('@');
  if (at != std::string_view::npos && at > 0) {
    const std::string_view domain = account.substr(at + 1);
    const bool bare = domain.find('.') == std::string_view::npos;  // a realm of the directory
    if (bare || profile.own_domains.empty() ||
        std::any_of(profile.own_domains.begin(), profile.own_domains.end(), [&](const std::string& own) {
          return equals_icase(own, domain) || ends_with_icase(domain, "." + own);
        }))
      account = account.substr(0, at);
  }
  return lower(trim(account));
}

std::string network_of(std::string_view text) {
  const auto address = parse_address(text);
  if (!address) return {};
  const bool v4 = text.find(':') == std::string_view::npos;
  Network network = *address;
  network.prefix = v4 ? 120 : 48;
  for (int byte = network.prefix / 8; byte < 16; ++byte) network.bytes[byte] = 0;
  return format_network(network);
}

std::string device_of(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.size() >= kDeviceBytes) break;
    if (is_digit(c) || c == '.' || c == '_') continue;
    if (static_cast<unsigned char>(c) < 0x20 || (c == ' ' && (out.empty() || out.back() == ' '))) continue;
    out += to_lower(c);
  }
  return out;
}

People people_of(const FinishInput& input, const Table& table) {
  People out;
  const Profile& profile = *input.profile;
  struct Event {
    Time first, last;
    const std::string *kind, *device, *item;
    std::int64_t ref;
  };
  // (person, address) -> events of one kind of log; the device is known at the sign-in only.
  std::map<std::pair<std::string, std::string>, std::map<std::string, std::vector<Event>>> events;
  std::map<std::string, std::string> people;  // account as written -> person
  for (const auto& [key, row] : table.rows()) {
    const std::string& src = key[2];
    const Time first{row[kSigninFirst]}, last{row[kSigninLast]};
    std::int64_t& begin = out.begins.try_emplace(key[3], first.ns).first->second;
    begin = std::min(begin, first.ns);
    const auto [known, fresh] = people.try_emplace(key[1]);
    if (fresh) known->second = person_of(profile, key[1]);
    const std::string& person = known->second;
    if (person.empty() || person.ends_with('$') || is_ours_to_test(profile, src, first)) continue;
    if (key[5] == "failed") {
      Person& one = out.by_name[person];
      const std::string network = network_of(src);
      one.failures[network.empty() ? lower(src) : network].push_back({first, src, key[0], row[0], row[kSigninRef]});
      continue;
    }
    events[{person, src}][key[3]].push_back({first, last, &key[5], &key[4], &key[0], row[kSigninRef]});
  }
  for (auto& [who, classes] : events) {
    const auto& [person, src] = who;
    Person& one = out.by_name[person];
    for (auto& [klass, list] : classes) {
      std::stable_sort(list.begin(), list.end(), [](const Event& a, const Event& b) {
        if (a.first != b.first) return a.first < b.first;
        return (*a.kind == "ok") > (*b.kind == "ok");
      });
      Session open;
      bool is_open = false;
      const auto close = [&] {
        if (!is_open) return;
        if (open.remote) out.days.insert(open.from.day());
        one.sessions.push_back(open);
        is_open = false;
      };
      for (const Event& event : list) {
        const std::int64_t silent = event.first.ns - open.until.ns;
        if (is_open && silent > (*event.kind == "end" ? kLongestWithEnd : kLongest)) close();
        if (!is_open) {
          // An end without its sign-in: the session began before the log, or its begin was lost.
          if (*event.kind == "end") continue;
          open = {event.first,   event.last,  src,       network_of(src),
                  *event.device, *event.item, event.ref, !inside(profile, src)};
          is_open = true;
        }
        if (!event.device->empty() && open.device.empty()) open.device = *event.device;
        open.until = std::max(open.until, event.last);
        if (*event.kind == "end") {
          open.end_item = *event.item;
          open.end_ref = event.ref;
          close();
        }
      }
      close();
    }
  }
  for (auto& [name, person] : out.by_name) {
    person.name = name;
    std::stable_sort(person.sessions.begin(), person.sessions.end(),
                     [](const Session& a, const Session& b) { return a.from < b.from; });
    for (auto& [network, list] : person.failures) {
      std::stable_sort(list.begin(), list.end(), [](const Failure& a, const Failure& b) { return a.at < b.at; });
    }
  }
  return out;
}

}  // namespace assay
