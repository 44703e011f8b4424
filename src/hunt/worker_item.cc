#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "core/limits.h"
#include "evidence/file_record.h"
#include "evidence/formats/line_reader.h"
#include "hunt/worker_state.h"

namespace assay {
namespace {

constexpr std::size_t kHeadBytes = std::size_t{64} << 10;
constexpr std::size_t kZeroBytes = std::size_t{4} << 20;      // of zeros before a packed log's first line
constexpr std::size_t kTextFileBytes = std::size_t{8} << 20;  // a log of a text format that is also looked at as a file

}  // namespace

std::string host_of_place(std::string_view chain, const Profile& profile) {
  std::string archive;
  std::string listed;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= chain.size(); ++i) {
    if (i != chain.size() && chain[i] != '/' && chain[i] != '!') continue;
    std::string_view step = chain.substr(begin, i - begin);
    begin = i + 1;
    std::string_view stem = step;
    for (const std::string_view suffix : {".zst", ".gz", ".xz", ".bz2", ".lz4", ".lz"}) {
      if (ends_with_icase(stem, suffix)) stem.remove_suffix(suffix.size());
    }
    // An archive may be named for the host it was made of; one file that is packed is named for itself.
    const std::size_t packed = stem.size();
    for (const std::string_view suffix : {".tgz", ".txz", ".tbz2", ".tar", ".zip", ".7z", ".rar", ".cab"}) {
      if (ends_with_icase(stem, suffix)) stem.remove_suffix(suffix.size());
    }
    if (stem.empty()) continue;
    if (std::string host = profile.host_of(stem); !host.empty()) listed = host;
    if (i < chain.size() && chain[i] == '!' && stem.size() < packed && archive.empty()) archive = lower(stem);
  }
  return listed.empty() ? archive : listed;
}

void Worker::State::as_blob(const Place& place, std::uint32_t index, HashingStream& stream, ByteStream& peek,
                            std::string_view kind) {
  std::string bytes;
  bool whole = true;
  while (true) {
    const std::size_t old = bytes.size();
    if (old >= limits::kDocumentBytes) {
      whole = false;
      break;
    }
    bytes.resize(old + kReadBytes);
    const std::size_t n = peek.read(std::span(bytes).subspan(old));
    bytes.resize(old + n);
    tell(n, 0);
    if (n == 0) break;
  }
  if (!whole) {
    notice(NoticeKind::limit_record, place.chain, limits::kDocumentBytes,
           fmt::format("only the first {} MiB were looked at for content", limits::kDocumentBytes >> 20));
    std::string rest(kReadBytes, '\0');
    while (peek.read(rest) > 0) {
    }
  }
  stream_problem(peek, place.chain, bytes.size());
  look_at_file(place, index, stream, bytes, whole, kind);
}

void Worker::State::look_at_file(const Place& place, std::uint32_t index, HashingStream& stream, std::string_view bytes,
                                 bool whole, std::string_view kind) {
  FileFacts facts;
  facts.path = place.tree_path;
  facts.size = stream.bytes();
  facts.mode = place.mode;
  facts.modified = place.modified;
  facts.type = blob_type(bytes);
  facts.sha256 = stream.finish(HashKind::sha256);
  if (settings.hash_md5_sha1) {
    facts.sha1 = stream.finish(HashKind::sha1);
    facts.md5 = stream.finish(HashKind::md5);
  }
  ItemPart& part = result.items[index];
  part.bytes = facts.size;
  if (kind != "log") {
    // What a file that is known and not read holds was not looked at, though its bytes were hashed and searched.
    part.record_bytes = kind == "not_read" ? 0 : std::min<std::uint64_t>(bytes.size(), facts.size);
    part.skipped_bytes = facts.size - part.record_bytes;
  }
  part.sha256 = facts.sha256;
  if (part.shape.empty()) part.shape = facts.type;
  if (kind == "blob") {
    notice(NoticeKind::not_recognised, place.parent.empty() ? place.chain : place.parent, 0,
           fmt::format("no log: looked at as a file of type {} (name, hashes, content)", facts.type));
  }
  const std::unique_ptr<RecordReader> reader = file_record(facts, schemas);
  ItemState item;
  item.chain = place.chain;
  item.index = index;
  item.place_host = host_of_place(place.chain, profile);
  item.whole_file = true;
  const std::uint64_t records_before = part.records, outside = part.outside;
  const Time first = part.first, last = part.last;
  record(*reader, item, bytes, 0, reader->shape());
  ItemPart& after = result.items[index];
  after.records = records_before;  // a file is no log record
  if (kind == "log") after.first = first, after.last = last;
  after.outside = outside;
  Blob blob;
  blob.ref = {index, 0, facts.size};
  blob.bytes = bytes;
  blob.whole = whole;
  blob.is_log = kind == "log";
  blob.name = last_step(place.tree_path, kChainSteps);
  blob.path = place.tree_path;
  blob.type = facts.type;
  blob.sha256 = facts.sha256;
  blob.sha1 = facts.sha1;
  blob.md5 = facts.md5;
  RecordContext context;
  context.ref = blob.ref;
  context.shape = reader->shape();
  context.time = place.modified;
  context.content = hash64(bytes);
  context.host = item.place_host;
  matcher->match(blob, context, scratch, result.notices);
  take_matches(place.chain);
  close_item(item);
  if (kind == "blob") archive_behind(place, index, whole ? source_of_memory(bytes).get() : place.source);
}

