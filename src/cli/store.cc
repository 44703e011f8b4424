#include "cli/store.h"

#include <dirent.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "cli/common.h"
#include "core/ascii.h"

namespace assay::cli {

std::string store_folder(const std::string& given) {
  if (!given.empty()) return given;
  const char* const data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data == '/') return std::string(data) + "/assay/advisories";
  const char* const home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.local/share/assay/advisories";
  return {};
}

std::vector<std::string> stored_advisories(const std::string& folder) {
  std::vector<std::string> out;
  if (folder.empty()) return out;
  DIR* const dir = ::opendir(folder.c_str());
  if (dir == nullptr) return out;
  while (const dirent* const entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (name.size() > 5 && name.front() != '.' && name.ends_with(".json"))
      out.push_back(name.substr(0, name.size() - 5));
  }
  ::closedir(dir);
  std::sort(out.begin(), out.end());
  return out;
}

std::string stored_path(const std::string& folder, const std::string& name) { return folder + "/" + name + ".json"; }

bool is_stored_name(const std::string& name) {
  const bool good =
      !name.empty() && name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
      std::all_of(name.begin(), name.end(), [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; });
  if (!good) complain("\"" + name + "\" is no name for an advisory: letters, digits, '-', '_' and '.', at most 100");
  return good;
}

bool make_store(const std::string& folder) {
  if (folder.empty()) {
    complain("there is no folder to keep advisories in: name one with --store DIR, or set XDG_DATA_HOME or HOME");
    return false;
  }
  for (std::size_t slash = folder.find('/', 1);; slash = folder.find('/', slash + 1)) {
    const std::string part = folder.substr(0, slash);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) {
      complain(Error{ErrorCode::io, "the folder cannot be made", part, "name another with --store DIR"});
      return false;
    }
    if (slash == std::string::npos) return true;
  }
}

std::optional<std::string> read_whole_file(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0 || S_ISDIR(info.st_mode)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

}  // namespace assay::cli
