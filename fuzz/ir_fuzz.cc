// The serialised IR from any bytes: what is accepted is well formed, and writing it again gives an equal detector.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/ir/ir.h"
#include "rules/stix_pattern/lower.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Reader in(bytes);
  if (auto detector = ir::load(in); detector.ok()) {
    if (!ir::check(*detector).ok()) std::abort();
    Writer out;
    ir::save(out, *detector);
    Reader again(out.bytes());
    const auto back = ir::load(again);
    if (!back.ok() || !(*back == *detector) || ir::hash_of(*back) != ir::hash_of(*detector)) std::abort();
    (void)ir::to_text(*detector);
  }
  // STIX patterns lower to the same form.
  if (const auto pattern = stix::parse_pattern(bytes); pattern.ok()) {
    ir::Detector d;
    d.kind = DetectorKind::stix_pattern;
    d.id = "fuzz";
    if (stix::lower_pattern(*pattern, d).ok() && ir::check(d).ok()) {
      Writer out;
      ir::save(out, d);
      Reader again(out.bytes());
      const auto back = ir::load(again);
      if (!back.ok() || !(*back == d)) std::abort();
    }
  }
  return 0;
}
