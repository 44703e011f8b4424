// Indicators by hash in flat arrays: token-exact look-ups whose cost does not grow with the list. Built once, then read
// only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/function_ref.h"
#include "core/hash.h"
#include "knowledge/profile.h"
#include "match/sieve.h"
#include "rules/rule_set.h"

namespace assay {

using IndicatorNumber = std::uint32_t;  // place in RuleSet::indicators
using IndicatorSink = FunctionRef<void(IndicatorNumber)>;

// PERF NOTE (docs/performance.md): a look-up meets the sieve of its kind first, 16 bits for each value: all but one in
// two hundred of the values that are not listed end there, without touching the tables, which are ten times as large
// and in no cache. Those that are asked all the time fit into the second one together.
class IndicatorIndex {
 public:
  IndicatorIndex() = default;
  explicit IndicatorIndex(IndicatorList indicators);

  [[nodiscard]] bool empty() const { return indicators_.empty(); }
  // Single addresses and every network that holds the address.
  void address(const Network& address, IndicatorSink sink) const;
  // A normalised host name: itself and every parent domain.
  void domain(std::string_view name, IndicatorSink sink) const { domain(name, host_hash(name), sink); }
  void domain(std::string_view name, std::uint64_t hash, IndicatorSink sink) const;  // `hash`: host_hash(name)
  // A normalised URL: itself and every prefix that ends where a path segment, the path or a query parameter ends.
  void url(std::string_view url, IndicatorSink sink) const;
  // A normalised hash of a file (md5, sha1, sha256) or a JA3; with `certificate` that of a certificate.
  void hash(std::string_view digits, bool certificate, IndicatorSink sink) const;
  void mail_address(std::string_view address, IndicatorSink sink) const;
  void file_name(std::string_view name, IndicatorSink sink) const;
  // A normalised path: itself, and, for listed paths that begin with '/', where it ends with one.
  void file_path(std::string_view path, IndicatorSink sink) const;

  // The text is an IPv4 address as it is mostly written, or no address and no name that is listed; and neither it nor
  // a network that holds it is listed. False: ask address() or domain().
  [[nodiscard]] bool surely_no_address(std::string_view text) const;
  // False: neither the host itself nor a URL at it is listed. By the hash of the host in lower case.
  [[nodiscard]] bool may_list_host(std::uint64_t hash) const { return hosts_.may_hold(hash); }
  [[nodiscard]] static std::uint64_t host_hash(std::string_view lower) { return hash64(lower, kDomain); }
  // False: neither the name, in lower case, nor a parent domain is listed, and no URL at the name.
  [[nodiscard]] bool may_list_name(std::string_view name) const;
  // False: surely nothing that address() would give for it.
  [[nodiscard]] bool may_list_address(std::string_view text) const;
  // Hexadecimal digits in lower case: a file's hash or a certificate's.
  [[nodiscard]] bool may_list_hash(std::string_view digits) const;

  // Whether any of the kind is listed: what is not need not be looked up.
  [[nodiscard]] bool has_addresses() const { return !tables_[kAddress].empty(); }
  [[nodiscard]] bool has_domains() const { return !tables_[kDomain].empty(); }
  [[nodiscard]] bool has_urls() const { return !tables_[kUrl].empty(); }
  [[nodiscard]] bool has_hashes(bool certificate) const {
    return !tables_[certificate ? kCertificate : kFileHash].empty();
  }
  [[nodiscard]] bool has_mail_addresses() const { return !tables_[kMail].empty(); }
  [[nodiscard]] bool has_file_names() const { return !tables_[kName].empty(); }
  [[nodiscard]] bool has_file_paths() const { return !tables_[kPath].empty(); }

 private:
  enum Kind : std::uint8_t { kAddress, kDomain, kUrl, kFileHash, kCertificate, kMail, kName, kPath, kKinds };
  // Open addressing: the upper half of a hash, and the first indicator of a value, plus 1.
  struct Slot {
    std::uint32_t tag = 0;
    std::uint32_t number = 0;  // 0: empty
  };
  using Table = std::vector<Slot>;

  void file(Kind kind, IndicatorNumber number, std::uint64_t hash);
  void find_text(Kind kind, std::string_view text, IndicatorSink sink) const;
  void find_network(const Network& network, IndicatorSink sink) const;
  template <class Same>
  void find(Kind kind, std::uint64_t hash, const Same& same, IndicatorSink sink) const;

  IndicatorList indicators_;
  Table tables_[kKinds];
  Sieve sieves_[kKinds];
  Sieve written_addresses_;  // of surely_no_address()
  Sieve hosts_;              // domains, and what URLs are at
  // What else has the value of an indicator that a slot names.
  std::vector<std::unordered_map<IndicatorNumber, std::vector<IndicatorNumber>>> chains_;
  std::vector<int> prefixes_;    // prefix lengths that occur, longest first
  bool plain_addresses_ = true;  // no networks, and no names made of digits and dots
  bool single_labels_ = false;   // a name without a dot is listed
};

}  // namespace assay
