#include <algorithm>

#include "evidence/formats/evtx/templates.h"
#include "evidence/formats/evtx/values.h"
#include "text/utf8.h"

namespace assay::evtx {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view kData{"D\0a\0t\0a\0", 8};
constexpr std::string_view kNameAttribute{"N\0a\0m\0e\0", 8};

enum Token : std::uint8_t {
  kEnd = 0x00,
  kOpen = 0x01,
  kCloseStart = 0x02,
  kCloseEmpty = 0x03,
  kCloseElement = 0x04,
  kText = 0x05,
  kAttribute = 0x06,
  kCData = 0x07,
  kCharacter = 0x08,
  kEntity = 0x09,
  kInstructionTarget = 0x0a,
  kInstructionData = 0x0b,
  kInstance = 0x0c,
  kSubstitution = 0x0d,
  kOptional = 0x0e,
  kFragment = 0x0f,
};
constexpr std::uint8_t kMore = 0x40;  // more data of this kind follows, or an element has attributes

std::uint8_t token_of(std::uint8_t byte) { return byte & static_cast<std::uint8_t>(~kMore); }

class Compiler {
 public:
  Compiler(std::string_view chunk, std::size_t begin, std::size_t end, bool nested, Paths& paths, Compiled& out)
      : in_{chunk, begin, std::min(end, chunk.size()), begin <= chunk.size()},
        nested_(nested),
        paths_(paths),
        out_(out) {}

  void run(std::uint32_t parent) {
    while (in_.good && in_.at < in_.end) {
      const std::uint8_t token = token_of(in_.peek());
      if (token == kEnd) return;
      if (token == kFragment) {
        in_.skip(4);
      } else if (token == kOpen) {
        element(parent, 0);
      } else if (token == kInstance) {
        instance(parent);
      } else if (token == kInstructionTarget || token == kInstructionData) {
        instruction();
      } else {
        in_.good = false;
      }
    }
    if (!in_.good) ++out_.faults.broken;
  }

 private:
  // What stands in an element or attribute: parts that follow one another in the output.
  struct Content {
    std::uint32_t first = 0, count = 0;
    bool blank = true;       // nothing but white space so far
    std::string_view units;  // when it is one text and nothing else
  };
  struct Attribute {
    std::string_view name;
    Content value;
  };

  void element(std::uint32_t parent, std::uint32_t depth) {
    const bool attributes = (in_.take<std::uint8_t>() & kMore) != 0;
    if (has_dependency()) in_.skip(2);
    in_.skip(4);  // size
    const Name name = name_here();
    if (!in_.good) return;
    if (depth >= kElementDepth) {
      ++out_.faults.too_deep;
      in_.good = false;
      return;
    }
    std::vector<Attribute>& list = attributes_;
    list.clear();
    if (attributes) {
      in_.skip(4);  // size
      while (in_.good && token_of(in_.peek()) == kAttribute) {
        in_.skip(1);
        Attribute& attribute = list.emplace_back();
        attribute.name = name_here().text;
        while (in_.good && piece(attribute.value)) {
        }
      }
    }
    // <Data Name="X">: X is the name.
    std::uint32_t path = Paths::kNone;
    std::size_t named = list.size();
    if (name.text == kData) {
      for (std::size_t i = 0; i < list.size() && path == Paths::kNone; ++i) {
        const Content& value = list[i].value;
        if (list[i].name != kNameAttribute || value.count != 1 || value.units.empty()) continue;
        path = below(parent, value.units);
        named = i;
      }
    }
    if (path == Paths::kNone) path = below(parent, name.text);
    const auto first = static_cast<std::uint32_t>(out_.items.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (i != named) add(below(path, list[i].name), list[i].value, true, false);
    }
    const auto count = static_cast<std::uint32_t>(out_.items.size()) - first;
    const std::uint8_t close = in_.take<std::uint8_t>();
    if (close == kCloseEmpty) {
      empty(path, first, count);
    } else if (close == kCloseStart) {
      content(path, depth, first, count);
    } else {
      in_.good = false;
    }
  }

