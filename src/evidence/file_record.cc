#include "evidence/file_record.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/ascii.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kTextHead = 4096;  // bytes that decide between text and data

std::uint32_t little32(std::string_view bytes, std::size_t at) {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < 4; ++i)
    out |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  return out;
}

bool is_pe(std::string_view head) {
  if (head.size() < 64 || !head.starts_with("MZ"sv)) return false;
  const std::uint32_t at = little32(head, 0x3c);
  // A header beyond the head is still an old or new executable: only these begin so.
  return at > head.size() - 4 ? at < (1U << 24) : head.substr(at, 4) == "PE\0\0"sv;
}

bool is_macho(std::string_view head) {
  if (head.size() < 8) return false;
  const std::string_view magic = head.substr(0, 4);
  if (magic == "\xfe\xed\xfa\xce"sv || magic == "\xfe\xed\xfa\xcf"sv || magic == "\xce\xfa\xed\xfe"sv ||
      magic == "\xcf\xfa\xed\xfe"sv)
    return true;
  // A fat binary shares its magic with Java classes, whose next bytes are a version of 45 or more.
  return magic == "\xca\xfe\xba\xbe"sv && head[4] == 0 && head[5] == 0 && head[6] == 0 &&
         static_cast<unsigned char>(head[7]) < 40;
}

struct Magic {
  std::string_view bytes, type;
};
constexpr std::array kMagics = std::to_array<Magic>({
    {"\x7f"
     "ELF"sv,
     "elf"},
    {"%PDF-"sv, "pdf"},
    {"PK\x03\x04"sv, "zip"},
    {"PK\x05\x06"sv, "zip"},
    {"7z\xbc\xaf\x27\x1c"sv, "7z"},
    {"Rar!\x1a\x07"sv, "rar"},
    {"\xfd"
     "7zXZ\0"sv,
     "xz"},
    {"BZh"sv, "bzip2"},
    {"MSCF\0\0\0\0"sv, "cab"},
    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"sv, "ole"},
    {"{\\rtf"sv, "rtf"},
    {"\x89PNG\r\n\x1a\n"sv, "image"},
    {"\xff\xd8\xff"sv, "image"},
    {"GIF87a"sv, "image"},
    {"GIF89a"sv, "image"},
    {"II*\0"sv, "image"},
    {"MM\0*"sv, "image"},
    {"\xca\xfe\xba\xbe"sv, "java"},
    {"dex\n0"sv, "dex"},
    {"L\0\0\0\x01\x14\x02\0"sv, "lnk"},
    {"SQLite format 3\0"sv, "sqlite"},
    {"!<arch>\n"sv, "ar"},
});

bool is_script(std::string_view head) {
  if (head.starts_with("#!"sv)) return true;
  const std::string_view text = trim(head.substr(0, std::min<std::size_t>(head.size(), 256)));
  for (const std::string_view opening : {"<?php"sv, "<%@"sv, "<%!"sv, "@echo off"sv, "<script"sv, "import java."sv}) {
    if (starts_with_icase(text, opening)) return true;
  }
  return false;
}

std::string_view markup_type(std::string_view head) {
  const std::string_view text = trim(head.substr(0, std::min<std::size_t>(head.size(), 1024)));
  if (!text.starts_with('<')) return {};
  if (starts_with_icase(text, "<!doctype html") || starts_with_icase(text, "<html")) return "html";
  const bool declared = starts_with_icase(text, "<?xml");
  if (contains_icase(text, "<html")) return "html";
  if (declared) return "xml";
  for (const std::string_view tag :
       {"<head"sv, "<body"sv, "<meta"sv, "<title"sv, "<table"sv, "<div"sv, "<p>"sv, "<a href"sv, "<form"sv}) {
    if (starts_with_icase(text, tag)) return "html";
  }
  if (text.starts_with("<!--"sv)) return "html";
  return text.size() > 1 && is_alpha(text[1]) && text.find('>') != std::string_view::npos ? "xml" : ""sv;
}

