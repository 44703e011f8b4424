// Cases composed of what real hunts found: background of laboratory captures, cut by host, and traces of real attack
// samples. The hunts are run once (scripts/calibrate) and kept as cases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "assess/weights.h"
#include "core/result.h"
#include "labelled.h"
#include "random.h"

namespace assay::calibrate {

// What one host showed in one capture or sample.
struct Piece {
  std::string source;  // "windows-json_atomic: lateral_movement/psexec.zip"
  std::vector<Sighting> sightings;
  bool fitting = false;  // which half it belongs to, by its source
};

struct RealPieces {
  std::vector<Piece> background;      // sightings that do not belong to the capture's own tactic
  std::vector<Piece> traces;          // attack samples, whole
  std::vector<DetectorInfo> generic;  // every generic rule that was looked for
  std::size_t cases = 0;
};

// From the folder of kept cases. Errors: none there, or not readable.
[[nodiscard]] Result<RealPieces> read_pieces(const std::string& folder);

enum class Half : std::uint8_t { fitting, scoring, both };
// Bursts of each rule over the background pieces of one half; each piece is one host-day.
[[nodiscard]] Pool measure_pool(const RealPieces& pieces, Half half);
// content/weights/pool.yaml
[[nodiscard]] std::string pool_yaml(const Pool& pool, const RealPieces& pieces);

// What the pool holds and what each rule's hit weighs on its host, for docs/calibration.md.
[[nodiscard]] std::string pool_section(const Pool& pool, const RealPieces& pieces, const Weights& weights);

[[nodiscard]] Labelled compose_real(const RealPieces& pieces, bool fitting, std::uint64_t seed);

}  // namespace assay::calibrate
