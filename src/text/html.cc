#include "text/html.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "core/ascii.h"
#include "text/html_entities.h"
#include "text/urls.h"
#include "text/utf8.h"

namespace assay {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kReferenceBytes = 32;  // the longest name in the table is shorter
constexpr std::size_t kAttributes = 64;      // of one tag that are looked at
constexpr std::size_t kLinkBytes = 8192;     // longer ones (data:) are cut
constexpr std::size_t kBaseBytes = 1024;

// Numeric references to 0x80..0x9f mean Windows-1252 (HTML Standard 13.2.5.80).
constexpr std::array<std::uint16_t, 32> kWindows1252 = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                                        0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                                        0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                        0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

// The reference at the start of text (which begins with '&') appended to out; its length, or 0 when it is none.
std::size_t reference(std::string_view text, bool in_attribute, std::string& out) {
  if (text.size() < 3) return 0;
  if (text[1] == '#') {
    const bool hex = text[2] == 'x' || text[2] == 'X';
    std::size_t at = hex ? 3 : 2;
    const std::size_t begin = at;
    std::uint32_t code = 0;
    while (at < text.size() && (hex ? is_hex(text[at]) : is_digit(text[at]))) {
      if (code < 0x110000) code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(hex_value(text[at]));
      ++at;
    }
    if (at == begin) return 0;
    if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
    if (code >= 0x80 && code < 0xa0) code = kWindows1252[code - 0x80];
    append_utf8(out, code);
    return at < text.size() && text[at] == ';' ? at + 1 : at;
  }
  std::size_t end = 1;
  while (end < text.size() && end <= kReferenceBytes && is_alnum(text[end])) ++end;
  const std::string_view name = text.substr(1, end - 1);
  const auto find = [](std::string_view wanted) -> const HtmlEntity* {
    const auto at = std::lower_bound(kHtmlEntities.begin(), kHtmlEntities.end(), wanted,
                                     [](const HtmlEntity& entity, std::string_view key) { return entity.name < key; });
    return at != kHtmlEntities.end() && at->name == wanted ? &*at : nullptr;
  };
  if (end < text.size() && text[end] == ';') {
    if (const HtmlEntity* entity = find(name)) {
      append_utf8(out, entity->code);
      return end + 1;
    }
  }
  // Old names count without a semicolon, also in front of other letters; not in an attribute, where "&copy=1" is a
  // parameter.
  for (std::size_t size = std::min<std::size_t>(name.size(), 6); size >= 2; --size) {
    const HtmlEntity* entity = find(name.substr(0, size));
    if (entity == nullptr || !entity->bare) continue;
    const char next = 1 + size < text.size() ? text[1 + size] : '\0';
    if (in_attribute && (next == '=' || is_alnum(next))) return 0;
    append_utf8(out, entity->code);
    return 1 + size;
  }
  return 0;
}

std::string unescaped(std::string_view text, bool in_attribute) {
  std::string out;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t mark = text.find('&', at);
    out += text.substr(at, mark == std::string_view::npos ? mark : mark - at);
    if (mark == std::string_view::npos) break;
    const std::size_t size = reference(text.substr(mark), in_attribute, out);
    if (size == 0) out += '&';
    at = mark + std::max<std::size_t>(size, 1);
  }
  return out;
}

