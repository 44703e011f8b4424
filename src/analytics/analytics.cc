#include <array>

#include "analytics/analytic.h"
#include "analytics/file_reads/file_reads.h"
#include "analytics/flows/flows.h"
#include "analytics/logons/logons.h"
#include "analytics/lure/lure.h"
#include "analytics/served/served.h"

namespace assay {

std::span<const Analytic* const> analytics() {
  static const std::array<const Analytic*, 5> kAll = {&flows_analytic(), &served_analytic(), &file_reads_analytic(),
                                                      &lure_analytic(), &logons_analytic()};
  return kAll;
}

}  // namespace assay
