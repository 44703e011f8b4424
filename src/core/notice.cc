#include "core/notice.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace assay {
namespace {

constexpr std::array<std::pair<NoticeKind, std::string_view>, 41> kNames = {{
    {NoticeKind::not_recognised, "not_recognised"},
    {NoticeKind::recognised_not_read, "recognised_not_read"},
    {NoticeKind::unreadable, "unreadable"},
    {NoticeKind::empty, "empty"},
    {NoticeKind::damaged_record, "damaged_record"},
    {NoticeKind::damaged_file, "damaged_file"},
    {NoticeKind::truncated, "truncated"},
    {NoticeKind::bad_value, "bad_value"},
    {NoticeKind::not_utf8, "not_utf8"},
    {NoticeKind::duplicate_key, "duplicate_key"},
    {NoticeKind::no_time, "no_time"},
    {NoticeKind::limit_record, "limit_record"},
    {NoticeKind::limit_depth, "limit_depth"},
    {NoticeKind::limit_members, "limit_members"},
    {NoticeKind::limit_output, "limit_output"},
    {NoticeKind::limit_matches, "limit_matches"},
    {NoticeKind::limit_other, "limit_other"},
    {NoticeKind::encrypted, "encrypted"},
    {NoticeKind::clock_conflict, "clock_conflict"},
    {NoticeKind::clock_offset, "clock_offset"},
    {NoticeKind::duplicate_file, "duplicate_file"},
    {NoticeKind::duplicate_records, "duplicate_records"},
    {NoticeKind::shared_records, "shared_records"},
    {NoticeKind::gap, "gap"},
    {NoticeKind::probably_truncated_export, "probably_truncated_export"},
    {NoticeKind::bogus_counter, "bogus_counter"},
    {NoticeKind::changed_while_read, "changed_while_read"},
    {NoticeKind::worker_died, "worker_died"},
    {NoticeKind::unit_given_up, "unit_given_up"},
    {NoticeKind::interrupted, "interrupted"},
    {NoticeKind::rule_limit, "rule_limit"},
    {NoticeKind::suppressed, "suppressed"},
    {NoticeKind::filter_expired, "filter_expired"},
    {NoticeKind::special_file, "special_file"},
    {NoticeKind::assumption, "assumption"},
    {NoticeKind::log_cleared, "log_cleared"},
    {NoticeKind::record_hole, "record_hole"},
    {NoticeKind::carved, "carved"},
    {NoticeKind::clock_jump, "clock_jump"},
    {NoticeKind::silent_source, "silent_source"},
    {NoticeKind::address_not_host, "address_not_host"},
}};

auto key_of(const Notice& n) { return std::tie(n.kind, n.item, n.detail); }

}  // namespace

std::string_view name_of(NoticeKind kind) {
  for (const auto& [value, name] : kNames) {
    if (value == kind) return name;
  }
  return "unknown";
}

std::optional<NoticeKind> notice_kind_from(std::string_view name) {
  for (const auto& [value, known] : kNames) {
    if (known == name) return value;
  }
  return std::nullopt;
}

void Notices::add(Notice notice) {
  const auto at = std::lower_bound(list_.begin(), list_.end(), notice,
                                   [](const Notice& a, const Notice& b) { return key_of(a) < key_of(b); });
  if (at != list_.end() && key_of(*at) == key_of(notice)) {
    at->offset = std::min(at->offset, notice.offset);
    at->count += notice.count;
    return;
  }
  list_.insert(at, std::move(notice));
}

void Notices::merge(const Notices& other) {
  for (const Notice& notice : other.list_) add(notice);
}

std::vector<Notice> Notices::sorted() const { return list_; }

}  // namespace assay
