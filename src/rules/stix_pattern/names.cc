#include "rules/stix_pattern/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/ascii.h"

namespace assay::stix {
namespace {

// hash-algorithm-ov, by its letters and digits.
std::string algorithm(const std::string& key) {
  std::string plain = lower(key);
  plain.erase(std::remove_if(plain.begin(), plain.end(), [](char c) { return c == '-' || c == '_'; }), plain.end());
  static constexpr std::pair<std::string_view, std::string_view> kKnown[] = {
      {"md5", "MD5"},          {"sha1", "SHA-1"},       {"sha256", "SHA-256"},      {"sha512", "SHA-512"},
      {"sha3256", "SHA3-256"}, {"sha3512", "SHA3-512"}, {"ssdeep", "SSDEEP"},       {"tlsh", "TLSH"},
      {"sha224", "SHA-224"},   {"sha384", "SHA-384"},   {"ripemd160", "RIPEMD-160"}};
  for (const auto& [from, to] : kKnown) {
    if (plain == from) return std::string(to);
  }
  return key;
}

// STIX 2.0's names, and what drafts had.
constexpr std::pair<std::string_view, std::string_view> kRenamed[] = {
    {"process:binary_ref.", "process:image_ref."},
    {"process:parent_ref.binary_ref.", "process:parent_ref.image_ref."},
    {"win-registry-key:", "windows-registry-key:"},
    {"process:arguments[*]", "process:command_line"},
};
constexpr std::pair<std::string_view, std::string_view> kSame[] = {
    {"process:name", "process:image_ref.name"},
    {"process:parent_ref.name", "process:parent_ref.image_ref.name"},
    {"user-account:display_name", "user-account:account_login"},
    {"network-traffic:protocols", "network-traffic:protocols[*]"},
};

// Where a schema says nothing of a path, the role that means the same.
constexpr std::pair<std::string_view, std::string_view> kRoles[] = {
    {"domain-name:resolves_to_refs[*].value", "@answers"},
    {"domain-name:value", "@domain"},
    {"domain-name:value", "@server_name"},
    {"email-message:body_multipart[*].body_raw_ref.name", "@attachment_name"},
    {"email-message:from_ref.value", "@sender"},
    {"email-message:message_id", "@message_id"},
    {"email-message:subject", "@mail_subject"},
    {"email-message:to_refs[*].value", "@recipient"},
    {"file:hashes.'SHA-1'", "@sha1"},
    {"file:hashes.'SHA-256'", "@sha256"},
    {"file:hashes.MD5", "@md5"},
    {"file:name", "@file_name"},
    {"network-traffic:dst_byte_count", "@bytes_in"},
    {"network-traffic:dst_packets", "@resp_pkts"},
    {"network-traffic:dst_port", "@dst_port"},
    {"network-traffic:dst_ref.value", "@dst_ip"},
    {"network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", "@user_agent"},
    {"network-traffic:extensions.'http-request-ext'.request_header.Cookie", "@cookie"},
    {"network-traffic:extensions.'http-request-ext'.request_header.Referer", "@referer"},
    {"network-traffic:extensions.'http-request-ext'.request_method", "@method"},
    {"network-traffic:extensions.'http-request-ext'.request_value", "@path"},
    {"network-traffic:protocols[*]", "@protocol"},
    {"network-traffic:protocols[*]", "@service"},
    {"network-traffic:src_byte_count", "@bytes_out"},
    {"network-traffic:src_packets", "@orig_pkts"},
    {"network-traffic:src_port", "@src_port"},
    {"network-traffic:src_ref.value", "@src_ip"},
    {"process:command_line", "@command_line"},
    {"url:value", "@url"},
    {"user-account:account_login", "@account"},
    {"x509-certificate:issuer", "@issuer"},
    {"x509-certificate:serial_number", "@serial"},
    {"x509-certificate:subject", "@subject"},
};

}  // namespace

std::span<const std::pair<std::string_view, std::string_view>> roles_of_paths() { return kRoles; }

Name name_of(const ObjectPath& path) {
  Name out;
  ObjectPath plain = path;
  std::size_t lists = 0;
  for (std::size_t i = 0; i < plain.steps.size(); ++i) {
    ObjectPath::Step& step = plain.steps[i];
    if (step.kind == ObjectPath::Step::Kind::key) {
      if (i > 0 && plain.steps[i - 1].key == "hashes") step.key = algorithm(step.key);
      continue;
    }
    ++lists;
    if (step.kind == ObjectPath::Step::Kind::index) out.index = step.index;
    step.kind = ObjectPath::Step::Kind::any_index;
    step.index = 0;
  }
  if (out.index && *out.index < 0) out.never = "no list has a value of a negative number";
  if (out.index && lists > 1) out.never = "no record holds lists of lists by number";
  out.name = to_text(plain);
  for (const auto& [from, to] : kRenamed) {
    if (out.name.starts_with(from)) out.name = std::string(to) + out.name.substr(from.size());
  }
  for (const auto& [from, to] : kSame) {
    if (out.name == from) out.name = to;
  }
  return out;
}

std::vector<std::string> also_known_as(const std::string& name) {
  std::vector<std::string> out = {name};
  if (name == "ipv4-addr:value" || name == "ipv6-addr:value") {
    out.insert(out.end(), {"network-traffic:src_ref.value", "network-traffic:dst_ref.value"});
  } else if (name == "email-addr:value") {
    out.insert(out.end(),
               {"email-message:from_ref.value", "email-message:sender_ref.value", "email-message:to_refs[*].value",
                "email-message:cc_refs[*].value", "email-message:bcc_refs[*].value"});
  }
  for (std::size_t i = out.size(); i-- > 0;) {
    for (const auto& [path, role] : kRoles) {
      if (path == out[i]) out.emplace_back(role);
    }
  }
  return out;
}

std::vector<std::string> known_below(const std::string& name) {
  static constexpr std::string_view kMore[] = {
      "email-message:bcc_refs[*].value",
      "email-message:cc_refs[*].value",
      "email-message:received_lines[*]",
      "email-message:sender_ref.value",
      "file:extensions.'windows-pebinary-ext'.sections[*].entropy",
      "file:hashes.'SHA-512'",
      "file:parent_directory_ref.path",
      "process:creator_user_ref.account_login",
      "process:image_ref.name",
      "process:parent_ref.command_line",
      "process:parent_ref.image_ref.name",
      "windows-registry-key:values[*].data",
      "windows-registry-key:values[*].name",
  };
  std::vector<std::string> out;
  const auto take = [&](std::string_view path) {
    if (path.size() > name.size() && path.starts_with(name) && (path[name.size()] == '.' || path[name.size()] == '[') &&
        std::find(out.begin(), out.end(), path) == out.end())
      out.emplace_back(path);
  };
  for (const auto& [path, role] : kRoles) take(path);
  for (const std::string_view path : kMore) take(path);
  return out;
}

bool of_address(std::string_view name) {
  return name == "ipv4-addr:value" || name == "ipv6-addr:value" || name == "network-traffic:src_ref.value" ||
         name == "network-traffic:dst_ref.value" || name == "domain-name:resolves_to_refs[*].value" ||
         name == "@src_ip" || name == "@dst_ip" || name == "@answers";
}

bool caseless(std::string_view name) {
  for (const auto& [path, role] : kRoles) {
    if (role == name) return caseless(path);
  }
  return name.starts_with("domain-name:") || name.starts_with("ipv6-addr:") || name.starts_with("ipv4-addr:") ||
         name.starts_with("email-addr:") || name.starts_with("mac-addr:") ||
         name.starts_with("network-traffic:protocols") || name.find("hashes.") != std::string_view::npos ||
         name.find("_ref.value") != std::string_view::npos || name.find("_refs[*].value") != std::string_view::npos ||
         name.ends_with("_hex");
}

std::optional<Reference> reference_of(const std::string& name) {
  if (!name.ends_with(".type")) return std::nullopt;
  const std::string owner = name.substr(0, name.size() - 5);
  static const std::pair<std::string_view, Reference> kKnown[] = {
      {"src_ref", {".value", {"ipv4-addr", "ipv6-addr", "domain-name"}}},
      {"dst_ref", {".value", {"ipv4-addr", "ipv6-addr", "domain-name"}}},
      {"resolves_to_refs[*]", {".value", {"ipv4-addr", "ipv6-addr", "domain-name"}}},
      {"from_ref", {".value", {"email-addr"}}},
      {"sender_ref", {".value", {"email-addr"}}},
      {"to_refs[*]", {".value", {"email-addr"}}},
      {"cc_refs[*]", {".value", {"email-addr"}}},
      {"bcc_refs[*]", {".value", {"email-addr"}}},
      {"parent_directory_ref", {".path", {"directory"}}},
      {"image_ref", {".name", {"file"}}},
      {"body_raw_ref", {".name", {"file"}}},
      {"creator_user_ref", {".account_login", {"user-account"}}},
  };
  for (const auto& [ref, known] : kKnown) {
    if (!owner.ends_with(ref)) continue;
    const char before = owner.size() > ref.size() ? owner[owner.size() - ref.size() - 1] : ':';
    if (before != ':' && before != '.') continue;
    return Reference{owner + known.value, known.types};
  }
  return std::nullopt;
}

}  // namespace assay::stix
