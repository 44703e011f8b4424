#include "evidence/formats/json/opened_text.h"

#include "core/ascii.h"

namespace assay {
namespace {

constexpr Slot kNoSlot = UINT32_MAX;
// A short text whose brackets do not close is no JSON that was cut, but something else.
constexpr std::size_t kCutBytes = 1000;

}  // namespace

MessageRule OpenedText::rule_of_xml(const std::string& path) {
  MessageRule rule;
  rule.xml = true;
  rule.prefix = path + ".";
  return rule;
}

std::string OpenedText::path_of(std::uint32_t node) const {
  const std::string& path = scanner_.paths().at(node).path;
  return path.empty() ? path_ : path_ + "." + path;
}

OpenedText::Answer OpenedText::open(std::string_view text, bool xml) {
  kind_ = Kind::closed;
  const std::string_view start = trim(text.substr(0, 64));
  const bool is_xml = xml && start.starts_with('<');
  if (start.size() < 2 || (start.front() != '{' && start.front() != '[' && !is_xml)) return Answer::closed;
  if (text.size() > kMost) return Answer::too_long;
  text_ = text;
  if (is_xml) {
    xml_.start(&xml_rule_, text);
    if (xml_.get().empty()) return Answer::closed;
    kind_ = Kind::xml;
    return Answer::opened;
  }
  const JsonVerdict verdict = scanner_.scan(text, true);
  if (scanner_.generation() != generation_) {
    generation_ = scanner_.generation();
    slots_.clear();
  }
  const JsonFaults& faults = scanner_.faults();
  // A list of bare words, or a GUID in braces, is no JSON; the text itself holds all there is.
  if (verdict == JsonVerdict::damaged || (verdict == JsonVerdict::cut && text.size() < kCutBytes))
    return Answer::closed;
  if (start.front() == '[' && faults.bad_values > 0) return Answer::closed;
  kind_ = Kind::json;
  return verdict == JsonVerdict::cut ? Answer::cut : faults.none() ? Answer::opened : Answer::faulty;
}

void OpenedText::read(const Projection& projection, FieldTable& out) {
  if (kind_ == Kind::xml) {
    for (const auto& [name, value] : xml_.get()) {
      if (const auto slot = projection.find(name)) out.add(*slot, {ValueKind::string, value});
    }
  }
  if (kind_ != Kind::json) return;
  if (slots_.size() >= kProjections && !slots_.contains(projection.fingerprint())) slots_.clear();
  std::vector<Slot>& slots = slots_[projection.fingerprint()];
  while (slots.size() < scanner_.paths().size())
    slots.push_back(projection.find(path_of(static_cast<std::uint32_t>(slots.size()))).value_or(kNoSlot));
  for (const JsonEntry& entry : scanner_.entries()) {
    const Slot slot = slots[entry.node];
    if (slot == kNoSlot) continue;
    const std::string_view text = text_.substr(entry.begin, entry.size);
    if (entry.kind == ValueKind::null) {
      out.add(slot, {ValueKind::null, {}});
    } else if (entry.decode) {
      out.add_encoded(slot, entry.kind, text, json_unescape);
    } else {
      out.add(slot, {entry.kind, text});
    }
  }
}

void OpenedText::all_fields(const FieldSink& sink) {
  if (kind_ == Kind::xml) {
    for (const auto& [name, value] : xml_.get()) sink(name, {ValueKind::string, value});
  }
  if (kind_ != Kind::json) return;
  std::string scratch;
  for (const JsonEntry& entry : scanner_.entries()) {
    std::string_view text = text_.substr(entry.begin, entry.size);
    if (entry.kind == ValueKind::null) text = {};
    if (entry.decode) {
      json_unescape(text, scratch);
      text = scratch;
    }
    sink(path_of(entry.node), {entry.kind, text});
  }
}

}  // namespace assay
