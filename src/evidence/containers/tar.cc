// tar: POSIX.1-1988 ustar, POSIX.1-2001 pax, GNU and the old form before them. Own code: one pass, no seeking, nothing
// is ever extracted, and a broken header costs one member (the reader goes on at the next header that adds up).
#include "evidence/containers/tar.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/containers/member_name.h"
#include "evidence/containers/stored.h"
#include "evidence/stream.h"

namespace assay {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::size_t kExtraBytes = std::size_t{1} << 20;  // a pax header or long name larger than this is passed over
constexpr std::size_t kPathBytes = 4096;                   // longer names are cut

// Places in a header block (POSIX pax, "ustar Interchange Format").
struct Field {
  std::size_t at, size;
};
constexpr Field kName{0, 100}, kMode{100, 8}, kSize{124, 12}, kTime{136, 12}, kSum{148, 8}, kMagic{257, 6},
    kPrefix{345, 155};
constexpr std::size_t kType = 156;
constexpr std::size_t kSparseMore = 482;  // GNU: an extension block follows
constexpr std::size_t kSparseMoreInExtension = 504;

std::string_view field(std::string_view block, Field f) { return block.substr(f.at, f.size); }

std::string_view until_nul(std::string_view text) { return text.substr(0, std::min(text.size(), text.find('\0'))); }

// Octal with blanks around it, or base 256 when the first bit is set. No value when neither, or beyond 63 bits.
std::optional<std::int64_t> number(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if ((first & 0x80) != 0) {
    const bool negative = first == 0xff;
    if (!negative && first != 0x80) return std::nullopt;
    std::uint64_t value = negative ? ~std::uint64_t{0} : 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      const auto dropped = static_cast<unsigned char>(value >> 56);
      if (dropped != (negative ? 0xff : 0)) return std::nullopt;
      value = value << 8 | byte;
    }
    const auto out = static_cast<std::int64_t>(value);
    if ((out < 0) != negative) return std::nullopt;
    return out;
  }
  text = until_nul(text);
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  std::uint64_t value = 0;  // twelve octal digits at most: 36 bits
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return static_cast<std::int64_t>(value);
}

bool is_zero(std::string_view block) { return block.find_first_not_of('\0') == std::string_view::npos; }

// The sum of all bytes with the field itself taken as blanks; old writers added signed bytes.
bool sum_fits(std::string_view block) {
  const auto stored = number(field(block, kSum));
  if (!stored) return false;
  std::int64_t plain = 0, with_sign = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    const char c = i >= kSum.at && i < kSum.at + kSum.size ? ' ' : block[i];
    plain += static_cast<unsigned char>(c);
    with_sign += static_cast<signed char>(c);
  }
  return *stored == plain || *stored == with_sign;
}

bool is_header(std::string_view block) {
  return sum_fits(block) && !is_zero(block) && number(field(block, kSize)).value_or(-1) >= 0;
}

Time time_of(std::int64_t seconds, std::int64_t nanoseconds = 0) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / kSecond - 1;
  if (seconds > kMost || seconds < -kMost) return {};
  return {seconds * kSecond + nanoseconds};
}

// "1587003127.25", also negative; no value when it is no number.
std::optional<Time> pax_time(std::string_view text) {
  const std::size_t dot = text.find('.');
  const auto whole = parse_int(text.substr(0, dot));
  if (!whole) return std::nullopt;
  std::int64_t fraction = 0;
  if (dot != std::string_view::npos) {
    std::int64_t unit = kSecond / 10;
    for (const char c : text.substr(dot + 1)) {
      if (!is_digit(c)) return std::nullopt;
      fraction += (c - '0') * unit;
      unit /= 10;
    }
  }
  return time_of(*whole, text.front() == '-' ? -fraction : fraction);
}

// What extended headers said about the next member.
struct Extra {
  std::optional<std::string> path;
  std::optional<std::uint64_t> size;
  std::optional<Time> modified;
};

}  // namespace

