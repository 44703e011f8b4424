// Values in a report's text, by their form alone. What they mean there is told elsewhere (roles.h).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/extract/document.h"
#include "text/extract/observable.h"
#include "text/extract/prepare.h"

namespace assay {

struct Found {
  Observable kind = Observable::domain;
  std::string value;               // normalised
  std::size_t begin = 0, end = 0;  // in Prepared::text
  std::size_t line = 0;
  bool defanged = false;
  bool doubtful = false;  // a name that is a file or a domain by its context only
};

// At most `most`; `left_out` counts the others. Linear.
[[nodiscard]] std::vector<Found> find_values(const Prepared& text, const std::vector<ReportLine>& lines,
                                             std::size_t most, std::size_t& left_out);

}  // namespace assay
