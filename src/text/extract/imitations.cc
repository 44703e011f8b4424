#include "text/extract/imitations.h"

#include <map>
#include <unordered_map>

#include "text/addresses.h"
#include "text/lookalike.h"

namespace assay {
namespace {

constexpr std::size_t kShortest = 5;  // of a label that others hold
constexpr std::size_t kLongest = 24;
constexpr std::size_t kSites = 20'000;  // of one report

std::string squeezed(std::string_view label) {
  std::string out;
  for (const char c : label) {
    if (c != '-') out += c;
  }
  return out;
}

}  // namespace

Imitations::Imitations(const std::vector<ValueSigns>& values) {
  std::map<std::string, std::string> labels;  // by site
  for (const ValueSigns& value : values) {
    if (value.site.empty() || value.site.find('.') == std::string::npos || value.site.ends_with("/24") ||
        is_address(value.site))
      continue;
    if (labels.size() >= kSites) break;
    labels.emplace(value.site, squeezed(value.site.substr(0, value.site.find('.'))));
  }
  std::unordered_map<std::string, std::vector<const std::string*>> whole,
      less;  // sites by label, by label less a letter
  const auto note = [](auto& index, const std::string& key, const std::string& site) {
    auto& list = index[key];
    if (list.size() < 4) list.push_back(&site);
  };
  const auto without = [](const std::string& label, std::size_t i) { return label.substr(0, i) + label.substr(i + 1); };
  for (const auto& [site, label] : labels) {
    if (label.size() < kShortest || label.size() > kLongest) continue;
    note(whole, label, site);
    note(less, look_of(label), site);
    for (std::size_t i = 0; i < label.size(); ++i) note(less, without(label, i), site);
  }
  for (const auto& [site, label] : labels) {
    const std::string seen = label.substr(0, 63);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      for (std::size_t n = kShortest; n <= kLongest && i + n <= seen.size(); ++n) {
        const auto at = whole.find(seen.substr(i, n));
        if (at == whole.end()) continue;
        for (const std::string* other : at->second) {
          if (*other == site) continue;
          if (n < seen.size()) {  // the longer of the two is the imitation
            imitates_.insert(site);
            imitated_.insert(*other);
          }
        }
      }
    }
    if (label.size() < kShortest || label.size() > kLongest) continue;
    const auto alike = [&](const std::string& key) {
      const auto at = less.find(key);
      if (at == less.end()) return;
      for (const std::string* other : at->second) {
        if (*other == site || labels.at(*other) == label) continue;
        const std::string& theirs = labels.at(*other);
        if (!one_edit_apart(label, theirs) && look_of(label) != look_of(theirs)) continue;
        imitates_.insert(site);  // of two that are alike each may be the one
        imitated_.insert(site);
      }
    };
    alike(look_of(label));
    alike(label);
    for (std::size_t i = 0; i < label.size(); ++i) alike(without(label, i));
  }
}

}  // namespace assay
