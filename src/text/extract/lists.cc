#include "text/extract/lists.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "content/content.h"
#include "core/ascii.h"
#include "text/addresses.h"

namespace assay {
namespace {

// content/reports/names.txt: kinds, and what belongs to each. A star at one end stands for any text.
class Names {
 public:
  struct Kind {
    std::unordered_set<std::string> whole;
    std::vector<std::string> begins, ends;

    [[nodiscard]] bool holds(std::string_view value) const {
      const std::string small = lower(value);
      return whole.contains(small) ||
             std::any_of(begins.begin(), begins.end(), [&](const std::string& s) { return small.starts_with(s); }) ||
             std::any_of(ends.begin(), ends.end(), [&](const std::string& s) { return small.ends_with(s); });
    }
  };

  explicit Names(std::string_view file) {
    Kind* now = nullptr;
    for (const std::string_view raw : split(file, '\n')) {
      const std::string_view line = trim(raw);
      if (line.empty() || line.front() == '#') continue;
      if (line.front() == '[') {
        now = &kinds_[std::string(line.substr(1, line.find(']') - 1))];
        continue;
      }
      for (const std::string_view name : split(line, ' ')) {
        if (now == nullptr || name.size() < 2) continue;
        if (name.ends_with('*')) {
          now->begins.emplace_back(name.substr(0, name.size() - 1));
        } else if (name.starts_with('*')) {
          now->ends.emplace_back(name.substr(1));
        } else {
          now->whole.emplace(name);
        }
      }
    }
  }
  static const Kind& of(const std::string& kind) {
    static const Names shipped{content::find("reports/names.txt")};
    static const Kind none;
    const auto at = shipped.kinds_.find(kind);
    return at == shipped.kinds_.end() ? none : at->second;
  }

 private:
  std::unordered_map<std::string, Kind> kinds_;
};

bool among(const char* kind, std::string_view value) { return Names::of(kind).holds(value); }

// The site or what it lies below: "gist.githubusercontent.com", which the list of public suffixes takes for a site.
bool below(const char* kind, std::string_view site) {
  while (true) {
    if (among(kind, site)) return true;
    const std::size_t dot = site.find('.');
    if (dot == site.npos) return false;
    site.remove_prefix(dot + 1);
  }
}

}  // namespace

bool is_cited_site(std::string_view registrable) { return below("cited", registrable); }
bool is_utility_site(std::string_view host) { return among("utility", host); }
bool is_registry_site(std::string_view host) { return among("registry", host); }
bool is_shared_service(std::string_view registrable) { return below("shared", registrable); }
bool is_ordinary_file(std::string_view name) { return among("file", name); }
bool is_public_resolver(std::string_view address) { return among("resolvers", address); }
bool is_dual_use_tool(std::string_view name) { return among("tool", name); }
bool is_tenant_host(std::string_view host) {
  const std::size_t dot = host.find('.');
  return dot != host.npos && below("tenant", host.substr(dot + 1));
}
bool is_makers_folder(std::string_view step) { return among("maker", step); }
bool is_runtime_file(std::string_view name) { return among("runtime", name); }
bool is_unix_command(std::string_view name) { return among("command", name); }
bool is_core_library(std::string_view name) { return among("core", name); }
bool is_tool_release(std::string_view name) { return among("release", name); }
bool is_ordinary_path(std::string_view path) { return among("path", path); }
bool is_analyst_file(std::string_view name) { return among("analyst", name); }

std::string special_address(std::string_view address, bool& documentation) {
  documentation = false;
  address = address.substr(0, address.find('/'));
  if (address.find(':') != address.npos) {
    const std::string a = lower(address);
    if (a == "::1" || a == "::") return "loopback or unspecified address";
    if (a.starts_with("fe8") || a.starts_with("fe9") || a.starts_with("fea") || a.starts_with("feb"))
      return "link-local address";
    if (a.starts_with("fc") || a.starts_with("fd")) return "unique local address";
    if (a.starts_with("ff")) return "multicast address";
    if (a.starts_with("2001:db8:") || a.starts_with("2001:0db8:"))
      return documentation = true, "address of documentation";
    // IANA gives out 2000::/3 alone; a first group of fewer than four figures is below it.
    const std::size_t first = std::min(a.find(':'), a.size());
    if (first < 4 || (a[0] != '2' && a[0] != '3')) return "not an address of the public network";
    return {};
  }
  if (!is_ipv4(address)) return {};
  std::vector<int> p;
  for (const std::string_view part : split(address, '.')) p.push_back(static_cast<int>(parse_int(part).value_or(0)));
  if (p[0] == 10 || (p[0] == 172 && p[1] >= 16 && p[1] < 32) || (p[0] == 192 && p[1] == 168)) return "private address";
  if (p[0] == 127) return "loopback address";
  if (p[0] == 169 && p[1] == 254) return "link-local address";
  if (p[0] == 100 && p[1] >= 64 && p[1] < 128) return "carrier address (RFC 6598)";
  if (p[0] == 0) return "no host's address";
  if (p[0] >= 224) return "multicast, reserved or broadcast address";
  if ((p[0] == 192 && p[1] == 0 && p[2] == 2) || (p[0] == 198 && p[1] == 51 && p[2] == 100) ||
      (p[0] == 203 && p[1] == 0 && p[2] == 113))
    return documentation = true, "address of documentation";
  if (p[0] == 198 && (p[1] == 18 || p[1] == 19)) return "address of benchmarks";
  return {};
}

bool is_empty_hash(std::string_view hash) {
  static constexpr auto kEmpty =
      std::to_array<std::string_view>({"d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709",
                                       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                                       "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b"
                                       "0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
                                       // The EICAR test file.
                                       "44d88612fea8a8f36de82e1278abb02f", "3395856ce81f2b7382dee72602f798b642f14140",
                                       "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f"});
  return std::any_of(kEmpty.begin(), kEmpty.end(), [&](std::string_view known) { return equals_icase(known, hash); });
}

}  // namespace assay
