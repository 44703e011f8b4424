#include "core/table.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace assay {
namespace {

constexpr std::int64_t kEdges[] = {0,           1,         -1,        127,     128,        -128,       -129,
                                   32767,       32768,     -32768,    -32769,  2147483647, 2147483648, -2147483648,
                                   -2147483649, INT64_MAX, INT64_MIN, 1 << 20, 4294967296};

// What a table is, plainly.
using Plain = std::map<TableKey, TableRow>;

void add(Plain& to, const TableKey& key, const TableRow& row) {
  const auto [at, fresh] = to.try_emplace(key, row);
  if (fresh) return;
  if (__builtin_add_overflow(at->second[0], row[0], &at->second[0])) at->second[0] = row[0] < 0 ? INT64_MIN : INT64_MAX;
  at->second[1] = std::min(at->second[1], row[1]);
  at->second[2] = std::max(at->second[2], row[2]);
  at->second[3] |= row[3];
}

Plain plain(const Table& table) {
  Plain out;
  const TableKey* before = nullptr;
  for (const auto& [key, row] : table.rows()) {
    const auto [at, fresh] = out.emplace(key.copy(), row.copy());
    EXPECT_TRUE(fresh);
    if (before != nullptr) {
      EXPECT_LT(*before, at->first) << "in order of keys";
    }
    before = &at->first;
  }
  return out;
}

TEST(Table, EqualsAMap) {
  std::mt19937_64 random(8);
  const TableSpec spec{
      "t", {"a", "b"}, {"sum", "min", "max", "or"}, {Merge::sum, Merge::min, Merge::max, Merge::bit_or}};
  const auto number = [&]() -> std::int64_t {
    if (random() % 3 == 0) return kEdges[random() % std::size(kEdges)];
    return static_cast<std::int64_t>(random()) >> random() % 64;
  };
  for (int round = 0; round < 40; ++round) {
    Table all(spec);
    Plain expected;
    for (int part = 0; part < 3; ++part) {
      Table one(spec);
      Plain plain_one;
      const std::size_t rows = random() % 3000;
      const std::uint64_t texts = 1 + random() % 60;
      for (std::size_t i = 0; i < rows; ++i) {
        const TableKey key = {std::to_string(random() % texts), std::string(random() % 3, 'x')};
        const TableRow row = {number(), number(), number(), number()};
        one.add(key, row);
        add(plain_one, key, row);
        if (random() % 997 == 0) {  // read in the middle, then added to
          ASSERT_EQ(plain(one), plain_one);
        }
      }
      ASSERT_EQ(plain(one), plain_one);
      all.merge(one);
      for (const auto& [key, row] : plain_one) add(expected, key, row);
      // Through bytes and back, and copied and moved.
      Writer out;
      one.save(out);
      Reader in(out.bytes());
      Table back;
      ASSERT_TRUE(back.load(in));
      ASSERT_EQ(back, one);
      for (int cut = 0; cut < 20; ++cut) {  // broken bytes end, and say so or read as something
        std::string broken(out.bytes());
        broken[random() % broken.size()] = static_cast<char>(random());
        Reader damaged(std::string_view(broken).substr(0, random() % (broken.size() + 1)));
        Table other;
        (void)other.load(damaged);
      }
      Table copy = back;
      copy.add({"new", "row"}, TableRow{1, 2, 3, 4});
      ASSERT_EQ(back, one);
      ASSERT_EQ(copy.size(), one.size() + 1);
      const Table moved = std::move(copy);
      ASSERT_EQ(moved.find({"new", "row"}), (TableRow{1, 2, 3, 4}));
    }
    ASSERT_EQ(plain(all), expected);
    all.clear();
    ASSERT_EQ(all.size(), 0U);
    all.add({"a", "b"}, TableRow{1, 2, 3, 4});
    ASSERT_EQ(all.find({"a", "b"}), (TableRow{1, 2, 3, 4}));
    ASSERT_EQ(all.find({"a", "c"}), std::nullopt);
  }
}

}  // namespace
}  // namespace assay
