#include "evidence/discover.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <utility>

namespace assay {
namespace {

using FileId = std::pair<std::uint64_t, std::uint64_t>;  // device, inode

std::string reason_of(int error) {
  const char* reason = ::strerrordesc_np(error);  // not translated, whatever the locale
  return reason == nullptr ? "error" : reason;
}

FileId id_of(const struct stat& facts) {
  return {static_cast<std::uint64_t>(facts.st_dev), static_cast<std::uint64_t>(facts.st_ino)};
}

std::optional<std::string> real_path(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> out(::realpath(path.c_str(), nullptr), &std::free);
  if (!out) return std::nullopt;
  return std::string(out.get());
}

Time time_of(const struct timespec& at) {
  constexpr std::int64_t kMost = INT64_MAX / kSecond - 1;
  if (at.tv_sec > kMost || at.tv_sec < -kMost) return {};
  return {at.tv_sec * kSecond + at.tv_nsec};
}

struct Candidate {
  FoundFile file;
  FileId id;
};

struct Folder {
  std::string path, name;
};

class Walk {
 public:
  explicit Walk(Notices& notices) : notices_(&notices) {}

  void argument(const std::string& given) {
    std::string name = given;
    while (name.size() > 1 && name.back() == '/') name.pop_back();
    struct stat facts{};
    if (given.empty() || ::stat(given.c_str(), &facts) != 0) {  // a link given by name is meant
      tell(NoticeKind::unreadable, name, given.empty() ? "an empty name" : reason_of(errno));
      return;
    }
    if (S_ISDIR(facts.st_mode)) {
      root_ = real_path(given).value_or("");
      folders_.push_back({given, name});
      while (!folders_.empty()) {
        const Folder folder = std::move(folders_.back());
        folders_.pop_back();
        enter(folder);
      }
      return;
    }
    entry(given, name, facts);
  }

  std::vector<FoundFile> finish() {
    std::sort(found_.begin(), found_.end(),
              [](const Candidate& a, const Candidate& b) { return a.file.name < b.file.name; });
    std::vector<FoundFile> out;
    std::set<FileId> seen;
    for (Candidate& candidate : found_) {
      const bool same_name = !out.empty() && out.back().name == candidate.file.name;
      if (!seen.insert(candidate.id).second) {
        if (!same_name)
          tell(NoticeKind::duplicate_file, candidate.file.name, "another name of a file that is already listed");
        continue;
      }
      out.push_back(std::move(candidate.file));
    }
    return out;
  }

 private:
  void tell(NoticeKind kind, const std::string& item, std::string detail) {
    notices_->add({.kind = kind, .item = item, .offset = 0, .count = 1, .detail = std::move(detail)});
  }

  void enter(const Folder& folder) {
    struct stat facts{};
    // A folder is entered once, also when a bind mount shows it again below itself.
    if (::stat(folder.path.c_str(), &facts) != 0) {
      tell(NoticeKind::unreadable, folder.name, reason_of(errno));
      return;
    }
    if (!entered_.insert(id_of(facts)).second) return;
    DIR* const handle = ::opendir(folder.path.c_str());
    if (handle == nullptr) {
      tell(NoticeKind::unreadable, folder.name, reason_of(errno));
      return;
    }
    const std::string path = folder.path.back() == '/' ? folder.path : folder.path + "/";
    const std::string name = folder.name.back() == '/' ? folder.name : folder.name + "/";
    while (true) {
      errno = 0;
      const struct dirent* const got = ::readdir(handle);
      if (got == nullptr) {
        if (errno != 0) tell(NoticeKind::unreadable, folder.name, reason_of(errno));
        break;
      }
      const std::string_view base(got->d_name);
      if (base == "." || base == "..") continue;
      const std::string below = path + std::string(base), below_name = name + std::string(base);
      if (::lstat(below.c_str(), &facts) != 0) {
        tell(NoticeKind::unreadable, below_name, reason_of(errno));
      } else if (S_ISDIR(facts.st_mode)) {
        folders_.push_back({below, below_name});
      } else if (S_ISLNK(facts.st_mode)) {
        link(below, below_name);
      } else {
        entry(below, below_name, facts);
      }
    }
    ::closedir(handle);
  }

  void entry(const std::string& path, const std::string& name, const struct stat& facts) {
    if (!S_ISREG(facts.st_mode)) {
      tell(NoticeKind::special_file, name,
           S_ISFIFO(facts.st_mode)   ? "a pipe"
           : S_ISSOCK(facts.st_mode) ? "a socket"
                                     : "a device");
      return;
    }
    if (::access(path.c_str(), R_OK) != 0) {
      tell(NoticeKind::unreadable, name, reason_of(errno));
      return;
    }
    Candidate candidate;
    candidate.id = id_of(facts);
    candidate.file = {.open_path = path,
                      .name = name,
                      .size = static_cast<std::uint64_t>(facts.st_size),
                      .modified = time_of(facts.st_mtim),
                      .mode = static_cast<std::uint32_t>(facts.st_mode & 07777)};
    found_.push_back(std::move(candidate));
  }

  // A link is never followed below an argument. What it names inside the tree stands there under its own name; what it
  // names outside was not given as evidence.
  void link(const std::string& path, const std::string& name) {
    const auto target = real_path(path);
    if (!target) {
      tell(NoticeKind::special_file, name, errno == ELOOP ? "a link to itself" : "a link to nothing");
      return;
    }
    const bool inside = !root_.empty() && (*target == root_ || root_ == "/" || target->starts_with(root_ + "/"));
    if (!inside) {
      tell(NoticeKind::special_file, name, "a link out of the evidence, not followed");
      return;
    }
    const auto own = real_path(path.substr(0, path.rfind('/') + 1));
    if (own && (*own == *target || own->starts_with(*target + "/"))) {
      tell(NoticeKind::special_file, name, "a link to a folder that contains it");
    }
  }

  Notices* notices_;
  std::string root_;
  std::vector<Folder> folders_;
  std::set<FileId> entered_;
  std::vector<Candidate> found_;
};

}  // namespace

std::vector<FoundFile> discover(std::span<const std::string> arguments, Notices& notices) {
  Walk walk(notices);
  // In order of name, so that which of two arguments enters a shared folder does not depend on the order they are given
  // in.
  std::vector<std::string> sorted(arguments.begin(), arguments.end());
  std::sort(sorted.begin(), sorted.end());
  for (const std::string& argument : sorted) walk.argument(argument);
  return walk.finish();
}

}  // namespace assay
