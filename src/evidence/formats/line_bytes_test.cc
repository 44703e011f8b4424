#include "evidence/formats/line_bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace assay {
namespace {

// Many bytes at a time say what one at a time says, wherever a text begins and ends.
TEST(LineBytes, ManyAtATimeEqualOneByOne) {
  std::mt19937 random(16);
  std::size_t high = 0, full = 0;
  for (int round = 0; round < 100'000; ++round) {
    const std::string whole = [&] {
      std::string out(random() % 90, 'x');
      for (std::size_t i = random() % 12; i > 0 && !out.empty(); --i) out[random() % out.size()] = '\t';
      if (random() % 3 == 0 && !out.empty()) out[random() % out.size()] = static_cast<char>(0x80 + random() % 128);
      if (random() % 3 == 0 && !out.empty()) out[random() % out.size()] = '\\';
      return out;
    }();
    const std::size_t skip = whole.empty() ? 0 : random() % whole.size();
    const std::string_view text = std::string_view(whole).substr(skip);
    bool ascii = true;
    std::vector<std::size_t> plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      ascii = ascii && static_cast<unsigned char>(text[i]) < 0x80;
      if (text[i] == '\t') plain.push_back(i + 1);
    }
    ASSERT_EQ(is_ascii(text), ascii) << text;
    ASSERT_EQ(is_plain(text), ascii && text.find('\\') == std::string_view::npos) << text;
    if (text.size() >= 16) {
      ASSERT_EQ(near_byte(text, '\t'), std::min<std::size_t>(text.find('\t'), 16)) << text;
    }
    const std::size_t from = random() % (text.size() + 3);
    ASSERT_EQ(find_near_byte(text, '\t', from), text.find('\t', from)) << text;
    const ColumnPlaces counted = count_columns(text, '\t');
    ASSERT_EQ(counted.count, plain.size()) << text;
    ASSERT_EQ(counted.ascii, ascii) << text;
    ASSERT_EQ(counted.escapes, text.find('\\') != std::string_view::npos) << text;
    const std::size_t most = random() % 12;
    std::vector<std::size_t> places(most + kPlacesRoom);
    const ColumnPlaces seen = split_columns(text, '\t', most, places);
    std::vector<std::size_t> judge(most + kPlacesRoom);
    const ColumnPlaces judged = split_columns_plain(text, '\t', most, judge);
    ASSERT_EQ(judged.count, seen.count) << text;
    places.resize(most);
    const std::size_t found = seen.count;
    ASSERT_EQ(found, std::min(plain.size(), places.size() + 1)) << text;
    if (found <= places.size()) {
      ASSERT_EQ(seen.ascii, ascii) << text;
      ASSERT_EQ(seen.escapes, text.find('\\') != std::string_view::npos) << text;
    }
    places.resize(std::min(found, places.size()));
    ASSERT_TRUE(std::equal(places.begin(), places.end(), plain.begin())) << text;
    high += ascii ? 0U : 1U;
    full += found > places.size() ? 1U : 0U;
  }
  EXPECT_GT(high, 5'000U);
  EXPECT_GT(full, 5'000U);
}

}  // namespace
}  // namespace assay
