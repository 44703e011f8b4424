#include "evidence/containers/seven_zip_folder.h"

#include <algorithm>
#include <array>

#include "evidence/containers/expander.h"
#include "evidence/containers/lzma_raw.h"
#include "evidence/containers/passwords.h"
#include "evidence/containers/zip_member.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr unsigned kMostCycles = 24;
constexpr unsigned kNoHash = 0x3f;
constexpr std::uint64_t kKeySteps = std::uint64_t{1} << 26;  // of one chain: 128 keys of the usual kind

struct Method {
  std::string_view id;
  LzmaFilter filter;
};
// DOC/Methods.txt of the LZMA SDK: both the old and the new numbers of the branch filters.
constexpr std::array kFilters = std::to_array<Method>({
    {"\x03\x03\x01\x03"sv, LzmaFilter::x86},
    {"\x04"sv, LzmaFilter::x86},
    {"\x03\x03\x02\x05"sv, LzmaFilter::powerpc},
    {"\x05"sv, LzmaFilter::powerpc},
    {"\x03\x03\x04\x01"sv, LzmaFilter::ia64},
    {"\x06"sv, LzmaFilter::ia64},
    {"\x03\x03\x05\x01"sv, LzmaFilter::arm},
    {"\x07"sv, LzmaFilter::arm},
    {"\x03\x03\x07\x01"sv, LzmaFilter::arm_thumb},
    {"\x08"sv, LzmaFilter::arm_thumb},
    {"\x03\x03\x08\x05"sv, LzmaFilter::sparc},
    {"\x09"sv, LzmaFilter::sparc},
    {"\x0a"sv, LzmaFilter::arm64},
    {"\x03"sv, LzmaFilter::delta},
});
constexpr std::string_view kCopy = "\0"sv, kLzma1 = "\x03\x01\x01"sv, kLzma2 = "\x21"sv, kDeflate = "\x04\x01\x08"sv,
                           kBzip2 = "\x04\x02\x02"sv, kZstd = "\x04\xf7\x11\x01"sv, kAes = "\x06\xf1\x07\x01"sv,
                           kPpmd = "\x03\x04\x01"sv;

const Method* filter_of(const SevenZipCoder& coder) {
  for (const Method& method : kFilters) {
    if (method.id == coder.method) return &method;
  }
  return nullptr;
}

// Streams of a folder; the last one is on top.
class Layers final : public ByteStream {
 public:
  explicit Layers(std::unique_ptr<ByteStream> first) { list_.push_back(std::move(first)); }
  ~Layers() override {
    while (!list_.empty()) list_.pop_back();  // from the top: each reads the one below
  }
  Layers(const Layers&) = delete;
  Layers& operator=(const Layers&) = delete;
  void add(std::unique_ptr<ByteStream> layer) { list_.push_back(std::move(layer)); }
  [[nodiscard]] ByteStream& top() const { return *list_.back(); }
  std::size_t read(std::span<char> out) override { return top().read(out); }
  [[nodiscard]] std::optional<StreamProblem> problem() const override { return top().problem(); }

 private:
  std::vector<std::unique_ptr<ByteStream>> list_;
};

std::unique_ptr<ByteStream> none(NoticeKind kind, std::string_view why) {
  return std::make_unique<NoContent>(StreamProblem{kind, std::string(why)});
}

struct AesProperties {
  unsigned cycles = 0;
  std::string_view salt, iv;
  bool good = false;
};
AesProperties aes_properties(std::string_view bytes) {
  AesProperties out;
  if (bytes.empty()) return out;
  const auto first = static_cast<unsigned char>(bytes[0]);
  out.cycles = first & 0x3f;
  out.good = out.cycles <= kMostCycles || out.cycles == kNoHash;
  if ((first & 0xc0) == 0) return out;
  if (bytes.size() < 2) return {};
  const auto second = static_cast<unsigned char>(bytes[1]);
  const std::size_t salt = (first >> 7 & 1U) + (second >> 4U), iv = (first >> 6 & 1U) + (second & 15U);
  if (bytes.size() < 2 + salt + iv) return {};
  out.salt = bytes.substr(2, salt);
  out.iv = bytes.substr(2 + salt, iv);
  return out;
}

