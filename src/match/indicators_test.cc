#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/ascii.h"
#include "match/indicator_index.h"
#include "match/testing.h"
#include "rules/indicator/normalise.h"
#include "text/defang.h"

namespace assay {
namespace {

using testing_match::Bench;

Indicator indicator(Indicator::Kind kind, std::string value, std::string advisory = "report--1") {
  Indicator out;
  out.kind = kind;
  out.value = std::move(value);
  out.id = "indicator--" + out.value;
  out.advisory = std::move(advisory);
  return out;
}

RuleSet sample() {
  RuleSet rules;
  rules.indicators = {indicator(Indicator::Kind::ipv4, "203.0.113.4"),
                      indicator(Indicator::Kind::cidr, "198.51.100.0/24"),
                      indicator(Indicator::Kind::domain, "evil.com"),
                      indicator(Indicator::Kind::url, "bad.example/drop"),
                      indicator(Indicator::Kind::md5, "d41d8cd98f00b204e9800998ecf8427f"),
                      indicator(Indicator::Kind::sha256, std::string(64, 'a')),
                      indicator(Indicator::Kind::mail_address, "phish@lure.example"),
                      indicator(Indicator::Kind::file_name, "watchdogd2.bin"),
                      indicator(Indicator::Kind::file_path, "/opt/.avamar/x"),
                      indicator(Indicator::Kind::ipv6, "2001:db8::7"),
                      indicator(Indicator::Kind::certificate_sha1, std::string(40, 'b'))};
  return rules;
}

// "contacted evil.com [evil.com]" for each match, in order.
std::string seen(Bench& bench, std::string_view json) {
  std::string out;
  for (const Match& m : bench.match(json)) {
    if (!out.empty()) out += ", ";
    out += std::string(name_of(m.role)) + " " + bench.engine().catalogue()[m.detector].value;
    if (m.mention) out += " mention";
  }
  return out;
}

TEST(Indicators, Boundaries) {
  Bench bench(sample());
  EXPECT_EQ(seen(bench, R"({"dst":"203.0.113.4"})"), "contacted 203.0.113.4");
  EXPECT_EQ(seen(bench, R"({"dst":"203.0.113.4:443"})"), "contacted 203.0.113.4");
  EXPECT_EQ(seen(bench, R"({"src":"203.0.113.4"})"), "contacting 203.0.113.4");
  for (const char* json : {R"({"dst":"203.0.113.45"})",
                           R"({"dst":"1203.0.113.4"})",
                           R"({"dst":"203.0.113.4.5"})",
                           R"({"dst":"203.0.113.3"})",
                           R"({"query":"notevil.com"})",
                           R"({"query":"evil.com.example"})",
                           R"({"query":"evil.co"})",
                           R"({"query":"evilcom"})",
                           R"({"url":"http://bad.example/dropper"})",
                           R"({"url":"http://bad.example/"})",
                           R"({"url":"http://notbad.example/drop"})",
                           R"({"sha256":"aaaa"})",
                           R"({"fname":"xwatchdogd2.bin"})",
                           R"({"fname":"watchdogd2.bin.txt"})",
                           R"({"fpath":"/opt/.avamar/xy"})",
                           R"({"mailfrom":"xphish@lure.example"})",
                           R"({"mailfrom":"phish@sub.lure.example"})",
                           R"({"text":"11.203.0.113.4"})",
                           R"({"text":"203.0.113.4.1 notevil.com evil.com.example"})",
                           R"({"text":"203.0.113.45"})",
                           R"({"dst":"199.51.100.1"})"}) {
    EXPECT_EQ(seen(bench, json), "") << json;
  }
  EXPECT_EQ(seen(bench, R"({"dst":"198.51.100.255"})"), "contacted 198.51.100.0/24");
  EXPECT_EQ(seen(bench, R"({"dst":"2001:DB8:0::7"})"), "contacted 2001:db8::7");
  EXPECT_EQ(seen(bench, R"({"query":"EVIL.com."})"), "question evil.com");
  EXPECT_EQ(seen(bench, R"({"query":"a.b.evil.com"})"), "question evil.com");
  EXPECT_EQ(seen(bench, R"({"host":"evil.com:8443"})"), "contacted evil.com");
  EXPECT_EQ(seen(bench, R"({"url":"https://x.evil.com/path?q"})"), "contacted evil.com");
  EXPECT_EQ(seen(bench, R"({"url":"http://198.51.100.3/x"})"), "contacted 198.51.100.0/24");
  for (const char* json : {R"({"url":"http://bad.example/drop"})", R"({"url":"https://BAD.example:443/Drop/x.exe"})",
                           R"({"url":"http://bad.example/drop?a=b"})", R"({"url":"bad.example/drop#f"})",
                           R"({"url":"http://u:p@bad.example/drop/"})"}) {
    EXPECT_EQ(seen(bench, json), "contacted bad.example/drop") << json;
  }
  EXPECT_EQ(seen(bench, R"({"sha256":"D41D8CD98F00B204E9800998ECF8427F"})"), "file d41d8cd98f00b204e9800998ecf8427f");
  EXPECT_EQ(seen(bench, R"({"fname":"C:\\tmp\\WatchDogd2.bin"})"), "file watchdogd2.bin");
  EXPECT_EQ(seen(bench, R"({"fpath":"/mnt/root/opt/.avamar/x"})"), "file /opt/.avamar/x");
  EXPECT_EQ(seen(bench, R"({"cert":"BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB:BB"})"),
            "contacted " + std::string(40, 'b'));
  EXPECT_EQ(seen(bench, R"({"mailfrom":"Dr X <Phish@lure.example>"})"), "mail_hop phish@lure.example");
  EXPECT_EQ(seen(bench, R"({"mailfrom":"a@mail.evil.com"})"), "mail_hop evil.com");
  EXPECT_EQ(seen(bench, R"({"text":"cmd /c ping 203.0.113.4, then"})"), "text_only 203.0.113.4");
  // The better role wins over text; two roles are two matches.
  EXPECT_EQ(seen(bench, R"({"dst":"203.0.113.4","text":"to 203.0.113.4"})"), "contacted 203.0.113.4");
  EXPECT_EQ(seen(bench, R"({"query":"evil.com","host":"evil.com","url":"http://evil.com/"})"),
            "contacted evil.com, question evil.com");
  EXPECT_EQ(seen(bench, R"({"dst":["10.0.0.1","203.0.113.4"]})"), "contacted 203.0.113.4");
}

TEST(Indicators, CarriedFields) {
  Bench bench(sample());
  const auto matches =
      bench.match(R"({"src":"10.1.2.3","dst":"203.0.113.4","dport":443,"url":"http://203.0.113.4/x"})");
  ASSERT_EQ(matches.size(), 1U);
  std::string text;
  for (const auto& [name, value] : matches[0].fields) text += name + "=" + value + " ";
  EXPECT_EQ(text, "dst=203.0.113.4 indicator=203.0.113.4 port=443 src=10.1.2.3 url=http://203.0.113.4/x ");
}

TEST(Indicators, DirectionNeedsAnInside) {
  Profile profile;
  profile.given = true;
  profile.own_networks = {"192.0.2.0/24"};
  Bench bench(sample(), true, profile);
  EXPECT_EQ(seen(bench, R"({"src":"192.0.2.9","dst":"203.0.113.4"})"), "contacted 203.0.113.4");
  EXPECT_EQ(seen(bench, R"({"src":"10.0.0.9","dst":"203.0.113.4"})"), "contacted 203.0.113.4");
  EXPECT_EQ(seen(bench, R"({"src":"8.7.6.5","dst":"203.0.113.4"})"), "");  // between two others
  EXPECT_EQ(seen(bench, R"({"src":"203.0.113.4","dst":"192.0.2.1"})"), "contacting 203.0.113.4");
  EXPECT_EQ(seen(bench, R"({"src":"203.0.113.4","dst":"8.7.6.5"})"), "");
}

TEST(Indicators, Mentions) {
  Bench bench(sample());
  EXPECT_EQ(seen(bench, R"({"text":"203.0.113.4 and evil.com"})"), "text_only 203.0.113.4, text_only evil.com");
  EXPECT_EQ(seen(bench, R"({"text":"203.0.113.4, evil.com, 198.51.100.9"})"),
            "text_only 203.0.113.4 mention, text_only 198.51.100.0/24 mention, text_only evil.com mention");
  EXPECT_EQ(seen(bench, R"({"text":"203.0.113.4 203.0.113.4 203.0.113.4"})"), "text_only 203.0.113.4");
  EXPECT_EQ(seen(bench, R"({"text":"look for evil[.]com"})"), "text_only evil.com mention");
  EXPECT_EQ(seen(bench, R"({"text":"hxxp://bad.example/drop"})"), "text_only bad.example/drop mention");
  // Everything of such a record is a mention.
  EXPECT_EQ(seen(bench, R"({"mailfrom":"a@evil.com","text":"203.0.113[.]4"})"),
            "text_only 203.0.113.4 mention, mail_hop evil.com mention");
  EXPECT_EQ(
      seen(
          bench,
          R"({"text":"rule x {\n strings:\n $a = \"evil.com\"\n condition:\n $a\n}  padding padding padding padding"})"),
      "text_only evil.com mention");
  // Traffic is not text: three listed things in one connection are no quotation.
  EXPECT_EQ(seen(bench, R"({"dst":"203.0.113.4","host":"evil.com","cert":"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"})"),
            "contacted 203.0.113.4, contacted evil.com, contacted " + std::string(40, 'b'));
}

TEST(Indicators, MentionsNeedOneAdvisory) {
  RuleSet rules;
  for (int i = 1; i <= 3; ++i)
    rules.indicators.push_back(
        indicator(Indicator::Kind::domain, "d" + std::to_string(i) + ".test", "report--" + std::to_string(i)));
  Bench bench(rules);
  EXPECT_EQ(seen(bench, R"({"text":"d1.test d2.test d3.test"})"),
            "text_only d1.test, text_only d2.test, text_only d3.test");
}

// ---- the index against a plain search

bool plain_domain(const std::string& name, const std::string& listed) {
  return name == listed || (name.size() > listed.size() && name.ends_with("." + listed));
}
bool plain_url(const std::string& url, const std::string& listed) {
  if (!url.starts_with(listed)) return false;
  if (url.size() == listed.size()) return true;
  const char next = url[listed.size()], last = listed.back();
  return next == '/' || next == '?' || next == '&' || next == ';' || last == '/' || last == '?';
}

TEST(Indicators, IndexEqualsPlainSearch) {
  std::mt19937 random(50031);
  const std::vector<std::string> labels = {"a", "b", "ab", "evil", "com", "x1"};
  const auto name = [&] {
    std::string out = labels[random() % labels.size()];
    for (std::size_t i = random() % 4; i > 0; --i) out += "." + labels[random() % labels.size()];
    return out;
  };
  const auto url = [&] {
    std::string out = name() + "/";
    for (std::size_t i = random() % 4; i > 0; --i)
      out += labels[random() % labels.size()] + std::string(1, "/?&;="[random() % 5]);
    return out;
  };
  const auto address = [&] {
    return "10." + std::to_string(random() % 3) + "." + std::to_string(random() % 3) + "." +
           std::to_string(random() % 8);
  };
  std::size_t hits = 0, told = 0, told_hosts = 0;
  for (int round = 0; round < 300; ++round) {
    IndicatorList list;
    for (int i = 0; i < 20; ++i) {
      list.push_back(indicator(Indicator::Kind::domain, name()));
      list.push_back(indicator(Indicator::Kind::url, normalise_url(url())));
      const std::string a = address();
      list.push_back(indicator(Indicator::Kind::ipv4, a));
      list.push_back(indicator(Indicator::Kind::ipv6, "::ffff:" + address()));
      if (round % 2 != 0) continue;  // without networks more is told by an address's text
      list.push_back(indicator(Indicator::Kind::cidr,
                               format_network(*parse_network(a + "/" + std::to_string(8 + random() % 25)))));
    }
    const IndicatorIndex index(list);
    for (int i = 0; i < 40; ++i) {
      const std::string host = name(), link = normalise_url(url()), from = address();
      std::set<IndicatorNumber> got, expected;
      const auto sink = [&](IndicatorNumber n) { got.insert(n); };
      index.domain(host, sink);
      index.url(link, sink);
      index.address(*parse_address(from), sink);
      for (IndicatorNumber n = 0; n < list.size(); ++n) {
        const Indicator one = list[n];
        if (one.kind == Indicator::Kind::domain && plain_domain(host, one.value)) expected.insert(n);
        if (one.kind == Indicator::Kind::url && plain_url(link, one.value)) expected.insert(n);
        const auto network = parse_network(one.value);
        if (network && one.kind != Indicator::Kind::domain && one.kind != Indicator::Kind::url &&
            contains(*network, *parse_address(from))) {
          expected.insert(n);
          ASSERT_FALSE(index.surely_no_address(from)) << from << " and " << one.value;
        }
        if (one.kind == Indicator::Kind::url && plain_url(link, one.value)) {
          ASSERT_TRUE(index.may_list_host(IndicatorIndex::host_hash(link.substr(0, link.find('/')))))
              << link << " and " << one.value;
        }
      }
      told += index.surely_no_address(from);
      told_hosts += !index.may_list_host(IndicatorIndex::host_hash(host));
      ASSERT_EQ(got, expected) << host << " " << link << " " << from;
      hits += got.size();
    }
  }
  EXPECT_GT(hits, 10'000U);
  EXPECT_GT(told, 1'000U);
  EXPECT_GT(told_hosts, 1'000U);
}

TEST(Indicators, AMillion) {
  IndicatorList list;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    Indicator one;
    one.kind = i % 2 == 0 ? Indicator::Kind::domain : Indicator::Kind::ipv4;
    one.value = i % 2 == 0 ? "h" + std::to_string(i) + ".example"
                           : std::to_string(11 + (i >> 16)) + "." + std::to_string(i >> 8 & 255) + "." +
                                 std::to_string(i & 255) + ".9";
    list.push_back(one);
  }
  const IndicatorIndex index(std::move(list));
  std::size_t hits = 0;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    index.domain("sub.h" + std::to_string(i) + ".example", [&](IndicatorNumber n) {
      EXPECT_EQ(n, i);
      ++hits;
    });
  }
  EXPECT_EQ(hits, 500U);
}

TEST(Indicators, OneValueManyTimes) {
  IndicatorList list;
  for (int i = 0; i < 50'000; ++i)
    list.push_back(indicator(Indicator::Kind::domain, "evil.com", "report--" + std::to_string(i % 7)));
  list.push_back(indicator(Indicator::Kind::sha256, std::string(64, 'a')));
  list.push_back(indicator(Indicator::Kind::sha256, std::string(64, 'a'), "report--2"));
  const IndicatorIndex index(list);
  std::set<IndicatorNumber> got;
  const auto sink = [&](IndicatorNumber n) { got.insert(n); };
  index.domain("a.evil.com", sink);
  EXPECT_EQ(got.size(), 50'000U);
  for (const bool certificate : {false, true}) {
    got.clear();
    index.hash(std::string(64, 'a'), certificate, sink);
    EXPECT_EQ(got, (std::set<IndicatorNumber>{50'000, 50'001}));
  }
}

// The host of a URL comes again as a name: met as either, in any case, in any order.
TEST(Indicators, HostsOfUrls) {
  Bench bench(sample());
  for (const char* text : {"http://evil.org/x http://a.evil.com/ quiet.example", "HTTP://EVIL.COM",
                           "evil.org http://evil.com:80/?x", "see http://evil.com, not http://evil.org",
                           "ftp://u:p@evil.com/ http://evil.org", "http://evil.org http://x.evil.com"})
    EXPECT_EQ(seen(bench, std::string(R"({"text":")") + text + "\"}"), "text_only evil.com") << text;
  EXPECT_EQ(seen(bench, R"({"text":"http://evil.org/x evil.org"})"), "");
  EXPECT_EQ(seen(bench, R"({"url":"http://evil.org/x","text":"http://bad.example/drop and bad.example/drop"})"),
            "text_only bad.example/drop");
}

// What is kept of values without an indicator changes nothing: texts come again and again, with and without.
TEST(Indicators, RepeatedValuesAreMetEachTime) {
  std::mt19937 random(77);
  Bench kept(sample()), plain(sample(), false);
  const std::vector<std::string> texts = {"Mozilla/5.0 (X11; Linux x86_64)",
                                          "see evil.com",
                                          "sub.evil.com/x",
                                          "nothing",
                                          "203.0.113.4 and more",
                                          "hxxp://evil[.]com",
                                          "http://bad.example/drop/1",
                                          "quiet.example",
                                          "d41d8cd98f00b204e9800998ecf8427f"};
  std::size_t hits = 0;
  for (int round = 0; round < 20'000; ++round) {
    Json record = Json::object();
    for (const char* field : {"text", "host", "url", "dst"}) {
      if (random() % 2 == 0) record.add(field, texts[random() % texts.size()]);
    }
    const std::string json = dump_json(record);
    const std::string got = seen(kept, json);
    ASSERT_EQ(got, seen(plain, json)) << json;
    hits += got.empty() ? 0U : 1U;
  }
  EXPECT_GT(hits, 5'000U);
  EXPECT_LT(hits, 19'500U);
}

// ---- text: tokens against a plain reference of the documented boundaries

TEST(Indicators, TextEqualsPlainReference) {
  std::mt19937 random(4711);
  Bench bench(sample());
  const std::vector<std::string> parts = {"203.0.113.4",
                                          "evil.com",
                                          "1",
                                          ".",
                                          "-",
                                          "_",
                                          " ",
                                          ":",
                                          "/",
                                          "@",
                                          ",",
                                          "x",
                                          "sub.",
                                          "notevil",
                                          "\"",
                                          "(",
                                          ")",
                                          "[",
                                          "]",
                                          "=",
                                          "\n",
                                          "example",
                                          "phish@lure.example"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (std::size_t i = 1 + random() % 6; i > 0; --i) text += parts[random() % parts.size()];
    if (!refang(text).changed.empty()) continue;
    const auto word = [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; };
    bool address = false, domain = false, mail = false;
    for (std::size_t at = 0; at < text.size();) {
      if (!word(text[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text.size() && word(text[end])) ++end;
      std::string token = text.substr(at, end - at);
      while (!token.empty() && !is_alnum(token.front())) token.erase(0, 1);
      while (!token.empty() && !is_alnum(token.back())) token.pop_back();
      if (token == "203.0.113.4") address = true;
      if (token == "evil.com" || (token.ends_with(".evil.com") && token.find("..") == std::string::npos)) domain = true;
      at = end;
    }
    for (std::size_t at = text.find("phish@lure.example"); at != std::string::npos;
         at = text.find("phish@lure.example", at + 1)) {
      std::size_t end = at + 18;
      if (at > 0 && word(text[at - 1])) {
        std::size_t begin = at;
        while (begin > 0 && word(text[begin - 1])) --begin;
        bool letters = false;  // only marks before it: they are dropped with the edge of the word
        for (std::size_t i = begin; i < at; ++i) letters = letters || is_alnum(text[i]);
        if (letters) continue;
      }
      std::size_t stop = end;
      while (stop < text.size() && word(text[stop])) ++stop;
      bool more = false;
      for (std::size_t i = end; i < stop; ++i) more = more || is_alnum(text[i]);
      if (!more) mail = true;
    }
    std::string json;
    {
      Json record = Json::object();
      record.add("text", text);
      json = dump_json(record);
    }
    bool got_address = false, got_domain = false, got_mail = false;
    for (const Match& m : bench.match(json)) {
      const std::string& value = bench.engine().catalogue()[m.detector].value;
      got_address = got_address || value == "203.0.113.4";
      got_domain = got_domain || value == "evil.com";
      got_mail = got_mail || value == "phish@lure.example";
    }
    EXPECT_EQ(got_address, address) << json;
    EXPECT_EQ(got_domain, domain) << json;
    EXPECT_EQ(got_mail, mail) << json;
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace assay
