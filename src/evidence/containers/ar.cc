// ar in the System V (GNU) and BSD forms, as ar(5) of FreeBSD describes both. Own code: libarchive sets aside as much
// memory as a header gives for the table of names, up to 1 GiB.
#include "evidence/containers/ar.h"

#include <array>
#include <string>

#include "core/ascii.h"
#include "evidence/containers/member_name.h"
#include "evidence/containers/stored.h"

namespace assay {
namespace {

constexpr std::string_view kMagic = "!<arch>\n";
constexpr std::size_t kHeader = 60;
constexpr std::string_view kHeaderEnd = "`\n";
constexpr std::size_t kNameBytes = 4096;
constexpr std::size_t kTableBytes = std::size_t{1} << 20;  // of long names; what is behind has no name

std::string_view trimmed(std::string_view text) { return text.substr(0, text.find_last_not_of(' ') + 1); }
std::optional<std::uint64_t> decimal(std::string_view text) {
  const auto out = parse_int(trimmed(text));
  if (!out || *out < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*out);
}

class ArReader final : public ArchiveReader, private StoredMembers {
 public:
  ArReader(ByteStream& stream, ExpansionGauge& gauge) : StoredMembers(stream), gauge_(&gauge) {
    std::array<char, kMagic.size()> magic{};
    if (take(magic) < magic.size() || std::string_view(magic.data(), magic.size()) != kMagic) no_header();
  }

  bool next(ArchiveMember& member) override {
    while (!ended && finish_member()) {
      std::array<char, kHeader> bytes{};
      const std::size_t got = take(bytes);
      const std::string_view head(bytes.data(), bytes.size());
      if (got == 0) ended = true;  // there is no end mark
      if (got > 0 && got < kHeader) cut("ends inside a member or header");
      if (ended) return false;
      const auto size = decimal(head.substr(48, 10));
      if (!size || !head.ends_with(kHeaderEnd)) return no_header();
      left = *size;
      padding = *size % 2;
      // Tables count as members too, else a file of nothing else would have no bound.
      if (!counted(*gauge_)) return false;
      std::string name(trimmed(head.substr(0, 16)));
      if (name == "//") {
        read_table();
        continue;
      }
      if (name == "/" || name == "/SYM64/" || name.starts_with("__.SYMDEF")) continue;  // what linkers look up
      if (!full_name(name)) return false;
      if (name.starts_with("__.SYMDEF")) continue;
      member = {};
      member.path = clean_member_name(name);
      member.size = left;
      std::uint32_t mode = 0;
      for (const char c : trimmed(head.substr(40, 8))) mode = mode * 8 + (static_cast<std::uint32_t>(c - '0') & 7);
      member.mode = mode & 07777;
      if (const auto time = decimal(head.substr(16, 12)); time && *time > 0 && *time < std::uint64_t{1} << 33)
        member.modified = {static_cast<std::int64_t>(*time) * kSecond};
      return true;
    }
    return false;
  }
  ByteStream& content() override { return StoredMembers::content; }
  [[nodiscard]] std::vector<StreamProblem> problems() const override { return all_told(); }

 private:
  void read_table() {
    table_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left, kTableBytes)));
    if (left > kTableBytes) tell(NoticeKind::limit_other, "a table of names larger than 1 MiB; its end was not read");
    table_.resize(StoredMembers::content.read(table_));
  }
  // From what the header has for a name to the name itself.
  bool full_name(std::string& name) {
    if (name.starts_with("#1/")) {  // BSD: it stands before the content
      const auto length = decimal(std::string_view(name).substr(3));
      if (!length || *length > kNameBytes || *length > left) return no_header();
      name.assign(static_cast<std::size_t>(*length), '\0');
      if (StoredMembers::content.read(name) < name.size()) return false;
      name.resize(std::min(name.size(), name.find('\0')));
    } else if (name.size() > 1 && name.front() == '/') {  // System V: its place in the table
      const auto place = decimal(std::string_view(name).substr(1));
      if (!place || *place >= table_.size()) {
        tell(NoticeKind::damaged_file, "a member whose name is not in the table of names");
        return true;
      }
      const std::string_view rest = std::string_view(table_).substr(static_cast<std::size_t>(*place), kNameBytes);
      name = rest.substr(0, rest.find('\n'));
    }
    if (name.ends_with('/')) name.pop_back();
    return true;
  }

  ExpansionGauge* gauge_;
  std::string table_;
};

}  // namespace

std::unique_ptr<ArchiveReader> open_ar(ByteStream& below, ExpansionGauge& gauge) {
  return std::make_unique<ArReader>(below, gauge);
}

}  // namespace assay