  void content(std::uint32_t path, std::uint32_t depth, std::uint32_t first, std::uint32_t count) {
    Content text;
    bool children = false, values = false;
    const auto flush = [&](bool sole) {
      // White space between elements is layout.
      if (text.count > 0 && !(children && text.blank)) {
        add(path, text, false, sole);
        values = true;
      }
      text = {};
    };
    while (in_.good) {
      if (piece(text)) continue;
      switch (token_of(in_.peek())) {
        case kOpen:
          children = true;
          flush(false);
          element(path, depth + 1);
          break;
        case kInstance:
          children = true;
          flush(false);
          instance(path);
          break;
        case kInstructionTarget:
        case kInstructionData:
          instruction();
          break;
        case kFragment:
          in_.skip(4);
          break;
        case kCloseElement:
          in_.skip(1);
          flush(!children && !values);
          if (!children && !values) empty(path, first, count);
          return;
        default:
          in_.good = false;
          break;
      }
    }
    flush(false);  // broken off: what stood here counts
  }

  // One piece of text or a substitution; false: something else comes.
  bool piece(Content& to) {
    switch (token_of(in_.peek())) {
      case kText: {
        in_.skip(1);
        if (in_.take<std::uint8_t>() != kString) in_.good = false;
        text(to, counted());
        return true;
      }
      case kCData:
        in_.skip(1);
        text(to, counted());
        return true;
      case kCharacter: {
        in_.skip(1);
        const auto code = in_.take<std::uint16_t>();
        std::string one;
        append_utf8(one, (code & 0xF800) == 0xD800 ? 0xFFFD : code);
        literal(to, one);
        return true;
      }
      case kEntity: {
        in_.skip(1);
        std::string name;
        utf16(name_here().text, name);
        const std::string_view known = name == "amp"    ? "&"
                                       : name == "lt"   ? "<"
                                       : name == "gt"   ? ">"
                                       : name == "quot" ? "\""
                                       : name == "apos" ? "'"
                                                        : "";
        literal(to, known.empty() ? "&" + name + ";" : std::string(known));
        return true;
      }
      case kSubstitution:
      case kOptional: {
        in_.skip(1);
        Part part;
        part.substitution = in_.take<std::uint16_t>();
        in_.skip(1);  // its type stands with the value, too
        if (!in_.good) return true;
        push(to, part);
        to.blank = false;
        out_.substitutions = std::max(out_.substitutions, part.substitution + 1);
        return true;
      }
      default:
        return false;
    }
  }

  std::string_view counted() {
    const std::size_t size = std::size_t{2} * in_.take<std::uint16_t>();
    if (!in_.has(size)) return {};
    const std::string_view out = in_.bytes.substr(in_.at, size);
    in_.at += size;
    return out;
  }

  void text(Content& to, std::string_view units) {
    if (!in_.good) return;
    if (!utf16_whole(units)) ++out_.faults.bad_text;
    const bool first = to.count == 0;
    utf16(units, decoded_);
    literal(to, decoded_);
    if (first) to.units = units;  // the whole text
  }

  void literal(Content& to, std::string_view decoded) {
    if (!in_.good) return;
    to.units = {};
    to.blank = to.blank && decoded.find_first_not_of(" \t\r\n") == std::string_view::npos;
    const auto size = static_cast<std::uint32_t>(decoded.size());
    const auto begin = static_cast<std::uint32_t>(out_.text.size());
    out_.text += decoded;
    Part* const last = to.count > 0 ? &out_.parts.back() : nullptr;
    if (last != nullptr && last->substitution == Part::kText && last->begin + last->size == begin) {
      last->size += size;
    } else {
      push(to, {Part::kText, begin, size});
    }
  }

