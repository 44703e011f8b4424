#include "analytics/lure/imitation.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kShortest = 6;      // a distinctive label; shorter ones collide with words by one letter
constexpr std::size_t kLongest = 253;     // RFC 1035

// Suffixes of two labels under which names are given out; enough to find the distinctive label of our own domains.
constexpr std::array<std::string_view, 14> kTwoLabels = {"ac.uk", "co.uk", "gov.uk", "nhs.uk", "org.uk", "sch.uk", "edu.au", "com.au",
                                                         "gov.au", "ac.nz", "ac.jp", "co.jp", "ac.at", "gc.ca"};

std::string clean(std::string_view domain) {
  std::string out = lower(trim(domain));
  while (!out.empty() && out.back() == '.') out.pop_back();
  return out;
}

std::string_view distinctive(std::string_view own) {
  std::vector<std::string_view> labels = split(own, '.');
  std::size_t suffix = 1;
  for (const std::string_view two : kTwoLabels) {
    if (own.size() > two.size() && own.ends_with(two) && own[own.size() - two.size() - 1] == '.') suffix = 2;
  }
  return labels.size() > suffix ? labels[labels.size() - suffix - 1] : labels.front();
}

// What a hurried eye reads: characters and pairs that look alike become one.
std::string skeleton(std::string_view label) {
  std::string out;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const char c = label[i];
    const char next = i + 1 < label.size() ? label[i + 1] : '\0';
    if (c == 'r' && next == 'n') {
      out += 'm';
      ++i;
    } else if (c == 'v' && next == 'v') {
      out += 'w';
      ++i;
    } else if (c == 'c' && next == 'l') {
      out += 'd';
      ++i;
    } else if (c == '0') {
      out += 'o';
    } else if (c == '1' || c == 'i' || c == '|') {
      out += 'l';
    } else if (c == '3') {
      out += 'e';
    } else if (c == '5') {
      out += 's';
    } else if (c == '8') {
      out += 'b';
    } else {
      out += c;
    }
  }
  return out;
}

// One insertion, deletion, substitution or swap of neighbours.
bool one_apart(std::string_view a, std::string_view b) {
  if (a == b) return false;
  if (a.size() < b.size()) std::swap(a, b);
  if (a.size() - b.size() > 1) return false;
  std::size_t i = 0;
  while (i < b.size() && a[i] == b[i]) ++i;
  if (a.size() > b.size()) return a.substr(i + 1) == b.substr(i);
  if (a.substr(i + 1) == b.substr(i + 1)) return true;
  return i + 1 < a.size() && a[i] == b[i + 1] && a[i + 1] == b[i] && a.substr(i + 2) == b.substr(i + 2);
}

bool same_or_below(std::string_view domain, std::string_view own) {
  return domain == own || (domain.size() > own.size() && domain.ends_with(own) && domain[domain.size() - own.size() - 1] == '.');
}

}  // namespace

Imitated imitates(std::string_view raw, std::span<const std::string> own) {
  if (raw.size() > kLongest + 1) return {};
  const std::string domain = clean(raw);
  if (domain.find('.') == std::string::npos) return {};
  for (const std::string& one : own) {
    if (same_or_below(domain, clean(one))) return {};
  }
  Imitated best;
  const auto better = [&](Imitation kind, const std::string& whose) {
    if (best.kind == Imitation::none || kind < best.kind) best = {kind, whose};
  };
  std::vector<std::string_view> words;
  const std::string_view all = domain;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    if (i != all.size() && all[i] != '.' && all[i] != '-' && all[i] != '_') continue;
    if (i > begin) words.push_back(all.substr(begin, i - begin));
    begin = i + 1;
  }
  // The last label is a top-level domain, never an imitation.
  if (!words.empty()) words.pop_back();
  for (const std::string& one : own) {
    const std::string ours = clean(one);
    const std::string_view label = distinctive(ours);
    if (label.size() < kShortest) continue;
    const std::string shape = skeleton(label);
    for (const std::string_view word : words) {
      if (word == label) {
        better(Imitation::contained, ours);
      } else if (word.size() > label.size() && word.find(label) != std::string_view::npos) {
        better(Imitation::contained, ours);
      } else if (skeleton(word) == shape) {
        better(Imitation::confusable, ours);
      } else if (skeleton(word).find(shape) != std::string::npos) {
        better(Imitation::confusable, ours);
      } else if (one_apart(word, label)) {
        better(Imitation::mistyped, ours);
      }
    }
  }
  return best;
}

}  // namespace assay
