// Archives made to exhaust whoever opens them: each ends within the caps, and says so.
#include <gtest/gtest.h>

#include "core/limits.h"
#include "evidence/containers/makers.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_literals;
using namespace makers;

// Opens everything that stands in something, as a worker does: the same gauge for the whole chain, eight levels.
struct Walk {
  ExpansionGauge gauge;
  std::uint64_t read = 0, members = 0;
  std::size_t deepest = 0;
  std::vector<StreamProblem> problems;

  void told(const std::optional<StreamProblem>& problem) {
    if (problem) problems.push_back(*problem);
  }
  [[nodiscard]] std::uint64_t count(NoticeKind kind) const {
    std::uint64_t out = 0;
    for (const StreamProblem& problem : problems) out += problem.kind == kind ? problem.count : 0;
    return out;
  }

  void go(ByteStream& stream, std::size_t depth) {
    deepest = std::max(deepest, depth);
    PeekStream peek(stream);
    const ContainerKind kind = recognise_container(peek.peek(65536));
    if (kind != ContainerKind::none && depth == limits::kContainerDepth) {
      problems.push_back({NoticeKind::limit_depth, "", 1});
    } else if (kind != ContainerKind::none) {
      if (is_compressed_stream(kind)) {
        const auto inner = open_compressed(kind, peek, gauge);
        go(*inner, depth + 1);
        told(inner->problem());
      } else {
        std::string head;
        const auto held = hold(peek, gauge, head);
        if (held == nullptr) {
          problems.push_back({NoticeKind::limit_other, "", 1});
        } else {
          const auto below = open_part(*held, 0, held->size());
          const auto reader = open_archive(kind, *below, held.get(), gauge);
          ArchiveMember member;
          while (reader->next(member)) {
            ++members;
            go(reader->content(), depth + 1);
          }
          for (const StreamProblem& problem : reader->problems()) problems.push_back(problem);
        }
      }
    }
    std::string buffer(65536, '\0');
    while (const std::size_t got = peek.read(buffer)) read += got;
    told(peek.problem());
  }
};

Walk walk(std::string_view bytes) {
  Walk out;
  const auto stream = open_memory(bytes);
  out.go(*stream, 0);
  EXPECT_EQ(out.gauge.open, 0U);
  EXPECT_EQ(out.gauge.memory, 0U);
  return out;
}

TEST(Bombs, ZipInZipInZip) {
  // The shape of 42.zip: sixteen archives in each of sixteen, five levels, and zeros at the bottom.
  std::string level = zip({deflated("0.dll", std::string(std::size_t{64} << 20, '\0'))});
  for (int i = 0; i < 5; ++i) {
    std::vector<ZipPart> parts;
    for (int n = 0; n < 16; ++n) parts.push_back(deflated("lib " + std::to_string(n) + ".zip", level));
    level = zip(parts);
  }
  const Walk out = walk(level);
  EXPECT_GT(out.count(NoticeKind::limit_output), 0U);
  EXPECT_LE(out.gauge.output, level.size() * limits::kContainerRatio + (std::uint64_t{64} << 20));
}

TEST(Bombs, MembersThatShareTheirBytes) {
  // One kernel of deflate data, and 2,000 entries of the directory whose members all reach to it: each header is quoted
  // by a stored block of the member before it.
  const std::string kernel = deflate(std::string(std::size_t{8} << 20, '\0'));
  const std::size_t count = 2000;
  std::vector<ZipPart> parts(count);
  std::string tail;
  for (std::size_t i = count; i-- > 0;) {
    ZipPart& part = parts[i];
    part.name = "n" + std::to_string(10000 + i);
    part.method = 8;
    part.packed = i + 1 == count ? kernel : "\0"s + number(36, 2) + number(~36U & 0xffff, 2) + tail;
    part.size = (std::size_t{8} << 20) + (count - 1 - i) * 36;
    tail = zip_local(part) + part.packed;
  }
  std::string central;
  std::size_t at = 0;
  for (const ZipPart& part : parts) {
    central += zip_central(part, at);
    at += 41;
  }
  const std::string bomb = tail + central + zip_end(count, central.size(), tail.size());
  const Walk out = walk(bomb);
  EXPECT_GT(out.count(NoticeKind::limit_output), 0U);
  EXPECT_GT(out.count(NoticeKind::damaged_file), 0U);
  EXPECT_LE(out.gauge.output, 2 * bomb.size() * limits::kContainerRatio + (std::uint64_t{64} << 20));
}

TEST(Bombs, AMillionMembers) {
  std::string bytes, central;
  const ZipPart part = stored("m", "");
  const std::string local = zip_local(part);
  const std::size_t count = 1000000;
  for (std::size_t i = 0; i < count; ++i) {
    central += zip_central(part, bytes.size());
    bytes += local;
  }
  const std::size_t at = bytes.size();
  bytes += central + zip_end(0xffff, central.size(), at);
  ExpansionGauge gauge;
  const auto below = open_memory(bytes);
  const auto source = source_of_memory(bytes);
  const auto reader = open_archive(ContainerKind::zip, *below, source.get(), gauge);
  ArchiveMember member;
  std::size_t members = 0;
  while (reader->next(member)) ++members;
  EXPECT_EQ(members, limits::kContainerMembers);
  bool told = false;
  for (const StreamProblem& problem : reader->problems()) told = told || problem.kind == NoticeKind::limit_members;
  EXPECT_TRUE(told);
}

TEST(Bombs, ThirtyDeep) {
  std::string level = "at the bottom\n";
  for (int i = 0; i < 10; ++i) level = zip({stored("a.7z", zip({deflated("b", level)}))});
  const Walk out = walk(level);
  EXPECT_EQ(out.deepest, limits::kContainerDepth);
  EXPECT_EQ(out.count(NoticeKind::limit_depth), 1U);
}

TEST(Bombs, AChainThatNeverGetsSmaller) {
  // Each level holds the next and as much again: no ratio is ever large, and only depth and members end it.
  std::string level = std::string(1000, 'x');
  for (int i = 0; i < 12; ++i) level = zip({stored("again.zip", level), deflated("again2.zip", level)});
  const Walk out = walk(level);
  EXPECT_EQ(out.deepest, limits::kContainerDepth);
  EXPECT_GT(out.count(NoticeKind::limit_depth), 0U);
  EXPECT_LE(out.members, std::uint64_t{1} << (limits::kContainerDepth + 1));
}

}  // namespace
}  // namespace assay
