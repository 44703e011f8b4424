// A profile's hosts by address and name. It answers as Profile::host_of, find_host and is_inside do, which walk the
// whole list for each question: right for one question, and quadratic for whoever asks about every record's host. The
// profile must outlive the index and stay as it is.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "knowledge/profile.h"

namespace assay {

class HostIndex {
 public:
  explicit HostIndex(const Profile& profile);

  [[nodiscard]] const Profile& profile() const { return *profile_; }
  [[nodiscard]] std::string host_of(std::string_view address_or_name) const;
  [[nodiscard]] const ProfileHost* find_host(std::string_view name) const;
  [[nodiscard]] bool is_inside(std::string_view address) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  using Places = std::unordered_map<std::string, const ProfileHost*, TextHash, std::equal_to<>>;

  const Profile* profile_;
  Places addresses_, names_, bare_names_;  // names in lower case; bare: without domain
  std::vector<Network> own_networks_;
};

// Whether a name under this suffix can be one of ours, where our domains are these (none: any can).
[[nodiscard]] bool is_own_suffix(std::string_view suffix, const std::vector<std::string>& own_domains);

}  // namespace assay
