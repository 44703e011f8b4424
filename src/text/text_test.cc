#include <gtest/gtest.h>
#include <gumbo.h>

#include <array>
#include <random>
#include <set>

#include "text/addresses.h"
#include "text/domains.h"
#include "text/html.h"
#include "text/lookalike.h"
#include "text/urls.h"

namespace assay {
namespace {

using namespace std::string_literals;

std::string joined(const std::vector<std::string_view>& list) {
  std::string out;
  for (const std::string_view one : list) out += (out.empty() ? "" : " ") + std::string(one);
  return out;
}

TEST(Addresses, FormsOfRfc4291AndNothingElse) {
  for (const char* good : {"0.0.0.0", "192.0.2.255", "::", "::1", "2001:db8::1", "1:2:3:4:5:6:7:8", "::ffff:192.0.2.1",
                           "1:2:3:4:5:6:192.0.2.1", "1::8", "fe80::1:2"}) {
    EXPECT_TRUE(is_address(good)) << good;
  }
  for (const char* bad :
       {"", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.", "1.2.3.4.5", ":", ":::", "1::2::3", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "12345::", "::g", "1:", ":1", "::1.2.3", "1:2:3:4:5:6:7:1.2.3.4", "1:2:3:4:5:6:7::8:9"}) {
    EXPECT_FALSE(is_address(bad)) << bad;
  }
  EXPECT_EQ(canonical_address("2001:DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(canonical_address("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(canonical_address("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(canonical_address("1:0:0:2:0:0:0:3"), "1:0:0:2::3");
  EXPECT_EQ(canonical_address("fe80:0:1:0:2:0:3:0"), "fe80:0:1:0:2:0:3:0");
  EXPECT_EQ(canonical_address("not"), "");
}

TEST(Addresses, InProse) {
  EXPECT_EQ(joined(find_addresses(
                "from a.example (a.example [198.51.100.1]) by b (192.0.2.25:587), [IPv6:2001:db8::1]. At 10.0.0.1.")),
            "198.51.100.1 192.0.2.25 2001:db8::1 10.0.0.1");
  EXPECT_EQ(joined(find_addresses("v1.2.3.4 1.2.3.4.5 1.2.3.4-5 11.22.33 id 15.1.1979.3 12:30:45 a::b")), "a::b");
}

TEST(Domains, ByThePublicSuffixList) {
  EXPECT_TRUE(is_domain("a.example"));
  EXPECT_TRUE(is_domain("_dmarc.a-b.example."));
  EXPECT_TRUE(is_domain("xn--bcher-kva.example"));
  for (const char* bad :
       {"", "localhost", ".", "a..b", "-a.example", "a-.example", "a b.example", "192.0.2.1", "a.1", ".a.example"}) {
    EXPECT_FALSE(is_domain(bad)) << bad;
  }
  EXPECT_FALSE(is_domain(std::string(64, 'a') + ".example"));
  EXPECT_EQ(registrable_domain("WWW.Dept.Ox.ac.uk"), "ox.ac.uk");
  EXPECT_EQ(registrable_domain("ac.uk"), "");
  EXPECT_EQ(registrable_domain("mail.larkmoor.example."), "larkmoor.example");
  EXPECT_EQ(registrable_domain("192.0.2.1"), "");
  EXPECT_EQ(registrable_label("a.b.co.uk"), "b");
}

TEST(Urls, CutIntoParts) {
  const auto parts = [](std::string_view text) {
    const auto url = parse_url(text);
    if (!url) return "none"s;
    return url->scheme + "|" + url->userinfo + "|" + url->host + "|" + std::to_string(url->port) + "|" + url->path +
           "|" + url->query + "|" + url->fragment;
  };
  EXPECT_EQ(parts("HTTPS://User:Pw@WWW.A.Example.:8443/p/a?q=1&r#f"), "https|User:Pw|www.a.example|8443|/p/a|q=1&r|f");
  EXPECT_EQ(parts("http:\\\\a.example\\x"), "http||a.example|0|/x||");
  EXPECT_EQ(parts("https:a.example"), "https||a.example|0|||");
  EXPECT_EQ(parts(" ht\ntp://a.ex\tample/ "), "http||a.example|0|/||");
  EXPECT_EQ(parts("http://good.example@evil.example/"), "http|good.example|evil.example|0|/||");
  EXPECT_EQ(parts("http://3221226219/"), "http||192.0.2.235|0|/||");
  EXPECT_EQ(parts("http://0xC0.0.02.01/"), "http||192.0.2.1|0|/||");
  EXPECT_EQ(parts("http://1.2.3.4.5/"), "http||1.2.3.4.5|0|/||");
  EXPECT_EQ(parts("http://[2001:DB8:0::1]:80/x"), "http||2001:db8::1|80|/x||");
  EXPECT_EQ(parts("http://a%2eexample/"), "http||a.example|0|/||");
  EXPECT_EQ(parts("http://a\xe3\x80\x82"
                  "example/"),
            "http||a.example|0|/||");
  EXPECT_EQ(parts("mailto:a@b.example?subject=x"), "mailto|||0|a@b.example|subject=x|");
  EXPECT_EQ(parts("cid:part1"), "cid|||0|part1||");
  EXPECT_EQ(parts("http://"), "none");
  EXPECT_EQ(parts("no scheme"), "none");
  EXPECT_EQ(parts(""), "none");
}

TEST(Urls, InProse) {
  const auto found = [](std::string_view text) { return joined(find_urls(text, 100)); };
  EXPECT_EQ(found("See http://a.example/x. (Or https://b.example/y_(z)), <http://c.example>; \"ftp://d.example/\""),
            "http://a.example/x https://b.example/y_(z) http://c.example ftp://d.example/");
  EXPECT_EQ(found("www.a.example/p, mail@www.b.example xwww.c.example www.d WWW.E.example"),
            "www.a.example/p WWW.E.example");
  EXPECT_EQ(found("\xe2\x80\x9chttp://a.example/\xe2\x80\x9d and http://b.example/\xc3\xa4"),
            "http://a.example/ http://b.example/\xc3\xa4");
  EXPECT_EQ(found(":// http:// 1http://a.example"), "http://a.example");
  EXPECT_EQ(find_urls("http://a.example http://b.example", 1).size(), 1U);
  const std::string many(2000000, ':');
  EXPECT_EQ(find_urls(many, 100).size(), 0U);
  EXPECT_EQ(find_urls("http://a.example/" + many, 100).size(), 1U);
}

TEST(Urls, UnwrapsWhatGatewaysPutAround) {
  const auto target = [](std::string_view url) {
    const Unwrapped out = unwrap_url(url);
    return out.url + (out.opaque ? " opaque" : "") + (out.broken ? " broken" : "");
  };
  const std::string aim = "http://login-1arkmoor.example/vpn/index.html?id=4417";
  EXPECT_EQ(
      target("https://urldefense.proofpoint.com/v1/url?u=http://login-1arkmoor.example/vpn/index.html%3Fid%3D4417&k=x"),
      aim);
  EXPECT_EQ(target("https://urldefense.proofpoint.com/v2/"
                   "url?u=http-3A__login-2D1arkmoor.example_vpn_index.html-3Fid-3D4417&d=DwMFAg&c=c&e="),
            aim);
  EXPECT_EQ(target("https://urldefense.com/v3/__http://login-1arkmoor.example/vpn/index.html?id=4417__;!!abc!def$"),
            aim);
  // Version 3 with characters taken out: "?" alone, then a run of two ("A").
  EXPECT_EQ(target("https://urldefense.com/v3/__http://a.example/x*y**Az__;Pys9!!abc$"), "http://a.example/x?y+=z");
  EXPECT_EQ(target("https://urldefense.com/v3/__https:/a.example/x__;!!abc$"), "https://a.example/x");
  EXPECT_EQ(target("https://eur01.safelinks.protection.outlook.com/"
                   "?url=http%3A%2F%2Flogin-1arkmoor.example%2Fvpn%2Findex.html%3Fid%3D4417&amp;data=02"),
            aim);
  EXPECT_EQ(target("https://eur01.safelinks.protection.outlook.com/?data=02&amp;url=http%3A%2F%2Fa.example"),
            "http://a.example");
  EXPECT_EQ(target("https://linkprotect.cudasvc.com/url?a=http%3a%2f%2fa.example%2f&c=E"), "http://a.example/");
  EXPECT_EQ(target("https://secure-web.cisco.com/1aB_c/http%3A%2F%2Fa.example%2Fp"), "http://a.example/p");
  EXPECT_EQ(target("https://eu-west-1.protection.sophos.com?d=a.example&u=aHR0cDovL2EuZXhhbXBsZS9w&i=x"),
            "http://a.example/p");
  EXPECT_EQ(target("https://www.google.com/url?sa=t&q=https://a.example/"), "https://a.example/");
  EXPECT_EQ(target("https://www.google.com/search?q=http://a.example"),
            "https://www.google.com/search?q=http://a.example");
  EXPECT_EQ(target("https://protect-eu.mimecast.com/s/AbCd?domain=a.example"),
            "https://protect-eu.mimecast.com/s/AbCd?domain=a.example opaque");
  EXPECT_EQ(target("https://urldefense.com/v3/__broken"), "https://urldefense.com/v3/__broken broken");
  EXPECT_EQ(target("https://urldefense.proofpoint.com/v2/url?u=a.example_x"), "http://a.example/x");
  EXPECT_EQ(target("http://a.example/"), "http://a.example/");
  EXPECT_EQ(target("not a url"), "not a url");
  // Layers, and no more than the limit of them.
  std::string nested = "http://a.example/";
  const auto wrap = [](const std::string& url) {
    std::string out = "https://www.google.com/url?q=";
    for (const char c : url)
      out += c == '%' || c == ':' || c == '/' || c == '?' || c == '&' || c == '='
                 ? "%" + std::string(1, "0123456789ABCDEF"[c >> 4]) + "0123456789ABCDEF"[c & 15]
                 : std::string(1, c);
    return out;
  };
  for (int i = 0; i < kUnwrapDepth; ++i) nested = wrap(nested);
  EXPECT_EQ(target(nested), "http://a.example/");
  EXPECT_EQ(unwrap_url(wrap(nested)).layers, kUnwrapDepth);
}

std::string shown(const HtmlText& html) {
  std::string out = html.title + "|" + html.text + "|";
  for (const HtmlLink& link : html.links) out += " " + std::string(link.tag) + "=" + link.url + "(" + link.text + ")";
  return out;
}

TEST(Html, TextAndLinks) {
  EXPECT_EQ(shown(html_to_text(
                "<html><head><title>A &amp; B</title><style>p{}</style></head><body><p>One <b>two</b></p>three<br>four"
                "<script>if (a<b) x='<a href=no>';</script><a href='http://a.example/?a=1&amp;b=2'>click "
                "<i>he</i>re</a> end</body></html>",
                9)),
            "A & B|One two\nthree\nfourclick here end| a=http://a.example/?a=1&b=2(click here)");
  EXPECT_EQ(shown(html_to_text("<A HREF = http://a.example/x>1<a href=\"h&Tab;ttp&colon;//b.example\">2", 9)),
            "|12| a=http://a.example/x(1) a=h\tttp://b.example(2)");
  EXPECT_EQ(shown(html_to_text("<a href=http://a.example?x&copy=1&lt>t</a>", 9)),
            "|t| a=http://a.example?x&copy=1<(t)");
  EXPECT_EQ(shown(html_to_text("a<!-- <a href=x>no</a> -->b<!--[if mso]><a href=y>yes</a><![endif]-->c", 9)),
            "|abyesc| a=y(yes)");
  EXPECT_EQ(shown(html_to_text("<meta http-equiv=Refresh content=\"0; URL='http://m.example/'\"><form action=/go><img "
                               "src=i.png alt=i></form>",
                               9)),
            "|| meta=http://m.example/() form=/go() img=i.png()");
  EXPECT_EQ(
      shown(html_to_text(
          "<base href='https://b.example/dir/page'><a href=x>1</a><a href=/y>2</a><a href='//c.example/'>3</a>", 9)),
      "|123| a=https://b.example/dir/x(1) a=https://b.example/y(2) a=https://c.example/(3)");
  EXPECT_EQ(shown(html_to_text("<textarea><a href=x></textarea>5 < 6 &#65;&#x42;&#128;&#xd800;&bogus;&", 9)),
            "|<a href=x>5 < 6 AB\xe2\x82\xac\xef\xbf\xbd&bogus;&|");
  EXPECT_EQ(shown(html_to_text("<a href=\"never closed", 9)), "||");
  EXPECT_TRUE(html_to_text("<a href=1><a href=2><a href=3>", 2).more_links);
}

TEST(Html, NoShapeIsSlowOrDeep) {
  // Each would take a tree builder quadratic time, unbounded memory or the stack.
  for (const std::string& piece : {"<div>"s, "<b id=1><p>"s, "<a href=x>"s, "</div>"s, "<table><td>"s, "<!--"s, "&"s,
                                   "<"s, "<a "s, "<a b='"s, "<script>"s, "</"s, "--"s, "&#1"s, "<title>"s}) {
    std::string html;
    while (html.size() < (1U << 20)) html += piece;
    EXPECT_LE(html_to_text(html, 100).links.size(), 100U);
  }
}

// What an independent parser (tree building and all) finds in ordinary pages.
void gumbo_links(const GumboNode* node, std::multiset<std::string>& out) {
  if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE) return;
  if (node->v.element.tag == GUMBO_TAG_A) {
    const GumboAttribute* href = gumbo_get_attribute(&node->v.element.attributes, "href");
    if (href != nullptr && *href->value != '\0') out.insert(href->value);
  }
  for (unsigned i = 0; i < node->v.element.children.length; ++i)
    gumbo_links(static_cast<const GumboNode*>(node->v.element.children.data[i]), out);
}

TEST(Html, FindsTheLinksThatATreeBuilderFinds) {
  std::mt19937 random(11);
  static constexpr std::array kPieces = {"<p>",
                                         "</p>",
                                         "<div class=\"x y\">",
                                         "</div>",
                                         "text &amp; more ",
                                         "<a href=\"http://a.example/?x=1&amp;y=2\">",
                                         "</a>",
                                         "<a href='b&#46;example'>",
                                         "<a href=c.example/z>",
                                         "<br/>",
                                         "<img src=\"i.png\" alt='>'>",
                                         "<!-- c <a href=q> -->",
                                         "<b><i>",
                                         "</i></b>",
                                         "<ul><li>",
                                         "</ul>",
                                         "<script>var a = \"<a href='s'>\";</script>",
                                         "<style>a{}</style>",
                                         "<A\nHREF\n=\n\"d.example\" title=\"a > b\">",
                                         "&nbsp;&copy;",
                                         "<a name=top>",
                                         "<a\thref=e/f/>",
                                         "<a href=\"\">",
                                         "<!DOCTYPE html>",
                                         "<?php ?>",
                                         "5 < 6 ",
                                         "</>"};
  for (int i = 0; i < 2000; ++i) {
    std::string html = "<html><body>";
    for (auto n = random() % 20; n != 0; --n) html += kPieces[random() % kPieces.size()];
    std::multiset<std::string> expected, got;
    GumboOutput* const tree = gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size());
    gumbo_links(tree->root, expected);
    gumbo_destroy_output(&kGumboDefaultOptions, tree);
    for (const HtmlLink& link : html_to_text(html, 100).links) {
      if (link.tag == "a") got.insert(link.url);
    }
    // The tree may hold an anchor twice (misnested formatting is rebuilt), never one that was not written.
    EXPECT_EQ(std::set<std::string>(got.begin(), got.end()), std::set<std::string>(expected.begin(), expected.end()))
        << html;
  }
}

TEST(Lookalikes, ComparedWithOurOwn) {
  const std::array<std::string, 2> own = {"larkmoor.example", "lmoor.ac.uk"};
  const auto kind = [&](std::string_view domain) { return lookalike(domain, own).kind; };
  EXPECT_EQ(kind("1arkmoor.example"), Lookalike::same_look);
  EXPECT_EQ(kind("larkrnoor.com"), Lookalike::same_look);
  EXPECT_EQ(kind("login-1arkmoor.example"), Lookalike::part);
  EXPECT_EQ(kind("larkmor.example"), Lookalike::one_edit);
  EXPECT_EQ(kind("lrakmoor.example"), Lookalike::one_edit);
  EXPECT_EQ(kind("larkmoor.com"), Lookalike::other_end);
  EXPECT_EQ(kind("larkmoor.evil.example"), Lookalike::other_end);
  EXPECT_EQ(kind("vpn.larkmoor.example"), Lookalike::none);
  EXPECT_EQ(kind("LARKMOOR.example."), Lookalike::none);
  EXPECT_EQ(kind("barkmore.example"), Lookalike::none);
  EXPECT_EQ(kind("moor.example"), Lookalike::none);
  EXPECT_EQ(kind("lmo0r.example"), Lookalike::same_look);
  EXPECT_EQ(lookalike("lm00r.net", own).own, "lmoor.ac.uk");
  EXPECT_FALSE(one_edit_apart("abc", "abc"));
  EXPECT_TRUE(one_edit_apart("abc", "acb"));
  EXPECT_TRUE(one_edit_apart("", "a"));
  EXPECT_FALSE(one_edit_apart("abcd", "badc"));
}

}  // namespace
}  // namespace assay