// UTF-8 or single-byte text: no control characters but the usual ones, apart from a cut sequence at the end of the
// head.
bool is_text(std::string_view head) {
  head = head.substr(0, std::min(head.size(), kTextHead));
  std::size_t high = 0, broken = 0;
  for (std::size_t i = 0; i < head.size();) {
    const auto byte = static_cast<unsigned char>(head[i]);
    if (byte < 0x80) {
      if (byte < 0x20 && !is_space(head[i]) && byte != 0x1b && byte != 0x08) return false;
      if (byte == 0x7f) return false;
      ++i;
      continue;
    }
    ++high;
    const std::size_t size = utf8_sequence(head.substr(i));
    if (size == 0 && head.size() - i > 4) ++broken;
    i += size == 0 ? 1 : size;
  }
  return broken == 0 || high * 4 < head.size();
}

bool is_json(std::string_view head) {
  const std::string_view text = trim(head.substr(0, std::min(head.size(), kTextHead)));
  if (text.size() < 2 || (text.front() != '{' && text.front() != '[')) return false;
  const std::string_view rest = trim(text.substr(1));
  return !rest.empty() && (rest.front() == '"' || rest.front() == '{' || rest.front() == '[' || rest.front() == '}' ||
                           rest.front() == ']');
}

std::string_view extension_of(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view() : name.substr(dot + 1);
}

class FileReader final : public RecordReader {
 public:
  FileReader(const FileFacts& facts, const SchemaSet& schemas) : shape_(schemas.find("file").value_or(0)) {
    const std::string_view path = facts.path;
    const std::size_t slash = path.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
    add("path", path);
    add("name", name);
    add("extension", lower(extension_of(name)));
    add("size", std::to_string(facts.size), ValueKind::number);
    if (facts.mode != 0) {
      std::string mode(4, '0');
      for (std::size_t i = 0; i < 4; ++i) mode[3 - i] = static_cast<char>('0' + (facts.mode >> (3 * i) & 7));
      add("mode", mode);
    }
    add("type", facts.type);
    add("modified", format_utc(facts.modified));
    add("sha256", facts.sha256);
    add("sha1", facts.sha1);
    add("md5", facts.md5);
  }

  [[nodiscard]] Frame next(std::string_view, bool) override { return {.kind = Frame::Kind::done}; }
  [[nodiscard]] bool begin(std::string_view, Notices&) override { return true; }
  [[nodiscard]] ShapeId shape() const override { return shape_; }

  void read(const Projection& projection, FieldTable& out) override {
    for (const Field& field : fields_) {
      if (const auto slot = projection.find(field.path)) out.add(*slot, {field.kind, field.text});
    }
  }
  void all_fields(const FieldSink& sink) override {
    for (const Field& field : fields_) sink(field.path, {field.kind, field.text});
  }

 private:
  struct Field {
    std::string_view path;
    ValueKind kind;
    std::string text;
  };
  // What is not known is absent, not empty.
  void add(std::string_view path, std::string_view text, ValueKind kind = ValueKind::string) {
    if (!text.empty()) fields_.push_back({path, kind, std::string(text)});
  }

  ShapeId shape_;
  std::vector<Field> fields_;
};

}  // namespace

std::string_view blob_type(std::string_view head) {
  if (head.empty()) return "empty";
  if (is_pe(head)) return "pe";
  if (is_macho(head)) return "macho";
  if (const ContainerKind kind = recognise_container(head); kind != ContainerKind::none) return name_of(kind);
  for (const Magic& magic : kMagics) {
    if (head.starts_with(magic.bytes)) return magic.type;
  }
  if (head.size() >= 12 && head.starts_with("RIFF"sv) && head.substr(8, 4) == "WEBP"sv) return "image";
  if (!is_text(head)) return "data";
  if (head.starts_with("\xef\xbb\xbf"sv)) head.remove_prefix(3);
  if (is_script(head)) return "script";
  if (const std::string_view type = markup_type(head); !type.empty()) return type;
  if (is_json(head)) return "json";
  return "text";
}

std::unique_ptr<RecordReader> file_record(const FileFacts& facts, const SchemaSet& schemas) {
  return std::make_unique<FileReader>(facts, schemas);
}

}  // namespace assay
