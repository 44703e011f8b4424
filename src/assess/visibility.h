// What the evidence could have shown: which hosts of the scope which kind of source covers on which days, and from that
// the visibility of a claim: the share of host-days in scope and in the claim's activity window where one of its kinds
// of source stands, with the fields it needs. Computed from the tables "coverage" and "field_coverage"
// (core/coverage.h).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "assess/appliances.h"
#include "assess/weights.h"
#include "casefile/case_data.h"
#include "knowledge/host_index.h"

namespace assay {

struct DaySpan {
  std::int64_t first = 0, last = -1;  // days since 1970, both inside; empty when last < first
  [[nodiscard]] std::int64_t size() const { return last < first ? 0 : last - first + 1; }
};

struct ScopeHost {
  std::string name, kind;
  bool examined = false;  // some record speaks about it
  std::int64_t records = 0;
  std::int64_t first_day = 0, last_day = -1;
};

// All records of one kind of source.
struct SourceDays {
  std::int64_t records = 0;
  Time first, last;
  std::set<std::int64_t> days;
  std::map<std::string, std::set<std::int64_t>, std::less<>> hosts;  // hosts in scope only
  std::set<std::string, std::less<>> places;                         // evidence items, when the table names them
};

class Visibility {
 public:
  Visibility(const CaseData& data, const Weights& weights);

  [[nodiscard]] bool scope_given() const { return scope_given_; }
  // Hosts of the profile, or those of the evidence when there is no list; a bare number adds nameless ones.
  [[nodiscard]] const std::vector<ScopeHost>& hosts() const { return hosts_; }
  [[nodiscard]] std::int64_t in_scope() const { return in_scope_; }
  [[nodiscard]] std::int64_t examined() const { return examined_; }
  [[nodiscard]] const std::map<std::string, SourceDays, std::less<>>& sources() const { return sources_; }
  [[nodiscard]] bool any_record() const { return any_record_; }
  [[nodiscard]] bool any_own() const { return any_own_; }  // a record speaks about a host in scope
  [[nodiscard]] bool any_in_window() const { return any_in_window_; }
  [[nodiscard]] DaySpan window() const { return window_; }  // activity window of the advisories in force

  [[nodiscard]] DaySpan window_of(const Claim& claim) const;
  // Share of host-days of the claim; with a source class, by that one alone.
  [[nodiscard]] double of(const Claim& claim) const;
  [[nodiscard]] double of(const Claim& claim, std::string_view source_class) const;
  // Share of the host-days of the scope in the window that one kind of source covers.
  [[nodiscard]] double of_class(std::string_view source_class) const;
  // The same for the union of several kinds.
  [[nodiscard]] double of_classes(const std::vector<std::string>& source_classes) const;

  [[nodiscard]] const SilentAppliances& silent_appliances() const { return silent_; }

  // Holes of two days and more in a source that otherwise has records on most days.
  [[nodiscard]] static std::vector<DaySpan> gaps(const SourceDays& source);

 private:
  // `claim`: appliances that do not log it give no days; "" for none.
  [[nodiscard]] double share(const std::vector<std::string>& classes, const std::vector<std::string>& fields,
                             std::string_view kind, DaySpan span, std::string_view claim = {}) const;
  [[nodiscard]] double count_share(const std::vector<std::string>& classes, const std::vector<std::string>& fields,
                                   std::string_view kind, DaySpan span, std::string_view claim) const;

  const Weights* weights_;
  bool scope_given_ = false, any_record_ = false, any_own_ = false, any_in_window_ = false;
  std::int64_t in_scope_ = 0, examined_ = 0;
  std::vector<ScopeHost> hosts_;
  std::map<std::string, SourceDays, std::less<>> sources_;
  std::map<std::pair<std::string, std::string>, std::set<std::int64_t>>
      field_days_;  // (class, field) -> days that carry it
  DaySpan window_;
  mutable std::map<std::string, double, std::less<>> shares_;  // each share is asked for many times
  SilentAppliances silent_;
};

// The place of a key of the table, or npos.
[[nodiscard]] std::size_t key_index(const Table& table, std::string_view key);
[[nodiscard]] std::size_t column_index(const Table& table, std::string_view column);

// The host of the scope that a record's host value means: its name in the profile, else an inside address or a bare
// name as it stands (lower case, without domain); "" when it is an outside address or nothing.
[[nodiscard]] std::string scope_host(const HostIndex& hosts, std::string_view address_or_name);

}  // namespace assay
