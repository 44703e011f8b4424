// xz, bzip2, lzip, LZ4 and compress: all of it in any pieces, every cut and every flipped bit told.
#include <archive.h>
#include <archive_entry.h>
#include <bzlib.h>
#include <gtest/gtest.h>
#include <lzma.h>

#include <random>

#include "core/limits.h"
#include "evidence/containers/makers.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_literals;

std::string sample(std::size_t size) {
  std::mt19937 random(3);
  std::string out;
  while (out.size() < size) out += "GET /vpn/" + std::to_string(random() % 1000) + " 200\n";
  out.resize(size);
  return out;
}

std::string xz(std::string_view text, std::uint32_t preset = 6) {
  std::string out(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t size = 0;
  EXPECT_EQ(
      lzma_easy_buffer_encode(preset, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()),
                              text.size(), reinterpret_cast<std::uint8_t*>(out.data()), &size, out.size()),
      LZMA_OK);
  out.resize(size);
  return out;
}

std::string bzip2(std::string_view text) {
  std::string out(text.size() + text.size() / 50 + 1000, '\0');
  auto size = static_cast<unsigned>(out.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()),
                                     static_cast<unsigned>(text.size()), 9, 0, 0),
            BZ_OK);
  out.resize(size);
  return out;
}

// By libarchive's writer.
std::string packed(int (*filter)(archive*), std::string_view text) {
  std::string out(text.size() * 2 + 100000, '\0');
  std::size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_set_format_raw(writer);
  EXPECT_EQ(filter(writer), ARCHIVE_OK);
  archive_write_set_bytes_in_last_block(writer, 1);
  EXPECT_EQ(archive_write_open_memory(writer, out.data(), out.size(), &used), ARCHIVE_OK);
  archive_entry* entry = archive_entry_new();
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_write_header(writer, entry);
  archive_write_data(writer, text.data(), text.size());
  archive_entry_free(entry);
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

std::string pack(ContainerKind kind, std::string_view text) {
  switch (kind) {
    case ContainerKind::xz:
      return xz(text);
    case ContainerKind::bzip2:
      return bzip2(text);
    case ContainerKind::lzip:
      return packed(archive_write_add_filter_lzip, text);
    case ContainerKind::lz4:
      return packed(archive_write_add_filter_lz4, text);
    default:
      return packed(archive_write_add_filter_compress, text);
  }
}

struct Drained {
  std::string text;
  std::optional<StreamProblem> problem;
};
Drained expand(ContainerKind kind, std::string_view bytes, std::size_t piece = 65536) {
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  Drained out;
  {
    const auto stream = open_compressed(kind, *below, gauge);
    out.text = makers::drained(*stream, piece);
    out.problem = stream->problem();
    EXPECT_EQ(gauge.open, 1U);
  }
  EXPECT_EQ(gauge.open, 0U);
  EXPECT_EQ(gauge.memory, 0U);
  return out;
}

constexpr ContainerKind kKinds[] = {ContainerKind::xz, ContainerKind::bzip2, ContainerKind::lzip, ContainerKind::lz4,
                                    ContainerKind::compress};

TEST(Streams, AllOfItInAnyPieces) {
  const std::string text = sample(700000);
  for (const ContainerKind kind : kKinds) {
    const std::string bytes = pack(kind, text);
    EXPECT_EQ(recognise_container(bytes), kind) << name_of(kind);
    for (const std::size_t piece : {1UL, 333UL, 1UL << 20}) {
      const Drained out = expand(kind, bytes, piece);
      EXPECT_TRUE(out.text == text) << name_of(kind);
      EXPECT_FALSE(out.problem) << name_of(kind) << " " << out.problem->detail;
    }
  }
}

TEST(Streams, OneAfterAnother) {
  const std::string text = sample(5000);
  for (const ContainerKind kind : {ContainerKind::xz, ContainerKind::bzip2, ContainerKind::lzip, ContainerKind::lz4}) {
    const std::string one = pack(kind, text.substr(0, 2000)), two = pack(kind, text.substr(2000));
    EXPECT_TRUE(expand(kind, one + two).text == text) << name_of(kind);
    EXPECT_FALSE(expand(kind, one + two).problem) << name_of(kind);
    if (kind == ContainerKind::lz4) continue;
    const Drained out = expand(kind, one + "garbage");
    EXPECT_TRUE(out.text == text.substr(0, 2000));
    EXPECT_EQ(out.problem->kind, NoticeKind::damaged_file) << name_of(kind);
  }
  EXPECT_FALSE(expand(ContainerKind::xz, xz("a") + std::string(8, '\0') + xz("b")).problem);
  EXPECT_TRUE(expand(ContainerKind::xz, xz("a") + std::string(3, '\0')).text == "a");
}

TEST(Streams, EveryCutIsTold) {
  const std::string text = sample(3000);
  for (const ContainerKind kind : {ContainerKind::xz, ContainerKind::bzip2, ContainerKind::lzip, ContainerKind::lz4}) {
    const std::string bytes = pack(kind, text);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
      const Drained out = expand(kind, std::string_view(bytes).substr(0, cut));
      EXPECT_TRUE(text.starts_with(out.text));
      EXPECT_TRUE(out.problem) << name_of(kind) << " " << cut;
    }
  }
}

