// Indicators in human outputs are written so that nothing turns them into a link: 103[.]253[.]41[.]102,
// hxxp://login[.]example. Own addresses and domains stay as they are.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "casefile/case_data.h"

namespace assay::report {

class Defanger {
 public:
  explicit Defanger(const CaseData& data);
  [[nodiscard]] std::string text(std::string_view text) const;

 private:
  [[nodiscard]] bool hostile_domain(std::string_view token) const;
  const Profile* profile_;
  std::set<std::string, std::less<>> domains_;  // indicators' and matched values' domains, lower case
};

}  // namespace assay::report
