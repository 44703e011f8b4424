#include "knowledge/advisory.h"

namespace assay {

std::string_view name_of(Tlp tlp) {
  switch (tlp) {
    case Tlp::clear:
      return "TLP:CLEAR";
    case Tlp::green:
      return "TLP:GREEN";
    case Tlp::amber:
      return "TLP:AMBER";
    case Tlp::amber_strict:
      return "TLP:AMBER+STRICT";
    case Tlp::red:
      return "TLP:RED";
    case Tlp::unmarked:
      return "unmarked";
  }
  return "unmarked";
}

Tlp most_restrictive(Tlp a, Tlp b) {
  // An unmarked one weighs as AMBER+STRICT; where both do, the marking that is written down is the answer.
  const auto rank = [](Tlp tlp) {
    return tlp == Tlp::unmarked ? static_cast<int>(Tlp::amber_strict) : static_cast<int>(tlp);
  };
  if (rank(a) != rank(b)) return rank(a) > rank(b) ? a : b;
  return a == Tlp::unmarked ? b : a;
}

const Claim* Knowledge::find_claim(std::string_view id) const {
  for (const Advisory& advisory : advisories) {
    for (const Claim& claim : advisory.claims) {
      if (claim.id == id) return &claim;
    }
  }
  return nullptr;
}

}  // namespace assay