TEST(Streams, EveryFlippedBitEnds) {
  const std::string text = sample(400);
  for (const ContainerKind kind : kKinds) {
    const std::string bytes = pack(kind, text);
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
      std::string wrong = bytes;
      wrong[i / 8] = static_cast<char>(wrong[i / 8] ^ (1 << (i % 8)));
      const Drained out = expand(kind, wrong);
      EXPECT_LT(out.text.size(), std::size_t{4} << 20);
      // compress has no check sum, and LZ4 as its tool writes it one over the content alone.
      if (kind == ContainerKind::xz || kind == ContainerKind::bzip2) {
        EXPECT_TRUE(out.problem || out.text == text) << name_of(kind) << " " << i;
      }
    }
  }
}

TEST(Streams, BombsEndAtTheRatio) {
  const std::string zeros(std::size_t{16} << 20, '\0');
  for (const ContainerKind kind : {ContainerKind::xz, ContainerKind::bzip2, ContainerKind::lzip}) {
    const std::string bomb = pack(kind, zeros);
    const Drained out = expand(kind, bomb);
    ASSERT_TRUE(out.problem) << name_of(kind);
    EXPECT_EQ(out.problem->kind, NoticeKind::limit_output);
    EXPECT_LE(out.text.size(), (bomb.size() + 65536) * limits::kContainerRatio + (1U << 20));
    EXPECT_EQ(expand(kind, bomb, 100003).text.size(), out.text.size());
  }
}

TEST(Streams, DictionariesWithinTheChainsMemory) {
  // A header that asks for a dictionary of 4 GiB is refused before any memory is taken.
  std::string bytes = xz("text", 0);
  const std::size_t header = 12, header_bytes = (static_cast<unsigned char>(bytes[header]) + 1U) * 4;
  bytes[bytes.find("\x21\x01", header) + 2] = 40;  // the dictionary's size, of the LZMA2 filter
  bytes.replace(header + header_bytes - 4, 4,
                makers::number(makers::crc(std::string_view(bytes).substr(header, header_bytes - 4)), 4));
  const Drained out = expand(ContainerKind::xz, bytes);
  ASSERT_TRUE(out.problem);
  EXPECT_EQ(out.problem->kind, NoticeKind::limit_other) << out.problem->detail;
  // What the decoders below have taken is not there for the next one.
  const std::string fine = xz(sample(100), 6);
  const auto below = open_memory(fine);
  ExpansionGauge gauge;
  gauge.memory = kContainerMemory - (std::uint64_t{4} << 20);
  const auto stream = open_compressed(ContainerKind::xz, *below, gauge);
  EXPECT_EQ(makers::drained(*stream, 4096), "");
  EXPECT_EQ(stream->problem()->kind, NoticeKind::limit_other);
}

TEST(Streams, HeldWithinTheChainsMemory) {
  const std::string text = sample(3000000);
  ExpansionGauge gauge;
  {
    const auto below = open_memory(text);
    std::string head;
    const auto held = hold(*below, gauge, head);
    ASSERT_NE(held, nullptr);
    EXPECT_GE(gauge.memory, text.size());
    std::string out(text.size(), '\0');
    EXPECT_EQ(held->read_at(0, out), text.size());
    EXPECT_TRUE(out == text);
    out.resize(10);
    EXPECT_EQ(held->read_at(text.size() - 3, out), 3U);
    EXPECT_EQ(held->read_at(text.size(), out), 0U);
  }
  EXPECT_EQ(gauge.memory, 0U);
  gauge.memory = kContainerMemory - (std::uint64_t{1} << 20);
  const auto below = open_memory(text);
  std::string head;
  EXPECT_EQ(hold(*below, gauge, head), nullptr);
  EXPECT_TRUE(text.starts_with(head));
  EXPECT_GT(head.size(), 0U);
}

}  // namespace
}  // namespace assay
