// Inputs that a seed makes: Windows events as JSON lines, access log lines, Zeek connection logs, indicators. The same
// bytes on every machine. Real data is preferred where it is present (ASSAY_DATA); these stand in for it and scale.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "rules/rule_set.h"

namespace assay::bench {

// splitmix64: small, seeded, the same everywhere.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }

 private:
  std::uint64_t state_;
};

// Flat Windows events of about 1 kB: process creation, process access, network connection, logon; with a Message that
// repeats the fields.
[[nodiscard]] std::string windows_events(std::size_t bytes, std::uint64_t seed);
// Flat Windows events of about 2 kB that repeat little: 16 % process creation, each with a command line of its own.
[[nodiscard]] std::string windows_diverse(std::size_t bytes, std::uint64_t seed);
// Process creations of about 250 bytes.
[[nodiscard]] std::string windows_small(std::size_t bytes, std::uint64_t seed);
// Combined log format.
[[nodiscard]] std::string access_lines(std::size_t bytes, std::uint64_t seed);
// Zeek conn.log, tab separated, with its header.
[[nodiscard]] std::string zeek_conn(std::size_t bytes, std::uint64_t seed);
// RFC 3164 syslog of a few programs, as rsyslog writes it to a file.
[[nodiscard]] std::string syslog_lines(std::size_t bytes, std::uint64_t seed);
// Half addresses, the rest domains, URLs, hashes. One of them surely stands in the generated logs, few others may.
[[nodiscard]] IndicatorList indicators(std::size_t count, std::uint64_t seed);
// The same as a STIX 2.1 bundle.
[[nodiscard]] std::string stix_bundle(const IndicatorList& indicators);

}  // namespace assay::bench
