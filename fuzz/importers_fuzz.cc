// The importers, one by the first byte: any bytes give a bundle or an error; a bundle reads back, and the second import
// is the same. PDF is left out: its bytes go to another program.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "knowledge/advisory.h"
#include "knowledge/importers/import.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto& all = assay::importers();
  const assay::Importer& chosen = all[data[0] % all.size()];
  if (chosen.name == "pdf") return 0;
  static const std::vector<assay::KnownName> kNames = assay::built_in_names();
  assay::ImportOptions options;
  options.kind = chosen.name;
  options.names = kNames;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto first = assay::import_advisory("fuzz", bytes, options);
  if (!first.ok()) return 0;
  if (!assay::read_stix("made", first->bundle).ok()) std::abort();
  const auto second = assay::import_advisory("fuzz", bytes, options);
  if (!second.ok() || second->bundle != first->bundle) std::abort();
  return 0;
}
