// Indicators by hash in flat arrays: token-exact look-ups whose cost does not grow with the list. Built once, then read
// only.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "knowledge/profile.h"
#include "rules/rule_set.h"

namespace assay {

using IndicatorNumber = std::uint32_t;  // place in RuleSet::indicators
using IndicatorSink = std::function<void(IndicatorNumber)>;

class IndicatorIndex {
 public:
  IndicatorIndex() = default;
  explicit IndicatorIndex(std::span<const Indicator> indicators);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  // Single addresses and every network that holds the address.
  void address(const Network& address, const IndicatorSink& sink) const;
  // A normalised host name: itself and every parent domain.
  void domain(std::string_view name, const IndicatorSink& sink) const;
  // A normalised URL: itself and every prefix that ends where a path segment, the path or a query parameter ends.
  void url(std::string_view url, const IndicatorSink& sink) const;
  // A normalised hash of a file (md5, sha1, sha256) or a JA3; with `certificate` that of a certificate.
  void hash(std::string_view digits, bool certificate, const IndicatorSink& sink) const;
  void mail_address(std::string_view address, const IndicatorSink& sink) const;
  void file_name(std::string_view name, const IndicatorSink& sink) const;
  // A normalised path: itself, and, for listed paths that begin with '/', where it ends with one.
  void file_path(std::string_view path, const IndicatorSink& sink) const;

 private:
  // Open addressing over entries sorted by hash; equal keys stand together.
  struct Table {
    struct Entry {
      std::uint64_t hash;
      IndicatorNumber number;
    };
    std::vector<Entry> entries;
    std::vector<std::uint32_t> slots;  // entry + 1; 0 empty
    void build();
    [[nodiscard]] const Entry* find(std::uint64_t hash) const;
  };
  enum Kind : std::uint8_t { kAddress, kDomain, kUrl, kFileHash, kCertificate, kMail, kName, kPath, kKinds };

  void find_text(Kind kind, std::string_view text, const IndicatorSink& sink) const;
  void find_network(const Network& network, const IndicatorSink& sink) const;
  [[nodiscard]] std::string_view value(IndicatorNumber number) const;

  std::size_t count_ = 0;
  Table tables_[kKinds];
  std::string pool_;                    // values one after another
  std::vector<std::uint32_t> offsets_;  // into pool_, count_ + 1
  std::vector<Network> networks_;       // by number, for addresses
  std::vector<int> prefixes_;           // prefix lengths that occur, longest first
};

}  // namespace assay
