// Snort and Suricata rules, read for the indicators they hold: hosts, URIs, addresses, JA3 hashes. They are never run
// as detection rules: what else they say of a packet is left out (docs/rules/snort.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_set.h"

namespace assay::snort {

struct Found {
  Indicator::Kind kind = Indicator::Kind::domain;
  std::string value;
  friend bool operator==(const Found&, const Found&) = default;
};

struct Reading {
  std::size_t rules = 0;     // rules that were read
  std::size_t without = 0;   // of them, those that hold nothing to look for
  std::size_t unread = 0;    // lines that are no rule
  std::vector<Found> found;  // each once, in the order of the text
};

// One rule a line; comments and empty lines are passed over; '\' at the end of a line joins it to the next.
[[nodiscard]] Reading read(std::string_view text);

}  // namespace assay::snort
