#include "core/sighting.h"

#include <array>

namespace assay {
namespace {

constexpr std::array<std::string_view, 9> kRoles = {"none",     "contacted", "contacting", "question", "answer",
                                                    "mail_hop", "link",      "file",       "text_only"};
constexpr std::array<std::string_view, 4> kOutcomes = {"unknown", "allowed", "blocked", "quarantined"};
constexpr std::array<std::string_view, 6> kKinds = {"indicator", "sigma", "check", "yara", "stix_pattern", "analytic"};

template <class E, std::size_t N>
std::optional<E> from(const std::array<std::string_view, N>& names, std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<E>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view name_of(Role role) { return kRoles[static_cast<std::size_t>(role)]; }
std::string_view name_of(Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }
std::string_view name_of(DetectorKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }
std::optional<Role> role_from(std::string_view name) { return from<Role>(kRoles, name); }
std::optional<Outcome> outcome_from(std::string_view name) { return from<Outcome>(kOutcomes, name); }
std::optional<DetectorKind> detector_kind_from(std::string_view name) { return from<DetectorKind>(kKinds, name); }

}  // namespace assay