// Text whose white space is folded as it is shown; U+00A0 stays.
class Folded {
 public:
  void add(std::string_view text) {
    for (const char c : text) {
      if (is_space(c)) {
        space_ = true;
      } else {
        if (space_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
        space_ = false;
        out_ += c;
      }
    }
  }
  void line() {
    space_ = false;
    if (!out_.empty() && out_.back() != '\n') out_ += '\n';
  }
  void empty_line() {
    line();
    if (!out_.empty() && !out_.ends_with("\n\n")) out_ += '\n';
  }
  // What is not part of the text: "## ".
  void mark(std::string_view text) {
    out_ += text;
    space_ = false;
  }
  void add_as_it_is(std::string_view text) {
    if (space_ && !out_.empty() && out_.back() != '\n') out_ += ' ';
    space_ = false;
    out_ += text;
  }
  void space() { space_ = true; }
  std::string take() {
    while (out_.ends_with('\n')) out_.pop_back();
    return std::move(out_);
  }
  [[nodiscard]] std::size_t size() const { return out_.size(); }

 private:
  std::string out_;
  bool space_ = false;
};

struct Source {
  std::string_view tag, attribute;
};
// Where a tag keeps what it leads to or fetches.
constexpr std::array kSources = std::to_array<Source>({
    {"a", "href"},           {"area", "href"},        {"form", "action"},     {"button", "formaction"},
    {"input", "formaction"}, {"input", "src"},        {"iframe", "src"},      {"frame", "src"},
    {"img", "src"},          {"link", "href"},        {"embed", "src"},       {"object", "data"},
    {"script", "src"},       {"video", "src"},        {"audio", "src"},       {"source", "src"},
    {"body", "background"},  {"table", "background"}, {"td", "background"},   {"image", "href"},
    {"v:fill", "src"},       {"v:imagedata", "src"},  {"blockquote", "cite"}, {"use", "href"},
});

constexpr std::array kBlocks = std::to_array<std::string_view>({
    "address", "article",  "aside",  "blockquote", "body",  "br",    "center", "dd",     "div", "dl",
    "dt",      "fieldset", "footer", "form",       "h1",    "h2",    "h3",     "h4",     "h5",  "h6",
    "header",  "hr",       "html",   "li",         "main",  "nav",   "ol",     "option", "p",   "pre",
    "section", "select",   "table",  "tbody",      "tfoot", "thead", "title",  "tr",     "ul",
});

static_assert(std::is_sorted(kBlocks.begin(), kBlocks.end()));
static_assert(std::is_sorted(kHtmlEntities.begin(), kHtmlEntities.end(),
                             [](const HtmlEntity& a, const HtmlEntity& b) { return a.name < b.name; }));

bool is_block(std::string_view name) { return std::binary_search(kBlocks.begin(), kBlocks.end(), name); }

// Elements whose content is no markup; it ends at their own end tag (13.2.5.2 ff.).
bool is_raw(std::string_view name) {
  return name == "script" || name == "style" || name == "title" || name == "textarea" || name == "xmp" ||
         name == "iframe" || name == "noembed" || name == "noframes";
}

struct Attribute {
  std::string name, value;
};

struct Tag {
  std::string name;
  std::vector<Attribute> attributes;
  bool end = false;
  [[nodiscard]] const std::string* find(std::string_view wanted) const {
    for (const Attribute& attribute : attributes) {
      if (attribute.name == wanted) return &attribute.value;
    }
    return nullptr;
  }
};

class Tokeniser {
 public:
  Tokeniser(std::string_view html, std::size_t most_links, HtmlShape shape)
      : html_(html), most_(most_links), report_(shape == HtmlShape::report) {}

  HtmlText run() {
    while (at_ < html_.size()) {
      const std::size_t open = html_.find('<', at_);
      show(html_.substr(at_, open == std::string_view::npos ? open : open - at_));
      if (open == std::string_view::npos) break;
      at_ = open;
      markup();
    }
    close_anchor();
    out_.text = text_.take();
    if (!base_.empty()) {
      for (HtmlLink& link : out_.links) make_absolute(link.url);
    }
    return std::move(out_);
  }

 private:
  void show(std::string_view raw) {
    if (raw.empty()) return;
    const std::string plain = unescaped(raw, false);
    if (pre_ > 0) {
      text_.add_as_it_is(plain);
    } else {
      text_.add(plain);
    }
    if (anchor_ && anchor_text_.size() < kAnchorBytes)
      anchor_text_.add(std::string_view(plain).substr(0, 2 * kAnchorBytes));
  }

  // At '<': a tag, a comment, or a plain character.
  void markup() {
    const std::string_view rest = html_.substr(at_);
    const char next = rest.size() > 1 ? rest[1] : '\0';
    if (is_alpha(next)) {
      Tag tag;
      at_ += 1;
      read_tag(tag);
      start(tag);
    } else if (next == '/' && rest.size() > 2 && is_alpha(rest[2])) {
      Tag tag;
      tag.end = true;
      at_ += 2;
      read_tag(tag);
      finish(tag);
    } else if (rest.starts_with("<!--"sv)) {
      comment(rest);
    } else if (next == '!' || next == '?' || next == '/') {
      const std::size_t end = rest.find('>');
      at_ = end == std::string_view::npos ? html_.size() : at_ + end + 1;
    } else {
      show("<");
      ++at_;
    }
  }

