// Runs a reader over bytes as a worker does, in windows of any size, and checks what every reader promises: records in
// order and inside the stream, progress, nothing left over. For tests and fuzzing only.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/ascii.h"
#include "evidence/binding.h"
#include "evidence/format.h"

namespace assay::drain {

struct Result {
  std::vector<std::string> records;  // one text each: place, shape, every field
  Notices notices;
  std::uint64_t damaged = 0;
  std::string broken_promise;  // empty: none
};

// How many bytes come next; called until the stream is in view.
using Chunks = std::function<std::size_t()>;

inline Chunks whole() {
  return [] { return SIZE_MAX; };
}
inline Chunks each(std::size_t size) {
  return [size] { return size; };
}

// The schemas that ship, loaded once.
inline const SchemaSet& schemas() {
  static const SchemaSet kSchemas = SchemaSet::load({}).value();
  return kSchemas;
}

inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::string show(Value value) {
  switch (value.kind) {
    case ValueKind::absent:
      return "absent";
    case ValueKind::null:
      return "null";
    case ValueKind::boolean:
      return std::string(value.text);
    case ValueKind::number:
      return std::string(value.text);
    case ValueKind::string:
      break;
  }
  std::string out = "\"";
  for (const char c : value.text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7f && c != '"' && c != '\\') {
      out += c;
    } else {
      out += "\\x" + to_hex(std::string_view(&c, 1));
    }
  }
  return out + "\"";
}

// Gets each record that could be read; adds what it wants to the record's text.
using Visit = std::function<void(RecordReader&, std::string&)>;

// Whether the fields of the n-th record are asked for.
using Asked = std::function<bool(std::size_t)>;

inline Result run(const Format& format, std::string_view bytes, std::string_view shape, const SchemaSet& schemas,
                  const Chunks& chunks, const Visit& visit = {}, bool carve = false, const Asked& asked = {}) {
  Result result;
  const std::string_view head = bytes.substr(0, std::size_t{64} << 10);
  const std::unique_ptr<RecordReader> reader = format.open(head.substr(0, format.prologue_size(head)), shape, schemas);
  if (carve) reader->carve();
  if (reader->wants_survey()) {
    const auto stream = open_memory(bytes);
    survey(*reader, *format.open(head.substr(0, format.prologue_size(head)), shape, schemas), *stream);
  }
  std::size_t start = 0;  // of the window
  std::size_t end = 0;
  std::uint64_t accounted = 0;
  const auto more = [&] {
    const std::size_t size = chunks();
    end = size > bytes.size() - end ? bytes.size() : end + size;
  };
  while (true) {
    const std::string_view window = bytes.substr(start, end - start);
    const bool at_end = end == bytes.size();
    const Frame frame = reader->next(window, at_end);
    if (frame.kind == Frame::Kind::more) {
      if (at_end) {
        result.broken_promise = "asks for more at the end";
        return result;
      }
      more();
      continue;
    }
    if (frame.kind == Frame::Kind::done) {
      if (!at_end || !window.empty()) result.broken_promise = "done before the end";
      break;
    }
    if (frame.begin > frame.end || frame.end > frame.next || frame.next > window.size() || frame.next == 0) {
      result.broken_promise = "a frame outside its window, or without progress";
      return result;
    }
    accounted += frame.next;
    const std::string place = std::to_string(start + frame.begin) + "+" + std::to_string(frame.end - frame.begin);
    if (frame.kind == Frame::Kind::skip) {
      if (!frame.silent) {
        result.notices.add(
            {frame.why, "", start + frame.begin, 1, frame.what.empty() ? "skipped" : std::string(frame.what)});
        result.records.push_back("skip " + place + " " + std::string(name_of(frame.why)) + "\n");
      }
    } else {
      Notices notices;
      const bool good = reader->begin(window.substr(frame.begin, frame.end - frame.begin), notices);
      for (Notice notice : notices.sorted()) {
        notice.offset += start + frame.begin;
        result.notices.add(std::move(notice));
      }
      if (!good) {
        ++result.damaged;
        result.records.push_back("damaged " + place + "\n");
      } else {
        const Schema& schema = schemas.at(reader->shape());
        std::string text = "record " + place + " " + schema.shape + "\n";
        if (visit) visit(*reader, text);
        if (!asked || asked(result.records.size())) {
          reader->all_fields([&](std::string_view path, Value value) {
            text.append("  ").append(path).append(" = ").append(show(value)).append("\n");
          });
        }
        result.records.push_back(std::move(text));
      }
    }
    start += frame.next;
  }
  if (accounted != bytes.size()) result.broken_promise = "bytes that are neither record nor skipped";
  return result;
}

// The values of every projected path agree with what all_fields() shows: the check that a projection loses and invents
// nothing.
inline bool projection_agrees(RecordReader& reader) {
  std::vector<std::pair<std::string, std::string>> all;
  Projection projection;
  reader.all_fields([&](std::string_view path, Value value) {
    all.emplace_back(std::string(path), show(value));
    projection.add(path);
  });
  FieldTable table;
  table.reset(projection.size());
  reader.read(projection, table);
  for (std::size_t slot = 0; slot < projection.size(); ++slot) {
    std::vector<std::string> seen;
    table.each(static_cast<Slot>(slot), [&](const Value& value) { seen.push_back(show(value)); });
    std::size_t next = 0;
    for (const auto& [path, shown] : all) {
      if (path != projection.paths()[slot]) continue;
      if (next == seen.size() || seen[next] != shown) return false;
      ++next;
    }
    if (next != seen.size()) return false;
  }
  return true;
}

inline std::string text(const Result& result) {
  std::string out;
  for (const std::string& record : result.records) out += record;
  for (const Notice& notice : result.notices.sorted()) {
    out += "notice " + std::string(name_of(notice.kind)) + " at " + std::to_string(notice.offset) + " x" +
           std::to_string(notice.count) + ": " + notice.detail + "\n";
  }
  if (!result.broken_promise.empty()) out += "BROKEN PROMISE: " + result.broken_promise + "\n";
  return out;
}

}  // namespace assay::drain