bool is_tar_header(std::string_view block) {
  if (block.size() < kBlock) return false;
  block = block.substr(0, kBlock);
  if (!is_header(block) || block.front() == '\0') return false;
  if (field(block, kMagic).substr(0, 5) == "ustar") return true;
  // The old form has no magic: its check sum must be joined by sane numbers and nothing after the link name.
  return number(field(block, kMode)).has_value() && number(field(block, kTime)).has_value() &&
         is_zero(block.substr(257));
}

struct TarReader::State : StoredMembers {
  State(ByteStream& stream, ExpansionGauge& expansion) : StoredMembers(stream), gauge(&expansion) {}

  // The next header block; false at the end.
  bool header() {
    std::uint64_t zeros = 0;
    while (true) {
      const std::size_t got = take(std::span<char>(block, kBlock));
      const std::string_view seen(block, got);
      if (got == 0) {
        // An archive ends with two zero blocks; one is enough for most writers' slips. None: the end is missing.
        if (!end_mark && zeros == 0) cut(members_seen ? "no end mark" : "no tar header");
        ended = true;
        return false;
      }
      if (got < kBlock) {
        if (is_zero(seen) && (end_mark || zeros != 0)) {
          ended = true;
        } else {
          cut("ends inside a header");
        }
        return false;
      }
      if (is_zero(seen)) {
        ++zeros;
        end_mark = true;
        continue;
      }
      if (is_header(seen)) {
        end_mark = false;
        return true;
      }
      tell(NoticeKind::damaged_file, end_mark ? "bytes after the end of the archive"
                                              : "a header that does not add up; its member was passed over");
      zeros = 0;
    }
  }

  // Content of an extended header, at most kExtraBytes of it.
  bool extra_content(std::uint64_t size, std::string& out) {
    out.clear();
    const std::uint64_t pad = (kBlock - size % kBlock) % kBlock;
    if (size > kExtraBytes) {
      tell(NoticeKind::limit_other, "an extended header larger than 1 MiB");
      return skip(size) && skip(pad);
    }
    out.resize(static_cast<std::size_t>(size));
    if (take(out) < size) {
      cut("ends inside an extended header");
      return false;
    }
    return skip(pad);
  }

  void read_pax(std::string_view text, Extra& extra) {
    while (!text.empty()) {
      // "LENGTH KEY=VALUE\n"; the length counts the whole line.
      const std::size_t blank = text.find(' ');
      const auto length = blank == std::string_view::npos ? std::nullopt : parse_int(text.substr(0, blank));
      if (!length || *length < 0 || static_cast<std::uint64_t>(*length) > text.size() ||
          static_cast<std::uint64_t>(*length) < blank + 3 || text[static_cast<std::size_t>(*length) - 1] != '\n') {
        tell(NoticeKind::damaged_file, "damaged pax header");
        return;
      }
      const auto size = static_cast<std::size_t>(*length);
      const std::string_view line = text.substr(blank + 1, size - blank - 2);
      text.remove_prefix(size);
      const std::size_t equals = line.find('=');
      if (equals == std::string_view::npos) {
        tell(NoticeKind::damaged_file, "damaged pax header");
        return;
      }
      const std::string_view key = line.substr(0, equals), value = line.substr(equals + 1);
      if (key == "path") {
        if (!sparse_name) extra.path = std::string(until_nul(value));
      } else if (key == "GNU.sparse.name") {
        sparse_name = true;
        extra.path = std::string(until_nul(value));
      } else if (key == "size") {
        const auto number_of = parse_int(value);
        if (number_of && *number_of >= 0) {
          extra.size = static_cast<std::uint64_t>(*number_of);
        } else {
          tell(NoticeKind::damaged_file, "damaged pax header");
        }
      } else if (key == "mtime") {
        extra.modified = pax_time(value);
      }
    }
  }

