// How wide a processor's vectors are, as far as there is code for them. Every wide loop has a plain one beside it that
// says the same.
#pragma once

#include <cstdint>

namespace assay {

enum class Lanes : std::uint8_t {
  plain,   // what every machine of its kind has
  avx2,    // with BMI, BMI2, LZCNT and POPCNT
  avx512,  // F and BW
};

namespace detail {
extern Lanes lanes_in_use;
}

[[nodiscard]] inline Lanes lanes() { return detail::lanes_in_use; }

// Uses nothing wider for as long as it lives: how tests compare the loops. Not while other threads run.
class LimitLanes {
 public:
  explicit LimitLanes(Lanes most);
  ~LimitLanes() { detail::lanes_in_use = before_; }
  LimitLanes(const LimitLanes&) = delete;
  LimitLanes& operator=(const LimitLanes&) = delete;

 private:
  Lanes before_;
};

}  // namespace assay
