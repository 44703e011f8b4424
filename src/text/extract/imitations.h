// Which sites of a report look like others of it: "harbour-login.com" beside "harbour.org". For the files of this
// folder alone.
#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "text/extract/signs.h"

namespace assay {

class Imitations {
 public:
  // By `site` of the values. Linear: a label has a bounded number of parts.
  explicit Imitations(const std::vector<ValueSigns>& values);
  // Its label holds another's, or is one slip of a key apart from it.
  [[nodiscard]] bool imitates(const std::string& site) const { return imitates_.contains(site); }
  [[nodiscard]] bool imitated(const std::string& site) const { return imitated_.contains(site); }

 private:
  std::unordered_set<std::string> imitates_, imitated_;
};

}  // namespace assay