  bool next(TarMember& member) {
    if (ended) return false;
    if (!finish_member()) return false;
    Extra extra;
    sparse_name = false;
    std::uint64_t extended = 0;
    while (header()) {
      const std::string_view seen(block, kBlock);
      members_seen = true;
      const char type = block[kType];
      const auto size = static_cast<std::uint64_t>(*number(field(seen, kSize)));
      if (type == 'x' || type == 'X' || type == 'g' || type == 'L' || type == 'K') {
        // Headers that only describe count as members too, else a file of nothing else would have no bound.
        if (++extended > limits::kContainerMembers) {
          tell(NoticeKind::limit_members, "too many extended headers");
          ended = true;
          return false;
        }
        std::string text;
        if (!extra_content(size, text)) return false;
        if (type == 'L' && !text.empty()) {
          extra.path = std::string(until_nul(text));
        } else if (type == 'x' || type == 'X') {
          read_pax(text, extra);
        }
        continue;
      }
      if (type == 'V') {  // a volume's label
        if (!skip(size) || !skip((kBlock - size % kBlock) % kBlock)) return false;
        continue;
      }
      return describe(member, extra, size);
    }
    return false;
  }

  bool describe(TarMember& member, const Extra& extra, std::uint64_t size) {
    const std::string_view seen(block, kBlock);
    if (!counted(*gauge)) return false;
    const char type = block[kType];
    const bool posix = field(seen, kMagic) == std::string_view("ustar\0", 6);
    const std::string_view prefix = posix ? until_nul(field(seen, kPrefix)) : std::string_view();
    const std::string_view name = until_nul(field(seen, kName));
    std::string raw = extra.path       ? *extra.path
                      : prefix.empty() ? std::string(name)
                                       : std::string(prefix) + "/" + std::string(name);
    const bool slash = !raw.empty() && raw.back() == '/';
    if (raw.size() > kPathBytes) {
      raw.resize(kPathBytes);
      tell(NoticeKind::limit_other, "a member name longer than 4096 bytes was cut");
    }
    if (extra.size) size = *extra.size;
    switch (type) {
      case '5':
      case 'D':
        member.kind = TarMember::Kind::directory;
        break;
      case '1':
      case '2':
        member.kind = TarMember::Kind::link;
        break;
      case '3':
      case '4':
      case '6':
        member.kind = TarMember::Kind::special;
        break;
      case '\0':
        member.kind = slash ? TarMember::Kind::directory : TarMember::Kind::file;
        break;
      default:
        member.kind = TarMember::Kind::file;  // POSIX: an unknown type is a file
    }
    // Links, devices and folders have no content, whatever their size says ('D', a list of names, has).
    if (type == '1' || type == '2' || type == '3' || type == '4' || type == '5' || type == '6') size = 0;
    if (type == 'S' && !skip_sparse_map()) return false;
    member.path = clean_member_name(raw);
    member.offset = at;
    member.in_place = true;
    member.size = size;
    member.mode = static_cast<std::uint32_t>(number(field(seen, kMode)).value_or(0) & 07777);
    const auto seconds = number(field(seen, kTime));
    member.modified = extra.modified ? *extra.modified : seconds ? time_of(*seconds) : Time{};
    if (size > std::numeric_limits<std::uint64_t>::max() / 4) {
      tell(NoticeKind::damaged_file, "a member of impossible size");
      ended = true;
      return false;
    }
    left = size;
    padding = (kBlock - size % kBlock) % kBlock;
    return true;
  }

  // GNU's old sparse form puts more of its map between header and content.
  bool skip_sparse_map() {
    bool more = block[kSparseMore] != '\0';
    while (more) {
      char extension[kBlock];
      if (take(extension) < kBlock) {
        cut("ends inside a sparse map");
        return false;
      }
      more = extension[kSparseMoreInExtension] != '\0';
    }
    return true;
  }

  ExpansionGauge* gauge;
  bool end_mark = false;  // zero blocks were the last thing seen
  bool members_seen = false;
  bool sparse_name = false;
  char block[kBlock] = {};
};

std::vector<StreamProblem> TarReader::problems() const { return state_->all_told(); }
TarReader::TarReader(ByteStream& below, ExpansionGauge& gauge) : state_(std::make_unique<State>(below, gauge)) {}
TarReader::~TarReader() = default;
bool TarReader::next(TarMember& member) { return state_->next(member); }
ByteStream& TarReader::content() { return state_->content; }
std::optional<StreamProblem> TarReader::problem() const { return state_->told(); }

}  // namespace assay
