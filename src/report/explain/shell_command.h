// The shell command (bash and the usual tools: tail, head, gzip, zstd, xz, bzip2, tar, unzip, 7z, bsdtar) that shows
// the bytes of a record without Assay:
//   zstd -dcq < 'a.tar.zst' | tar -xOf - -- 'x/y.log.gz' | gzip -dcq | tail -c +1201 | head -c 132
//   unzip -qqp 'a.zip' 'x/y.log' | tail -c +1201 | head -c 132
// Names are hostile: they are quoted, and a command is printable ASCII whatever they hold. Members of archives are
// named exactly; where the name in the evidence is not the stored one (characters replaced) a pattern stands in and a
// remark says so.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "casefile/case_data.h"

namespace assay::report {

struct ChainStep {
  // How this step's bytes come out of the step before it.
  enum class Open : std::uint8_t {
    file,
    gzip,
    zstd,
    bzip2,
    xz,
    lzip,
    lz4,
    compress,
    tar,
    zip,
    seven_zip,
    library,  // rar, cab, ar, cpio: what bsdtar reads from a pipe
    unknown,
  } open = Open::file;
  std::string name;         // file: path; archives: member as the evidence names it; else not used
  unsigned occurrence = 0;  // archives: which of several members of that name, from 1; 0: there is one
};

struct ShellCommand {
  std::string text;                  // "" when no plain command leads there
  std::vector<std::string> remarks;  // what the reader must know, in words
};

// 'plain name', or $'a\nb' with octal escapes when the name holds a quote, a backslash or anything but printable ASCII.
[[nodiscard]] std::string shell_quote(std::string_view text);

[[nodiscard]] ShellCommand shell_command(std::span<const ChainStep> chain, std::uint64_t offset, std::uint64_t length);
// Reads the chain by its names alone ("a.tar.gz!x.log"): containers are known by their endings.
[[nodiscard]] ShellCommand shell_command(std::string_view path_chain, std::uint64_t offset, std::uint64_t length);
// Reads it by what the case knows of the containers, so that names need no telling ending and may hold '!'.
[[nodiscard]] ShellCommand shell_command(const CaseData& data, const EvidenceItem& item, std::uint64_t offset,
                                         std::uint64_t length);

[[nodiscard]] std::vector<ChainStep> steps_of(std::string_view path_chain);
[[nodiscard]] std::vector<ChainStep> steps_of(const CaseData& data, const EvidenceItem& item);

}  // namespace assay::report
