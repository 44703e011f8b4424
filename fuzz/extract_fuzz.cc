// Extraction from reports: any bytes; every candidate stands where it says, and the text that is searched maps back to
// the text as written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/extract/extract.h"
#include "text/extract/prepare.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const assay::Prepared prepared = assay::prepare(text);
  if (prepared.from.size() != prepared.text.size() + 1 || prepared.undone.size() != prepared.text.size()) std::abort();
  for (const std::uint32_t from : prepared.from) {
    if (from > size) std::abort();
  }
  const assay::ReportFacts facts = assay::extract_report(text, {});
  for (const assay::Candidate& candidate : facts.candidates) {
    if (candidate.offset >= size || candidate.value.empty() || candidate.sentence.size() > 3 * assay::kSentenceBytes)
      std::abort();
  }
  return 0;
}
