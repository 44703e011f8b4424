#include "evidence/formats/line_bytes.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace assay {
namespace {

// Sixteen bytes at a time say what one at a time says, wherever a text begins and ends.
TEST(LineBytes, SixteenAtATimeEqualOneByOne) {
  std::mt19937 random(16);
  std::size_t high = 0, full = 0;
  for (int round = 0; round < 100'000; ++round) {
    const std::string whole = [&] {
      std::string out(random() % 90, 'x');
      for (std::size_t i = random() % 12; i > 0 && !out.empty(); --i) out[random() % out.size()] = '\t';
      if (random() % 3 == 0 && !out.empty()) out[random() % out.size()] = static_cast<char>(0x80 + random() % 128);
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
    std::vector<std::size_t> places(random() % 12);
    const std::size_t found = split_places(text, '\t', places);
    ASSERT_EQ(found, std::min(plain.size(), places.size() + 1)) << text;
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
