// MISP warning lists (JSON files NAME/list.json): values that lists of indicators hold by mistake. Kinds of list:
// string, substring, hostname (the name and what is below it), cidr; regex lists are counted, not read.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.h"
#include "knowledge/profile.h"

namespace assay {

inline constexpr std::size_t kWarningEntries = 8'000'000;  // over all lists
inline constexpr std::size_t kWarningFileBytes = std::size_t{128} << 20;

class WarningLists {
 public:
  // Errors: not a warning list. `name` is the folder's name.
  [[nodiscard]] Status add(std::string_view name, std::string_view json);
  // Names of the lists that hold it, sorted. A value is an address, network, domain, URL or hash, normalised.
  [[nodiscard]] std::vector<std::string> hits(std::string_view value) const;
  [[nodiscard]] std::size_t lists() const { return names_.size(); }
  [[nodiscard]] std::size_t entries() const { return entries_; }
  [[nodiscard]] std::size_t not_read() const { return not_read_; }  // regex lists, and entries beyond the limit

 private:
  using Ids = std::vector<std::uint16_t>;
  std::vector<std::string> names_;
  std::unordered_map<std::string, Ids> exact_, below_;
  std::vector<std::pair<std::string, std::uint16_t>> inside_;
  std::map<int, std::unordered_map<std::string, Ids>> networks_;  // by prefix: masked bytes
  std::size_t entries_ = 0, not_read_ = 0;
};

}  // namespace assay
