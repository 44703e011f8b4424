// A Notice: something that could not be done, or that the reader must know about the evidence. A closed list of kinds,
// counted, kept and reported; nothing is skipped without one.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

enum class NoticeKind : std::uint8_t {
  not_recognised,       // no reader knows this content; it was looked at as plain bytes
  recognised_not_read,  // known, but there is no reader for it; the detail says how to convert
  unreadable,           // the operating system refused
  empty,                // nothing in it
  damaged_record,       // a record that its format cannot parse; the rest was read
  damaged_file,         // a container or file whose structure is broken; what came before was read
  truncated,            // ends inside a record or a container's stream
  bad_value,            // one value of a record was unusable (escape, number, time)
  not_utf8,             // bytes that are not UTF-8 were replaced in one value
  duplicate_key,        // one record names a key twice; all values count
  no_time,              // a record without a usable time
  limit_record,         // a record longer than the limit; its head was looked at
  limit_depth,          // nesting deeper than the limit
  limit_members,        // more members in a container than the limit
  limit_output,         // a container expands beyond the limit (bomb suspected)
  limit_matches,        // more matches of one detector than are kept in full
  limit_other,          // another declared limit; the detail names it
  encrypted,            // content that needs a password
  clock_conflict,       // two clocks of one record disagree
  clock_offset,         // a source's clock differs from others
  duplicate_file,       // the same bytes as another item
  duplicate_records,    // records that another item holds too; counted once
  shared_records,       // records at an item's end that another item holds too, in an hour of which neither has all
  gap,                  // a hole in a source by its own rhythm
  probably_truncated_export,
  bogus_counter,       // a byte count that its packets contradict
  changed_while_read,  // size or time of the file changed during the run
  worker_died,         // a worker process died; its unit was tried again
  unit_given_up,       // a unit failed twice; its span was not looked at
  interrupted,         // the run was stopped
  rule_limit,          // a rule gave up on a record (regex steps, YARA time)
  suppressed,          // hits of a rule that a filter document takes out of the findings
  filter_expired,      // a filter document past its last day: not applied
  special_file,        // a device, socket, pipe or looping link was not opened
  assumption,          // something the profile would have said had to be assumed
  log_cleared,         // an event says that a log was emptied
  record_hole,         // numbered records are missing from a numbered log
  carved,              // records of unused space of a log, looked at because it was asked for
  clock_jump,          // time goes back inside a log, or a clock was not set yet
  silent_source,       // a host or gateway of the profile without a record
  address_not_host,    // a finding rests on an address that no lease or profile ties to a host
};

[[nodiscard]] std::string_view name_of(NoticeKind kind);
[[nodiscard]] std::optional<NoticeKind> notice_kind_from(std::string_view name);

// Notices merge: equal kind, item and detail add their counts and keep the smallest offset.
struct Notice {
  NoticeKind kind = NoticeKind::not_recognised;
  std::string item;          // path chain of the evidence item; empty for the run
  std::uint64_t offset = 0;  // first place in the item, bytes
  std::uint64_t count = 1;
  std::string detail;  // one short sentence; never holds evidence text unescaped by its reader
  friend auto operator<=>(const Notice&, const Notice&) = default;
};

class Notices {
 public:
  void add(Notice notice);
  void merge(const Notices& other);
  // Canonical order: kind, item, detail.
  [[nodiscard]] std::vector<Notice> sorted() const;
  [[nodiscard]] bool empty() const { return list_.empty(); }
  void clear() { list_.clear(); }

 private:
  std::vector<Notice> list_;  // kept sorted by (kind, item, detail)
};

}  // namespace assay
