// STIX object paths as the names that schemas lay over records (docs/stix-map.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/stix_pattern/pattern.h"

namespace assay::stix {

struct Name {
  std::string name;                   // "email-message:to_refs[*].value"
  std::optional<std::int64_t> index;  // the one value of the list that is meant
  std::string never;                  // why no record has it; empty when one may
};

// The name of a path: any index is [*], hash algorithms have the standard's spelling, names of STIX 2.0 those of 2.1.
[[nodiscard]] Name name_of(const ObjectPath& path);
// Paths and the roles (evidence/schema.h) that mean the same, sorted by path.
[[nodiscard]] std::span<const std::pair<std::string_view, std::string_view>> roles_of_paths();
// The name, and what it may be called in a record: an address is an end of a connection, a path may be a role.
[[nodiscard]] std::vector<std::string> also_known_as(const std::string& name);
// For EXISTS: known paths below that one ("file:hashes", "process:parent_ref").
[[nodiscard]] std::vector<std::string> known_below(const std::string& name);
// Host names, addresses, mail addresses and hexadecimal digits have no case; all else has.
[[nodiscard]] bool caseless(std::string_view name);
[[nodiscard]] bool of_address(std::string_view name);

// "network-traffic:dst_ref.type": what types of object may stand there, and the name whose values tell.
struct Reference {
  std::string value;               // "network-traffic:dst_ref.value"
  std::vector<std::string> types;  // "ipv4-addr", "ipv6-addr", "domain-name": told by the value when several
};
[[nodiscard]] std::optional<Reference> reference_of(const std::string& name);

}  // namespace assay::stix
