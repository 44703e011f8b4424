#include "knowledge/host_index.h"

#include <gtest/gtest.h>

#include <random>

namespace assay {
namespace {

// Names and addresses of few letters, so that they meet: doubles, spellings, domains of ours and of others, nothing at
// all.
class Drawn {
 public:
  explicit Drawn(std::uint64_t seed) : random_(seed) {}
  std::string one_of(std::initializer_list<const char*> list) { return *(list.begin() + random_() % list.size()); }
  std::string text() {
    switch (random_() % 4) {
      case 0:
        return one_of({"10.0.0.1", "10.0.0.2", "192.0.2.1", "192.0.2.77", "198.51.100.1", "2001:db8::1",
                       "2001:DB8:0::1", "2001:db8::2", "::1", "1:2", "10.0.0.1.", "300.1.1.1"});
      case 1:
        return one_of({"", ".", "..", ".local", "a.", "A"});
      default:
        return one_of({"a", "b", "web", "WEB", "dc-1", "Dc-1"}) +
               one_of({"", "", ".", ".institute.example", ".lab.Institute.example", ".elsewhere.example", ".local",
                       ".corp.", ".", ".notinstitute.example"});
    }
  }
  Profile profile() {
    Profile out;
    for (std::uint64_t i = random_() % 6; i > 0; --i) {
      ProfileHost host;
      host.name = text();
      for (std::uint64_t k = random_() % 3; k > 0; --k) host.addresses.push_back(text());
      out.hosts.push_back(std::move(host));
    }
    if (random_() % 2 == 0) out.own_domains = {"institute.example"};
    if (random_() % 2 == 0) out.own_networks = {"10.0.0.0/8", "not a network", "2001:db8::/32"};
    return out;
  }

 private:
  std::mt19937_64 random_;
};

TEST(HostIndex, AnswersAsTheWalkDoes) {
  std::size_t found = 0, inside = 0;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    Drawn drawn(seed);
    const Profile profile = drawn.profile();
    const HostIndex index(profile);
    for (int i = 0; i < 20; ++i) {
      const std::string text = drawn.text();
      ASSERT_EQ(index.host_of(text), profile.host_of(text)) << seed << " " << text;
      ASSERT_EQ(index.find_host(text), profile.find_host(text)) << seed << " " << text;
      ASSERT_EQ(index.is_inside(text), profile.is_inside(text)) << seed << " " << text;
      found += profile.host_of(text).empty() ? 0U : 1U;
      inside += profile.is_inside(text) ? 1U : 0U;
    }
  }
  EXPECT_GT(found, 1000U);
  EXPECT_GT(inside, 1000U);
}

}  // namespace
}  // namespace assay
