#include "rules/catalogue.h"

#include <fmt/format.h>

#include "core/hash.h"
#include "rules/indicator/normalise.h"

namespace assay {

DetectorInfo info_of(const Indicator& indicator) {
  DetectorInfo info;
  info.kind = DetectorKind::indicator;
  info.id = indicator.id;
  info.title = indicator.title;
  info.advisory = indicator.advisory;
  info.description = indicator.malware;
  info.meaning = indicator.meaning;
  info.weightless = indicator.weightless;
  info.mark = indicator.mark;
  info.value = indicator.value;
  info.hash = sha256_hex(fmt::format("{}\n{}\n{}", indicator.id, name_of(indicator.kind), indicator.value));
  return info;
}

DetectorKind DetectorCatalogue::kind(DetectorIndex index) const {
  if (index < first_indicator()) return rules_[index].kind;
  return index < first_yara() ? DetectorKind::indicator : DetectorKind::yara;
}

DetectorInfo DetectorCatalogue::operator[](DetectorIndex index) const {
  if (index < first_indicator()) return rules_[index];
  return index < first_yara() ? info_of(indicators_[index - first_indicator()]) : yara_[index - first_yara()];
}

}  // namespace assay
