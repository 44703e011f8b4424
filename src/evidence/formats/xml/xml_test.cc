#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "evidence/formats/drain.h"
#include "evidence/formats/formats.h"
#include "evidence/formats/xml/pull.h"

namespace assay {
namespace {

using drain::schemas;

drain::Result run(std::string_view bytes, const drain::Chunks& chunks = drain::whole()) {
  return drain::run(xml_format(), bytes, "windows-xml", schemas(), chunks);
}
std::string frames(std::string_view bytes) {
  const drain::Result result = run(bytes);
  EXPECT_EQ(result.broken_promise, "");
  std::string out;
  for (const std::string& record : result.records) out += record.substr(0, record.find('\n')) + "\n";
  return out;
}

TEST(Xml, Recognised) {
  const auto shape = [](std::string_view head) { return xml_format().recognise(head, true, "x", schemas()).shape; };
  const std::string event = "<Event xmlns=\"x\"><System><EventID>1</EventID></System></Event>";
  EXPECT_EQ(shape(event), "windows-xml");
  EXPECT_EQ(shape("\xEF\xBB\xBF<?xml version=\"1.0\"?>\r\n<!-- a -->\n<Events>" + event), "windows-xml");
  EXPECT_EQ(shape("<?xml version=\"1.0\"?><!DOCTYPE nmaprun><nmaprun scanner=\"nmap\">"), "nmap-xml");
  EXPECT_EQ(shape("<html><body><Event><System></Event></body></html>"), "");
  EXPECT_EQ(shape("<Event>no system</Event>"), "");
  EXPECT_EQ(shape("<EventData><System>"), "");
  EXPECT_EQ(shape("text " + event), "");
  EXPECT_EQ(shape(""), "");
}

TEST(Xml, DamageCostsItsElement) {
  EXPECT_EQ(frames("<Event><a>1</a></Event><Event ><a>2</a></Event>"),
            "record 0+23 windows-xml\nrecord 23+24 windows-xml\n");
  EXPECT_EQ(frames("<Event><a>1<Event><a>2</a></Event>"), "skip 0+11 damaged_record\nrecord 11+23 windows-xml\n");
  EXPECT_EQ(frames("<Event><a>1</b></Event><Event><a>2</a></Event>"), "damaged 0+23\nrecord 23+23 windows-xml\n");
  EXPECT_EQ(frames("<Event><a>1</a></Event><Event><a>2"), "record 0+23 windows-xml\nskip 23+11 truncated\n");
  EXPECT_EQ(frames("<Event><a>1</a></Event><Event"), "record 0+23 windows-xml\nskip 23+6 truncated\n");
  EXPECT_EQ(frames("<EventData>x</EventData>"), "");
}

TEST(Xml, OneBadByteCostsAtMostTwoRecords) {
  std::string bytes = "<Events>\n";
  for (int i = 10; i < 60; ++i) {
    bytes += fmt::format(
        "<Event xmlns=\"x\"><System><EventID>{}</EventID></System><EventData><Data Name=\"A\">v{} "
        "&amp;</Data></EventData></Event>\n",
        i, i);
  }
  bytes += "</Events>\n";
  const drain::Result full = run(bytes);
  ASSERT_EQ(full.records.size(), 50U);
  std::mt19937 random(9);
  for (int round = 0; round < 1500; ++round) {
    std::string broken = bytes;
    const std::string_view likely = "<>/&\"' E\xff";
    broken[random() % broken.size()] =
        round % 2 == 0 ? static_cast<char>(random() & 255) : likely[random() % likely.size()];
    const drain::Result after = run(broken);
    ASSERT_EQ(after.broken_promise, "");
    const std::set<std::string> still(after.records.begin(), after.records.end());
    std::size_t lost = 0;
    for (const std::string& record : full.records) lost += still.contains(record) ? 0U : 1U;
    ASSERT_LE(lost, 2U);
  }
}

TEST(Xml, LimitsAreReachedAndSaid) {
  std::string deep = "<Event>";
  for (int i = 0; i < 100; ++i) deep += "<a>";
  deep += "x";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  deep += "</Event>";
  const std::string next = "<Event><b>1</b></Event>";
  const std::string_view depth = "limit_depth";
  EXPECT_NE(drain::text(run(deep + next)).find(depth), std::string::npos);
  std::string many = "<Event>";
  for (int i = 0; i < 5000; ++i) many += "<a>1</a>";
  EXPECT_NE(drain::text(run(many + "</Event>" + next)).find("beyond the limit"), std::string::npos);
  const std::string long_name(2000, 'n');
  EXPECT_NE(drain::text(run("<Event><" + long_name + ">1</" + long_name + "></Event>")).find("names longer"),
            std::string::npos);
  const std::string large = "<Event><a>" + std::string(3 << 20, 'x') + "</a></Event>";
  const drain::Result result = run(large + next);
  EXPECT_NE(drain::text(result).find("limit_record"), std::string::npos);
  EXPECT_EQ(result.records.back().substr(0, 6), "record");
}

// Starts without an end, many of them: linear work.
TEST(Xml, HostileStartsTakeLinearTime) {
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) bytes += "<Event >";
  const drain::Result result = run(bytes, drain::each(1 << 20));
  EXPECT_EQ(result.broken_promise, "");
  EXPECT_EQ(result.records.size(), 200'000U);
}

TEST(Xml, References) {
  const auto undone = [](std::string_view text) {
    std::string out;
    bool bad = false;
    const bool good = xml_text(text, out, bad);
    return out + (good ? "" : " (bad)") + (bad ? " (utf8)" : "");
  };
  EXPECT_EQ(undone("a &lt;&gt;&amp;&quot;&apos; b"), "a <>&\"' b");
  EXPECT_EQ(undone("&#65;&#x42;&#x1F9EA;"), "AB\xF0\x9F\xA7\xAA");
  EXPECT_EQ(undone("&nbsp;"), "&nbsp; (bad)");
  EXPECT_EQ(undone("a & b"), "a & b (bad)");
  EXPECT_EQ(undone("&#0;&#xD800;&#x110000;&#;&#x;"), "&#0;&#xD800;&#x110000;&#;&#x; (bad)");
  EXPECT_EQ(undone("\xff"), "\xEF\xBF\xBD (utf8)");
}

TEST(Xml, PullRefusesWhatIsNoElement) {
  const auto last = [](std::string_view text) {
    XmlPull pull(text);
    for (int i = 0; i < 100; ++i) {
      const XmlPull::Part part = pull.next();
      if (part == XmlPull::Part::done || part == XmlPull::Part::damaged) return part;
    }
    return XmlPull::Part::text;
  };
  EXPECT_EQ(last("<a b='1' c=\"2\"/>x<!-- y --><?z?><![CDATA[<]]></a>"), XmlPull::Part::done);
  for (const std::string_view bad : {"<!DOCTYPE a [<!ENTITY b \"c\">]>", "<a b>", "<a b=c>", "<a b=\"1>", "<", "<a",
                                     "</a b>", "<!-- x", "<?x", "<![CDATA[x", "<a b=\"1\"c=\"2\">"})
    EXPECT_EQ(last(bad), XmlPull::Part::damaged) << bad;
}

}  // namespace
}  // namespace assay
