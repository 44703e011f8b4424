#include "report/defang.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace assay::report {
namespace {

// "login.example": labels of letters, digits and '-', at least two, the last one not a number.
bool looks_like_domain(std::string_view text) {
  if (text.size() < 4 || text.size() > 253 || text.find('.') == std::string_view::npos) return false;
  std::string_view last;
  for (const std::string_view label : split(text, '.')) {
    if (label.empty() || label.size() > 63) return false;
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_'; }))
      return false;
    last = label;
  }
  return last.size() >= 2 && std::any_of(last.begin(), last.end(), is_alpha);
}

// "www.example:443/x" -> "www.example"
std::string_view host_part(std::string_view text) {
  if (const std::size_t scheme = text.find("://"); scheme != std::string_view::npos) text.remove_prefix(scheme + 3);
  text = text.substr(0, text.find_first_of("/?#"));
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) text.remove_prefix(at + 1);
  return text.substr(0, text.find(':'));
}

bool names_a_network_place(std::string_view field) {
  static constexpr std::array<std::string_view, 16> kParts = {"domain", "query",  "url",    "uri",    "dst",  "dest",
                                                              "server", "sni",    "sender", "from",   "link", "remote",
                                                              "peer",   "answer", "sni",    "matched"};
  return std::any_of(kParts.begin(), kParts.end(), [&](std::string_view part) { return contains_icase(field, part); });
}

// "avamar.exe" is no domain. Endings that are top-level domains too count as files only when a file is meant.
bool names_a_file(std::string_view value, bool file_meant) {
  static constexpr std::array<std::string_view, 34> kFiles = {
      ".asp", ".aspx", ".bat", ".bin", ".cfg",  ".cmd", ".conf", ".csv", ".dat",  ".dll", ".doc", ".docx",
      ".eml", ".exe",  ".gz",  ".htm", ".html", ".ini", ".jar",  ".js",  ".json", ".log", ".msi", ".pdf",
      ".php", ".ps1",  ".sys", ".tar", ".tmp",  ".txt", ".vbs",  ".xls", ".xml",  ".zst"};
  static constexpr std::array<std::string_view, 6> kBoth = {".pl", ".py", ".sh", ".so", ".zip", ".mov"};
  const auto ends = [&](std::string_view ending) { return ends_with_icase(value, ending); };
  return std::any_of(kFiles.begin(), kFiles.end(), ends) ||
         (file_meant && std::any_of(kBoth.begin(), kBoth.end(), ends));
}

struct Address {
  std::size_t size = 0;  // 0: none here
};

Address ipv4_at(std::string_view text) {
  std::size_t at = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (at >= text.size() || text[at] != '.') return {};
      ++at;
    }
    std::size_t n = 0;
    int value = 0;
    while (at + n < text.size() && is_digit(text[at + n]) && n < 4) value = value * 10 + (text[at + n++] - '0');
    if (n == 0 || n > 3 || value > 255) return {};
    at += n;
  }
  if (at < text.size() && (is_alnum(text[at]) || (text[at] == '.' && at + 1 < text.size() && is_alnum(text[at + 1]))))
    return {};
  return {at};
}

// "2001:db8::1": at least two colons, hexadecimal groups of at most four.
Address ipv6_at(std::string_view text) {
  std::size_t at = 0, colons = 0, group = 0, groups = 0;
  bool letters_or_double = false;
  while (at < text.size() && (is_hex(text[at]) || text[at] == ':')) {
    if (text[at] == ':') {
      ++colons;
      letters_or_double |= at > 0 && text[at - 1] == ':';
      group = 0;
    } else {
      letters_or_double |= is_alpha(text[at]);
      if (group++ == 0) ++groups;
      if (group > 4) return {};
    }
    ++at;
  }
  if (at < text.size() && (is_alnum(text[at]) || text[at] == '.')) return {};
  if (colons > 7 || (colons < 7 && (colons < 2 || text.substr(0, at).find("::") == std::string_view::npos)) ||
      groups == 0)
    return {};
  return letters_or_double || colons == 7 ? Address{at} : Address{};
}

std::string bracket(std::string_view text, char separator) {
  std::string out;
  for (const char c : text) {
    if (c == separator) {
      out += '[';
      out += c;
      out += ']';
    } else {
      out += c;
    }
  }
  return out;
}

// Own addresses, and those that lead nowhere outside.
bool inside(const Profile& profile, std::string_view address) {
  if (profile.is_inside(address)) return true;
  const auto parsed = parse_address(address);
  return parsed && is_private(*parsed);
}

bool own(const Profile& profile, std::string_view domain) {
  return std::any_of(profile.own_domains.begin(), profile.own_domains.end(), [&](const std::string& d) {
    return equals_icase(domain, d) || (!d.empty() && domain.size() > d.size() && ends_with_icase(domain, d) &&
                                       domain[domain.size() - d.size() - 1] == '.');
  });
}

}  // namespace

