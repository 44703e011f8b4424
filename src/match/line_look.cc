#include "match/line_look.h"

namespace assay {

bool LineLook::look_at(std::string_view line) {
  if (!filter_.usable() || line.size() > LineFilter::kLongestLine || !expects(line)) return false;
  const auto from = static_cast<std::size_t>(line.data() - text_.data());
  looked_ = text_.substr(from, kStretch);  // a line that is cut at its end is asked about with the next stretch
  filter_.find(looked_, places_);
  next_ = 0;
  return true;
}

}  // namespace assay
