// What every reader of records promises, held against any bytes: the same records however the stream is cut, every
// projection agrees with all fields, every path and value is UTF-8. A broken promise aborts.
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "core/ascii.h"
#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"

namespace assay::fuzzing {

inline const SchemaSet& schemas() {
  static const SchemaSet kSchemas = [] {
    Result<SchemaSet> loaded = SchemaSet::load({});
    if (!loaded.ok()) std::abort();
    return std::move(loaded).value();
  }();
  return kSchemas;
}

// `also(reader, text)` looks at each record too; what it appends to `text` must not depend on the cuts either.
template <typename Also>
void hold_promise(const Format& format, std::string_view bytes, std::string_view shape, Also also, bool carve = false) {
  (void)format.recognise(bytes.substr(0, 65536), bytes.size() <= 65536, "x", schemas());
  const auto visit = [&](RecordReader& reader, std::string& text) {
    if (!drain::projection_agrees(reader)) std::abort();
    reader.all_fields([](std::string_view path, Value value) {
      if (!is_utf8(value.text) || !is_utf8(path)) std::abort();
    });
    also(reader, text);
  };
  const drain::Result whole = drain::run(format, bytes, shape, schemas(), drain::whole(), visit, carve);
  if (!whole.broken_promise.empty()) std::abort();
  std::size_t step = 0;
  const drain::Result cut =
      drain::run(format, bytes, shape, schemas(), [&] { return 1 + (step++ * 37) % 113; }, visit, carve);
  if (drain::text(whole) != drain::text(cut)) std::abort();
}

inline void hold_promise(const Format& format, std::string_view bytes, std::string_view shape) {
  hold_promise(format, bytes, shape, [](RecordReader&, std::string&) {});
}

// The same for whatever the bytes are taken for by themselves: the shape that a file of them would have.
inline void hold_promise_of_any(std::string_view bytes) {
  const Recognised found = recognise(bytes.substr(0, 65536), bytes.size() <= 65536, "x", schemas());
  if (found.format != nullptr) hold_promise(*found.format, bytes, found.recognition.shape);
}

}  // namespace assay::fuzzing