Defanger::Defanger(const CaseData& data) : profile_(&data.profile) {
  const auto add = [&](std::string_view value) {
    const std::string_view host = host_part(value);
    if (looks_like_domain(host) && !own(*profile_, host)) domains_.insert(lower(host));
  };
  // The values that a STIX pattern compares names of hosts with, one after another: [domain-name:value = 'a.example'].
  const auto add_pattern = [&](std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size();) {
      const std::size_t value = pattern.find(":value", at);
      if (value == std::string_view::npos) return;
      const std::size_t open = pattern.find('\'', value);
      if (open == std::string_view::npos) return;
      const std::size_t close = std::min(pattern.find('\'', open + 1), pattern.size());
      const std::string_view text = pattern.substr(open + 1, close - open - 1);
      add(text.substr(text.rfind('@') + 1));
      at = close + 1;
    }
  };
  // Domains of mail addresses and URLs inside text.
  const auto add_all = [&](std::string_view text) {
    for (const std::string_view mark : {std::string_view("@"), std::string_view("://")}) {
      for (std::size_t at = text.find(mark); at != std::string_view::npos; at = text.find(mark, at + 1)) {
        std::size_t end = at + mark.size();
        while (end < text.size() && (is_alnum(text[end]) || text[end] == '.' || text[end] == '-' || text[end] == '_'))
          ++end;
        while (end > at && text[end - 1] == '.') --end;
        if (end > at + mark.size()) add(text.substr(at + mark.size(), end - at - mark.size()));
      }
    }
  };
  for (const DetectorInfo& d : data.catalogue) {
    if (d.kind == DetectorKind::indicator && !names_a_file(d.value, contains_icase(d.title, "file"))) add(d.value);
  }
  // What an advisory lists without having been met may still be named, in a claim or a recommendation.
  for (const Advisory& advisory : data.knowledge.advisories) {
    for (const AdvisoryIndicator& indicator : advisory.indicators) {
      if (indicator.pattern_type == "stix" || indicator.pattern_type.empty()) add_pattern(indicator.pattern);
    }
  }
  for (const Sighting& s : data.sightings) {
    for (const auto& [name, value] : s.fields) {
      if (names_a_network_place(name) && !names_a_file(value, false)) add(value);
      add_all(value);
    }
    add_all(s.why);
  }
}

bool Defanger::hostile_domain(std::string_view token) const {
  if (!looks_like_domain(token)) return false;
  const std::string name = lower(token);
  for (std::string_view at = name;;) {
    if (domains_.contains(at)) return true;
    const std::size_t dot = at.find('.');
    if (dot == std::string_view::npos) return false;
    at.remove_prefix(dot + 1);
  }
}

std::string Defanger::text(std::string_view text) const {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool starts =
        at == 0 || !(is_alnum(text[at - 1]) || text[at - 1] == '.' || text[at - 1] == '-' || text[at - 1] == '_');
    if (!starts) {
      out += text[at++];
      continue;
    }
    const std::string_view rest = text.substr(at);
    if (is_digit(text[at])) {
      if (const Address a = ipv4_at(rest); a.size > 0) {
        const std::string_view address = rest.substr(0, a.size);
        if (inside(*profile_, address)) {
          out += address;
        } else {
          out += bracket(address, '.');
        }
        at += a.size;
        continue;
      }
    }
    if ((is_hex(text[at]) || text[at] == ':') && (at == 0 || text[at - 1] != ':')) {
      if (const Address a = ipv6_at(rest); a.size > 0) {
        const std::string_view address = rest.substr(0, a.size);
        if (inside(*profile_, address)) {
          out += address;
        } else {
          const std::size_t colon = address.find(':');
          out += address.substr(0, colon);
          out += "[:]";
          out += address.substr(colon + 1);
        }
        at += a.size;
        continue;
      }
    }
    if (starts_with_icase(rest, "http://") || starts_with_icase(rest, "https://") ||
        starts_with_icase(rest, "ftp://")) {
      const std::size_t scheme = rest.find("://");
      const std::string_view host = host_part(rest.substr(0, rest.find_first_of(" \"'<>")));
      const bool ours = !host.empty() && (own(*profile_, host) || inside(*profile_, host));
      if (ours) {
        out += rest.substr(0, scheme + 3);
      } else {
        out += to_lower(rest[0]) == 'f' ? "fxp" : equals_icase(rest.substr(0, scheme), "https") ? "hxxps" : "hxxp";
        out += "://";
      }
      const auto host_at = static_cast<std::size_t>(host.data() - rest.data());
      out += rest.substr(scheme + 3, host_at - scheme - 3);
      out += ours ? std::string(host) : bracket(host, '.');
      at += host_at + host.size();
      continue;
    }
    if (is_alnum(text[at])) {
      std::size_t end = 0;
      while (end < rest.size() && (is_alnum(rest[end]) || rest[end] == '.' || rest[end] == '-' || rest[end] == '_'))
        ++end;
      while (end > 0 && (rest[end - 1] == '.' || rest[end - 1] == '-')) --end;
      const std::string_view token = rest.substr(0, end);
      out += hostile_domain(token) ? bracket(token, '.') : std::string(token);
      at += end;
      continue;
    }
    out += text[at++];
  }
  return out;
}

}  // namespace assay::report
