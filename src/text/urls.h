// URLs: found in prose, cut into parts the way browsers do (WHATWG URL, leniently), and taken out of the links that
// mail gateways put around them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct Url {
  std::string scheme;      // lower case
  std::string userinfo;    // before '@'
  std::string host;        // lower case, percent-decoded, no brackets, no final dot; numeric IPv4 forms as a.b.c.d
  std::uint16_t port = 0;  // 0: none written
  std::string path;        // from '/', as written
  std::string query;       // without '?'
  std::string fragment;    // without '#'
};

// http, https, ftp and ws(s) need a host; other schemes (mailto:, cid:, data:, javascript:) keep everything in path.
// Tabs and line ends inside are dropped and '\' is '/' in the former, as browsers do. No value without a scheme.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

// Views of the URLs in prose, in order, at most `most`: scheme://..., and www.... without a scheme. Closing punctuation
// and an unmatched closing bracket are not part of one. Linear.
[[nodiscard]] std::vector<std::string_view> find_urls(std::string_view text, std::size_t most);

struct Unwrapped {
  std::string url;  // the innermost target; the text as given when nothing was around it
  int layers = 0;
  bool opaque = false;  // a rewritten link whose target only the service knows (Mimecast, short links are not meant)
  bool broken = false;  // looks rewritten, but its target could not be decoded
};

// Proofpoint URL Defense 1 to 3, Microsoft Safe Links, Barracuda, Cisco, Sophos, Trend Micro, FireEye, Google and
// Mimecast; up to kUnwrapDepth layers.
[[nodiscard]] Unwrapped unwrap_url(std::string_view url);
inline constexpr int kUnwrapDepth = 5;

}  // namespace assay
