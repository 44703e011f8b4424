#include "evidence/format.h"

#include "core/limits.h"

namespace assay {

std::size_t Format::frame_limit() const { return limits::kRecordBytes; }

const Format* find_format(std::string_view name) {
  for (const Format* format : formats()) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

// Content decides: the best score, and of equal scores the first in the order of formats/formats.cc.
Recognised recognise(std::string_view head, bool whole, std::string_view file_name, const SchemaSet& schemas) {
  Recognised best;
  for (const Format* format : formats()) {
    Recognition recognition = format->recognise(head, whole, file_name, schemas);
    if (recognition.score > best.recognition.score) best = {format, std::move(recognition)};
  }
  return best;
}

}  // namespace assay
