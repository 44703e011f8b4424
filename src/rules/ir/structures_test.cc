#include "rules/ir/structures.h"

#include <gtest/gtest.h>

#include <string>

namespace assay::ir {
namespace {

bool holds(std::string_view name, std::string_view value) {
  const Structure* s = find_structure(name);
  EXPECT_NE(s, nullptr) << name;
  return s != nullptr && s->holds(value);
}

// The two cookies that JPCERT/CC published with its decoder (aa-tools, wellmess_cookie_decode.py).
constexpr std::string_view kFirst =
    "HgTRdQ2t=64Vm1+mdDjM+lqq1L+yG1KY+ttpjt+c0yWu+4WDJ7+lWL9W+INgn0+mMn%3Am+oFM67.+wh9lp+MsSDK+B7kFU+5%3ApdW+c%3Aa4s."
    "+ypBuf+%3Ayh3a+nNAuS+C0zeX+bmy%3Ay.+6dhp7+fuG%3Ao+a4Aq%3A+GDqKS+6ZXNW.+iNglw+AX0FT+Ot8Ky+so9Ld+b9YeP.+h1JUr+MbW8o"
    "+fry4Z+HQ0G%2CR%3A+wn0aG9K.+FdLfzRZ+3zI415R+vBpPR4Z+dZuDhTT+AvYWsFS.+; dMMzvgDU=VZdaeGu+qON73xw+YXlLtZt+ZB6SElT"
    "+jdwPGzw.+up0oTlw+hHxFrC5+QaLyyqf+cvc0nMR+LMkulAy.+IyO%3APN1+6GY+++";
constexpr std::string_view kSecond =
    "c22UekXD=J41lrM+S01+KX29R+As21Sur+%3asRnW+3Eo+nIHjv+o6A7qGw+XQr%3aq+PJ9jaI+KQ7G.+FT2wr+wzQ3vd+3IJXC+lays+k27xd."
    "+di%3abd+mHMAi+mYNZv+Mrp+S%2cV21.+ESollsY+6suRD+%2cx8O1m+%3azc+GYdrw.+FbWQWr+5pO8;1rf4EnE9=+WMyn8+8ogDA+WxR5R."
    "+sFMwDnV+DFninOi+XaP+p4iY+82U.+hZb+QB6+kMBvT9R";

TEST(Structures, WellmessCookie) {
  EXPECT_TRUE(holds("wellmess_cookie", kFirst));
  EXPECT_TRUE(holds("wellmess_cookie", kSecond));
  // As a log that unescapes writes it.
  std::string unescaped;
  for (std::size_t i = 0; i < kSecond.size(); ++i) {
    if (kSecond.substr(i, 3) == "%3a") {
      unescaped += ':';
      i += 2;
    } else if (kSecond.substr(i, 3) == "%2c") {
      unescaped += ',';
      i += 2;
    } else {
      unescaped += kSecond[i];
    }
  }
  EXPECT_TRUE(holds("wellmess_cookie", unescaped));
}

TEST(Structures, NotAWellmessCookie) {
  for (const std::string_view value :
       {"", "_ga=GA1.2.123456789.1583000000; _gid=GA1.2.1.2", "JSESSIONID=0A1B2C3D4E5F60718293A4B5C6D7E8F9",
        "abcd1234=5f4dcc3b5aa765d61d8327deb882cf99",
        // A sentence of words: names too long, and its letters are no Base64 of blocks.
        "cookieconsent_status=We+use+cookies+to+run+the+site+and.+count+visits+You+agreed+on+first+visit.+analytics+"
        "yes+adverts+no+a+b+c",
        "consent1=We+use+cookies+to+run+the+site+and.+count+visits+You+agreed+on+first+visit.+yes+adverts+no+part+ners+"
        "none+of+it"}) {
    EXPECT_FALSE(holds("wellmess_cookie", value)) << value;
  }
  // One step away from the real thing.
  std::string cut(kFirst.substr(0, kFirst.size() - 8));  // Base64 no longer whole
  EXPECT_FALSE(holds("wellmess_cookie", cut));
  std::string name(kFirst);
  name.erase(0, 1);  // a 7-character name
  EXPECT_FALSE(holds("wellmess_cookie", name));
  std::string token(kFirst);
  token.replace(token.find("64Vm1"), 5, "64Vm164Vm1");  // a token of ten
  EXPECT_FALSE(holds("wellmess_cookie", token));
  std::string no_stops;
  for (const char c : kFirst) {
    if (c != '.') no_stops += c;
  }
  EXPECT_FALSE(holds("wellmess_cookie", no_stops));
  EXPECT_FALSE(holds("wellmess_cookie", std::string(100'000, 'a')));
}

TEST(Structures, DistinguishedNameCountry) {
  for (const std::string_view value : {"C=Tunis, O=IT, CN=*", "C = Tunis, O = IT", "/C=Tunis/O=IT", "CN=*,O=IT,C=Tunis",
                                       "O=IT+C=Tunis", "C=Tunis", "countryName=Tunis,O=IT", "CN=\"a, C=US\",C=Tunis",
                                       "CN=a\\, C=US,C=X", "C=U", "C=12", "2.5.4.6=Tunisia, O=x", "C=Tunis\\"}) {
    EXPECT_TRUE(holds("dn_country_not_two_letters", value)) << value;
  }
  for (const std::string_view value :
       {"", "C=GB, O=Larkmoor", "/C=US/O=A/B/CN=x", "CN=x,O=Example Ltd,C=de", "CN=no country", "C=, O=x", "O=C=Tunis",
        "CN=\"a, C=Tunis\",C=GB", "CN=a\\, C=Tunis,C=GB", "DC=example,DC=com", "C = GB , O = x"}) {
    EXPECT_FALSE(holds("dn_country_not_two_letters", value)) << value;
  }
}

TEST(Structures, HostIsAddress) {
  for (const std::string_view value :
       {"http://203.0.113.7/", "https://203.0.113.7:8443/a?b", "203.0.113.7", "203.0.113.7:443", "[2001:db8::1]:80",
        "http://[2001:db8::1]/", "2001:db8::1", "http://user@203.0.113.7/x"}) {
    EXPECT_TRUE(holds("host_is_address", value)) << value;
  }
  for (const std::string_view value :
       {"", "http://example.com/203.0.113.7", "203.0.113.7.example.com", "1.2.3", "http://1.2.3.4.5/", "example.com:80",
        "http://203.0.113.7@example.com/", "203.0.113.256"}) {
    EXPECT_FALSE(holds("host_is_address", value)) << value;
  }
}

TEST(Structures, LongRandomLabel) {
  for (const std::string_view value :
       {"y1d6gq8eajkmc3pqxot1uw9isza.t.example.com", "nbxsgyrphfczmwdktqjvbnxl.example.net",
        "http://a1b2c3d4e5f6a7b8c9d0e1f2a3.example.com/x"}) {
    EXPECT_TRUE(holds("long_random_label", value)) << value;
  }
  for (const std::string_view value :
       {"www.example.com", "ec2-52-11-222-133.eu-west-1.compute.example.com",
        "internationalisationcommittee.example.org", "xn--fiqs8sxn4bb2dxn4bb2dxn4bb2d.example", "a1b2c3.example.com",
        "203.0.113.7", "very-long-name-of-some-department.example.org"}) {
    EXPECT_FALSE(holds("long_random_label", value)) << value;
  }
}

TEST(Structures, Known) {
  EXPECT_EQ(structures().size(), 4U);
  EXPECT_FALSE(known_structure("nothing"));
}

}  // namespace
}  // namespace assay::ir
