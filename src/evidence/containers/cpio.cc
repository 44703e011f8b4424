// cpio: POSIX.1-1988 ("odc") and the SVR4 forms "newc" and "crc", as cpio(5) describes them. Own code: libarchive sets
// aside as much memory as a header gives for the length of a name, up to 4 GiB.
#include "evidence/containers/cpio.h"

#include <array>
#include <string>

#include "evidence/containers/member_name.h"
#include "evidence/containers/stored.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kNameBytes = 4096;  // a longer name is no name: the header is taken for damaged
constexpr std::size_t kMagic = 6;
constexpr std::string_view kLast = "TRAILER!!!";

struct Field {
  std::size_t at, size;
};
// One of the two ways of writing a header.
struct Form {
  unsigned base, align;
  std::size_t bytes;
  Field mode, links, time, size, name;
};
constexpr Form kHexadecimal{16, 4, 110, {14, 8}, {38, 8}, {46, 8}, {54, 8}, {94, 8}};
constexpr Form kOctal{8, 1, 76, {18, 6}, {36, 6}, {48, 11}, {65, 11}, {59, 6}};
constexpr std::size_t kLargest = kHexadecimal.bytes;

const Form* form_of(std::string_view head) {
  if (head.starts_with("070701"sv) || head.starts_with("070702"sv)) return &kHexadecimal;
  return head.starts_with("070707"sv) ? &kOctal : nullptr;
}

std::optional<std::uint64_t> number(std::string_view digits, unsigned base) {
  std::uint64_t out = 0;  // of one field: eleven octal digits at most, 33 bits
  for (const char c : digits) {
    unsigned digit = 16;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base) return std::nullopt;
    out = out * base + digit;
  }
  return out;
}

// The kinds of files in the mode, POSIX.1 cpio.h.
constexpr std::uint64_t kKind = 0170000, kDirectory = 0040000, kRegular = 0100000, kLink = 0120000;

class CpioReader final : public ArchiveReader, private StoredMembers {
 public:
  CpioReader(ByteStream& stream, ExpansionGauge& gauge) : StoredMembers(stream), gauge_(&gauge) {}

  bool next(ArchiveMember& member) override {
    if (ended || !finish_member()) return false;
    std::array<char, kLargest> bytes{};
    const std::size_t magic = take(std::span(bytes).first(kMagic));
    const std::string_view head(bytes.data(), bytes.size());
    const Form* const form = magic == kMagic ? form_of(head) : nullptr;
    if (form == nullptr) return stop(magic);
    if (take(std::span(bytes).subspan(kMagic, form->bytes - kMagic)) < form->bytes - kMagic) return cut_off();
    const auto value = [&](Field f) { return number(head.substr(f.at, f.size), form->base); };
    const auto mode = value(form->mode), links = value(form->links), time = value(form->time), size = value(form->size),
               length = value(form->name);
    if (!mode || !links || !time || !size || !length || *length == 0 || *length > kNameBytes) return no_header();
    std::string name(*length, '\0');
    if (take(name) < name.size() || !skip(fill(*form, form->bytes + name.size()))) return cut_off();
    name.resize(std::min(name.size(), name.find('\0')));
    if (name == kLast) {  // what follows fills the block
      ended = true;
      return false;
    }
    if (!counted(*gauge_)) return false;
    member = {};
    member.path = clean_member_name(name);
    member.size = *size;
    member.mode = static_cast<std::uint32_t>(*mode & 07777);
    if (*time > 0) member.modified = {static_cast<std::int64_t>(*time) * kSecond};
    const std::uint64_t kind = *mode & kKind;
    member.kind = kind == kDirectory ? ArchiveMember::Kind::directory
                  : kind == kLink || (*links > 1 && *size == 0)
                      ? ArchiveMember::Kind::link  // the content stands with the last name
                  : kind == kRegular || kind == 0 ? ArchiveMember::Kind::file
                                                  : ArchiveMember::Kind::special;
    left = *size;
    padding = fill(*form, *size);
    return true;
  }
  ByteStream& content() override { return StoredMembers::content; }
  [[nodiscard]] std::vector<StreamProblem> problems() const override { return all_told(); }

 private:
  static std::uint64_t fill(const Form& form, std::uint64_t size) {
    return (form.align - size % form.align) % form.align;
  }
  bool cut_off() {
    cut("ends inside a member or header");
    return false;
  }
  bool stop(std::size_t got) {
    if (got == kMagic) return no_header();
    cut(got == 0 ? "no end mark" : "ends inside a member or header");
    return false;
  }

  ExpansionGauge* gauge_;
};

}  // namespace

bool is_cpio(std::string_view head) {
  const Form* const form = form_of(head);
  return form != nullptr && head.size() >= form->bytes &&
         number(head.substr(kMagic, form->bytes - kMagic), form->base).has_value();
}

std::unique_ptr<ArchiveReader> open_cpio(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<CpioReader>(below, gauge);
}

}  // namespace assay