std::unique_ptr<ByteStream> decode(const ByteSource& source, const SevenZipFolder& folder, std::string_view password,
                                   ExpansionGauge& gauge, SevenZipKeys& keys) {
  auto out = std::make_unique<Layers>(open_part(source, folder.packed_at, folder.packed_size));
  for (std::size_t i = 0; i < folder.coders.size(); ++i) {
    const SevenZipCoder& coder = folder.coders[i];
    if (coder.method == kCopy) continue;
    if (coder.method == kAes) {
      const AesProperties aes = aes_properties(coder.properties);
      if (!aes.good) return none(NoticeKind::damaged_file, "damaged encryption header");
      const std::string& key = keys.key(aes.salt, password, aes.cycles);
      if (key.empty()) return none(NoticeKind::limit_other, "more work on keys of passwords than the limit");
      out->add(open_aes_cbc(out->top(), key, aes.iv));
      // AES works on whole blocks: what is behind the size is padding.
      continue;
    }
    if (coder.method == kDeflate) {
      out->add(open_deflate(out->top(), gauge));
    } else if (coder.method == kBzip2) {
      out->add(open_bzip2(out->top(), gauge));
    } else if (coder.method == kZstd) {
      out->add(open_zstd(out->top(), gauge));
    } else if (coder.method == kLzma1 || coder.method == kLzma2) {
      std::vector<LzmaStep> steps = {
          {coder.method == kLzma1 ? LzmaFilter::lzma1 : LzmaFilter::lzma2, coder.properties}};
      const std::uint64_t size = coder.size;
      while (i + 1 < folder.coders.size()) {
        const Method* filter = filter_of(folder.coders[i + 1]);
        if (filter == nullptr) break;
        steps.insert(steps.begin(), {filter->filter, folder.coders[++i].properties});
      }
      out->add(open_lzma_raw(out->top(), gauge, std::move(steps), size));
    } else {
      return none(NoticeKind::recognised_not_read,
                  coder.method == kPpmd
                      ? "compressed by PPMd, which is not read: unpack it with 7z and give the folder"
                      : "compressed by a method that is not read: unpack it with 7z and give the folder");
    }
  }
  return out;
}

}  // namespace

const std::string& SevenZipKeys::key(std::string_view salt, std::string_view password, unsigned cycles) {
  static const std::string kNone;
  const std::string name = std::string(1, static_cast<char>(cycles)) + std::string(1, static_cast<char>(salt.size())) +
                           std::string(salt) + std::string(password);
  if (const auto at = known_.find(name); at != known_.end()) return at->second;
  const std::uint64_t steps = cycles == kNoHash ? 1 : std::uint64_t{1} << cycles;
  if (gauge_->key_steps + steps > kKeySteps) return kNone;
  gauge_->key_steps += steps;
  return known_[name] = seven_zip_key(salt, password, cycles);
}

std::unique_ptr<ByteStream> open_folder(const ByteSource& source, const SevenZipFolder& folder, Expected first,
                                        ExpansionGauge& gauge, SevenZipKeys& keys) {
  if (folder.branched)
    return none(NoticeKind::recognised_not_read,
                "compressed with BCJ2, which is not read: unpack it with 7z and give the folder");
  const bool encrypted = std::any_of(folder.coders.begin(), folder.coders.end(),
                                     [](const SevenZipCoder& coder) { return coder.method == kAes; });
  if (!encrypted) return decode(source, folder, {}, gauge, keys);
  for (const std::string& password : gauge.passwords) {
    ExpansionGauge tried;
    tried.memory = gauge.memory;
    const auto trial = decode(source, folder, password, tried, keys);
    const auto problem = trial->problem();
    if (problem && problem->kind != NoticeKind::encrypted) return decode(source, folder, password, gauge, keys);
    // Behind the first file come others: only as much as that one is compared.
    Expected known = first;
    if (known.size && *known.size > (std::uint64_t{1} << 20)) known = {};
    if (!known.size) {
      if (reads_well(*trial, known)) return decode(source, folder, password, gauge, keys);
      continue;
    }
    std::string bytes(static_cast<std::size_t>(*known.size), '\0');
    CheckedStream checked(*trial, known);
    bytes.resize(checked.read(bytes));
    if (bytes.size() == *known.size && !checked.problem()) return decode(source, folder, password, gauge, keys);
  }
  const StreamProblem why = no_password(!gauge.passwords.empty());
  return none(why.kind, why.detail);
}

}  // namespace assay
