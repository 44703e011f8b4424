// What a run's detectors say of themselves, by DetectorIndex: rules (RuleSet order), indicators, YARA rules.
#pragma once

#include <cstddef>
#include <vector>

#include "rules/rule_set.h"

namespace assay {

// How an indicator is shown.
[[nodiscard]] DetectorInfo info_of(const Indicator& indicator);

// A list of indicators may be long: their entries are put together when asked for.
class DetectorCatalogue {
 public:
  DetectorCatalogue() = default;
  DetectorCatalogue(std::vector<DetectorInfo> rules, IndicatorList indicators, std::vector<DetectorInfo> yara)
      : rules_(std::move(rules)), indicators_(std::move(indicators)), yara_(std::move(yara)) {}

  [[nodiscard]] std::size_t size() const { return rules_.size() + indicators_.size() + yara_.size(); }
  // Below size().
  [[nodiscard]] DetectorKind kind(DetectorIndex index) const;
  [[nodiscard]] DetectorInfo operator[](DetectorIndex index) const;
  [[nodiscard]] DetectorIndex first_indicator() const { return static_cast<DetectorIndex>(rules_.size()); }
  [[nodiscard]] DetectorIndex first_yara() const {
    return static_cast<DetectorIndex>(rules_.size() + indicators_.size());
  }
  [[nodiscard]] const std::vector<DetectorInfo>& rules() const { return rules_; }
  [[nodiscard]] const IndicatorList& indicators() const { return indicators_; }
  [[nodiscard]] const std::vector<DetectorInfo>& yara() const { return yara_; }

 private:
  std::vector<DetectorInfo> rules_;
  IndicatorList indicators_;
  std::vector<DetectorInfo> yara_;
};

}  // namespace assay
