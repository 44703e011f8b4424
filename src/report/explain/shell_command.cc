#include "report/explain/shell_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace assay::report {
namespace {

using Open = ChainStep::Open;

constexpr std::string_view kReplaced = "\xef\xbf\xbd";  // U+FFFD: what readers put for bytes a name must not hold
constexpr std::size_t kChainSteps = 64;

struct Ending {
  std::string_view ending, inner;
  Open open;
};
// Endings of compressed files, and what the name inside ends with.
constexpr std::array<Ending, 18> kCompressed = {{{".tgz", ".tar", Open::gzip},
                                                 {".tzst", ".tar", Open::zstd},
                                                 {".taz", ".tar", Open::gzip},
                                                 {".tbz2", ".tar", Open::bzip2},
                                                 {".tbz", ".tar", Open::bzip2},
                                                 {".txz", ".tar", Open::xz},
                                                 {".svgz", ".svg", Open::gzip},
                                                 {".gzip", "", Open::gzip},
                                                 {".gz", "", Open::gzip},
                                                 {".zstd", "", Open::zstd},
                                                 {".zst", "", Open::zstd},
                                                 {".bz2", "", Open::bzip2},
                                                 {".xz", "", Open::xz},
                                                 {".lz4", "", Open::lz4},
                                                 {".lzip", "", Open::lzip},
                                                 {".lz", "", Open::lzip},
                                                 {".tlz", ".tar", Open::lzip},
                                                 {".z", "", Open::gzip}}};
constexpr std::array<Ending, 6> kArchives = {{{".tar", "", Open::tar},
                                              {".zip", "", Open::zip},
                                              {".7z", "", Open::seven_zip},
                                              {".rar", "", Open::library},
                                              {".cab", "", Open::library},
                                              {".cpio", "", Open::library}}};

const Ending* compressed(std::string_view name) {
  for (const Ending& e : kCompressed) {
    if (name.size() > e.ending.size() && ends_with_icase(name, e.ending)) return &e;
  }
  return nullptr;
}

Open archive_by_name(std::string_view name) {
  for (const Ending& e : kArchives) {
    if (ends_with_icase(name, e.ending)) return e.open;
  }
  return Open::unknown;
}

// "x/b.tgz" -> "b.tar"
std::string inside_name(std::string_view name, const Ending& e) {
  name = last_step(name, "/!");
  return std::string(name.substr(0, name.size() - e.ending.size())) + std::string(e.inner);
}

Open open_of(std::string_view shape) {
  if (shape == "gzip") return Open::gzip;
  if (shape == "zstd") return Open::zstd;
  if (shape == "bzip2") return Open::bzip2;
  if (shape == "xz") return Open::xz;
  if (shape == "lzip") return Open::lzip;
  if (shape == "lz4") return Open::lz4;
  if (shape == "compress") return Open::compress;
  if (shape == "tar") return Open::tar;
  if (shape == "zip") return Open::zip;
  if (shape == "7z") return Open::seven_zip;
  if (shape == "rar" || shape == "cab" || shape == "ar" || shape == "cpio") return Open::library;
  return Open::unknown;
}

std::string_view decompressor(Open open) {
  switch (open) {
    case Open::gzip:
      return "gzip -dcq";
    case Open::zstd:
      return "zstd -dcq";
    case Open::bzip2:
      return "bzip2 -dcq";
    case Open::xz:
      return "xz -dcq";
    case Open::lzip:
      return "lzip -dcq";
    case Open::lz4:
      return "lz4 -dcq";
    case Open::compress:
      return "gzip -dcq";  // reads that form too
    default:
      return "";
  }
}

// A name that tar takes as it stands, without further options.
bool plain_member(std::string_view name) {
  if (name.empty() || name.front() == '/' || name.find("..") != std::string_view::npos || name.back() == '/')
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '\\'; });
}

