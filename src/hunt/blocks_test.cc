// Files of fixed blocks (event logs): whatever the size of a unit, its ranges start with blocks and give the same
// records, matches and notices.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <deque>

#include "core/limits.h"
#include "evidence/formats/evtx/samples.h"
#include "hunt/worker.h"
#include "rules/loader.h"

namespace assay {
namespace {

struct Seen {
  std::uint64_t records = 0, damaged = 0, units = 0;
  std::vector<std::uint64_t> matches;  // offsets
  std::string notices, sha256;
  friend bool operator==(const Seen& a, const Seen& b) {
    return a.records == b.records && a.damaged == b.damaged && a.matches == b.matches && a.notices == b.notices &&
           a.sha256 == b.sha256;
  }
};

class UnitsOfBlocks : public ::testing::Test {
 protected:
  UnitsOfBlocks() : schemas_(SchemaSet::load({}).value()) {
    std::string name = ::testing::TempDir() + "assay-blocks-XXXXXX";
    fd_ = ::mkstemp(name.data());
    ::unlink(name.c_str());
    std::string rule = ::testing::TempDir() + "assay-rule-XXXXXX.yml";
    const int file = ::mkstemps(rule.data(), 4);
    const std::string_view text =
        "title: Who\nid: 6f1c1d4e-0000-4000-8000-000000000001\nlogsource: {product: windows, category: "
        "process_creation}\n"
        "detection: {s: {CommandLine|contains: '/all '}, condition: s}\n";
    EXPECT_EQ(::write(file, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    ::close(file);
    EXPECT_TRUE(load_rules_path(rule, rules_).ok());
    ::unlink(rule.c_str());
    engine_ = Engine::compile(rules_, schemas_, profile_, {});
    plans_ = std::make_unique<Plans>(*engine_, schemas_, Knowledge{});
  }
  ~UnitsOfBlocks() override { ::close(fd_); }

  Seen hunt(const std::string& bytes, std::uint64_t unit_bytes) {
    EXPECT_EQ(::ftruncate(fd_, 0), 0);
    EXPECT_EQ(::pwrite(fd_, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    HuntSettings settings;
    settings.unit_bytes = unit_bytes;
    Worker worker(*engine_, schemas_, *plans_, profile_, settings);
    UnitSpec first;
    first.chain = "Security.evtx";
    first.size = bytes.size();
    std::deque<UnitSpec> units{first};
    Seen seen;
    Notices notices;
    ItemPart item;
    for (; !units.empty(); units.pop_front()) {
      std::vector<KeyedMatch> matches;
      UnitResult result = worker.run(units.front(), fd_, matches, [](std::uint64_t, std::uint64_t) {});
      for (const UnitSpec& unit : result.discovered) units.push_back(unit);
      for (const ItemPart& part : result.items) merge(item, part);
      for (const KeyedMatch& match : matches) seen.matches.push_back(match.match.ref.offset);
      notices.merge(result.notices);
      ++seen.units;
    }
    std::sort(seen.matches.begin(), seen.matches.end());
    seen.records = item.records;
    seen.damaged = item.damaged;
    seen.sha256 = item.sha256;
    for (const Notice& notice : notices.sorted())
      seen.notices += std::string(name_of(notice.kind)) + " " + std::to_string(notice.offset) + " x" +
                      std::to_string(notice.count) + " " + notice.detail + "\n";
    return seen;
  }

  SchemaSet schemas_;
  RuleSet rules_;
  Profile profile_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Plans> plans_;
  int fd_ = -1;
};

TEST_F(UnitsOfBlocks, AnyUnitSizeGivesTheSame) {
  const std::string log = evtx_writer::SysmonLog().file_of(6, 30);
  std::string damaged = log;
  damaged[4096 + 2 * 65536 + 520] = '\x7f';                           // a record's number: the checksum tells
  damaged.replace(4096 + 4 * 65536, 65536, std::string(65536, 'x'));  // a chunk of garbage
  const std::string cut = log.substr(0, log.size() - 65536 - 65000);  // ends inside a chunk, and lacks one more
  const std::string shifted = log.substr(0, 4096 + 65536 + 100) + log.substr(4096 + 2 * 65536);  // and a hole
  for (const std::string* bytes : std::initializer_list<const std::string*>{&log, &damaged, &cut}) {
    const Seen whole = hunt(*bytes, limits::kUnitBytes);
    EXPECT_GT(whole.records, 90u);
    EXPECT_FALSE(whole.matches.empty());
    EXPECT_EQ(whole.notices.empty(), bytes == &log) << whole.notices;
    for (const std::uint64_t size : {1000U, 4096U, 4097U, 65536U, 70000U, 131072U, 200000U}) {
      const Seen parts = hunt(*bytes, size);
      EXPECT_GT(parts.units, 1u);
      EXPECT_EQ(parts, whole) << size << "\n" << parts.notices << whole.notices;
    }
  }
  // Chunks that stand askew are still all read, wherever ranges begin.
  const Seen whole = hunt(shifted, limits::kUnitBytes);
  EXPECT_EQ(whole.records, 150u);
  for (const std::uint64_t size : {65536U, 131072U}) EXPECT_EQ(hunt(shifted, size).matches, whole.matches) << size;
}

}  // namespace
}  // namespace assay
