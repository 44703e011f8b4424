// Cases composed of what real hunts found: background of laboratory captures outside of the attacks that they show and
// of ordinary machines' logs, by host; and traces of real attacks. The hunts are run once (scripts/calibrate) and kept.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "assess/weights.h"
#include "core/result.h"
#include "labelled.h"
#include "random.h"

namespace assay::calibrate {

// What one host showed in one capture or sample: the rules that fired, with their matches.
struct Piece {
  std::string source;  // "windows-json_atomic: psexec.zip"
  struct Fired {
    std::int64_t after = 0;  // nanoseconds since the piece's first sighting
    std::uint64_t matches = 0;
  };
  std::map<std::string, Fired> rules;
  bool fitting = false;  // which half it belongs to, by its source
};

struct RealPieces {
  std::vector<Piece> background;      // a host's day without an attack; many are empty
  std::vector<Piece> traces;          // a host under attack; none is empty
  std::vector<DetectorInfo> generic;  // every generic rule that was looked for
  struct Counts {
    std::size_t captures = 0;             // that show one technique
    std::size_t not_placed = 0;           // of them, those in which no rule says when the attack was
    std::size_t machine_days = 0;         // host-days of ordinary machines
    std::size_t samples = 0, copies = 0;  // attack samples and whole intrusions; captures that came a second time
    std::size_t known = 0;                // rules known to fire without an attack
  } counts;
};

// From the folder of what was kept. Errors: none there, or not readable.
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
