#include "match/carried.h"

#include <fmt/format.h>

#include "core/hash.h"
#include "core/limits.h"

namespace assay {

std::string cut(std::string_view text) {
  if (text.size() <= limits::kCarriedFieldBytes) return std::string(text);
  std::size_t end = limits::kCarriedFieldBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return std::string(text.substr(0, end));
}

std::string cut_distinct(std::string_view value) {
  std::string kept = cut(value);
  if (kept.size() == value.size()) return kept;
  return fmt::format("{}#{:016x}", kept.substr(0, kept.size() - 17), hash64(value));
}

void add_field(std::vector<NamedValue>& fields, std::string_view name, std::string_view value) {
  if (fields.size() >= limits::kCarriedFields || value.empty()) return;
  for (const NamedValue& field : fields) {
    if (field.first == name) return;
  }
  fields.emplace_back(std::string(name), cut(value));
}

void place_match(const RecordContext& record, Match& m) {
  m.outcome = record.outcome;
  m.time = record.time;
  m.ref = record.ref;
  m.content = record.content;
  m.host = record.host;
  m.account = record.account;
}

}  // namespace assay