std::string tar_member(const ChainStep& step, std::vector<std::string>& remarks) {
  std::string options;
  std::string name = step.name;
  std::string before = "tar -xOf -";
  if (name.find(kReplaced) != std::string::npos) {
    std::string pattern;
    for (std::size_t at = 0; at < name.size();) {
      if (std::string_view(name).substr(at).starts_with(kReplaced)) {
        pattern += '?';  // one byte, since the locale is C
        at += kReplaced.size();
      } else {
        if (name[at] == '*' || name[at] == '?' || name[at] == '[' || name[at] == ']' || name[at] == '\\')
          pattern += '\\';
        pattern += name[at++];
      }
    }
    name = pattern;
    before = "LC_ALL=C tar -xOf -";
    options = " -P --no-unquote --no-recursion --wildcards --no-wildcards-match-slash";
    remarks.emplace_back(
        "The archive's own name of this member holds bytes that were replaced here; the pattern stands for them and "
        "may match more than one member.");
  } else if (!plain_member(name)) {
    options = " -P --no-unquote --no-recursion --no-wildcards";
  }
  if (step.occurrence > 0) {
    options += fmt::format(" --occurrence={}", step.occurrence);
    remarks.push_back(
        fmt::format("The archive holds several members of this name; this is number {} of them.", step.occurrence));
  }
  return before + options + " -- " + shell_quote(name);
}

bool is_archive(Open open) {
  return open == Open::tar || open == Open::zip || open == Open::seven_zip || open == Open::library;
}

// A name as a pattern that stands for itself: `mark` makes a special character an ordinary one, `any` stands for bytes
// that are not known or not safe to name.
template <typename Mark>
std::string pattern_of(std::string_view name, std::string_view special, std::string_view any, const Mark& mark,
                       bool& loose) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    const char c = name[at];
    if (c < 0x20 || c > 0x7e) {
      at += name.substr(at).starts_with(kReplaced) ? kReplaced.size() : 1;
      if (!out.ends_with(any)) out += any;
      loose = true;
      continue;
    }
    out += special.find(c) != std::string_view::npos || (c == '-' && at == 0) ? mark(c) : std::string(1, c);
    ++at;
  }
  return out;
}

constexpr std::string_view kLoose =
    "The archive's own name of this member holds bytes that are not plain ASCII; the pattern stands for them and may "
    "match more than one member.";
constexpr std::string_view kUnzip =
    "Where unzip cannot (AES, LZMA, an archive without its end): 7z x -so takes the same archive and member.";
constexpr std::string_view kTwins =
    "No plain shell command leads to these bytes: the archive holds several members of this name, and its tool cannot "
    "tell them apart.";

// `unzip` and `7z` read their archive from a file; what comes out of a pipe is put into one that is removed again.
std::string from_file(std::string_view before, std::string_view file, std::string_view after) {
  if (!file.empty()) return fmt::format("{} {}{}", before, shell_quote(file), after);
  return fmt::format("{{ t=$(mktemp) && cat > \"$t\" && {} \"$t\"{}; rm -f \"$t\"; }}", before, after);
}

// The stage that brings out one member; `file`: the archive's own name when it is a file that these tools take as it
// is. Empty: no command does it.
std::string archive_member(const ChainStep& step, std::string_view file, std::vector<std::string>& remarks) {
  if (step.occurrence > 0 || step.name.empty()) return {};
  bool loose = false;
  std::string out;
  if (step.open == Open::zip) {
    const auto mark = [](char c) { return c == '\\' ? std::string("\\\\") : std::string("[") + c + "]"; };
    const std::string pattern = pattern_of(step.name, "*?[\\", "*", mark, loose);
    if (std::find(remarks.begin(), remarks.end(), kUnzip) == remarks.end()) remarks.emplace_back(kUnzip);
    out = from_file("unzip -qqp", file, " " + shell_quote(pattern));
  } else if (step.open == Open::seven_zip) {
    const auto mark = [](char c) { return std::string(1, c); };
    const std::string include = shell_quote("-i!" + pattern_of(step.name, "", "*", mark, loose));
    out = from_file(fmt::format("7z x -so {}{} --", loose ? "" : "-spd ", include), file, "");
  } else {
    const auto mark = [](char c) { return c == '-' ? std::string("-") : std::string("\\") + c; };
    out = "bsdtar -xOf - -- " + shell_quote(pattern_of(step.name, "*?[]\\", "*", mark, loose));
  }
  if (loose) remarks.emplace_back(kLoose);
  return out;
}

}  // namespace

