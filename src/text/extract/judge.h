// The role of one value in a report: the attacker's, a victim's, a reference, or benign.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/extract/document.h"
#include "text/extract/extract.h"
#include "text/extract/find.h"

namespace assay {

// The reason of a value of which nothing is said: what stands beside it may still decide.
inline constexpr std::string_view kUnsaid = "mentioned without a word about the attacker";

struct Verdict {
  ReportRole role = ReportRole::benign;
  int confidence = 0;
  int strength = 0;  // of several places of one value the strongest decides: 4 by nature, 3 said, 2 by section, 1 weak
  std::string reason;
};

// What holds for the whole text.
struct ReportHabits {
  bool defangs = false;   // it writes hosts defanged
  bool values = false;    // it lists hashes, defanged hosts or indicators at all
  std::string cues;       // the text in lower case with every value as 0x01 bytes: names are no words
  std::string publisher;  // registrable domain, "" when unknown
};
[[nodiscard]] ReportHabits habits_of(const Prepared& text, const std::vector<ReportLine>& lines,
                                     const std::vector<Found>& found);
[[nodiscard]] Verdict judge(const Prepared& text, const std::vector<ReportLine>& lines, const Found& found,
                            const ReportHabits& habits);
// The sentence, row or item around a place, in Prepared::text.
[[nodiscard]] std::pair<std::size_t, std::size_t> sentence_at(const Prepared& text,
                                                              const std::vector<ReportLine>& lines, const Found& found);

}  // namespace assay