  void push(Content& to, const Part& part) {
    if (to.count == 0) to.first = static_cast<std::uint32_t>(out_.parts.size());
    ++to.count;
    to.units = {};
    out_.parts.push_back(part);
  }

  void add(std::uint32_t path, const Content& content, bool attribute, bool sole) {
    if (path == Paths::kNone || content.count == 0 || !room()) return;
    Item item;
    item.kind = content.count > 1                                       ? Item::Kind::joined
                : out_.parts[content.first].substitution == Part::kText ? Item::Kind::text
                                                                        : Item::Kind::value;
    out_.joins = out_.joins || item.kind == Item::Kind::joined;
    item.attribute = attribute;
    item.sole = sole;
    item.path = path;
    item.first = content.first;
    item.count = content.count;
    out_.items.push_back(item);
  }

  void empty(std::uint32_t path, std::uint32_t first, std::uint32_t count) {
    if (path == Paths::kNone || !room()) return;
    Item item;
    item.kind = Item::Kind::empty;
    item.path = path;
    item.first = first;
    item.count = count;
    out_.items.push_back(item);
  }

  // A template used in the content; its values follow it.
  void instance(std::uint32_t path) {
    const std::size_t begin = in_.at;
    in_.skip(6);
    const std::size_t definition = in_.take<std::uint32_t>();
    if (in_.good && definition == in_.at) {
      in_.skip(20);
      in_.skip(in_.take<std::uint32_t>());
    }
    const std::size_t values = in_.take<std::uint32_t>();
    std::size_t size = 0;
    for (std::size_t i = 0; i < values && in_.good; ++i) {
      size += in_.take<std::uint16_t>();
      in_.skip(2);
    }
    in_.skip(size);
    if (!in_.good || path == Paths::kNone || !room()) return;
    Item item;
    item.kind = Item::Kind::nested;
    item.path = path;
    item.first = static_cast<std::uint32_t>(begin);
    out_.items.push_back(item);
    out_.nests = true;
  }

  void instruction() {
    const std::uint8_t token = token_of(in_.take<std::uint8_t>());
    if (token == kInstructionTarget) {
      (void)name_here();
    } else {
      (void)counted();
    }
  }

  bool room() {
    if (out_.items.size() < kItems) return true;
    ++out_.faults.too_many;
    return false;
  }

  std::uint32_t below(std::uint32_t parent, std::string_view name) {
    if (parent == Paths::kNone) return Paths::kNone;
    const std::uint32_t path = paths_.child(parent, name);
    if (path == Paths::kNone) ++out_.faults.too_many;
    return path;
  }

  // A name is given by its offset, and stands right here when it is used for the first time.
  Name name_here() {
    const std::size_t at = in_.take<std::uint32_t>();
    if (!in_.good) return {};
    const Name name = name_at(in_.bytes, at);
    if (!name.good) {
      in_.good = false;
    } else if (at == in_.at) {
      in_.skip(name.size);
    }
    return name;
  }

  // Values of binary XML leave the dependency number out: told by where the name's offset would lead.
  [[nodiscard]] bool has_dependency() const {
    const auto plausible = [&](std::size_t skip) {
      const std::size_t at = in_.at + skip + 4;
      if (at + 4 > in_.end) return false;
      return name_at(in_.bytes, little<std::uint32_t>(in_.bytes, at)).good;
    };
    return nested_ ? !plausible(0) && plausible(2) : plausible(2) || !plausible(0);
  }

  Cursor in_;
  bool nested_;
  Paths& paths_;
  Compiled& out_;
  std::vector<Attribute> attributes_;  // of the element whose start is read
  std::string decoded_;
};

}  // namespace

void compile(std::string_view chunk, std::size_t begin, std::size_t end, std::uint32_t parent, bool nested,
             Paths& paths, Compiled& out) {
  Compiler(chunk, begin, end, nested, paths, out).run(parent);
}

}  // namespace assay::evtx
