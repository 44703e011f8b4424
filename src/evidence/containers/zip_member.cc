#include "evidence/containers/zip_member.h"

#include <fmt/format.h>

#include "evidence/containers/checked.h"
#include "evidence/containers/lzma_raw.h"
#include "evidence/containers/passwords.h"

namespace assay {
namespace {

constexpr std::uint16_t kStored = 0, kDeflate = 8, kBzip2 = 12, kLzma = 14, kZstdOld = 20, kZstd = 93, kXz = 95,
                        kAes = 99;
constexpr std::size_t kCryptoHeader = 12;

std::string_view method_name(std::uint16_t method) {
  switch (method) {
    case 1:
      return "Shrink";
    case 2:
    case 3:
    case 4:
    case 5:
      return "Reduce";
    case 6:
      return "Implode";
    case 9:
      return "Deflate64";
    case 98:
      return "PPMd";
    default:
      return "a method without a common name";
  }
}

// zip puts two bytes of version and two of length before LZMA's properties.
bool add_lzma(ZipContent& content, const ZipMember& member, ExpansionGauge& gauge) {
  char head[4];
  if (content.top().read(head) < sizeof head) return false;
  const std::uint64_t size = little(std::string_view(head, sizeof head), 2, 2);
  if (size != 5) return false;
  std::string properties(5, '\0');
  if (content.top().read(properties) < properties.size()) return false;
  const bool marked = (member.entry.flags & 2) != 0;
  content.decode(open_lzma_raw(content.top(), gauge, {{LzmaFilter::lzma1, properties}},
                               marked || member.unknown_size ? std::nullopt : std::optional(member.entry.size)));
  return true;
}

Expected expected_of(const ZipMember& member) {
  if (member.unknown_size || (!member.entry.listed() && member.entry.described_behind())) return {};
  Expected out{member.entry.size, member.entry.crc};
  if (member.names.aes_strength != 0 && member.names.aes_version == 2) out.crc.reset();  // AE-2 stores none
  return out;
}

void fail(ZipContent& content, NoticeKind kind, std::string detail) {
  content.add(std::make_unique<NoContent>(StreamProblem{kind, std::move(detail)}));
}

void add_decoder(ZipContent& content, const ZipMember& member, std::uint16_t method, ExpansionGauge& gauge) {
  switch (method) {
    case kStored:
      return;
    case kDeflate:
      content.decode(open_deflate(content.top(), gauge));
      return;
    case kBzip2:
      content.decode(open_bzip2(content.top(), gauge));
      return;
    case kXz:
      content.decode(open_xz(content.top(), gauge));
      return;
    case kZstdOld:
    case kZstd:
      content.add(open_zstd(content.top(), gauge));
      return;
    case kLzma:
      if (!add_lzma(content, member, gauge)) fail(content, NoticeKind::damaged_file, "damaged LZMA header");
      return;
    default:
      fail(content, NoticeKind::recognised_not_read,
           fmt::format("compressed by {} (method {}), which is not read: unpack it with 7z and give the folder",
                       method_name(method), method));
  }
}

void decrypt_classic(ZipContent& content, const ByteSource& source, const ZipMember& member, ExpansionGauge& gauge) {
  const ZipEntry& entry = member.entry;
  char header[kCryptoHeader];
  if (entry.packed < kCryptoHeader || source.read_at(member.data, header) < kCryptoHeader)
    return fail(content, NoticeKind::damaged_file, "damaged encryption header");
  const std::size_t layers = content.layers();
  for (const std::string& password : gauge.passwords) {
    const std::string_view bytes(header, kCryptoHeader);
    if (!zip_crypto_fits(bytes, password, static_cast<std::uint8_t>(entry.crc >> 24)) &&
        !zip_crypto_fits(bytes, password, static_cast<std::uint8_t>(entry.dos_time >> 8)))
      continue;
    {  // one password in 256 fits by chance: its content would not
      ExpansionGauge tried;
      tried.memory = gauge.memory;
      ZipContent trial;
      trial.add(open_part(source, member.data, entry.packed));
      trial.add(open_zip_crypto(trial.top(), password));
      add_decoder(trial, member, entry.method, tried);
      if (!reads_well(trial.top(), expected_of(member))) continue;
    }
    content.add(open_zip_crypto(content.top(), password));
    add_decoder(content, member, entry.method, gauge);
    return;
  }
  content.drop_to(layers);
  const StreamProblem why = no_password(!gauge.passwords.empty());
  fail(content, why.kind, why.detail);
}

void decrypt_aes(ZipContent& content, const ByteSource& source, const ZipMember& member, ExpansionGauge& gauge) {
  const int strength = member.names.aes_strength;
  if (strength < 1 || strength > 3) return fail(content, NoticeKind::damaged_file, "damaged encryption header");
  const std::size_t head = kAesSaltBytes[static_cast<std::size_t>(strength)] + kAesCheckBytes;
  std::string header(head, '\0');
  if (member.entry.packed < head + kAesSumBytes || source.read_at(member.data, header) < head)
    return fail(content, NoticeKind::damaged_file, "damaged encryption header");
  for (const std::string& password : gauge.passwords) {
    const ZipAesKeys keys = zip_aes_keys(header, password, strength);
    if (!keys.fits) continue;
    (void)content.top().read(header);
    content.add(open_zip_aes(content.top(), keys, member.entry.packed - head - kAesSumBytes));
    add_decoder(content, member, member.names.aes_method, gauge);
    return;
  }
  const StreamProblem why = no_password(!gauge.passwords.empty());
  fail(content, why.kind, why.detail);
}

}  // namespace

StreamProblem no_password(bool any_given) {
  if (any_given) return {NoticeKind::encrypted, "encrypted, and no password given with --archive-password fits"};
  return {NoticeKind::encrypted, "encrypted: give its password with --archive-password"};
}

bool is_zip_method(std::uint16_t method) { return method <= 20 || (method >= 93 && method <= 99); }

ZipContent open_zip_member(const ByteSource& source, const ZipMember& member, ExpansionGauge& gauge) {
  ZipContent content;
  content.add(open_part(source, member.data, member.entry.packed));
  if (member.entry.method == kAes || (member.entry.encrypted() && member.names.aes_strength != 0)) {
    decrypt_aes(content, source, member, gauge);
  } else if (member.entry.encrypted() && (member.entry.flags & 0x40) != 0) {
    fail(content, NoticeKind::encrypted, "encrypted in a way that is not read: decrypt it and give the content");
  } else if (member.entry.encrypted()) {
    decrypt_classic(content, source, member, gauge);
  } else {
    add_decoder(content, member, member.entry.method, gauge);
  }
  content.add(std::make_unique<CheckedStream>(content.top(), expected_of(member)));
  return content;
}

}  // namespace assay
