#include <fmt/format.h>

#include <algorithm>

#include "core/limits.h"
#include "evidence/file_record.h"
#include "hunt/worker_state.h"

namespace assay {

void Worker::State::archive_behind(const Place& place, std::uint32_t index, const ByteSource* source) {
  if (source == nullptr || place.depth >= limits::kContainerDepth || !ends_as_zip(*source)) return;
  result.items[index].kind = "container";
  result.items[index].shape = name_of(ContainerKind::zip);
  Place here = place;
  here.source = source;
  const std::unique_ptr<ByteStream> below = open_part(*source, 0, source->size());
  archive(here, *open_archive(ContainerKind::zip, *below, source, gauge));
}

void Worker::State::compressed(const Place& place, ContainerKind kind, PeekStream& peek) {
  const std::unique_ptr<ByteStream> inner = open_compressed(kind, peek, gauge);
  Place inside = place;
  inside.parent = place.chain;
  const std::string member = inner_name(last_step(place.chain, kChainSteps));
  inside.chain = place.chain + "!" + member;
  const std::size_t cut = place.tree_path.find_last_of('/');
  inside.tree_path = (cut == std::string::npos ? std::string() : place.tree_path.substr(0, cut + 1)) + member;
  inside.depth = place.depth + 1;
  inside.in_file = false;
  inside.source = nullptr;
  item(inside, *inner);
  stream_problem(*inner, place.chain, 0);
}

void Worker::State::sent_archive(const Place& place, std::uint32_t index, ContainerKind kind, HashingStream& stream,
                                 PeekStream& peek) {
  if (place.source != nullptr) {
    const std::unique_ptr<ByteStream> below = open_part(*place.source, 0, place.source->size());
    archive(place, *open_archive(kind, *below, place.source, gauge));
    as_blob(place, index, stream, peek, "container");
    return;
  }
  // Its directory is at its end, and what it stands in gives its bytes once, in order.
  std::string head;
  const std::unique_ptr<ByteSource> held = hold(peek, gauge, head);
  if (held == nullptr) {
    notice(NoticeKind::limit_other, place.chain, 0,
           fmt::format("an archive inside another container that is larger than the {} MiB that are held: unpack the "
                       "outer one and give the folder",
                       kContainerMemory >> 20));
    std::string rest(kReadBytes, '\0');
    while (peek.read(rest) > 0) {
    }
    as_blob(place, index, stream, *open_memory(head), "container");
    return;
  }
  stream_problem(peek, place.chain, held->size());
  Place here = place;
  here.source = held.get();
  const std::unique_ptr<ByteStream> below = open_part(*held, 0, held->size());
  archive(here, *open_archive(kind, *below, held.get(), gauge));
  as_blob(place, index, stream, *open_part(*held, 0, held->size()), "container");
}

void Worker::State::archive(const Place& place, ArchiveReader& reader, bool as_units) {
  ArchiveMember member;
  MemberNames names;
  while (reader.next(member)) {
    if (gauge.members > limits::kContainerMembers) {
      notice(NoticeKind::limit_members, place.chain, 0, "more members than are read");
      break;
    }
    Place inside;
    inside.chain =
        place.chain + "!" + (member.kind == ArchiveMember::Kind::file ? names.next(member.path) : member.path);
    inside.parent = place.chain;
    std::string path = member.path;
    std::replace(path.begin(), path.end(), '\\', '/');
    while (path.starts_with("./")) path.erase(0, 2);
    inside.tree_path = path.starts_with('/') ? path : "/" + path;
    inside.mode = member.mode;
    inside.modified = member.modified;
    inside.file_time = place.file_time;
    inside.depth = place.depth + 1;
    inside.size = member.size;
    inside.base = place.base + member.offset;
    // Members of a plain tar become units of their own; those of other archives have check sums that one unit
    // verifies.
    inside.in_file = as_units;
    if (member.kind == ArchiveMember::Kind::directory) continue;
    if (member.kind != ArchiveMember::Kind::file) {
      notice(NoticeKind::special_file, place.chain, 0,
             "links and special files of an archive are listed, not followed");
      continue;
    }
    if (inside.in_file &&
        (inside.base > place.base + place.size || inside.size > place.base + place.size - inside.base)) {
      // The archive is cut inside this member: what is there of it is read.
      notice(NoticeKind::truncated, inside.chain, 0, "the archive ends inside this member");
      if (inside.base >= place.base + place.size) continue;
      inside.size = place.base + place.size - inside.base;
    }
    if (inside.in_file) {  // a member that stands as it is becomes a unit of its own
      UnitSpec u;
      u.kind = UnitSpec::Kind::scan;
      u.file = unit->file;
      u.chain = inside.chain;
      u.parent = inside.parent;
      u.tree_path = inside.tree_path;
      u.base = inside.base;
      u.size = inside.size;
      u.end = inside.size;
      u.mode = inside.mode;
      u.modified = inside.modified;
      u.depth = inside.depth;
      result.discovered.push_back(std::move(u));
      continue;
    }
    std::unique_ptr<ByteSource> part;
    if (member.in_place && place.source != nullptr) {
      part = source_of_part(*place.source, member.offset, member.size);
      inside.source = part.get();
    }
    if (const auto problem = unreadable(reader.content())) {
      named_only(inside, *problem);
    } else {
      item(inside, reader.content());
    }
  }
  for (const StreamProblem& problem : reader.problems())
    notice(problem.kind, place.chain, 0, problem.detail, problem.count);
}

std::optional<StreamProblem> Worker::State::unreadable(const ByteStream& content) {
  auto problem = content.problem();
  if (problem && (problem->kind == NoticeKind::encrypted || problem->kind == NoticeKind::recognised_not_read))
    return problem;
  return std::nullopt;
}

void Worker::State::named_only(const Place& place, const StreamProblem& why) {
  const std::uint32_t index =
      add_item(place.chain, place.parent, "blob", why.kind == NoticeKind::encrypted ? "encrypted" : "not read");
  notice(why.kind, place.chain, 0, why.detail);
  FileFacts facts;
  facts.path = place.tree_path;
  facts.size = place.size;
  facts.mode = place.mode;
  facts.modified = place.modified;
  const std::unique_ptr<RecordReader> reader = file_record(facts, schemas);
  ItemState item;
  item.chain = place.chain;
  item.index = index;
  item.place_host = host_of_place(place.chain, profile);
  record(*reader, item, {}, 0, reader->shape());
  result.items[index].records = 0;  // a file is no log record
  close_item(item);
}

}  // namespace assay
