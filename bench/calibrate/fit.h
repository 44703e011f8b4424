// Fits a few constants of the weights on labelled cases, one at a time. Never sees a case of the scoring split.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "assess/exfiltration.h"
#include "assess/lines.h"
#include "labelled.h"

namespace assay::calibrate {

// A case as far as it does not depend on the constants that are fitted.
struct Prepared {
  Labelled labelled;  // without its tables
  std::shared_ptr<const Weights> weights;
  std::unique_ptr<Visibility> visibility;
  Uses uses;
  Exfiltration taken;
};
[[nodiscard]] std::unique_ptr<Prepared> prepare(Labelled labelled, std::shared_ptr<const Weights> weights);

// Mean over all cases of the log losses of A (1), T, M and X (.5 each) and D (.25).
[[nodiscard]] double loss_of(const std::vector<std::unique_ptr<Prepared>>& cases, const Weights& constants);

struct Step {
  std::string name;
  double from = 0, to = 0, loss_before = 0, loss_after = 0;
};
// Coordinate search: each constant up and down by its factor until nothing gains. `constants` holds the result.
[[nodiscard]] std::vector<Step> fit(const std::vector<std::unique_ptr<Prepared>>& cases, Weights& constants, int rounds,
                                    const std::function<void(const std::string&)>& progress);

// Brier and rates of A, in one line.
[[nodiscard]] std::string access_figures(const std::vector<std::unique_ptr<Prepared>>& cases, const Weights& constants);

// Sets constants by name, "weak.cap=100,weak.phi=2", for a study. False: one of them is none that can be fitted.
[[nodiscard]] bool set_constants(Weights& weights, std::string_view list);

}  // namespace assay::calibrate
