#include "text/extract/neighbours.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "text/extract/lists.h"
#include "text/extract/words.h"

namespace assay {
namespace {

constexpr std::size_t kGap = 24;  // between two names of a list, indentation with it

// "a.exe", "c:\\x\\a.exe": the name; empty: no file.
std::string_view name_of(const Found& found) {
  if (found.kind == Observable::file_name) return found.value;
  if (found.kind != Observable::file_path) return {};
  const std::size_t slash = found.value.find_last_of("\\/");
  return std::string_view(found.value).substr(slash == std::string::npos ? 0 : slash + 1);
}

// Marks, a line's end, and a word for "and".
bool joins(std::string_view gap) {
  if (gap.size() > kGap || gap.find("\n\n") != gap.npos) return false;
  static constexpr auto kAnd = std::to_array<std::string_view>(
      {"and", "or", "und", "oder", "et", "ou", "y", "o", "e", "en", "of", "i", "lub", "sowie", "as", "well", "the"});
  for (std::size_t i = 0; i < gap.size();) {
    if (!is_alpha(gap[i])) {
      if (std::string_view(" \n\t,;|/`'\"*-+&()\xe3\x80\x81").find(gap[i]) == std::string_view::npos) return false;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < gap.size() && is_alpha(gap[end])) ++end;
    if (std::find(kAnd.begin(), kAnd.end(), lower(gap.substr(i, end - i))) == kAnd.end()) return false;
    i = end;
  }
  return true;
}

}  // namespace

bool is_known_name(std::string_view name) {
  return is_ordinary_file(name) || is_dual_use_tool(name) || is_runtime_file(name);
}

NamesBeside names_beside(std::string_view text, const std::vector<Found>& found, std::size_t i) {
  NamesBeside out;
  const auto count = [&](const Found& other) { ++(is_known_name(name_of(other)) ? out.known : out.unknown); };
  const auto follows = [&](const Found& a, const Found& b) {
    return !name_of(a).empty() && !name_of(b).empty() && a.end <= b.begin && joins(text.substr(a.end, b.begin - a.end));
  };
  for (std::size_t k = i; k > 0 && i - k < kListed && follows(found[k - 1], found[k]); --k) count(found[k - 1]);
  for (std::size_t k = i; k + 1 < found.size() && k - i < kListed && follows(found[k], found[k + 1]); ++k)
    count(found[k + 1]);
  return out;
}

CommandUse command_use(std::string_view lead) {
  while (!lead.empty() && (lead.back() == '"' || lead.back() == '\'' || lead.back() == '`')) lead.remove_suffix(1);
  lead = trim(lead);
  static constexpr auto kWrites = std::to_array<std::string_view>({" -o",
                                                                   " -out",
                                                                   " -outfile",
                                                                   " -outf",
                                                                   " --output",
                                                                   " --output-document",
                                                                   " -outputdirectory",
                                                                   " of=",
                                                                   ">",
                                                                   " czf",
                                                                   " -czf",
                                                                   " cvf",
                                                                   " -cvf",
                                                                   " -cvzf",
                                                                   " cjf",
                                                                   " -cjf",
                                                                   " cjvf",
                                                                   " -cf",
                                                                   " cf",
                                                                   "export-csv",
                                                                   "export-csv -path",
                                                                   "out-file",
                                                                   "out-file -filepath",
                                                                   "set-content",
                                                                   "add-content",
                                                                   " -destinationpath",
                                                                   " -destination",
                                                                   "7z a",
                                                                   "7z.exe a",
                                                                   "7za a",
                                                                   "rar a",
                                                                   "rar.exe a",
                                                                   "tee",
                                                                   "tee -a",
                                                                   " -ma lsass.exe",
                                                                   " -w",
                                                                   " /out:",
                                                                   " -f zip -o",
                                                                   "create full"});
  if (std::any_of(kWrites.begin(), kWrites.end(), [&](std::string_view w) {
        return lead.ends_with(w) && (w.front() == ' ' || w.front() == '>' || lead.size() == w.size() ||
                                     !is_alnum(lead[lead.size() - w.size() - 1]));
      }))
    return CommandUse::writes;
  // "reg save KEY", "copy a b", "MiniDump 712": the argument behind the first one.
  std::string_view before = lead;
  while (!before.empty() && (before.back() == '"' || before.back() == '\'')) before.remove_suffix(1);
  while (!before.empty() && (before.back() == '\x01' || is_digit(before.back()))) before.remove_suffix(1);
  if (before.size() < lead.size()) {
    before = trim(before);
    while (!before.empty() && (before.back() == '"' || before.back() == '\'')) before.remove_suffix(1);
    before = trim(before);
    static constexpr auto kSecond = std::to_array<std::string_view>({"reg save",
                                                                     "reg export",
                                                                     "reg.exe save",
                                                                     "copy",
                                                                     "copy /y",
                                                                     "xcopy",
                                                                     "cp",
                                                                     "cp -f",
                                                                     "cp -r",
                                                                     "mv",
                                                                     "move",
                                                                     "move /y",
                                                                     "copy-item",
                                                                     "move-item",
                                                                     "certutil -decode",
                                                                     "certutil -encode",
                                                                     "esentutl /y",
                                                                     "minidump",
                                                                     "ren",
                                                                     "mklink"});
    if (std::any_of(kSecond.begin(), kSecond.end(), [&](std::string_view w) {
          return before.ends_with(w) && (before.size() == w.size() || !is_alnum(before[before.size() - w.size() - 1]));
        }))
      return CommandUse::writes;
  }
  static constexpr auto kLooks = std::to_array<std::string_view>(
      {"ls",          "ls -l",     "ls -la",       "ls -al",   "ls -lah",       "dir",       "dir /a",
       "dir /s",      "cat",       "type",         "file",     "stat",          "strings",   "md5sum",
       "sha1sum",     "sha256sum", "get-filehash", "get-item", "get-childitem", "gci",       "test-path",
       "get-content", "head",      "tail",         "tail -f",  "less",          "more",      "grep",
       "findstr",     "find",      "xxd",          "hexdump",  "yara",          "reg query", "certutil -hashfile"});
  const std::string_view start =
      lead.substr(lead.find_last_of("$#>|;&\n") == lead.npos ? 0 : lead.find_last_of("$#>|;&\n") + 1);
  const std::string_view command = trim(start);
  if (std::any_of(kLooks.begin(), kLooks.end(), [&](std::string_view w) {
        return command.ends_with(w) && (command.size() == w.size() || command[command.size() - w.size() - 1] == '`');
      }))
    return CommandUse::looks;
  return CommandUse::none;
}

}  // namespace assay
