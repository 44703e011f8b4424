#include "evidence/containers/zip_directory.h"

#include <isa-l/crc.h>

#include <algorithm>

#include "core/ascii.h"
#include "evidence/containers/member_name.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kLocalBytes = 30, kCentralBytes = 46, kEndBytes = 22, kLocatorBytes = 20, kEnd64Bytes = 56;
constexpr std::size_t kCommentBytes = 65535;
constexpr std::size_t kPathBytes = 4096;
constexpr std::uint64_t kIn64 = 0xffffffff;  // the number stands in the zip64 field

std::uint32_t crc_of(std::string_view bytes) {
  return crc32_gzip_refl(0, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

Time time_of_filetime(std::uint64_t ticks) {  // 100 ns since 1601
  constexpr std::uint64_t kUnixEpoch = 116444736000000000, kMost = 200000000000000000;
  if (ticks < kUnixEpoch || ticks > kMost) return {};
  return {static_cast<std::int64_t>(ticks - kUnixEpoch) * 100};
}

// A name without a mark is UTF-8 when it can be: tools on Unix write it so. Else it is code page 437.
std::string text_of(std::string_view raw, std::uint16_t flags) {
  if ((flags & 0x800) != 0 || is_utf8(raw)) return clean_member_name(raw);
  return clean_member_name(from_cp437(raw));
}

void read_extra(std::string_view extra, bool central, ZipEntry& entry, ZipNames& names) {
  while (extra.size() >= 4) {
    const auto id = static_cast<std::uint16_t>(little(extra, 0, 2));
    const std::size_t size = std::min<std::size_t>(static_cast<std::size_t>(little(extra, 2, 2)), extra.size() - 4);
    const std::string_view field = extra.substr(4, size);
    extra.remove_prefix(4 + size);
    if (id == 0x0001) {  // zip64: those numbers that did not fit, in this order
      std::size_t at = 0;
      const auto take = [&](std::uint64_t& number) {
        if (number != kIn64 || at + 8 > field.size()) return;
        number = little(field, at, 8);
        at += 8;
      };
      take(entry.size);
      take(entry.packed);
      if (central) take(entry.local);
    } else if (id == 0x5455 && field.size() >= 5 && (field[0] & 1) != 0) {  // Info-ZIP: seconds since 1970
      names.modified = {static_cast<std::int64_t>(static_cast<std::int32_t>(little(field, 1, 4))) * kSecond};
    } else if (id == 0x000a && field.size() >= 32 && little(field, 4, 2) == 1) {  // NTFS times
      names.modified = time_of_filetime(little(field, 8, 8));
    } else if (id == 0x7075 && field.size() > 5 && little(field, 1, 4) == crc_of(names.raw)) {  // Info-ZIP: in UTF-8
      names.path = clean_member_name(field.substr(5, kPathBytes));
    } else if (id == 0x9901 && field.size() >= 7 && field.substr(2, 2) == "AE"sv) {
      names.aes_version = static_cast<std::uint8_t>(field[0]);
      names.aes_strength = static_cast<std::uint8_t>(field[4]);
      names.aes_method = static_cast<std::uint16_t>(little(field, 5, 2));
    }
  }
}

// A few zeros or line ends behind an archive: a transfer's slip.
bool is_padding(SourceWindow& window, std::uint64_t at, std::uint64_t end) {
  constexpr std::size_t kMost = 4096;
  return end - at <= kMost &&
         window.at(at, static_cast<std::size_t>(end - at)).find_first_not_of("\0\r\n "sv) == std::string_view::npos;
}

// Where the last end record stands: the one whose comment reaches the end, else the last that fits.
std::uint64_t find_end(const ByteSource& source, Problems& problems) {
  const std::uint64_t size = source.size();
  const std::uint64_t from = size - std::min<std::uint64_t>(size, kEndBytes + kCommentBytes + 1024);
  std::string tail(static_cast<std::size_t>(size - from), '\0');
  tail.resize(source.read_at(from, tail));
  std::uint64_t found = ZipEntry::kNowhere, exact = ZipEntry::kNowhere;
  std::size_t at = tail.size();
  while (at > 0 && (at = tail.rfind("PK\x05\x06"sv, at - 1)) != std::string::npos) {
    if (tail.size() - at < kEndBytes) continue;
    const std::uint64_t end = at + kEndBytes + little(tail, at + 20, 2);
    if (end == tail.size() && exact == ZipEntry::kNowhere) exact = from + at;
    if (end <= tail.size() && found == ZipEntry::kNowhere) found = from + at;
  }
  if (exact != ZipEntry::kNowhere && found != exact)
    problems.add(NoticeKind::damaged_file, "more than one end record: readers may see different members");
  return exact != ZipEntry::kNowhere ? exact : found;
}

}  // namespace

namespace {

// What both headers of a member hold in the same order, from the place of its flags.
void read_common(std::string_view fixed, std::size_t flags_at, ZipEntry& entry) {
  entry.flags = static_cast<std::uint16_t>(little(fixed, flags_at, 2));
  entry.method = static_cast<std::uint16_t>(little(fixed, flags_at + 2, 2));
  entry.dos_time = static_cast<std::uint16_t>(little(fixed, flags_at + 4, 2));
  entry.crc = static_cast<std::uint32_t>(little(fixed, flags_at + 8, 4));
  entry.packed = little(fixed, flags_at + 12, 4);
  entry.size = little(fixed, flags_at + 16, 4);
}

// The name and the extra fields behind a header of `fixed` bytes at `at`.
bool read_names(SourceWindow& window, std::uint64_t at, std::size_t fixed, std::size_t name_bytes,
                std::size_t extra_bytes, bool central, ZipEntry& entry, ZipNames& names) {
  names.header_bytes = fixed + name_bytes + extra_bytes;
  const std::string_view rest = window.at(at + fixed, name_bytes + extra_bytes);
  if (rest.size() < name_bytes + extra_bytes) return false;
  names.raw = rest.substr(0, std::min(name_bytes, kPathBytes));
  names.path = text_of(names.raw, entry.flags);
  read_extra(rest.substr(name_bytes), central, entry, names);
  return true;
}

}  // namespace

bool read_central_header(SourceWindow& window, std::uint64_t at, ZipEntry& entry, ZipNames& names) {
  const std::string_view fixed = window.at(at, kCentralBytes);
  if (fixed.size() < kCentralBytes || !fixed.starts_with("PK\x01\x02"sv)) return false;
  const auto name_bytes = static_cast<std::size_t>(little(fixed, 28, 2));
  const auto extra_bytes = static_cast<std::size_t>(little(fixed, 30, 2));
  entry.made_by = static_cast<std::uint16_t>(little(fixed, 4, 2));
  read_common(fixed, 8, entry);
  entry.attributes = static_cast<std::uint32_t>(little(fixed, 38, 4));
  entry.local = little(fixed, 42, 4);
  entry.central = at;
  names = {};
  const std::uint64_t comment_bytes = little(fixed, 32, 2);
  const bool good = read_names(window, at, kCentralBytes, name_bytes, extra_bytes, true, entry, names);
  names.header_bytes += comment_bytes;
  return good;
}

bool read_local_header(SourceWindow& window, std::uint64_t at, ZipEntry& entry, ZipNames& names) {
  const std::string_view fixed = window.at(at, kLocalBytes);
  if (fixed.size() < kLocalBytes || !fixed.starts_with("PK\x03\x04"sv)) return false;
  const auto name_bytes = static_cast<std::size_t>(little(fixed, 26, 2));
  const auto extra_bytes = static_cast<std::size_t>(little(fixed, 28, 2));
  entry = {};
  entry.local = at;
  read_common(fixed, 6, entry);
  names = {};
  return read_names(window, at, kLocalBytes, name_bytes, extra_bytes, false, entry, names);
}

bool ends_as_zip(const ByteSource& source) {
  // Without a long comment behind it: content that only speaks of zip is not taken for one.
  constexpr std::size_t kTail = 1024;
  const std::uint64_t from = source.size() - std::min<std::uint64_t>(source.size(), kTail);
  std::string tail(static_cast<std::size_t>(source.size() - from), '\0');
  tail.resize(source.read_at(from, tail));
  const std::size_t at = tail.rfind("PK\x05\x06"sv);
  if (at == std::string::npos || tail.size() - at < kEndBytes) return false;
  if (at + kEndBytes + little(tail, at + 20, 2) != tail.size()) return false;
  const std::uint64_t bytes = little(tail, at + 12, 4);
  if (bytes == 0 || bytes > from + at) return false;
  SourceWindow window(source);
  ZipEntry entry;
  ZipNames names;
  return read_central_header(window, from + at - bytes, entry, names);
}

ZipDirectory read_zip_directory(const ByteSource& source, SourceWindow& window, std::size_t most, Problems& problems) {
  ZipDirectory out;
  out.begin = out.behind = source.size();
  const std::uint64_t end_at = find_end(source, problems);
  if (end_at == ZipEntry::kNowhere) {
    problems.add(NoticeKind::truncated,
                 "no end record: the members are read by their own headers; if it is a volume of a split archive, join "
                 "the volumes");
    return out;
  }
  const std::string end(window.at(end_at, kEndBytes));
  std::uint64_t disks = little(end, 4, 2) | little(end, 6, 2), count = little(end, 10, 2), bytes = little(end, 12, 4),
                offset = little(end, 16, 4), stop = end_at;
  out.behind = end_at + kEndBytes + little(end, 20, 2);
  const std::string locator(end_at >= kLocatorBytes ? window.at(end_at - kLocatorBytes, kLocatorBytes) : "");
  if (locator.starts_with("PK\x06\x07"sv)) {
    // The locator counts from the archive's begin, which need not be the file's; right before it is where writers put
    // it.
    for (const std::uint64_t at :
         {little(locator, 8, 8),
          end_at - kLocatorBytes - std::min<std::uint64_t>(end_at - kLocatorBytes, kEnd64Bytes)}) {
      const std::string wide(at < end_at ? window.at(at, kEnd64Bytes) : "");
      if (!wide.starts_with("PK\x06\x06"sv) || wide.size() < kEnd64Bytes) continue;
      disks = little(wide, 16, 4) | little(wide, 20, 4);
      count = little(wide, 32, 8);
      bytes = little(wide, 40, 8);
      offset = little(wide, 48, 8);
      stop = at;
      break;
    }
  }
  if (disks != 0 && disks != 0xffff)
    problems.add(
        NoticeKind::recognised_not_read,
        "the last volume of a split archive: join the volumes (zip -s 0 NAME.zip --out WHOLE.zip) and give that");
  // Where the directory really begins: before its end record. What stands before the archive moves every offset.
  std::uint64_t shift = 0;
  out.begin = offset;
  ZipEntry probe;
  ZipNames names;
  if (bytes <= stop && offset != stop - bytes && (count == 0 || !read_central_header(window, offset, probe, names))) {
    out.begin = stop - bytes;
    shift = out.begin - offset;  // may wrap: offsets are then taken modulo 2^64, and checked where they are used
  }
  std::uint64_t at = out.begin;
  out.found = true;
  out.whole = true;
  while (at < stop) {
    ZipEntry entry;
    if (!read_central_header(window, at, entry, names)) {
      const std::string_view mark = window.at(at, 4);
      if (mark == "PK\x05\x05"sv || mark == "PK\x06\x06"sv || mark == "PK\x06\x07"sv) break;  // signature, zip64 end
      if (mark == "PK\x06\x08"sv) {
        problems.add(NoticeKind::encrypted, "its directory is encrypted: decrypt it and give the content");
      } else {
        problems.add(NoticeKind::damaged_file, "damaged directory: the other members are read by their own headers");
      }
      break;
    }
    if (out.entries.size() == most) {
      problems.add(NoticeKind::limit_members, "more members than the limit");
      out.whole = false;
      break;
    }
    at += names.header_bytes;
    entry.local += shift;
    out.entries.push_back(entry);
  }
  if (out.whole && (count & 0xffff) != (out.entries.size() & 0xffff))
    problems.add(NoticeKind::damaged_file, "the end record counts other members than the directory has");
  if (out.behind < source.size() && !is_padding(window, out.behind, source.size()))
    problems.add(NoticeKind::damaged_file, "bytes after the end of the archive");
  std::stable_sort(out.entries.begin(), out.entries.end(),
                   [](const ZipEntry& a, const ZipEntry& b) { return a.local < b.local; });
  return out;
}

}  // namespace assay
