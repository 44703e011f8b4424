#include "knowledge/stix_split.h"

#include <fmt/format.h>

#include "core/ascii.h"
#include "core/limits.h"

namespace assay {
namespace {

// Walks JSON by its brackets and quotes. What it cuts out is parsed by the JSON reader, which judges it.
class Walker {
 public:
  explicit Walker(std::string_view text) : text_(text) {}

  void spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  [[nodiscard]] char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool eat(char c) {
    spaces();
    if (here() != c) return false;
    ++at_;
    return true;
  }
  // The value that begins here; false when it never ends or is nested too deep.
  bool value(std::string_view& out) {
    spaces();
    const std::size_t begin = at_;
    std::size_t depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!string()) return false;
      } else if (c == '{' || c == '[') {
        if (++depth > limits::kJsonDepth) return too_deep_ = true, false;
        ++at_;
      } else if (c == '}' || c == ']') {
        if (depth == 0) break;
        ++at_;
        if (--depth == 0) break;
        continue;
      } else if (depth == 0 && (c == ',' || is_space(c))) {
        break;
      } else {
        ++at_;
      }
      if (depth == 0) {
        if (c == '"') break;
      }
    }
    out = text_.substr(begin, at_ - begin);
    return depth == 0 && !out.empty();
  }
  bool key(std::string& out) {
    spaces();
    const std::size_t begin = at_;
    if (here() != '"' || !string()) return false;
    const auto parsed = parse_json(text_.substr(begin, at_ - begin));
    if (!parsed.ok()) return false;
    out = parsed->as_string();
    return eat(':');
  }
  [[nodiscard]] bool done() {
    spaces();
    return at_ == text_.size();
  }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool too_deep() const { return too_deep_; }

 private:
  bool string() {  // from its first quote to behind its last
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? std::size_t{2} : std::size_t{1};
    if (at_ >= text_.size()) return false;
    ++at_;
    return true;
  }
  std::string_view text_;
  std::size_t at_ = 0;
  bool too_deep_ = false;
};

}  // namespace

Result<StixPieces> split_stix(std::string_view origin, std::string_view json, std::size_t most) {
  if (json.starts_with("\xef\xbb\xbf")) json.remove_prefix(3);
  Walker walker(json);
  const auto broken = [&](std::string_view what) {
    if (walker.too_deep())
      return Error{ErrorCode::limit,
                   fmt::format("JSON nested deeper than {} levels", limits::kJsonDepth),
                   std::string(origin),
                   {}};
    return Error{ErrorCode::bad_input,
                 fmt::format("not valid JSON: {}", what),
                 fmt::format("{}: byte {}", origin, walker.at()),
                 {}};
  };
  const Error no_bundle{ErrorCode::bad_input, "not a STIX bundle", std::string(origin),
                        "a JSON object with \"type\": \"bundle\" and a list of \"objects\" is expected"};
  StixPieces out;
  out.envelope = Json::object();
  bool listed = false;
  walker.spaces();
  if (walker.here() != '{') {
    std::string_view value;
    if (!walker.value(value) || !parse_json(value).ok() || !walker.done()) return broken("no value");
    return no_bundle;
  }
  walker.eat('{');
  if (!walker.eat('}')) {
    do {
      std::string key;
      if (!walker.key(key)) return broken("a name in quotes and ':' are expected");
      walker.spaces();
      if (key == "objects" && !listed && walker.here() == '[') {
        listed = true;
        walker.eat('[');
        if (walker.eat(']')) continue;
        do {
          std::string_view item;
          if (!walker.value(item)) return broken("an object does not end");
          if (out.objects.size() < most) {
            out.objects.push_back(item);
          } else {
            ++out.more;
          }
        } while (walker.eat(','));
        if (!walker.eat(']')) return broken("the list of objects does not end");
      } else {
        std::string_view item;
        if (!walker.value(item)) return broken("a value does not end");
        auto parsed = parse_json(item);
        if (!parsed.ok()) {
          Error error = std::move(parsed).error();
          error.where = std::string(origin);
          return error;
        }
        out.envelope.add(key, std::move(parsed).value());
      }
    } while (walker.eat(','));
    if (!walker.eat('}')) return broken("the bundle does not end");
  }
  if (!walker.done()) return broken("something stands behind the bundle");
  if (out.envelope["type"].as_string() != "bundle") return no_bundle;
  if (!listed)
    return out.envelope.has("objects")
               ? Error{ErrorCode::bad_input, "not a STIX bundle", std::string(origin), "\"objects\" must be a list"}
               : no_bundle;
  return out;
}

}  // namespace assay
