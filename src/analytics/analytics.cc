#include <array>

#include "analytics/analytic.h"
#include "analytics/beacons/beacons.h"
#include "analytics/credentials/credentials.h"
#include "analytics/file_reads/file_reads.h"
#include "analytics/flows/flows.h"
#include "analytics/impact/impact.h"
#include "analytics/logons/logons.h"
#include "analytics/lure/lure.h"
#include "analytics/served/served.h"

namespace assay {

std::span<const Analytic* const> analytics() {
  static const std::array<const Analytic*, 8> kAll = {
      &flows_analytic(),  &served_analytic(),  &file_reads_analytic(),  &lure_analytic(),
      &logons_analytic(), &beacons_analytic(), &credentials_analytic(), &impact_analytic()};
  return kAll;
}

}  // namespace assay
