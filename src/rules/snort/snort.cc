#include "rules/snort/snort.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "core/ascii.h"
#include "knowledge/profile.h"

namespace assay::snort {
namespace {

// Bounds of one text; what is beyond is counted as unread.
constexpr std::size_t kRules = 100'000;
constexpr std::size_t kFound = 100'000;
constexpr std::size_t kContents = 64;  // of one rule

constexpr std::string_view kActions[] = {"alert",     "log",       "pass",       "drop",     "reject", "sdrop",
                                         "rejectsrc", "rejectdst", "rejectboth", "activate", "dynamic"};

// What the content of a rule is looked for in.
enum class Buffer : unsigned char { packet, host, uri, ja3 };

struct Content {
  std::string text;
  Buffer buffer = Buffer::packet;
  bool negated = false;
};

// "Host|3a 20|evil.example" and \" \; \\ \: ; no value for bytes that are no text.
std::optional<std::string> content_text(std::string_view written) {
  std::string out;
  bool hex = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const char c = written[i];
    if (c == '|') {
      hex = !hex;
    } else if (hex) {
      if (c == ' ') continue;
      if (i + 1 >= written.size() || !is_hex(c) || !is_hex(written[i + 1])) return std::nullopt;
      out += static_cast<char>(hex_value(c) * 16 + hex_value(written[i + 1]));
      ++i;
    } else if (c == '\\' && i + 1 < written.size()) {
      out += written[++i];
    } else {
      out += c;
    }
  }
  const bool text = std::all_of(out.begin(), out.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
  if (hex || out.empty()) return std::nullopt;
  // "Host: evil.example\r\n"
  const std::size_t end = out.find('\r');
  if (!text && end == std::string::npos) return std::nullopt;
  return out.substr(0, end);
}

// DNS in the packet: |04|evil|07|example|00|
std::optional<std::string> dns_name(std::string_view written) {
  std::string bytes;
  bool hex = false;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '|') {
      hex = !hex;
    } else if (!hex) {
      bytes += written[i];
    } else if (written[i] != ' ') {
      if (i + 1 >= written.size() || !is_hex(written[i]) || !is_hex(written[i + 1])) return std::nullopt;
      bytes += static_cast<char>(hex_value(written[i]) * 16 + hex_value(written[i + 1]));
      ++i;
    }
  }
  std::string out;
  std::size_t at = 0, labels = 0;
  while (at < bytes.size() && bytes[at] != '\0') {
    const auto size = static_cast<unsigned char>(bytes[at]);
    if (size > 63 || at + 1 + size > bytes.size()) return std::nullopt;
    out += (labels++ > 0 ? "." : "") + bytes.substr(at + 1, size);
    at += 1U + size;
  }
  if (labels < 2) return std::nullopt;
  return out;
}

