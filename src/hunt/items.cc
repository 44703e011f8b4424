#include "hunt/items.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/time.h"

namespace assay {
namespace {

// Of items with the same bytes the one with the smallest chain is kept.
void find_copies(Items& items) {
  std::map<std::string, std::string> first_of;  // sha256 -> chain
  for (const auto& [chain, part] : items.by_chain) {
    if (part.sha256.empty() || part.bytes == 0) continue;
    const auto [at, fresh] = first_of.try_emplace(part.sha256, chain);
    if (!fresh) items.copy_of.emplace(chain, at->second);
  }
}

EvidenceItem evidence_item(const ItemPart& part, Notices& notices) {
  EvidenceItem item;
  item.path = part.chain;
  item.member = part.parent.empty() ? std::string() : part.chain.substr(part.parent.size() + 1);
  item.shape = part.shape;
  item.kind = part.kind;
  item.bytes = part.bytes;
  item.records = part.records;
  item.damaged = part.damaged;
  item.skipped_bytes = part.skipped_bytes;
  item.first = part.first;
  item.last = part.last;
  item.hosts = part.hosts;
  item.sha256 = part.sha256;
  item.record_bytes = part.record_bytes;
  item.between_bytes = part.between_bytes;
  item.damaged_bytes = part.damaged_bytes;
  item.outside = part.outside;
  item.routes = part.routes;
  if (part.kind == "container") {  // all of it is wrapping; its members have their own bytes
    item.record_bytes = item.damaged_bytes = item.skipped_bytes = 0;
    item.between_bytes = part.bytes;
  } else if (part.accounted() < part.bytes) {  // a part of it was given up
    item.skipped_bytes += part.bytes - part.accounted();
    notices.add(
        {NoticeKind::limit_other, part.chain, 0, part.bytes - part.accounted(), "bytes that no unit looked at"});
  }
  return item;
}

void place_kept(Items& items, CaseData& data, Notices& notices) {
  std::map<std::string, std::vector<std::string>> copies;
  for (const auto& [copy, kept] : items.copy_of) copies[kept].push_back(copy);
  std::size_t n = 0;
  for (const auto& [chain, part] : items.by_chain) {
    if (items.copy_of.contains(chain)) continue;
    EvidenceItem& item = data.evidence.emplace_back(evidence_item(part, notices));
    item.id = fmt::format("E{:04}", ++n);
    item.copies = copies[chain];
    items.ids[chain] = item.id;
    items.sha[item.id] = part.sha256;
    items.chains[item.id] = chain;
    data.records_total += part.records;
  }
}

void place_copies(Items& items, CaseData& data, Notices& notices) {
  for (const auto& [copy, kept] : items.copy_of) {
    items.ids[copy] = items.ids[kept];
    const ItemPart& part = items.by_chain.at(copy);
    data.records_total += part.records;
    // Members of a copied container are copies too; the container's notice says it all.
    if (!items.copy_of.contains(part.parent))
      notices.add({NoticeKind::duplicate_file, copy, 0, 1, "the same bytes as " + kept});
  }
}

}  // namespace

std::string Items::id_of(const std::string& chain) const {
  const auto at = ids.find(chain);
  return at == ids.end() ? std::string() : at->second;
}

const std::string& Items::kept(const std::string& chain) const {
  const auto at = copy_of.find(chain);
  return at == copy_of.end() ? chain : at->second;
}

void place_items(Items& items, CaseData& data, Notices& notices) {
  find_copies(items);
  place_kept(items, data, notices);
  place_copies(items, data, notices);
  for (EvidenceItem& item : data.evidence) item.parent = items.id_of(items.by_chain.at(item.path).parent);
}

void report_duplicates(const Duplicates& duplicates, const Items& items, CaseData& data, Notices& notices) {
  data.duplicates_total = duplicates.records;
  for (EvidenceItem& item : data.evidence) {
    for (const auto& [pair, records] : duplicates.pairs) item.copied += pair.first == item.path ? records : 0;
    if (const auto sum = duplicates.sums.find(item.path); sum != duplicates.sums.end())
      item.copied += sum->second.records;
    item.copied = std::min(item.copied, item.records - item.outside);
  }
  for (const auto& [pair, records] : duplicates.pairs) {
    if (items.copy_of.contains(pair.first)) continue;  // has its own notice
    notices.add({NoticeKind::duplicate_records, pair.first, 0, records,
                 "records that " + pair.second + " holds too; counted once"});
  }
  for (const auto& [chain, sum] : duplicates.sums) {
    notices.add(
        {NoticeKind::duplicate_records, chain, 0, sum.records,
         fmt::format("records that {} and {} more hold too; counted once", *sum.of.begin(), sum.of.size() - 1)});
  }
  for (const auto& [pair, shared] : duplicates.shared) {
    notices.add(
        {NoticeKind::shared_records, pair.first, 0, shared.records,
         fmt::format("{} holds about as many of its records too, from {} on, and no whole hour of them: sums of bytes "
                     "there are given as bounds",
                     pair.second, format_utc(Time{shared.first_hour * kHour}))});
  }
}

}  // namespace assay
