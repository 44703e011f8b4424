#include "core/lanes.h"

#include <algorithm>

namespace assay {
namespace {

Lanes lanes_of_machine() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi") || !__builtin_cpu_supports("bmi2") ||
      !__builtin_cpu_supports("lzcnt") || !__builtin_cpu_supports("popcnt"))
    return Lanes::plain;
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") ? Lanes::avx512 : Lanes::avx2;
#else
  return Lanes::plain;
#endif
}

}  // namespace

Lanes detail::lanes_in_use = lanes_of_machine();

LimitLanes::LimitLanes(Lanes most) : before_(detail::lanes_in_use) {
  detail::lanes_in_use = std::min(detail::lanes_in_use, most);
}

}  // namespace assay