bool is_host(std::string_view text) {
  return text.find('.') != std::string_view::npos && !text.starts_with('.') && !text.ends_with('.') &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

class Rule {
 public:
  explicit Rule(std::vector<Found>& found) : found_(found) {}

  // False: the line is no rule.
  bool read(std::string_view line) {
    const std::size_t open = line.find('('), close = line.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) return false;
    std::vector<std::string_view> words;
    std::size_t depth = 0, from = 0;
    const std::string_view head = line.substr(0, open);
    for (std::size_t i = 0; i <= head.size(); ++i) {
      const char c = i < head.size() ? head[i] : ' ';
      if (c == '[') ++depth;
      if (c == ']' && depth > 0) --depth;
      if (!is_space(c) || (depth > 0 && i < head.size())) continue;
      if (i > from) words.push_back(head.substr(from, i - from));
      from = i + 1;
    }
    if (words.size() < 2 || std::find(std::begin(kActions), std::end(kActions), words[0]) == std::end(kActions))
      return false;
    if (words.size() == 7) {
      addresses(words[2]);
      addresses(words[5]);
    } else if (words.size() != 2) {
      return false;
    }
    options(line.substr(open + 1, close - open - 1));
    return true;
  }

 private:
  void add(Indicator::Kind kind, std::string value) {
    Found one{kind, std::move(value)};
    if (found_.size() < kFound && std::find(found_.begin(), found_.end(), one) == found_.end())
      found_.push_back(std::move(one));
  }

  // "[198.51.100.7, !203.0.113.0/24, $HOME_NET]"
  void addresses(std::string_view text) {
    if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
    for (const std::string_view part : split(text, ',')) {
      const std::string_view one = trim(part);
      const auto network = parse_network(one);
      if (!network || one.find('[') != std::string_view::npos) continue;
      const bool v4 = one.find(':') == std::string_view::npos;
      add(network->prefix != 128 ? Indicator::Kind::cidr
          : v4                   ? Indicator::Kind::ipv4
                                 : Indicator::Kind::ipv6,
          std::string(one));
    }
  }

  void options(std::string_view text) {
    std::vector<Content> contents;
    Buffer sticky = Buffer::packet;
    std::size_t from = 0;
    bool quoted = false;
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (i < text.size() && text[i] == '\\') {
        ++i;
        continue;
      }
      if (i < text.size() && text[i] == '"') quoted = !quoted;
      if (i < text.size() && (text[i] != ';' || quoted)) continue;
      option(trim(text.substr(std::min(from, text.size()), i - std::min(from, i))), contents, sticky);
      from = i + 1;
    }
    finish(contents);
  }

  static void option(std::string_view text, std::vector<Content>& contents, Buffer& sticky) {
    const std::size_t colon = text.find(':');
    const std::string_view name = trim(text.substr(0, colon));
    std::string_view value = colon == std::string_view::npos ? std::string_view() : trim(text.substr(colon + 1));
    const auto buffer = [](std::string_view word) -> std::optional<Buffer> {
      if (word == "http.host" || word == "http.host.raw" || word == "http_host" || word == "http_raw_host" ||
          word == "tls.sni" || word == "tls_sni" || word == "dns.query" || word == "dns_query")
        return Buffer::host;
      if (word == "http.uri" || word == "http.uri.raw" || word == "http_uri" || word == "http_raw_uri" ||
          word == "uricontent")
        return Buffer::uri;
      if (word == "ja3.hash" || word == "ja3_hash") return Buffer::ja3;
      if (word.starts_with("http.") || word.starts_with("http_") || word.starts_with("tls.") ||
          word.starts_with("dns.") || word.starts_with("file.") || word.starts_with("ja3") || word == "pkt_data" ||
          word == "file_data")
        return Buffer::packet;
      return std::nullopt;
    };
    if (name == "content" || name == "uricontent") {
      if (contents.size() >= kContents) return;
      Content one;
      one.negated = value.starts_with('!');
      if (one.negated) value = trim(value.substr(1));
      // "x",nocase,http_uri as Snort 3 writes it
      const std::size_t end = value.rfind('"');
      if (!value.starts_with('"') || end == 0 || end == std::string_view::npos) return;
      one.buffer = name == "uricontent" ? Buffer::uri : sticky;
      for (const std::string_view word : split(value.substr(end + 1), ',')) {
        if (const auto other = buffer(trim(word))) one.buffer = *other;
      }
      one.text = value.substr(1, end - 1);
      contents.push_back(std::move(one));
      return;
    }
    const auto named = buffer(name);
    if (!named) return;
    // A modifier without a value of the old form speaks of the content before it; a sticky buffer of those after it.
    const bool old = name.find('_') != std::string_view::npos && name != "pkt_data" && name != "file_data" &&
                     name != "tls_sni" && name != "dns_query" && name != "ja3_hash";
    if (old && !contents.empty()) {
      contents.back().buffer = *named;
    } else {
      sticky = *named;
    }
  }

  void finish(const std::vector<Content>& contents) {
    std::string host, uri;
    for (const Content& one : contents) {
      if (one.negated) continue;
      auto text = content_text(one.text);
      if (!text) {
        if (const auto name = dns_name(one.text)) add(Indicator::Kind::domain, *name);
        continue;
      }
      std::string value = *text;
      if (one.buffer == Buffer::packet && starts_with_icase(value, "host:")) {
        value = std::string(trim(std::string_view(value).substr(5)));
        if (is_host(value) || parse_address(value)) host = value;
      } else if (one.buffer == Buffer::host) {
        while (value.starts_with('.')) value.erase(0, 1);
        if (is_host(value)) host = value;
      } else if (one.buffer == Buffer::uri && value.starts_with('/') && value.size() > uri.size()) {
        uri = value;
      } else if (one.buffer == Buffer::ja3 && value.size() == 32 && std::all_of(value.begin(), value.end(), is_hex)) {
        add(Indicator::Kind::ja3, lower(value));
      }
    }
    if (host.empty()) return;
    if (uri.size() > 1) {
      add(Indicator::Kind::url, "http://" + host + uri);
    } else if (parse_address(host)) {
      add(host.find(':') == std::string::npos ? Indicator::Kind::ipv4 : Indicator::Kind::ipv6, host);
    } else {
      add(Indicator::Kind::domain, lower(host));
    }
  }

  std::vector<Found>& found_;
};

}  // namespace

Reading read(std::string_view text) {
  Reading out;
  std::string joined;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line = trim(line);
    if (line.ends_with('\\') && joined.size() + line.size() < (std::size_t{1} << 20)) {
      joined += line.substr(0, line.size() - 1);
      if (!text.empty()) continue;
      line = {};
    }
    joined += line;
    std::string whole;
    whole.swap(joined);
    if (whole.empty() || whole.front() == '#') continue;
    const std::size_t before = out.found.size();
    if (out.rules >= kRules || !Rule(out.found).read(whole)) {
      ++out.unread;
      continue;
    }
    ++out.rules;
    out.without += out.found.size() == before ? 1U : 0U;
  }
  return out;
}

}  // namespace assay::snort
