#include "text/extract/fetches.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/ascii.h"
#include "text/extract/prose_words.h"

namespace assay {
namespace {

constexpr std::size_t kLeast = 4;      // letters of a name; shorter ones are words of everything
constexpr std::size_t kOptions = 6;    // of a command before what it gets
constexpr std::size_t kTogether = 3;   // words of a name
constexpr std::size_t kWords = 200;    // that are looked at
constexpr std::size_t kCommand = 160;  // bytes of a command
constexpr std::size_t kAnchor = 600;   // of a link's words, with a picture's address

// The command that the text ends in: behind the last mark between commands.
std::string_view command_of(std::string_view lead) {
  if (lead.size() > kCommand) lead.remove_prefix(lead.size() - kCommand);
  const std::size_t mark = lead.find_last_of("$#>|;&`\n");
  if (mark != lead.npos) lead.remove_prefix(mark + 1);
  return trim(lead);
}

// The words of a command without its options: "git clone --depth 1" is "git clone 1".
bool begins_with(const std::vector<std::string_view>& words, std::initializer_list<std::string_view> wanted) {
  std::size_t at = 0;
  // "we ran git clone": prose may lead to it, and "python3 -m" to pip.
  while (at < words.size() && words[at] != *wanted.begin()) ++at;
  for (const std::string_view w : wanted) {
    if (at >= words.size() || words[at] != w) return false;
    ++at;
  }
  // "pip install x, then ...": a phrase goes on.
  return words.size() - at <= kOptions &&
         std::none_of(words.begin() + static_cast<std::ptrdiff_t>(at), words.end(),
                      [](std::string_view w) { return w.back() == ',' || w.back() == '.'; });
}

}  // namespace

Fetch fetch_of(std::string_view lead) {
  std::string_view command = command_of(lead);
  bool git = false;
  for (const std::string_view mark : {"git+", "@git+", "\"", "'"}) {
    if (!command.ends_with(mark)) continue;
    git = git || mark.ends_with('+');
    command.remove_suffix(mark.size());
  }
  std::vector<std::string_view> words;
  for (const std::string_view w : split(command, ' ')) {
    if (!w.empty() && w.front() != '-' && words.size() < kWords) words.push_back(w);
  }
  const auto has = [&](std::initializer_list<std::string_view> wanted) { return begins_with(words, wanted); };
  if (git || has({"git", "clone"}) || has({"git", "submodule", "add"}) || has({"git", "remote", "add"}) ||
      has({"git", "pull"}) || has({"git", "fetch"}) || has({"gh", "repo", "clone"}) || has({"svn", "checkout"}) ||
      has({"svn", "co"}) || has({"hg", "clone"}) || has({"go", "install"}) || has({"go", "get"}) ||
      has({"docker", "pull"}) || has({"docker", "run"}) || has({"podman", "pull"}) || has({"podman", "run"}) ||
      has({"cargo", "install"}))
    return Fetch::repository;
  if (has({"npm", "install"}) || has({"npm", "i"}) || has({"yarn", "add"}) || has({"pnpm", "add"}) ||
      has({"pip", "install"}) || has({"pip3", "install"}) || has({"gem", "install"}) || has({"composer", "require"}) ||
      has({"brew", "install"}) || has({"choco", "install"}))
    return Fetch::package;
  if (has({"deb"}) || has({"rpm"}) || has({"helm", "repo", "add"}) || has({"add-apt-repository"}) || has({"apt-key"}) ||
      has({"yum-config-manager"}) || has({"dnf", "config-manager"}) || has({"brew", "tap"}))
    return Fetch::package;
  return Fetch::none;
}

bool runs_what_it_gets(std::string_view rest) {
  rest = rest.substr(0, kCommand);
  const std::size_t pipe = rest.find('|');
  if (pipe == rest.npos || rest.substr(0, pipe).find_first_of(";\n") != rest.npos) return false;
  rest = trim(rest.substr(pipe + 1));
  if (rest.starts_with("sudo ")) rest = trim(rest.substr(5));
  rest = rest.substr(0, rest.find_first_of(" \t\n`'\")(;|"));
  static constexpr auto kShells = std::to_array<std::string_view>(
      {"bash", "sh", "zsh", "dash", "ash", "iex", "invoke-expression", "python", "python3", "perl", "node", "php",
       "osascript", "cmd", "powershell", "/bin/sh", "/bin/bash"});
  return std::find(kShells.begin(), kShells.end(), rest) != kShells.end();
}

bool names_commit(std::string_view lead) {
  std::string_view command = trim(lead.size() > kCommand ? lead.substr(lead.size() - kCommand) : lead);
  while (!command.empty() && (command.back() == '`' || command.back() == '"' || command.back() == '\''))
    command.remove_suffix(1);
  command = trim(command);
  // "moved from NUMBER to NUMBER".
  if (command.ends_with(" to")) {
    std::string_view first = trim(command.substr(0, command.size() - 3));
    while (!first.empty() && std::string_view("`\"'\x01 ").find(first.back()) != std::string_view::npos)
      first.remove_suffix(1);
    if (first.ends_with("moved from")) return true;
  }
  static constexpr auto kBefore = std::to_array<std::string_view>(
      {"moved from",      "git checkout", "git show",  "git reset --hard", "git revert",
       "git cherry-pick", "git diff",     "git log",   "git blame",        "/commit/",
       "/tree/",          "/blob/",       "commit",    "commits",          "commit hash",
       "commit id",       "revision",     "rev",       "changeset",        "@sha256:",
       "from commit",     "at commit",    "pinned to", "git bisect bad",   "git bisect good"});
  return std::any_of(kBefore.begin(), kBefore.end(), [&](std::string_view w) {
    return command.ends_with(w) &&
           (command.size() == w.size() || !is_alnum(w.front()) || !is_alnum(command[command.size() - w.size() - 1]));
  });
}

bool says_renamed(std::string_view lead, std::string_view rest) {
  const auto marks = [](char c) {
    return is_space(c) || std::string_view("`\"'(,:*").find(c) != std::string_view::npos;
  };
  while (!lead.empty() && marks(lead.back())) lead.remove_suffix(1);
  static constexpr auto kBefore = std::to_array<std::string_view>(
      {"renamed", "renamed to", "renamed as", "renamed it", "renamed it to", "renames it to", "umbenannt in",
       "renomm\xc3\xa9 en", "renombrado como", "hernoemd naar"});
  if (std::any_of(kBefore.begin(), kBefore.end(), [&](std::string_view w) { return lead.ends_with(w); })) return true;
  while (!rest.empty() && marks(rest.front())) rest.remove_prefix(1);
  for (const std::string_view word : {"which ", "that ", "is ", "was ", "are ", "a ", "an ", "the "}) {
    if (rest.starts_with(word)) rest.remove_prefix(word.size());
  }
  return rest.starts_with("renamed copy") || rest.starts_with("renamed version") || rest.starts_with("renamed from");
}

bool behind_words(std::string_view lead, std::string_view site) {
  if (!lead.ends_with("](")) return false;
  lead.remove_suffix(2);
  if (lead.size() > kAnchor) lead.remove_prefix(lead.size() - kAnchor);
  // "[![badge](picture)](page)": the picture's address is no word.
  if (lead.ends_with(')')) {
    const std::size_t picture = lead.rfind("![");
    return picture != lead.npos && picture > 0 && lead[picture - 1] == '[';
  }
  const std::size_t open = lead.rfind('[');
  if (open == lead.npos) return false;
  const std::string words = lower(lead.substr(open + 1));
  return words.find("://") == words.npos && (site.empty() || words.find(site) == words.npos);
}

bool named_in(std::string_view near, std::string_view label) {
  std::string whole;
  for (const char c : label) {
    if (is_alnum(c)) whole += c;
  }
  if (whole.size() < kLeast) return false;
  bool named = false;
  std::size_t words = 0;
  each_word_in_a_row(near, kTogether, [&](const std::vector<std::string_view>& row) {
    std::size_t tail = whole.size();
    for (std::size_t k = row.size(); k-- > 0 && !named;) {
      if (row[k].size() > tail || std::string_view(whole).substr(tail - row[k].size(), row[k].size()) != row[k]) break;
      tail -= row[k].size();
      named = tail == 0;
    }
    return named || ++words >= kWords;
  });
  return named;
}

}  // namespace assay
