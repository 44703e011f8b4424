// 7z, rar, cab, ar and cpio: what other writers made, and damage.
#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "core/limits.h"
#include "evidence/containers/makers.h"
#include "evidence/containers/seven_zip_header.h"
#include "evidence/stream.h"

namespace assay {
namespace {

using namespace std::string_literals;
using namespace makers;

struct Written {
  std::string name, text;
};

// By libarchive's writer.
std::string written(int (*format)(archive*), const char* options, const std::vector<Written>& files) {
  std::string out(std::size_t{16} << 20, '\0');
  std::size_t used = 0;
  archive* writer = archive_write_new();
  EXPECT_EQ(format(writer), ARCHIVE_OK);
  if (options != nullptr) {
    EXPECT_EQ(archive_write_set_options(writer, options), ARCHIVE_OK) << archive_error_string(writer);
  }
  archive_write_set_bytes_in_last_block(writer, 1);
  EXPECT_EQ(archive_write_open_memory(writer, out.data(), out.size(), &used), ARCHIVE_OK);
  for (const Written& file : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, file.name.c_str());
    archive_entry_set_filetype(entry, file.name.back() == '/' ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(entry, 0640);
    archive_entry_set_size(entry, static_cast<la_int64_t>(file.text.size()));
    archive_entry_set_mtime(entry, 1587003127, 0);
    EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
    archive_write_data(writer, file.text.data(), file.text.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

std::string seven_zip(const char* compression, const std::vector<Written>& files) {
  return written(archive_write_set_format_7zip, ("7zip:compression="s + compression).c_str(), files);
}

std::string rar4(const std::vector<Written>& files) {
  const auto block = [](std::string_view rest) { return number(crc(rest) & 0xffff, 2) + std::string(rest); };
  std::string out = "Rar!\x1a\x07\0"s + block("\x73" + number(0, 2) + number(13, 2) + number(0, 6));
  for (const Written& file : files) {
    out += block("\x74" + number(0x8000, 2) + number(32 + file.name.size(), 2) + number(file.text.size(), 4) +
                 number(file.text.size(), 4) + "\x03" + number(crc(file.text), 4) + number(0x50900000, 4) + "\x14\x30" +
                 number(file.name.size(), 2) + number(0100644, 4) + file.name) +
           file.text;
  }
  return out + block("\x7b" + number(0x4000, 2) + number(7, 2));
}

std::string rar5(const std::vector<Written>& files) {
  const auto vint = [](std::uint64_t value) {
    std::string out;
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    return out + static_cast<char>(value);
  };
  const auto block = [&](const std::string& body) {
    const std::string rest = vint(body.size()) + body;
    return number(crc(rest), 4) + rest;
  };
  std::string out = "Rar!\x1a\x07\x01\0"s + block(vint(1) + vint(0) + vint(0));
  for (const Written& file : files) {
    out += block(vint(2) + vint(2) + vint(file.text.size()) + vint(4) + vint(file.text.size()) + vint(0100644) +
                 number(crc(file.text), 4) + vint(0) + vint(1) + vint(file.name.size()) + file.name) +
           file.text;
  }
  return out + block(vint(5) + vint(0) + vint(0));
}

std::string cab(const std::vector<Written>& files) {
  std::string list_of, data;
  for (const Written& file : files) {
    list_of += number(file.text.size(), 4) + number(data.size(), 4) + number(0, 2) + number(0x5090, 2) + number(0, 2) +
               number(0x20, 2) + file.name + '\0';
    data += file.text;
  }
  const std::size_t first_file = 36 + 8, first_data = first_file + list_of.size();
  const std::string block = number(0, 4) + number(data.size(), 2) + number(data.size(), 2) + data;
  return "MSCF" + number(0, 4) + number(first_data + block.size(), 4) + number(0, 4) + number(first_file, 4) +
         number(0, 4) + "\x03\x01" + number(1, 2) + number(files.size(), 2) + number(0, 6) + number(first_data, 4) +
         number(1, 2) + number(0, 2) + list_of + block;
}

const std::vector<Written> kTwo = {{"one.log", "first"}, {"d/two.log", "second"}};

TEST(SevenZip, EveryMethodOfAnotherWriter) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
  for (const char* method : {"lzma1", "lzma2", "bzip2", "deflate", "copy"}) {
    const std::string bytes = seven_zip(method, {{"a.log", text}, {"empty", ""}, {"d/", ""}, {"d/b.log", "short"}});
    EXPECT_EQ(recognise_container(bytes), ContainerKind::seven_zip);
    // Its writer puts those without content last.
    const std::string expected = "file a.log [" + std::to_string(text.size()) +
                                 " bytes]\nfile d/b.log [short]\nfile empty []\ndirectory d/ []\n";
    for (const std::size_t piece : {7UL, 4096UL, 1UL << 20})
      EXPECT_EQ(list(ContainerKind::seven_zip, bytes, {}, piece), expected) << method;
  }
  EXPECT_EQ(list(ContainerKind::seven_zip, seven_zip("ppmd", {{"a", "aaaa"}})),
            "file a [] recognised_not_read: compressed by PPMd, which is not read: unpack it with 7z and give the "
            "folder\n");
}

TEST(SevenZip, ContentNotReadIsSkipped) {
  const std::string bytes = seven_zip("lzma2", {{"a", std::string(500000, 'a')}, {"b", "text"}});
  const auto source = source_of_memory(bytes);
  const auto below = open_memory(bytes);
  ExpansionGauge gauge;
  const auto reader = open_archive(ContainerKind::seven_zip, *below, source.get(), gauge);
  ArchiveMember member;
  ASSERT_TRUE(reader->next(member));
  EXPECT_EQ(format_utc(member.modified), "2020-04-16T02:12:07Z");
  EXPECT_EQ(member.mode, 0640U);
  std::string some(10, '\0');
  EXPECT_EQ(reader->content().read(some), 10U);
  ASSERT_TRUE(reader->next(member));
  EXPECT_EQ(drained(reader->content(), 10), "text");
  EXPECT_FALSE(reader->next(member));
  EXPECT_TRUE(reader->problems().empty());
}

TEST(SevenZip, CutAndBrokenBytesAreTold) {
  const std::string bytes = seven_zip("lzma1", {{"a", "some text, again and again and again"}, {"b", "more"}});
  const std::string whole = list(ContainerKind::seven_zip, bytes);
  for (std::size_t cut = 6; cut < bytes.size(); ++cut) {
    const std::string out = list(ContainerKind::seven_zip, std::string_view(bytes).substr(0, cut));
    EXPECT_NE(out.find("truncated"), std::string::npos) << cut << out;
  }
  std::mt19937 random(9);
  for (int i = 0; i < 3000; ++i) {
    std::string wrong = bytes;
    for (unsigned n = static_cast<unsigned>(random() % 3) + 1; n > 0; --n)
      wrong[random() % wrong.size()] = static_cast<char>(random());
    const std::string out = list(ContainerKind::seven_zip, wrong);
    EXPECT_EQ(out, list(ContainerKind::seven_zip, wrong, {}, 3));
    if (wrong.substr(8) != bytes.substr(8)) {
      EXPECT_NE(out, whole);
    }
  }
}

TEST(SevenZip, HeadersThatPromiseTooMuch) {
  // Counts that the header's own size contradicts, and properties without end, cost nothing.
  const std::string many = "\xff"s + number(100000000, 8);
  EXPECT_TRUE(parse_seven_zip_header("\x01\x05"s + many, 100).damaged);
  EXPECT_TRUE(parse_seven_zip_header("\x01\x04\x07\x0b"s + many + "\0"s, 100).damaged);
  std::string repeated = "\x01\x05\x02"s;
  for (int i = 0; i < 100000; ++i) repeated += "\x10\x00"s;
  EXPECT_TRUE(parse_seven_zip_header(repeated, 100000).damaged);
  std::mt19937 random(4);
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = "\x01"s;
    for (int n = 0; n < 60; ++n) bytes += static_cast<char>(random() % 3 == 0 ? random() : random() % 0x1a);
    const SevenZipHeader header = parse_seven_zip_header(bytes, 100);
    EXPECT_LE(header.files.size(), 100U);
    EXPECT_LE(header.streams.size(), 100U);
  }
}

TEST(Library, WhatItReadsForUs) {
  const std::string expected = "file one.log [first]\nfile d/two.log [second]\n";
  EXPECT_EQ(recognise_container(rar4(kTwo)), ContainerKind::rar);
  EXPECT_EQ(list(ContainerKind::rar, rar4(kTwo)), expected);
  EXPECT_EQ(recognise_container(rar5(kTwo)), ContainerKind::rar);
  EXPECT_EQ(list(ContainerKind::rar, rar5({{"fl\xc3\xa4g", "1"}})), "file fl\xc3\xa4g [1]\n");
  EXPECT_EQ(recognise_container(cab(kTwo)), ContainerKind::cab);
  EXPECT_EQ(list(ContainerKind::cab, cab({{"one.log", "first"}, {"d\\two.log", "second"}})),
            "file one.log [first]\nfile d/two.log [second]\n");
}

// A few bytes wrong: the same is told however the bytes come.
void expect_damage_told_alike(ContainerKind kind, const std::string& bytes) {
  std::mt19937 random(8);
  for (int i = 0; i < 1000; ++i) {
    std::string wrong = bytes;
    for (unsigned n = static_cast<unsigned>(random() % 3) + 1; n > 0; --n)
      wrong[random() % wrong.size()] = static_cast<char>(random());
    ASSERT_EQ(list(kind, wrong), list(kind, wrong, {}, 3));
  }
}

TEST(Library, DamageIsTold) {
  for (const auto& [kind, bytes] :
       {std::pair(ContainerKind::rar, rar4(kTwo)), std::pair(ContainerKind::rar, rar5(kTwo)),
        std::pair(ContainerKind::cab, cab(kTwo))}) {
    EXPECT_NE(list(kind, std::string_view(bytes).substr(0, bytes.find("second") + 3)).find(": "), std::string::npos);
    expect_damage_told_alike(kind, bytes);
  }
}

TEST(Cpio, BothFormsAndDamage) {
  const std::string expected = "file one.log [first]\nfile d/two.log [second]\n";
  for (const auto format : {archive_write_set_format_cpio_newc, archive_write_set_format_cpio}) {
    const std::string cpio = written(format, nullptr, kTwo);
    EXPECT_EQ(recognise_container(cpio), ContainerKind::cpio);
    EXPECT_EQ(list(ContainerKind::cpio, cpio), expected);
    // A part of it: what is there, and that it is a part.
    const std::size_t end = cpio.find("TRAILER!!!");
    for (std::size_t size = 0; size < end; ++size) {
      const std::string part = list(ContainerKind::cpio, std::string_view(cpio).substr(0, size));
      ASSERT_NE(part.find(": "), std::string::npos) << size << "\n" << part;
      ASSERT_EQ(part, list(ContainerKind::cpio, std::string_view(cpio).substr(0, size), {}, 3)) << size;
    }
    expect_damage_told_alike(ContainerKind::cpio, cpio);
  }
  // A name of 1.9 GB: no memory is set aside for it.
  std::string header = written(archive_write_set_format_cpio_newc, nullptr, kTwo);
  header.replace(94, 8, "70701000");
  EXPECT_EQ(list(ContainerKind::cpio, header), "damaged_file 1: a header that is none; what follows it was not read\n");
}

TEST(Ar, BothFormsAndDamage) {
  const std::string name = "a-name-longer-than-sixteen-bytes.log";
  const auto member = [](std::string_view field, std::string content) {
    if (content.size() % 2 != 0) content += '\n';
    return fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n{}", field, 1587003127, 0, 0, "100644",
                       content.size() - (content.ends_with('\n') && field.front() != '/' ? 1 : 0), content);
  };
  const std::string system_v =
      "!<arch>\n" + member("/", "symbols!") + member("//", name + "/\n") + member("one.log/", "first") +
      fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\nsecond", "/0", 1587003127, 0, 0, "100644", 6);
  for (const std::string& ar :
       {written(archive_write_set_format_ar_bsd, nullptr, {{"one.log", "first"}, {name, "second"}}), system_v}) {
    EXPECT_EQ(recognise_container(ar), ContainerKind::ar);
    EXPECT_EQ(list(ContainerKind::ar, ar), "file one.log [first]\nfile " + name + " [second]\n");
    for (std::size_t size = 0; size < ar.size(); ++size) {
      const std::string part = list(ContainerKind::ar, std::string_view(ar).substr(0, size));
      ASSERT_EQ(part, list(ContainerKind::ar, std::string_view(ar).substr(0, size), {}, 3)) << size;
    }
    EXPECT_NE(list(ContainerKind::ar, std::string_view(ar).substr(0, ar.find("second") + 3)).find("truncated"),
              std::string::npos);
    expect_damage_told_alike(ContainerKind::ar, ar);
  }
  // A table of names of 900 MB: no memory is set aside for it.
  const std::string table = "!<arch>\n//                                              900000000 `\n";
  EXPECT_EQ(list(ContainerKind::ar, table),
            "limit_other 1: a table of names larger than 1 MiB; its end was not read\n");
}

TEST(Volumes, OnlyLaterOnesAreLeftOut) {
  const auto told = [](std::string_view name, std::string_view head) {
    return !recognise_volume(head, name).convert.empty();
  };
  EXPECT_TRUE(told("a.7z.002", "x"));
  EXPECT_FALSE(told("a.7z.001", "7z\xbc\xaf\x27\x1c"));
  EXPECT_FALSE(told("app.log.002", "x"));
  EXPECT_TRUE(told("a.z02", "\0\1"s));
  EXPECT_FALSE(told("a.z01", "PK\x07\x08PK\x03\x04\0"s));
  EXPECT_TRUE(told("a.part2.rar", "Rar!\x1a\x07\0"s));
  EXPECT_FALSE(told("a.part01.rar", "Rar!\x1a\x07\0"s));
  EXPECT_TRUE(told("a.r00", "Rar!\x1a\x07\0"s));
  EXPECT_FALSE(told("notes.r00", "text"));
}

// Cut at any place, and with nothing in it: an archive lists members or says what is wrong, never nothing.
TEST(Archives, NoneIsSilent) {
  const std::filesystem::path folder = std::filesystem::path(ASSAY_SOURCE_DIR) / "src/evidence/containers/testdata";
  const auto silent = [](std::string_view bytes) {
    const ContainerKind kind = recognise_container(bytes);
    if (kind == ContainerKind::none || is_compressed_stream(kind)) return false;
    ExpansionGauge gauge;
    const auto stream = open_memory(bytes);
    const auto source = source_of_memory(bytes);
    const auto reader = open_archive(kind, *stream, source.get(), gauge);
    ArchiveMember member;
    bool any = false, told = false;
    while (reader->next(member)) {
      any = true;
      char buffer[4096];
      while (reader->content().read(buffer) > 0) {
      }
      told = told || reader->content().problem().has_value();
    }
    return !any && !told && reader->problems().empty();
  };
  std::size_t files = 0;
  for (const char* name :
       {"plain5.rar", "plain4.rar", "plain.cab", "plain.cpio", "plain.ar", "plain.7z", "plain.zip"}) {
    std::ifstream in(folder / name, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    ASSERT_FALSE(bytes.empty()) << name;
    for (std::size_t size = 1; size <= bytes.size(); ++size)
      EXPECT_FALSE(silent(bytes.substr(0, size))) << name << size;
    ++files;
  }
  EXPECT_EQ(files, 7U);
  // The end record alone: an honest archive of nothing.
  const std::string nothing = "PK\x05\x06"s + std::string(18, '\0');
  EXPECT_FALSE(silent(nothing));
}

}  // namespace
}  // namespace assay
