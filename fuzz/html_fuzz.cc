// HTML, URLs, names, addresses and charsets: what comes out is bounded by what went in, links are inside the limit, and
// what is found in prose parses.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/charset.h"
#include "text/domains.h"
#include "text/html.h"
#include "text/lookalike.h"
#include "text/urls.h"

namespace {

using namespace assay;

void check_url(std::string_view text) {
  const auto url = parse_url(text);
  if (url && (url->scheme == "http" || url->scheme == "https")) {
    if (url->host.empty()) std::abort();
    // The same host is read from what was read.
    const bool plain = is_domain(url->host) || is_ipv4(url->host);
    if (plain) {
      const auto again = parse_url("http://" + url->host + "/");
      if (!again || again->host != url->host) std::abort();
    }
    (void)registrable_domain(url->host);
    static const std::array<std::string, 2> kOwn = {"larkmoor.example", "a.ac.uk"};
    (void)lookalike(url->host, kOwn);
  }
  const Unwrapped out = unwrap_url(text);
  if (out.layers > kUnwrapDepth || (out.layers == 0 && out.url != text)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const HtmlText html = html_to_text(bytes, 50);
  if (html.links.size() > 50 || html.text.size() > 2 * size + 16) std::abort();
  for (const HtmlLink& link : html.links) {
    if (link.text.size() > 3 * kAnchorBytes) std::abort();
    check_url(link.url);
  }
  std::size_t last = 0;
  for (const std::string_view url : find_urls(bytes, 50)) {
    const auto at = static_cast<std::size_t>(url.data() - bytes.data());
    if (at < last || at + url.size() > size) std::abort();
    last = at + url.size();
    check_url(url);
  }
  check_url(bytes.substr(0, 500));
  for (const std::string_view address : find_addresses(bytes)) {
    const std::string canonical = canonical_address(address);
    if (canonical.empty() || canonical_address(canonical) != canonical) std::abort();
  }
  const std::size_t cut = bytes.find('\n');
  if (cut != std::string_view::npos && cut < 40 && !is_utf8(to_utf8(bytes.substr(cut + 1), bytes.substr(0, cut))))
    std::abort();
  return 0;
}