  void comment(std::string_view rest) {
    // What conditional comments hold is shown by some mail programs: only the mark itself is passed over.
    if (starts_with_icase(trim(rest.substr(4, 16)), "[if")) {
      const std::size_t end = rest.find('>');
      at_ = end == std::string_view::npos ? html_.size() : at_ + end + 1;
      return;
    }
    if (rest.substr(4, 1) == ">"sv || rest.substr(4, 2) == "->"sv) {  // an empty comment
      at_ += rest.find('>') + 1;
      return;
    }
    const std::size_t end = rest.find("--", 4);
    std::size_t close = end;
    while (close != std::string_view::npos) {
      if (rest.substr(close + 2, 1) == ">"sv) {
        at_ += close + 3;
        return;
      }
      if (rest.substr(close + 2, 2) == "!>"sv) {
        at_ += close + 4;
        return;
      }
      close = rest.find("--", close + 1);
    }
    at_ = html_.size();
  }

  [[nodiscard]] char here() const { return at_ < html_.size() ? html_[at_] : '\0'; }
  [[nodiscard]] bool more() const { return at_ < html_.size(); }

  // From the first letter of the name to behind '>'.
  void read_tag(Tag& tag) {
    while (more() && !is_space(here()) && here() != '/' && here() != '>') {
      if (tag.name.size() < 32) tag.name += to_lower(here());
      ++at_;
    }
    while (more()) {
      while (more() && (is_space(here()) || here() == '/')) ++at_;
      if (!more()) return;
      if (here() == '>') {
        ++at_;
        return;
      }
      const std::size_t begin = at_;
      if (here() == '=') ++at_;  // an equals sign here begins a name
      while (more() && !is_space(here()) && here() != '/' && here() != '>' && here() != '=') ++at_;
      std::string_view name = html_.substr(begin, at_ - begin);
      while (more() && is_space(here())) ++at_;
      std::string_view value;
      if (here() == '=' && more()) {
        ++at_;
        while (more() && is_space(here())) ++at_;
        if (here() == '"' || here() == '\'') {
          const char quote = here();
          ++at_;
          const std::size_t end = html_.find(quote, at_);
          if (end == std::string_view::npos) {  // the tag never ends: it is none
            at_ = html_.size();
            tag = {};
            return;
          }
          value = html_.substr(at_, end - at_);
          at_ = end + 1;
        } else {
          const std::size_t from = at_;
          while (more() && !is_space(here()) && here() != '>') ++at_;
          value = html_.substr(from, at_ - from);
        }
      }
      if (tag.attributes.size() < kAttributes && name.size() < 64)
        tag.attributes.push_back({lower(name), unescaped(value, true)});
    }
  }

  void link(std::string_view tag, std::string url, bool anchor) {
    if (trim(url).empty()) return;
    if (out_.links.size() >= most_) {
      out_.more_links = true;
      return;
    }
    if (url.size() > kLinkBytes) url.resize(kLinkBytes);
    out_.links.push_back({std::move(url), {}, tag});
    if (anchor) {
      anchor_ = out_.links.size() - 1;
      anchor_text_ = Folded();
    }
  }

  void close_anchor() {
    if (!anchor_) return;
    std::string text = anchor_text_.take();
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.size() > kAnchorBytes) {
      text.resize(kAnchorBytes);
      text = to_valid_utf8(text);
    }
    out_.links[*anchor_].text = std::string(trim(text));
    anchor_.reset();
  }

  void start(const Tag& tag) {
    const std::string_view name = tag.name;
    if (is_block(name)) {
      text_.line();
      if (anchor_) anchor_text_.space();
    } else if (name == "td" || name == "th") {
      text_.space();
    }
    if (report_) outline(name);
    if (name == "a") close_anchor();
    for (const Source& source : kSources) {
      if (source.tag != name) continue;
      const std::string* url = tag.find(source.attribute);
      if (url == nullptr && source.attribute == "href" && (name == "image" || name == "use"))
        url = tag.find("xlink:href");
      if (url != nullptr) link(source.tag, *url, name == "a");
    }
    if (name == "base" && base_.empty()) {
      if (const std::string* url = tag.find("href"); url != nullptr && url->size() <= kBaseBytes) base_ = *url;
    }
    if (name == "meta") refresh(tag);
    if (name == "img" || name == "input") {
      const std::string* shown = tag.find(name == "img" ? "alt" : "value");
      if (shown != nullptr && anchor_ && anchor_text_.size() < kAnchorBytes)
        anchor_text_.add(std::string_view(*shown).substr(0, kAnchorBytes));
    }
    if (is_raw(name)) raw(name);
    if (name == "plaintext") {
      text_.add(html_.substr(at_));
      at_ = html_.size();
    }
  }

