// YARA sources and scanned bytes from any input (source, a zero byte, content): a bad source is listed, a good one
// scans.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/yara/yara_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 16 * 1024) return 0;
  using namespace assay;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t zero = bytes.find('\0');
  YaraSource source;
  source.origin = "fuzz.yar";
  source.text = bytes.substr(0, zero);
  std::vector<NotLoaded> not_loaded;
  const auto rules = YaraRules::compile({&source, 1}, not_loaded);
  if (rules->rules().empty()) return 0;
  YaraScanner scanner(*rules);
  std::vector<YaraMatch> out;
  YaraExternals externals;
  externals.filename = "f.bin";
  (void)scanner.scan(zero == std::string_view::npos ? std::string_view() : bytes.substr(zero + 1), externals, out);
  return 0;
}