std::string shell_quote(std::string_view text) {
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '\'' && c != '\\'; });
  if (plain) return "'" + std::string(text) + "'";
  std::string out = "$'";
  for (const char c : text) {
    if (c >= 0x20 && c < 0x7f && c != '\'' && c != '\\' && c != '!') {
      out += c;
    } else {
      out += fmt::format("\\{:03o}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out + "'";
}

namespace {

// A file's name for the shell: bytes that were replaced in it are left to the shell's pattern "?", one for each.
std::string shell_file(std::string_view name, std::vector<std::string>& remarks) {
  std::string out;
  for (std::size_t at = name.find(kReplaced); at != std::string_view::npos; at = name.find(kReplaced)) {
    if (at > 0) out += shell_quote(name.substr(0, at));
    out += '?';
    name.remove_prefix(at + kReplaced.size());
  }
  if (!name.empty()) out += shell_quote(name);
  remarks.emplace_back(
      "The file's own name holds bytes that were replaced here; a question mark stands for each, and the shell (bash) "
      "finds the file when no other fits.");
  return out;
}

}  // namespace

namespace {

// A file's name that no tool takes for an option or a pattern.
bool plain_file(std::string_view name) {
  if (name.empty() || name.front() == '-') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return is_alnum(c) || c == '/' || c == '.' || c == '-' || c == '_' || c == ' ' || c == '+' || c == ',' || c == '=';
  });
}

}  // namespace

ShellCommand shell_command(std::span<const ChainStep> chain, std::uint64_t offset, std::uint64_t length) {
  ShellCommand out;
  if (chain.empty() || chain.front().open != Open::file || chain.front().name.find('\0') != std::string::npos) {
    out.remarks.emplace_back("No plain shell command leads to these bytes.");
    return out;
  }
  std::vector<std::string> stages;
  bool named = false;  // the first stage names the file itself
  for (const ChainStep& step : chain.subspan(1)) {
    if (step.open == Open::tar) {
      stages.push_back(tar_member(step, out.remarks));
    } else if (is_archive(step.open)) {
      const bool direct = stages.empty() && step.open != Open::library && plain_file(chain.front().name);
      std::string stage = archive_member(step, direct ? chain.front().name : std::string(), out.remarks);
      if (stage.empty()) {
        out.remarks.clear();
        out.remarks.emplace_back(kTwins);
        return out;
      }
      named = named || direct;
      stages.push_back(std::move(stage));
    } else if (step.open != Open::unknown && step.open != Open::file) {
      stages.emplace_back(decompressor(step.open));
    } else {
      out.remarks.clear();
      out.remarks.emplace_back(
          "No plain shell command leads to these bytes: the container is of a kind that the usual tools do not "
          "stream.");
      return out;
    }
  }
  stages.push_back(fmt::format("tail -c +{}", offset + 1));
  stages.push_back(fmt::format("head -c {}", length));
  const bool replaced = chain.front().name.find(kReplaced) != std::string::npos;
  const std::string front = replaced ? shell_file(chain.front().name, out.remarks) : shell_quote(chain.front().name);
  // The file comes by redirection: no tool can take its name for an option or a host. Plain names are named.
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (i > 0) out.text += " | ";
    out.text += stages[i];
    if (i == 0 && !named) out.text += " < " + front;
  }
  return out;
}

