// Writes Windows event log files, for tests and fuzzing only: shares nothing with the reader, so that a wrong idea of
// the format shows. Definitions stand where they are first used, as Windows puts them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace assay::evtx_writer {

// A number's bytes, least first.
inline std::string bytes_of(std::uint64_t value, std::size_t size) {
  std::string out;
  for (std::size_t i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}
inline void put(std::string& to, std::size_t at, std::uint64_t value, std::size_t size) {
  to.replace(at, size, bytes_of(value, size));
}
// Text without characters beyond the basic plane.
inline std::string wide(std::u16string_view text) {
  std::string out;
  for (const char16_t unit : text) out += bytes_of(unit, 2);
  return out;
}
inline std::string wide(std::string_view ascii) {
  std::string out;
  for (const char c : ascii) out += bytes_of(static_cast<unsigned char>(c), 2);
  return out;
}
inline std::string sid(std::uint64_t authority, const std::vector<std::uint32_t>& parts) {
  std::string out("\x01", 1);
  out += static_cast<char>(parts.size());
  for (int i = 5; i >= 0; --i) out += static_cast<char>(authority >> (8 * i) & 255);
  for (const std::uint32_t part : parts) out += bytes_of(part, 4);
  return out;
}
inline std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0) {
  std::uint32_t sum = ~before;
  for (const char c : bytes) {
    sum ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1 ^ ((sum & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~sum;
}

struct Element;
struct Template;
struct Text {
  std::string utf16;
};
struct CData {
  std::string utf16;
};
struct Character {
  std::uint16_t code;
};
struct Entity {
  std::string name;
};
struct Instruction {
  std::string target, utf16;
};
struct Substitution {
  std::uint16_t id;
  std::uint8_t type;
  bool optional = false;
};
struct Value;
// A template with its values; inside content, or as a value of type 0x21.
struct Use {
  std::shared_ptr<Template> definition;
  std::vector<Value> values;
};
struct Value {
  std::uint8_t type = 0;
  std::string bytes;
  std::shared_ptr<Use> use;          // type 0x21
  std::shared_ptr<Element> element;  // type 0x21 without a template
};
using Piece = std::variant<Text, CData, Character, Entity, Instruction, Substitution, std::shared_ptr<Element>, Use>;
struct Element {
  std::string name;
  std::vector<std::pair<std::string, std::vector<Piece>>> attributes;
  std::vector<Piece> content;
  bool closed = false;  // <a/> rather than <a></a>
};
struct Template {
  Element root;
  std::uint32_t id = next_id();  // the begin of its GUID

  static constexpr std::uint32_t kIds = 0x57A10000;
  static std::uint32_t next_id() {
    static std::uint32_t last = kIds;
    return ++last;
  }
};

inline Piece text(std::string_view ascii) { return Text{wide(ascii)}; }
inline Piece child(Element element) { return std::make_shared<Element>(std::move(element)); }
// <Data Name="name">substitution</Data>
inline Piece data(std::string_view name, std::uint16_t id, std::uint8_t type, bool optional = false) {
  Element out{"Data", {}, {Substitution{id, type, optional}}};
  if (!name.empty()) out.attributes.push_back({"Name", {text(name)}});
  return child(std::move(out));
}

class Chunk {
 public:
  explicit Chunk(std::uint64_t first_record = 1) : bytes_(512, '\0'), first_(first_record), next_(first_record) {}

  // False when the chunk has no room for it.
  bool record(const Use& use, std::uint64_t file_time = 132000000000000000) {
    const std::string before = bytes_;
    const auto names = names_;
    const auto definitions = definitions_;
    const std::size_t begin = bytes_.size();
    bytes_ += std::string("**\0\0", 4) + bytes_of(0, 4) + bytes_of(next_, 8) + bytes_of(file_time, 8);
    bytes_ += std::string("\x0f\x01\x01\x00", 4);
    write(use);
    bytes_ += '\0';
    return finish(begin, before, names, definitions);
  }
  // A record whose binary XML is an element, not a template.
  bool record(const Element& root) {
    const std::string before = bytes_;
    const auto names = names_;
    const auto definitions = definitions_;
    const std::size_t begin = bytes_.size();
    bytes_ += std::string("**\0\0", 4) + bytes_of(0, 4) + bytes_of(next_, 8) + bytes_of(132000000000000000, 8);
    bytes_ += std::string("\x0f\x01\x01\x00", 4);
    write(root, true);
    bytes_ += '\0';
    return finish(begin, before, names, definitions);
  }
  [[nodiscard]] std::size_t used() const { return bytes_.size(); }
  [[nodiscard]] std::uint64_t next_record() const { return next_; }

  // The 64 KiB. `checksums`: as Windows writes them; else the flag that there are none.
  [[nodiscard]] std::string bytes(bool checksums = true) const {
    std::string out = bytes_;
    const std::size_t used = out.size();
    out.resize(65536, '\0');
    out.replace(0, 8, std::string("ElfChnk\0", 8));
    for (const std::size_t at : {8U, 24U}) put(out, at, first_, 8);
    for (const std::size_t at : {16U, 32U}) put(out, at, next_ - 1, 8);
    put(out, 40, 128, 4);
    put(out, 44, last_, 4);
    put(out, 48, used, 4);
    put(out, 120, checksums ? 1 : 4, 4);
    if (checksums) seal(out);
    return out;
  }
  static void seal(std::string& chunk) {
    const std::string_view view = chunk;
    std::size_t used = 0;
    for (int i = 3; i >= 0; --i) used = used << 8 | static_cast<unsigned char>(chunk[static_cast<std::size_t>(48 + i)]);
    put(chunk, 52, crc32(view.substr(512, used - 512)), 4);
    put(chunk, 124, crc32(view.substr(128, 384), crc32(view.substr(0, 120))), 4);
  }

 private:
  using Names = std::map<std::string, std::size_t>;
  using Definitions = std::map<std::shared_ptr<Template>, std::size_t>;

  bool finish(std::size_t begin, const std::string& before, const Names& names, const Definitions& definitions) {
    while ((bytes_.size() + 4) % 8 != 0) bytes_ += '\0';
    const std::size_t size = bytes_.size() + 4 - begin;
    if (begin + size > 65536) {
      bytes_ = before;
      names_ = names;
      definitions_ = definitions;
      return false;
    }
    put(bytes_, begin + 4, size, 4);
    bytes_ += bytes_of(size, 4);
    last_ = begin;
    ++next_;
    return true;
  }

  void name(const std::string& ascii) {
    const auto known = names_.find(ascii);
    if (known != names_.end()) {
      bytes_ += bytes_of(known->second, 4);
      return;
    }
    const std::size_t at = bytes_.size() + 4;
    names_[ascii] = at;
    std::uint16_t hash = 0;
    for (const char c : ascii) hash = static_cast<std::uint16_t>(hash * 65599U + static_cast<unsigned char>(c));
    bytes_ +=
        bytes_of(at, 4) + bytes_of(0, 4) + bytes_of(hash, 2) + bytes_of(ascii.size(), 2) + wide(ascii) + bytes_of(0, 2);
  }

  void write(const Use& use) {
    const auto known = definitions_.find(use.definition);
    const std::size_t at = known == definitions_.end() ? bytes_.size() + 10 : known->second;
    bytes_ += std::string("\x0c\x01", 2) + bytes_of(use.definition->id, 4) + bytes_of(at, 4);
    if (known == definitions_.end()) {
      definitions_[use.definition] = at;
      bytes_ += bytes_of(0, 4) + bytes_of(use.definition->id, 4) + std::string(12, '\x11') + bytes_of(0, 4);
      const std::size_t begin = bytes_.size();
      bytes_ += std::string("\x0f\x01\x01\x00", 4);
      write(use.definition->root, true);
      bytes_ += '\0';
      put(bytes_, at + 20, bytes_.size() - begin, 4);
    }
    bytes_ += bytes_of(use.values.size(), 4);
    const std::size_t descriptors = bytes_.size();
    for (const Value& value : use.values) bytes_ += bytes_of(value.bytes.size(), 2) + bytes_of(value.type, 2);
    for (std::size_t i = 0; i < use.values.size(); ++i) {
      const Value& value = use.values[i];
      const std::size_t begin = bytes_.size();
      bytes_ += value.bytes;
      if (value.use != nullptr) {
        bytes_ += std::string("\x0f\x01\x01\x00", 4);
        write(*value.use);
        bytes_ += '\0';
      }
      if (value.element != nullptr) {
        bytes_ += std::string("\x0f\x01\x01\x00", 4);
        write(*value.element, false);
        bytes_ += '\0';
      }
      put(bytes_, descriptors + i * 4, bytes_.size() - begin, 2);
    }
  }

  void write(const Element& element, bool dependency) {
    bytes_ += element.attributes.empty() ? '\x01' : '\x41';
    if (dependency) bytes_ += bytes_of(0xFFFF, 2);
    const std::size_t size_at = bytes_.size();
    bytes_ += bytes_of(0, 4);
    name(element.name);
    if (!element.attributes.empty()) {
      const std::size_t list = bytes_.size();
      bytes_ += bytes_of(0, 4);
      for (std::size_t i = 0; i < element.attributes.size(); ++i) {
        bytes_ += i + 1 < element.attributes.size() ? '\x46' : '\x06';
        name(element.attributes[i].first);
        for (const Piece& piece : element.attributes[i].second) write(piece, dependency);
      }
      put(bytes_, list, bytes_.size() - list - 4, 4);
    }
    if (element.closed) {
      bytes_ += '\x03';
    } else {
      bytes_ += '\x02';
      for (const Piece& piece : element.content) write(piece, dependency);
      bytes_ += '\x04';
    }
    put(bytes_, size_at, bytes_.size() - size_at - 4, 4);
  }

  void write(const Piece& piece, bool dependency) {
    if (const auto* text = std::get_if<Text>(&piece)) {
      bytes_ += std::string("\x05\x01", 2) + bytes_of(text->utf16.size() / 2, 2) + text->utf16;
    } else if (const auto* cdata = std::get_if<CData>(&piece)) {
      bytes_ += '\x07' + bytes_of(cdata->utf16.size() / 2, 2) + cdata->utf16;
    } else if (const auto* character = std::get_if<Character>(&piece)) {
      bytes_ += '\x08' + bytes_of(character->code, 2);
    } else if (const auto* entity = std::get_if<Entity>(&piece)) {
      bytes_ += '\x09';
      name(entity->name);
    } else if (const auto* instruction = std::get_if<Instruction>(&piece)) {
      bytes_ += '\x0a';
      name(instruction->target);
      bytes_ += '\x0b' + bytes_of(instruction->utf16.size() / 2, 2) + instruction->utf16;
    } else if (const auto* substitution = std::get_if<Substitution>(&piece)) {
      bytes_ += substitution->optional ? '\x0e' : '\x0d';
      bytes_ += bytes_of(substitution->id, 2) + bytes_of(substitution->type, 1);
    } else if (const auto* use = std::get_if<Use>(&piece)) {
      write(*use);
    } else {
      write(*std::get<std::shared_ptr<Element>>(piece), dependency);
    }
  }

  std::string bytes_;
  std::uint64_t first_, next_;
  std::size_t last_ = 512;
  Names names_;
  Definitions definitions_;
};

// A file of these chunks.
inline std::string file(const std::vector<std::string>& chunks, bool checksums = true) {
  std::string out("ElfFile\0", 8);
  out.resize(4096, '\0');
  put(out, 16, chunks.empty() ? 0 : chunks.size() - 1, 8);
  put(out, 32, 128, 4);
  put(out, 36, 1, 2);
  put(out, 38, 3, 2);
  put(out, 40, 4096, 2);
  put(out, 42, chunks.size(), 2);
  put(out, 120, checksums ? 0 : 4, 4);
  if (checksums) put(out, 124, crc32(std::string_view(out).substr(0, 120)), 4);
  for (const std::string& chunk : chunks) out += chunk;
  return out;
}

}  // namespace assay::evtx_writer
