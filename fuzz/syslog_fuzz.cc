// Syslog keeps what readers promise; the years of its stamps are decided without a crash, whatever the lines are.
#include <cstdint>
#include <string_view>

#include "evidence/clock.h"
#include "reader_promise.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  fuzzing::hold_promise(syslog_format(), bytes, "syslog");
  const auto stream = open_memory(bytes);
  const YearPlan plan = plan_years(*stream, {std::string(bytes.substr(0, 64)), Time{1'586'995'927 * kSecond}, {}, {}});
  const YearPlan again = YearPlan::load(plan.save(0, size + 1));
  for (std::size_t at = 0; at < size; at += 7) {
    if (plan.year_at(at) != again.year_at(at)) std::abort();
  }
  return 0;
}
