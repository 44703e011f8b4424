#include "hunt/fetch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <vector>

#include "core/ascii.h"
#include "evidence/containers/descent.h"

namespace assay {
namespace {

const EvidenceItem* find_item(const CaseData& data, const std::string& id) {
  const auto at =
      std::lower_bound(data.evidence.begin(), data.evidence.end(), id,
                       [](const EvidenceItem& item, const std::string& wanted) { return item.id < wanted; });
  if (at != data.evidence.end() && at->id == id) return &*at;
  for (const EvidenceItem& item : data.evidence) {
    if (item.path == id) return &item;
  }
  return nullptr;
}

// The case keeps names as text: bytes that are no UTF-8 stand there replaced. Step by step, the one entry of each
// folder that reads like the step; none when no entry does, or several do.
std::optional<std::string> on_disk(const std::string& path) {
  std::string out = path.starts_with('/') ? "/" : "";
  std::string_view rest = path;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string_view step = rest.substr(0, slash);
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
    if (step.empty()) continue;
    std::string found(step);
    if (step.find("\xef\xbf\xbd") != std::string_view::npos) {
      std::size_t fitting = 0;
      std::error_code error;
      for (std::filesystem::directory_iterator at(out.empty() ? "." : out, error), end; !error && at != end;
           at.increment(error)) {
        std::string name = at->path().filename().native();
        if (to_valid_utf8(name) != step) continue;
        found = std::move(name);
        ++fitting;
      }
      if (fitting != 1) return std::nullopt;
    }
    if (!out.empty() && out.back() != '/') out += '/';
    out += found;
  }
  return out;
}

}  // namespace

std::optional<std::string> fetch_bytes(const CaseData& data, const std::string& evidence_id, std::uint64_t offset,
                                       std::uint64_t length, std::uint64_t limit,
                                       std::span<const std::string> passwords) {
  std::vector<const EvidenceItem*> chain;
  for (const EvidenceItem* item = find_item(data, evidence_id); item != nullptr;
       item = item->parent.empty() ? nullptr : find_item(data, item->parent)) {
    chain.push_back(item);
    if (chain.size() > 64) return std::nullopt;
  }
  if (chain.empty() || !chain.back()->parent.empty()) return std::nullopt;
  const std::optional<std::string> path = on_disk(chain.back()->path);
  const int fd = path ? ::open(path->c_str(), O_RDONLY | O_CLOEXEC) : -1;
  if (fd < 0) return std::nullopt;
  struct stat info{};
  std::optional<std::string> out;
  if (::fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    Descent descent(fd, static_cast<std::uint64_t>(info.st_size), passwords);
    bool good = true;
    for (std::size_t i = chain.size() - 1; i-- > 0 && good;) {
      const std::string member = chain[i]->path.substr(std::min(chain[i]->path.size(), chain[i + 1]->path.size() + 1));
      good = descent.enter(member);
    }
    if (good) {
      std::string buffer(std::size_t{1} << 20, '\0');
      std::uint64_t at = 0;
      while (at < offset && good) {
        const std::size_t want = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), offset - at));
        const std::size_t n = descent.top().read(std::span(buffer).first(want));
        good = n > 0;
        at += n;
      }
      if (good) {
        std::string bytes(static_cast<std::size_t>(std::min(length, limit)), '\0');
        std::size_t have = 0;
        while (have < bytes.size()) {
          const std::size_t n = descent.top().read(std::span(bytes).subspan(have));
          if (n == 0) break;
          have += n;
        }
        bytes.resize(have);
        out = std::move(bytes);
      }
    }
  }
  ::close(fd);
  return out;
}

}  // namespace assay
