#include "evidence/format.h"

#include <string>

#include "core/limits.h"
#include "evidence/formats/line_reader.h"
#include "evidence/formats/returns.h"

namespace assay {

std::size_t Format::frame_limit() const { return limits::kRecordBytes; }

void survey(RecordReader& reader, RecordReader& scout, ByteStream& bytes) {
  constexpr std::size_t kPiece = std::size_t{1} << 20;
  std::string buffer;
  std::size_t used = 0;
  bool at_end = false;
  while (true) {
    const std::string_view window = std::string_view(buffer).substr(used);
    const Frame frame = scout.next(window, at_end);
    if (frame.kind == Frame::Kind::more) {
      if (at_end) return;
      buffer.erase(0, used);
      used = 0;
      const std::size_t old = buffer.size();
      buffer.resize(old + kPiece);
      const std::size_t n = bytes.read(std::span(buffer).subspan(old));
      buffer.resize(old + n);
      at_end = n == 0;
      continue;
    }
    if (frame.kind == Frame::Kind::done || frame.next == 0) return;
    if (frame.kind == Frame::Kind::record) reader.survey(window.substr(frame.begin, frame.end - frame.begin));
    used += frame.next;
  }
}

const Format* format_of(const Schema& schema) {
  for (const Format* format : formats()) {
    if (format->room() == schema.format) return format;
  }
  return nullptr;
}

RawForm raw_form_of(const Schema& schema) {
  const Format* format = format_of(schema);
  const RawForm form = format == nullptr ? RawForm::text : format->raw_form();
  // A document inside a text has escapes of its own, and what a message gives is made of it.
  const bool inside = !schema.opens.empty() || schema.messages != nullptr;
  return form == RawForm::json && inside ? RawForm::other : form;
}

const Format* find_format(std::string_view name) {
  for (const Format* format : formats()) {
    if (format->name() == name) return format;
  }
  return nullptr;
}

// Content decides: the best score, and of equal scores the first in the order of formats/formats.cc.
Recognised recognise(std::string_view head, bool whole, std::string_view file_name, const SchemaSet& schemas) {
  const std::string plain = plain_head(head);
  Recognised best;
  for (const Format* format : formats()) {
    Recognition recognition = format->recognise(plain.empty() || !format->of_lines() ? head : std::string_view(plain),
                                                whole, file_name, schemas);
    if (recognition.score > best.recognition.score) best = {format, std::move(recognition)};
  }
  if (best.format != nullptr && best.format->of_lines() && ends_in_returns(head)) {
    best.format = with_returns(*best.format);
    best.recognition.note += ", lines that end in carriage returns";
  }
  return best;
}

}  // namespace assay
