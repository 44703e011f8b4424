// Records from unused space of a log: findings say so and stand apart, and nothing counts them as coverage.
#include <gtest/gtest.h>

#include "evidence/formats/evtx/samples.h"
#include "hunt/facts.h"
#include "hunt/testing_unit.h"

namespace assay {
namespace {

TEST(Carved, FindingsAreMarkedAndNothingIsCovered) {
  const std::string log = evtx_writer::SysmonLog().begun_anew(20, 5);
  const auto hunt = [&](bool carve) {
    HuntSettings settings;
    settings.carve = carve;
    return testing_unit::read("Sysmon.evtx", log, Profile{},
                              "title: Who\nid: 6f1c1d4e-0000-4000-8000-000000000003\n"
                              "logsource: {product: windows, category: process_creation}\n"
                              "detection: {s: {CommandLine|contains: '/all '}, condition: s}\n",
                              settings);
  };
  const auto plain = hunt(false), carved = hunt(true);
  const auto marked = [](const testing_unit::Read& read) {
    std::size_t out = 0;
    for (const KeyedMatch& match : read.matches) {
      bool said = false;
      for (const auto& [field, value] : match.match.fields) said = said || field == kCarved;
      EXPECT_EQ(said, match.key.ends_with(kCarved));
      out += said;
    }
    return out;
  };
  // Of three records two are process creations.
  EXPECT_EQ(plain.matches.size(), 3u);
  EXPECT_EQ(marked(plain), 0u);
  EXPECT_EQ(carved.matches.size(), 13u);
  EXPECT_EQ(marked(carved), 10u);
  EXPECT_EQ(testing_unit::notices(plain, {NoticeKind::carved}), "");
  EXPECT_EQ(testing_unit::notices(carved, {NoticeKind::carved}),
            "carved x15: records from unused space of the log: rules and indicators looked at them; they are no "
            "coverage\n");
  for (std::size_t table = 0; table < plain.result.tables.size(); ++table)
    EXPECT_EQ(plain.result.tables[table], carved.result.tables[table]) << table;
  EXPECT_EQ(plain.result.latest, carved.result.latest);
}

}  // namespace
}  // namespace assay
