#include "hunt/forwarded.h"

#include "hunt/testing_unit.h"

namespace assay {
namespace {

Profile behind_a_proxy() {
  Profile profile;
  profile.own_networks = {"10.0.0.0/8"};
  profile.proxies = {"10.30.0.4", "10.30.1.0/24"};
  profile.nat = {"192.0.2.40"};
  ProfileHost host;
  host.name = "lb-2";
  host.kind = "proxy";
  host.addresses = {"10.30.2.9"};
  profile.hosts = {host};
  return profile;
}

TEST(Forwarded, TheRightmostAddressThatIsNotOursIsTheClient) {
  using Verdict = Forwarders::Client::Verdict;
  const Forwarders forwarders(behind_a_proxy());
  const auto said = [&](std::string_view connecting, std::string_view text) {
    const Forwarders::Client client = forwarders.client(connecting, text);
    if (client.verdict == Verdict::undeclared) return std::string("undeclared");
    return client.verdict == Verdict::unreadable ? std::string("unreadable") : client.address;
  };
  EXPECT_EQ(said("10.30.0.4", "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(said("::ffff:10.30.0.4", "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(said("192.0.2.40", "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(said("10.30.2.9", "203.0.113.7"), "203.0.113.7");
  // What a client wrote itself stands left of what the first proxy added.
  EXPECT_EQ(said("10.30.0.4", "127.0.0.1, 198.51.100.9, 203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(said("10.30.0.4", "198.51.100.9, 203.0.113.7, 10.30.1.77"), "203.0.113.7");
  EXPECT_EQ(said("10.30.0.4", "10.30.1.1, 10.30.1.2"), "10.30.1.1");
  EXPECT_EQ(said("10.30.0.4", "203.0.113.7:4711"), "203.0.113.7");
  EXPECT_EQ(said("10.30.0.4", "[2001:DB8::7]:4711"), "2001:db8::7");
  EXPECT_EQ(said("10.30.0.4", "2001:db8::7"), "2001:db8::7");
  EXPECT_EQ(said("10.30.0.4", "203.0.113.7,+10.30.1.2"), "203.0.113.7");
  EXPECT_EQ(said("10.30.0.4", "for=198.51.100.9, For=\"[2001:db8::7]:4711\";proto=https;by=10.30.1.1"), "2001:db8::7");
  // Nobody's word.
  EXPECT_EQ(said("10.30.0.5", "203.0.113.7"), "undeclared");
  EXPECT_EQ(said("203.0.113.7", "10.30.0.4"), "undeclared");
  EXPECT_EQ(said("-", "203.0.113.7"), "undeclared");
  EXPECT_EQ(said("10.30.0.4", "203.0.113.7, unknown"), "unreadable");
  EXPECT_EQ(said("10.30.0.4", "unknown, 203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(said("10.30.0.4", "for=_hidden"), "unreadable");
  EXPECT_EQ(said("10.30.0.4", "proto=https"), "unreadable");
  EXPECT_EQ(said("10.30.0.4", ","), "unreadable");
  EXPECT_EQ(said("10.30.0.4", "[203.0.113.7"), "unreadable");
  std::string many = "203.0.113.7";
  for (std::size_t i = 1; i < kForwardedHops; ++i) many += ",10.30.1.1";
  EXPECT_EQ(said("10.30.0.4", many), "203.0.113.7");
  EXPECT_EQ(said("10.30.0.4", many + ",10.30.1.1"), "unreadable");
  EXPECT_EQ(said("10.30.0.4", std::string(kForwardedBytes + 1, '1')), "unreadable");
  EXPECT_EQ(Forwarders().client("10.30.0.4", "203.0.113.7").verdict, Verdict::undeclared);
}

// A log as a unit: each match as "client by PROXY", then the notices.
std::string hunt(const std::string& name, const std::string& bytes, const Profile& profile,
                 const std::string& category = "webserver") {
  const auto unit = testing_unit::read(
      name, bytes, profile,
      "title: From outside\nid: 6f1c1d4e-0000-4000-8000-000000000002\nlogsource: {category: " + category +
          "}\n"
          "detection: {s: {c-ip: [203.0.113.7, '2001:db8::7', 10.30.0.9]}, condition: s}\n");
  std::string out;
  for (const KeyedMatch& match : unit.matches) {
    std::string client, by = "nobody";
    for (const auto& [field, value] : match.match.fields) {
      if (field == "c-ip") client = value;
      if (field == kForwardedBy) by = value;
    }
    out += client + " by " + by + "\n";
  }
  return out + testing_unit::notices(unit, {NoticeKind::assumption, NoticeKind::bad_value});
}

constexpr std::string_view kBelieved =
    "assumption x1: the addresses of clients are the word of the declared proxy 10.30.0.4, which sent their requests "
    "on\n";
constexpr std::string_view kNotBelieved =
    "assumption x1: records name whom a request was forwarded for, but the connecting address is no proxy that the "
    "profile "
    "declares (proxies, nat): the connecting address was taken for the client\n";

TEST(Forwarded, EveryShapeThatCarriesIt) {
  const Profile profile = behind_a_proxy();
  const auto both = [&](const std::string& name, const std::string& head, std::string line,
                        const std::string& category = "webserver") {
    line = head + line;
    EXPECT_EQ(hunt(name, line, profile, category), "203.0.113.7 by 10.30.0.4\n" + std::string(kBelieved)) << line;
    // The same words of a machine that nobody has declared: kept, and not used.
    for (std::size_t at = line.find("10.30.0.4"); at != std::string::npos; at = line.find("10.30.0.4", at + 1))
      line.replace(at, 9, "10.30.0.9");
    EXPECT_EQ(hunt(name, line, profile, category), "10.30.0.9 by nobody\n" + std::string(kNotBelieved)) << line;
  };
  both("access.log", "",
       "10.30.0.4 - - [16/Apr/2020:02:12:07 +0000] \"GET /a HTTP/1.1\" 200 1024 \"-\" \"Mozilla/5.0\" "
       "\"198.51.100.9, 203.0.113.7\"\n");
  both("u_ex200416.log",
       "#Software: Microsoft Internet Information Services 10.0\r\n#Fields: date time s-ip cs-method cs-uri-stem "
       "cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status X-Forwarded-For\r\n",
       "2020-04-16 02:12:07 10.20.10.8 GET /a - 443 - 10.30.0.4 Mozilla/5.0 200 203.0.113.7\r\n");
  both("nginx.json", "",
       R"({"time_iso8601":"2020-04-16T02:12:07+00:00","remote_addr":"10.30.0.4","request_uri":"/a","status":"200",)"
       R"("http_x_forwarded_for":"203.0.113.7"})"
       "\n");
  both(
      "proxy.json", "",
      R"({"@timestamp":"2020-05-01T00:05:27Z","event":{"category":"web","action":"allowed"},"source":{"ip":"10.30.0.4"},)"
      R"("network":{"forwarded_ip":"203.0.113.7"},"url":{"full":"http://www.example.org/a"}})"
      "\n",
      "proxy");
}

TEST(Forwarded, AProxyThatSaysNothingReadable) {
  const std::string log =
      "10.30.0.4 - - [16/Apr/2020:02:12:07 +0000] \"GET /a HTTP/1.1\" 200 1 \"-\" \"x\" \"203.0.113.7, unknown\"\n";
  EXPECT_EQ(hunt("access.log", log, behind_a_proxy()),
            "bad_value x1: a declared proxy forwarded a request for somebody whose address cannot be read; its own was "
            "taken\n");
}

}  // namespace
}  // namespace assay