  // In a report: where headings, items, cells and paragraphs begin.
  void outline(std::string_view name) {
    const bool heading = is_heading(name);
    if (heading || name == "p" || name == "table" || name == "ul" || name == "ol" || name == "pre") text_.empty_line();
    if (heading)
      text_.mark(std::string_view("######").substr(0, static_cast<std::size_t>(name[1] - '0'))), text_.mark(" ");
    if (name == "li") text_.mark("- ");
    if (name == "td" || name == "th") text_.mark(" | ");
    if (name == "pre" && pre_ < 1000) ++pre_;
    if (is_code(name) && pre_ == 0 && !code_) {
      code_ = true;
      text_.add("`");
    }
  }

  // What is shown in the type of a machine stands between backticks, as in Markdown.
  static bool is_code(std::string_view name) {
    return name == "code" || name == "kbd" || name == "samp" || name == "tt";
  }

  static bool is_heading(std::string_view name) {
    return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
  }

  void finish(const Tag& tag) {
    if (is_block(tag.name)) text_.line();
    if (report_ && (is_heading(tag.name) || tag.name == "p" || tag.name == "table" || tag.name == "pre"))
      text_.empty_line();
    if (tag.name == "pre" && pre_ > 0) --pre_;
    if (code_ && is_code(tag.name)) {
      code_ = false;
      text_.mark("`");
    }
    if (tag.name == "a") close_anchor();
  }

  // <meta http-equiv=refresh content="0; url=https://...">
  void refresh(const Tag& tag) {
    const std::string* kind = tag.find("http-equiv");
    const std::string* content = tag.find("content");
    if (kind == nullptr || content == nullptr || !equals_icase(trim(*kind), "refresh")) return;
    const std::string small = lower(*content);
    const std::size_t at = small.find("url");
    if (at == std::string::npos) return;
    std::string_view rest = trim(std::string_view(*content).substr(at + 3));
    if (!rest.starts_with('=')) return;
    rest = trim(rest.substr(1));
    if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'')) {
      const char quote = rest.front();
      rest.remove_prefix(1);
      rest = rest.substr(0, rest.find(quote));
    }
    link("meta", std::string(rest), false);
  }

  void raw(std::string_view name) {
    std::size_t end = at_;
    while (true) {
      end = html_.find("</", end);
      if (end == std::string_view::npos) {
        end = html_.size();
        break;
      }
      const std::string_view after = html_.substr(end + 2);
      if (starts_with_icase(after, name) && (after.size() == name.size() || is_space(after[name.size()]) ||
                                             after[name.size()] == '/' || after[name.size()] == '>'))
        break;
      end += 2;
    }
    const std::string_view inside = html_.substr(at_, end - at_);
    at_ = end;
    if (name == "title" && out_.title.empty()) {
      Folded title;
      title.add(unescaped(inside.substr(0, 4 * kAnchorBytes), false));
      out_.title = title.take();
    } else if (name == "textarea" || name == "xmp") {
      text_.add(name == "xmp" ? std::string(inside) : unescaped(inside, false));
    }  // the rest is shown by no current program, or is no text
  }

  void make_absolute(std::string& url) const {
    if (parse_url(url)) return;
    const auto base = parse_url(base_);
    if (!base || base->host.empty()) return;
    const std::string_view tail = trim(url);
    if (tail.starts_with("//"sv)) {
      url = base->scheme + ":" + std::string(tail);
      return;
    }
    std::string out = base->scheme + "://" + base->host;
    if (base->port != 0) out += ":" + std::to_string(base->port);
    if (tail.starts_with('/')) {
      url = out + std::string(tail);
      return;
    }
    const std::size_t slash = base->path.rfind('/');
    out += slash == std::string::npos ? "/" : base->path.substr(0, slash + 1);
    url = out + std::string(tail);
  }

  std::string_view html_;
  std::size_t most_;
  std::size_t at_ = 0;
  bool report_;
  std::size_t pre_ = 0;
  bool code_ = false;  // inside of <code> in a line
  Folded text_, anchor_text_;
  std::optional<std::size_t> anchor_;  // the link whose text is being read
  std::string base_;
  HtmlText out_;
};

}  // namespace

HtmlText html_to_text(std::string_view html, std::size_t most_links, HtmlShape shape) {
  return Tokeniser(html, most_links, shape).run();
}

std::string html_unescape(std::string_view text) { return unescaped(text, false); }

}  // namespace assay