void Worker::State::not_read_item(const Place& place, const NotRead& what, HashingStream& stream, PeekStream& peek) {
  const std::uint32_t index = add_item(place.chain, place.parent, "blob", what.name);
  notice(NoticeKind::recognised_not_read, place.chain, 0,
         fmt::format("{}: could show {}; {}", what.name, what.answers, what.convert));
  as_blob(place, index, stream, peek, "not_read");
}

void Worker::State::item(const Place& place, ByteStream& below) {
  HashingStream stream(below, blob_hashes);
  PeekStream peek(stream);
  const std::string head(peek.peek(kHeadBytes));
  const bool whole = head.size() < kHeadBytes;
  const std::string_view name = last_step(place.chain, kChainSteps);
  if (head.empty()) {
    const std::uint32_t index = add_item(place.chain, place.parent, "empty", "");
    stream_problem(peek, place.chain, 0);
    if (place.parent.empty()) {
      notice(NoticeKind::empty, place.chain, 0, "holds nothing");
    } else {  // one for all of an archive's
      notice(NoticeKind::empty, place.parent, 0, "members that hold nothing");
    }
    as_blob(place, index, stream, peek, "empty");
    return;
  }
  if (const NotRead volume = recognise_volume(head, name); !volume.name.empty()) {
    not_read_item(place, volume, stream, peek);
    return;
  }
  const ContainerKind container = recognise_container(head);
  if (container != ContainerKind::none) {
    if (place.depth >= limits::kContainerDepth) {
      const std::uint32_t index = add_item(place.chain, place.parent, "container", "");
      notice(NoticeKind::limit_depth, place.chain, 0,
             fmt::format("containers nested deeper than {}", limits::kContainerDepth));
      as_blob(place, index, stream, peek, "container");
      return;
    }
    const std::uint32_t index = add_item(place.chain, place.parent, "container", name_of(container));
    if (is_compressed_stream(container)) {
      compressed(place, container, peek);
    } else if (container == ContainerKind::tar) {
      archive(place, *open_archive(container, peek, nullptr, gauge), place.in_file);
    } else {
      sent_archive(place, index, container, stream, peek);
      return;
    }
    std::string rest(kReadBytes, '\0');
    while (peek.read(rest) > 0) {
    }
    ItemPart& part = result.items[index];
    part.bytes = part.between_bytes = stream.bytes();
    part.sha256 = stream.finish(HashKind::sha256);
    return;
  }
  // What a reader knows is read, also where it is of a kind that mostly is not (UTF-16, records without a magic).
  std::string behind;  // of a log that was emptied while it was written to, the bytes behind its zeros
  if (!whole && head.find_first_not_of('\0') == std::string::npos) {
    const std::unique_ptr<ByteStream> again =
        place.in_file ? open_range(fd, place.base, place.base + place.size) : open_memory(peek.peek(kZeroBytes));
    behind = head_behind_zeros(*again, kHeadBytes);
  }
  const Recognised known = recognise(behind.empty() ? head : behind, whole, name, schemas);
  if (const NotRead not_read = recognise_not_read(head, name); known.format == nullptr && !not_read.name.empty()) {
    not_read_item(place, not_read, stream, peek);
    return;
  }
  if (known.format == nullptr) {
    const std::uint32_t index = add_item(place.chain, place.parent, "blob", "");
    as_blob(place, index, stream, peek, "blob");
    return;
  }
  const Format& format = *known.format;
  std::string prologue = head.substr(0, format.prologue_size(head));
  const std::uint32_t index =
      add_item(place.chain, place.parent, "records",
               known.recognition.shape.empty() ? std::string(format.name()) : known.recognition.shape);
  ItemState state;
  state.chain = place.chain;
  state.index = index;
  state.place_host = host_of_place(place.chain, profile);
  const ClockProbe probe{&format, prologue, known.recognition.shape, &schemas, &plans, plain_time};
  if (has_two_clocks(probe, head)) {
    if (place.in_file) {
      state.clocks = learn_clocks(probe, place.size, [&](std::uint64_t offset, std::size_t size) {
        std::string out(size, '\0');
        const std::unique_ptr<ByteStream> part =
            open_range(fd, place.base + offset, place.base + std::min<std::uint64_t>(offset + size, place.size));
        out.resize(part->read(out));
        return out;
      });
    } else {
      const std::string_view wide = peek.peek(kClockHead);
      state.clocks = learn_clocks(probe, wide.size(), [&](std::uint64_t offset, std::size_t size) {
        return std::string(wide.substr(offset, size));
      });
    }
  }
  result.items[index].export_rows = format.rows_of_an_export();
  RecordReader& reader = open(format, prologue, known.recognition.shape);
  // Read ahead where all of it is wanted: to be looked at as a file, and for the years of its stamps.
  const bool stamped = needs_years(known.recognition.shape);
  std::string ahead;
  bool all = false;
  const std::size_t limit = stamped && !place.in_file ? limits::kDocumentBytes : kTextFileBytes;
  if ((format.also_file() || stamped) && !(place.in_file && place.size > limit)) all = read_ahead(peek, ahead, limit);
  if (stamped) {
    const bool from_disk = !all && place.in_file;
    const std::unique_ptr<ByteStream> again =
        from_disk ? open_range(fd, place.base, place.base + place.size) : open_memory(ahead);
    state.clock.years =
        plan_years(*again, {place.chain, place.depth > 0 ? place.modified : Time{}, settings.as_of, place.file_time});
    if (state.clock.years.cut || (!all && !from_disk)) {
      notice(NoticeKind::limit_other, place.chain, 0,
             "years of stamps were decided from a part of this log: it is too long, or its months change too often");
    }
  }
  JoinedStream joined(ahead, peek);
  const bool also_file = format.also_file() && all && ahead.size() <= kTextFileBytes;
  if (place.in_file && format.split() != Split::none && place.size > settings.unit_bytes) {
    split(place, format, known.recognition.shape, prologue, state.clock.years, state.clocks);
    result.items[index].bytes = place.size;
    const bool blocks = format.split() == Split::blocks;
    records(reader, format, joined, state, 0,
            blocks ? format.blocks().at_or_after(settings.unit_bytes) : settings.unit_bytes);
    close_item(state);
    if (also_file) look_at_file(place, index, stream, ahead, true, "log");
    return;
  }
  if (reader.wants_survey()) {
    // Read twice: from the file, or of what is unpacked as much as is kept in memory.
    const std::unique_ptr<ByteStream> again =
        place.in_file ? open_range(fd, place.base, place.base + place.size)
                      : open_memory(ahead.empty() ? peek.peek(limits::kDocumentBytes) : std::string_view(ahead));
    survey(reader, *format.open(prologue, known.recognition.shape, schemas), *again);
  }
  records(reader, format, joined, state, 0, UINT64_MAX);
  std::string rest(kReadBytes, '\0');
  while (peek.read(rest) > 0) {
  }
  stream_problem(peek, place.chain, stream.bytes());
  if (also_file) {
    look_at_file(place, index, stream, ahead, true, "log");
  } else {
    ItemPart& part = result.items[index];
    part.bytes = stream.bytes();
    if (part.bytes > part.accounted()) {
      notice(NoticeKind::damaged_record, place.chain, part.accounted(), "a span that is no record was skipped");
      part.skipped_bytes += part.bytes - part.accounted();
    }
    part.sha256 = stream.finish(HashKind::sha256);
  }
  close_item(state);
}

bool Worker::State::needs_years(std::string_view shape) const {
  const auto id = schemas.find(shape);
  if (!id) return false;
  const std::vector<TimeRule>& times = schemas.at(*id).times;
  return std::any_of(times.begin(), times.end(), [](const TimeRule& t) { return t.kind == TimeRule::Kind::stamp; });
}

bool Worker::State::read_ahead(PeekStream& stream, std::string& out, std::size_t limit) {
  while (out.size() <= limit) {
    const std::size_t old = out.size();
    out.resize(old + kReadBytes);
    const std::size_t n = stream.read(std::span(out).subspan(old));
    out.resize(old + n);
    if (n == 0) return true;
  }
  return false;
}

}  // namespace assay
