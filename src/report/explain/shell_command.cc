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
constexpr std::array<Ending, 14> kCompressed = {{{".tgz", ".tar", Open::gzip},
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
                                                 {".z", "", Open::gzip}}};

const Ending* compressed(std::string_view name) {
  for (const Ending& e : kCompressed) {
    if (name.size() > e.ending.size() && ends_with_icase(name, e.ending)) return &e;
  }
  return nullptr;
}

// "x/b.tgz" -> "b.tar"
std::string inside_name(std::string_view name, const Ending& e) {
  const std::size_t slash = name.find_last_of("/!");
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  return std::string(name.substr(0, name.size() - e.ending.size())) + std::string(e.inner);
}

Open open_of(std::string_view shape) {
  if (shape == "gzip") return Open::gzip;
  if (shape == "zstd") return Open::zstd;
  if (shape == "bzip2") return Open::bzip2;
  if (shape == "xz") return Open::xz;
  if (shape == "tar") return Open::tar;
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

ShellCommand shell_command(std::span<const ChainStep> chain, std::uint64_t offset, std::uint64_t length) {
  ShellCommand out;
  if (chain.empty() || chain.front().open != Open::file || chain.front().name.find('\0') != std::string::npos) {
    out.remarks.emplace_back("No plain shell command leads to these bytes.");
    return out;
  }
  std::vector<std::string> stages;
  for (const ChainStep& step : chain.subspan(1)) {
    if (step.open == Open::tar) {
      stages.push_back(tar_member(step, out.remarks));
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
  // The file comes by redirection: no tool can take its name for an option or a host.
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (i > 0) out.text += " | ";
    out.text += stages[i];
    if (i == 0) out.text += " < " + front;
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
      if (compressed(name) != nullptr || ends_with_icase(name, ".tar")) break;
      bang = rest.find('!', bang + 1);
    }
    const std::string_view name = rest.substr(0, bang);
    steps.push_back({open, std::string(name), 0});
    if (bang == std::string_view::npos || steps.size() > kChainSteps) return steps;
    rest.remove_prefix(bang + 1);
    const Ending* ending = compressed(name);
    if (ending == nullptr) {
      open = Open::tar;
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
    if (open == Open::tar) {
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
