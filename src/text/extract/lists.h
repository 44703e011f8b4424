// Names that are known whatever a report says of them (content/reports/names.txt).
#pragma once

#include <string>
#include <string_view>

namespace assay {

// Publishers, standards bodies, press and services that reports cite: "mitre.org", "github.com". By registrable domain.
[[nodiscard]] bool is_cited_site(std::string_view registrable);
// Services that attackers use too, so that a full URL below them may be an indicator: "github.com", "dropbox.com".
[[nodiscard]] bool is_shared_service(std::string_view registrable);
// Services of everybody at which nobody can put a thing of his own: revocation lists, update servers, look-ups of one's
// own address, counters of visitors, shops of software. A host or a registrable domain.
[[nodiscard]] bool is_utility_site(std::string_view host);
// Shops of software where anybody may put a package: "npmjs.com".
[[nodiscard]] bool is_registry_site(std::string_view host);
// Names that software of everybody has: "conhost.exe", "readme.md".
[[nodiscard]] bool is_ordinary_file(std::string_view name);
// Why an address is nobody's outside: private, loopback, link-local, multicast, documentation ...; empty when it is a
// public one. `documentation` is set for the ranges that texts use as examples.
[[nodiscard]] std::string special_address(std::string_view address, bool& documentation);
[[nodiscard]] bool is_public_resolver(std::string_view address);
// Programs of others that intruders bring along: their names and hashes say little.
[[nodiscard]] bool is_dual_use_tool(std::string_view name);
// A folder or key in which a program of others keeps its own, in lower case.
[[nodiscard]] bool is_makers_folder(std::string_view step);
// Of runtimes and packers that programs bring along: "icudtl.dat", "python311.dll".
[[nodiscard]] bool is_runtime_file(std::string_view name);
// A program of Unix, by name.
[[nodiscard]] bool is_unix_command(std::string_view name);
[[nodiscard]] bool is_core_library(std::string_view name);
[[nodiscard]] bool is_tool_release(std::string_view name);
// A name that somebody has at a service: "x.pages.dev".
[[nodiscard]] bool is_tenant_host(std::string_view host);
// Places and files that all systems have: "/etc/passwd".
[[nodiscard]] bool is_ordinary_path(std::string_view path);
// Files that authors of reports publish beside them: "iocs.csv".
[[nodiscard]] bool is_analyst_file(std::string_view name);
// Hashes of no content, and of the test file of EICAR.
[[nodiscard]] bool is_empty_hash(std::string_view hash);

}  // namespace assay