std::vector<ChainStep> steps_of(std::string_view path_chain) {
  std::vector<ChainStep> steps;
  // `name` grows over '!' that do not follow a container's name.
  std::string_view rest = path_chain;
  Open open = Open::file;
  while (true) {
    std::size_t bang = rest.find('!');
    while (bang != std::string_view::npos) {
      const std::string_view name = rest.substr(0, bang);
      if (compressed(name) != nullptr || archive_by_name(name) != Open::unknown) break;
      bang = rest.find('!', bang + 1);
    }
    const std::string_view name = rest.substr(0, bang);
    steps.push_back({open, std::string(name), 0});
    if (bang == std::string_view::npos || steps.size() > kChainSteps) return steps;
    rest.remove_prefix(bang + 1);
    const Ending* ending = compressed(name);
    if (ending == nullptr) {
      open = archive_by_name(name);
      continue;
    }
    const std::string inner = inside_name(name, *ending);
    const bool named = rest == inner || rest.starts_with(inner + "!");
    open = ending->open;
    // "a.tar.gz!x.log": the tar inside has no step of its own.
    if (!named && ends_with_icase(inner, ".tar")) {
      steps.push_back({open, inner, 0});
      open = Open::tar;
    }
  }
}

std::vector<ChainStep> steps_of(const CaseData& data, const EvidenceItem& item) {
  const auto by_id = [&](std::string_view id) -> const EvidenceItem* {
    const auto at = std::lower_bound(data.evidence.begin(), data.evidence.end(), id,
                                     [](const EvidenceItem& e, std::string_view v) { return e.id < v; });
    if (at != data.evidence.end() && at->id == id) return &*at;
    for (const EvidenceItem& e : data.evidence) {
      if (e.id == id) return &e;
    }
    return nullptr;
  };
  std::vector<ChainStep> steps;
  const EvidenceItem* at = &item;
  while (!at->parent.empty() && steps.size() < kChainSteps) {
    const EvidenceItem* parent = by_id(at->parent);
    // A parent that is a copy of another item stands in the case under the other's name; then only the names are left.
    const bool whole = parent != nullptr && at->path == parent->path + "!" + at->member;
    const Open open = parent != nullptr ? open_of(parent->shape) : Open::unknown;
    if (!whole || open == Open::unknown) return steps_of(item.path);
    ChainStep step{open, at->member, 0};
    if (is_archive(open)) {
      unsigned same = 0, mine = 0;
      for (const EvidenceItem& e : data.evidence) {
        if (e.parent != at->parent || e.member != at->member) continue;
        ++same;
        if (&e == at) mine = same;
      }
      if (same > 1) step.occurrence = mine;
      // A second member of one name is "name#2" in the evidence (docs/formats/containers.md).
      const std::size_t mark = at->member.rfind('#');
      if (mark != std::string::npos && mark + 1 < at->member.size()) {
        const auto number = parse_int(std::string_view(at->member).substr(mark + 1));
        const std::string first = at->member.substr(0, mark);
        const bool twin = std::any_of(data.evidence.begin(), data.evidence.end(), [&](const EvidenceItem& e) {
          return e.parent == at->parent && e.member == first;
        });
        if (number && *number >= 2 && *number < 100'000 && twin) {
          step.name = first;
          step.occurrence = static_cast<unsigned>(*number);
        }
      }
    }
    steps.push_back(std::move(step));
    at = parent;
  }
  steps.push_back({Open::file, at->path, 0});
  std::reverse(steps.begin(), steps.end());
  return steps;
}

ShellCommand shell_command(std::string_view path_chain, std::uint64_t offset, std::uint64_t length) {
  return shell_command(steps_of(path_chain), offset, length);
}

ShellCommand shell_command(const CaseData& data, const EvidenceItem& item, std::uint64_t offset, std::uint64_t length) {
  return shell_command(steps_of(data, item), offset, length);
}

}  // namespace assay::report
