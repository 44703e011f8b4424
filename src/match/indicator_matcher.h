// One worker's matching of indicators: over the places of a record where a schema says that one may stand, and over a
// blob's hashes, names and text.
#pragma once

#include <memory>
#include <vector>

#include "match/compiled.h"

namespace assay {

class IndicatorMatcher {
 public:
  explicit IndicatorMatcher(const Compiled& compiled);
  ~IndicatorMatcher();
  // Matcher::expect().
  void expect(std::string_view text);
  // True: nothing listed stands in any place of the record (Matcher::surely_none()).
  [[nodiscard]] bool surely_none(const Plan& plan, const RecordReader& reader, std::string_view raw);
  // Appends the record's matches. `before`: of `out`, where those of its rules begin. True: the record quotes an
  // advisory or a rule.
  [[nodiscard]] bool match(const Plan& plan, const RecordContext& record, std::size_t before, std::vector<Match>& out,
                           Notices& notices);
  // The same for a blob.
  [[nodiscard]] bool match(const Blob& blob, const RecordContext& context, std::vector<Match>& out, Notices& notices);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// The blob's place in a match.
void place_blob(const Blob& blob, const RecordContext& context, Match& m);

}  // namespace assay
