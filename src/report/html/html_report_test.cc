// The HTML report: its promises (no script, no network, every value escaped), checked by a small reader of tags.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "core/ascii.h"
#include "report/report_fixtures.h"

namespace assay {
namespace {

using namespace fixtures;

struct Tag {
  std::string name;
  std::vector<std::pair<std::string, std::string>> attributes;
  bool closing = false;
};

// Reads our own markup strictly: a '<' that starts no well-formed tag, or a stray '>', is a fault.
std::vector<Tag> tags_of(const std::string& html, std::vector<std::string>& faults) {
  std::vector<Tag> out;
  std::size_t at = html.find("<html");
  bool in_style = false;
  while (at < html.size()) {
    if (in_style) {
      at = html.find("</style>", at);
      in_style = false;
    }
    if (html[at] == '>') faults.push_back("stray >: " + html.substr(at > 30 ? at - 30 : 0, 60));
    if (html[at] != '<') {
      ++at;
      continue;
    }
    Tag tag;
    ++at;
    if (html[at] == '/') {
      tag.closing = true;
      ++at;
    }
    while (at < html.size() && (is_alnum(html[at]) || html[at] == '-')) tag.name += html[at++];
    if (tag.name.empty()) faults.push_back("no tag: " + html.substr(at > 30 ? at - 30 : 0, 60));
    while (at < html.size() && html[at] != '>') {
      while (html[at] == ' ' || html[at] == '/') ++at;
      if (html[at] == '>') break;
      std::string name, value;
      while (at < html.size() && (is_alnum(html[at]) || html[at] == '-')) name += html[at++];
      if (name.empty() || html.compare(at, 2, "=\"") != 0) {
        faults.push_back("bad attribute: " + html.substr(at > 30 ? at - 30 : 0, 60));
        return out;
      }
      at += 2;
      while (at < html.size() && html[at] != '"') value += html[at++];
      ++at;
      tag.attributes.emplace_back(name, value);
    }
    ++at;
    in_style = tag.name == "style" && !tag.closing;
    out.push_back(std::move(tag));
  }
  return out;
}

void check_markup(const std::string& html) {
  std::vector<std::string> faults;
  const std::vector<Tag> tags = tags_of(html, faults);
  for (const std::string& fault : faults) ADD_FAILURE() << fault;
  static const std::set<std::string> kTags = {
      "html",    "head",  "meta",  "title",   "style", "body",       "a",    "header", "span", "p",     "b",
      "main",    "div",   "h1",    "h2",      "h3",    "section",    "ol",   "ul",     "li",   "nav",   "table",
      "caption", "thead", "tbody", "tr",      "th",    "td",         "code", "br",     "svg",  "rect",  "line",
      "text",    "desc",  "defs",  "pattern", "path",  "blockquote", "dl",   "dt",     "dd",   "footer"};
  static const std::set<std::string> kVoid = {"meta", "br", "line", "path"};
  static const std::set<std::string> kStyles = {"width"};
  std::vector<std::string> open;
  std::set<std::string> ids;
  for (const Tag& tag : tags) {
    EXPECT_TRUE(kTags.contains(tag.name)) << tag.name;
    for (const auto& [name, value] : tag.attributes) {
      EXPECT_FALSE(name.starts_with("on")) << name;
      EXPECT_NE(name, "src");
      if (name == "href") {
        EXPECT_TRUE(value.starts_with("#")) << value;
      }
      if (name == "style") {
        EXPECT_TRUE(value.starts_with("width:") && value.ends_with("px")) << value;
      }
      if (name == "id") {
        EXPECT_TRUE(ids.insert(value).second) << "twice: " << value;
      }
    }
    if (kVoid.contains(tag.name)) continue;
    if (!tag.closing) {
      open.push_back(tag.name);
    } else {
      // <rect .../> of the range bars closes itself; others by their end tag.
      while (!open.empty() && open.back() == "rect" && tag.name != "rect") open.pop_back();
      ASSERT_FALSE(open.empty()) << tag.name;
      EXPECT_EQ(open.back(), tag.name);
      open.pop_back();
    }
  }
  EXPECT_TRUE(open.empty());
  for (const Tag& tag : tags) {
    for (const auto& [name, value] : tag.attributes) {
      if (name == "href" && value.size() > 1) {
        EXPECT_TRUE(ids.contains(value.substr(1))) << "no target: " << value;
      }
    }
  }
}

TEST(HtmlReport, IsWellFormedWithoutScriptOrNetwork) {
  for (const Fixture& f : {intrusion(), benign(), empty(), foreign(), other_actor()}) {
    const std::string html = html_report(f.data, f.assessment, options());
    check_markup(html);
    EXPECT_NE(html.find("default-src 'none'; style-src 'unsafe-inline'; img-src data:"), std::string::npos);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("http://"), std::string::npos);
    EXPECT_EQ(html.find("https://"), std::string::npos);
    EXPECT_EQ(html.find("url(http"), std::string::npos);
    EXPECT_EQ(html.find("@import"), std::string::npos);
  }
}

TEST(HtmlReport, HoldsTheWholeAnswer) {
  const Fixture f = intrusion();
  const std::string html = html_report(f.data, f.assessment, options());
  for (const char* text :
       {"COMPROMISED: ALMOST CERTAIN.", "STILL ACTIVE at the last record, 16 Jul 18:20Z", "0.43 to 1.1 GB",
        "CANNOT SAY", "F24", "our own scanner (profile)", "Stop log rotation", "103[.]253[.]41[.]102",
        "| tar -xOf - -- &#39;var/log/httpaccess.log.0.gz&#39; | gzip -dcq | tail -c +4100234 | head -c 187",
        "Destroys: memory", "line 3: a map was expected", "3 May-7 May 2020",
        "7c1e0000111122223333444455556666777788889999aaaabbbbccccddd09a04", "person-01"}) {
    EXPECT_NE(html.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(html.find("okafor"), std::string::npos);
}

TEST(HtmlReport, TablesHaveCaptionsOrHeadersAndDrawingsHaveWords) {
  const Fixture f = intrusion();
  const std::string html = html_report(f.data, f.assessment, options());
  EXPECT_NE(html.find("<html lang=\"en\">"), std::string::npos);
  EXPECT_NE(html.find("<main>"), std::string::npos);
  EXPECT_NE(html.find("aria-label=\"Contents\""), std::string::npos);
  EXPECT_NE(html.find("role=\"img\" aria-labelledby=\"tl-t tl-d\""), std::string::npos);
  std::size_t tables = 0, headers = 0;
  for (std::size_t at = 0; (at = html.find("<table", at)) != std::string::npos; ++at) ++tables;
  for (std::size_t at = 0; (at = html.find("<thead><tr><th scope=\"col\"", at)) != std::string::npos; ++at) ++headers;
  EXPECT_EQ(tables, headers);
}

TEST(HtmlReport, FarTimesDoNotFlattenTheDrawing) {
  Fixture f = intrusion();
  f.data.sightings[0].time = at("1970-01-01T00:00:00Z");
  f.data.sightings[1].until = at("2199-01-01T00:00:00Z");
  Table& coverage = f.data.tables[0];
  coverage.add({"x", "flow", "", "80000"}, std::vector<std::int64_t>{1, 0, 0, 1});
  const std::string html = html_report(f.data, f.assessment, options());
  EXPECT_NE(html.find("outside the drawn time"), std::string::npos);
  EXPECT_NE(html.find("May 2020"), std::string::npos);
  EXPECT_LT(html.size(), 200'000u);
}

// ASSAY_WRITE_REPORTS=folder writes the fixtures' reports and answers there, to look at them in a browser.
TEST(HtmlReport, CanBeLookedAt) {
  const char* folder = std::getenv("ASSAY_WRITE_REPORTS");
  if (folder == nullptr) GTEST_SKIP() << "no data: the folder that ASSAY_WRITE_REPORTS names is absent";
  const auto write = [&](const char* name, const Fixture& f) {
    std::ofstream(std::string(folder) + "/" + name + ".html", std::ios::binary)
        << html_report(f.data, f.assessment, options());
    std::ofstream(std::string(folder) + "/" + name + ".json", std::ios::binary)
        << json_answer(f.data, f.assessment, options());
  };
  write("intrusion", intrusion());
  write("benign", benign());
  write("empty", empty());
  write("other_actor", other_actor());
}

}  // namespace
}  // namespace assay
