#include "text/lookalike.h"

#include <utility>
#include <vector>

#include "core/ascii.h"
#include "text/domains.h"

namespace assay {
namespace {

struct Look {
  std::string_view from;
  char to;
};
constexpr Look kLooks[] = {{"rn", 'm'}, {"vv", 'w'}, {"cl", 'd'}, {"0", 'o'}, {"1", 'l'},
                           {"i", 'l'},  {"|", 'l'},  {"3", 'e'},  {"5", 's'}, {"8", 'b'}};

bool within(std::string_view domain, std::string_view own) {
  return ends_with_icase(domain, own) && (domain.size() == own.size() || domain[domain.size() - own.size() - 1] == '.');
}

std::string_view without_dot(std::string_view domain) {
  if (domain.ends_with('.')) domain.remove_suffix(1);
  return domain;
}

// The order of the enumeration is the order of strength.
void keep(LookalikeOf& best, Lookalike kind, std::string_view own) {
  if (best.kind == Lookalike::none || kind < best.kind) best = {kind, std::string(own)};
}

}  // namespace

std::string look_of(std::string_view label) {
  const std::string small = lower(label);
  std::string out;
  for (std::size_t i = 0; i < small.size();) {
    const std::string_view rest = std::string_view(small).substr(i);
    const Look* found = nullptr;
    for (const Look& look : kLooks) {
      if (rest.starts_with(look.from)) {
        found = &look;
        break;
      }
    }
    out += found == nullptr ? rest.front() : found->to;
    i += found == nullptr ? 1 : found->from.size();
  }
  return out;
}

bool one_edit_apart(std::string_view a, std::string_view b) {
  if (a.size() < b.size()) std::swap(a, b);
  if (a == b || a.size() - b.size() > 1) return false;
  std::size_t same = 0;
  while (same < b.size() && a[same] == b[same]) ++same;
  if (a.size() > b.size()) return a.substr(same + 1) == b.substr(same);
  if (a.substr(same + 1) == b.substr(same + 1)) return true;
  return same + 1 < a.size() && a[same] == b[same + 1] && a[same + 1] == b[same] &&
         a.substr(same + 2) == b.substr(same + 2);
}

LookalikeOf lookalike(std::string_view domain, std::span<const std::string> own) {
  domain = without_dot(domain);
  if (!is_domain(domain)) return {};
  for (const std::string& one : own) {
    if (within(domain, without_dot(one))) return {};
  }
  const std::string name = lower(domain);
  const std::string registrable = registrable_domain(name);
  // The labels that somebody chose: all but the public suffix.
  std::string_view chosen = name;
  if (const std::size_t dot = registrable.find('.'); dot != std::string::npos)
    chosen.remove_suffix(registrable.size() - dot);
  const std::vector<std::string_view> labels = split(chosen, '.');
  LookalikeOf best;
  for (const std::string& one : own) {
    const std::string label = registrable_label(one);
    if (label.empty()) continue;
    const std::string look = look_of(label);
    for (const std::string_view theirs : labels) {
      const std::string their_look = look_of(theirs);
      if (theirs == label) {
        keep(best, Lookalike::other_end, one);
      } else if (their_look == look) {
        keep(best, Lookalike::same_look, one);
      } else if (label.size() >= kLookalikeLabel) {
        if (one_edit_apart(theirs, label)) {
          keep(best, Lookalike::one_edit, one);
        } else if (their_look.find(look) != std::string::npos) {
          keep(best, Lookalike::part, one);
        }
      }
    }
  }
  return best;
}

}  // namespace assay
