#include "evidence/formats/json/framing.h"

#include <algorithm>
#include <array>

#include "core/limits.h"
#include "evidence/formats/json/scanner.h"

namespace assay {
namespace {

// An object that has not closed after so many bytes while another begins inside it is taken to be broken.
constexpr std::size_t kPatience = limits::kRecordBytes;
// Looking in vain may cost this many times what was read; after that an object is given up at the next sign of another.
constexpr std::uint64_t kWaste = 8;
constexpr std::uint64_t kFreeWaste = 4 * kPatience;
constexpr std::size_t kSignBytes = 256;
// The largest object that is read; a larger one is skipped whole, so that looking for its end is paid once.
constexpr std::size_t kLargest = limits::kDocumentBytes / 2;
// RFC 7464 puts 0x1e before each record.
constexpr std::string_view kBetween = " \t\r\n,[]\x1e";
constexpr std::size_t kNowhere = std::string_view::npos;

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

constexpr std::array<bool, 256> kMarks = [] {
  std::array<bool, 256> out{};
  for (const char c : {'"', '{', '}', '[', ']'}) out[static_cast<unsigned char>(c)] = true;
  return out;
}();

// After the bracket that closes the object at the start of text, or kNowhere. With a sign: `cut` is where it occurs inside the
// object first, and the search ends there.
std::size_t object_end(std::string_view text, std::string_view sign, std::size_t& cut) {
  const std::size_t lead = sign.empty() ? 0 : sign.find('{');
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!kMarks[static_cast<unsigned char>(c)]) continue;
    if (c == '"') {
      at = json_string_end(text, at + 1);
      if (at == kNowhere) return kNowhere;
    } else if (c == '{' || c == '[') {
      if (!sign.empty() && c == '{' && at > lead && text.substr(at - lead).starts_with(sign)) {
        cut = at - lead;
        return kNowhere;
      }
      ++depth;
    } else if (--depth == 0) {
      return at + 1;
    }
  }
  return kNowhere;
}

// The object's bracket, the blanks after it and its first key with both quotes; empty when it has none.
std::string_view opening(std::string_view object) {
  std::size_t at = 1;
  while (at < object.size() && at < kSignBytes && is_blank(object[at])) ++at;
  if (at >= object.size() || object[at] != '"') return {};
  const std::size_t close = json_string_end(object.substr(0, kSignBytes), at + 1);
  return close == kNowhere ? std::string_view() : object.substr(0, close + 1);
}

}  // namespace

Frame JsonFraming::take(Frame::Kind kind, std::size_t begin, std::size_t end, NoticeKind why) {
  consumed_ += end;
  return {kind, begin, end, end, why, false};
}

// Something between two objects that is neither blank nor comma nor bracket.
Frame JsonFraming::between(std::string_view window, std::size_t begin, bool at_end) {
  const std::size_t needed = kPatience + 2 * kSignBytes;
  const std::size_t found = window.find(sign_.empty() ? std::string_view("{") : std::string_view(sign_), begin);
  if (found != kNowhere && found - begin < kPatience) return take(Frame::Kind::skip, begin, found);
  if (at_end && window.size() - begin <= kPatience) return take(Frame::Kind::skip, begin, window.size());
  if (!at_end && window.size() - begin < needed) return {};
  return take(Frame::Kind::skip, begin, begin + kPatience);
}

Frame JsonFraming::next(std::string_view window, bool at_end) {
  if (window.size() < 3 && !at_end) return {};  // a byte order mark needs three
  if (window.starts_with("\xEF\xBB\xBF")) return {Frame::Kind::skip, 0, 3, 3, NoticeKind::damaged_record, true};
  const std::size_t begin = window.find_first_not_of(kBetween);
  if (begin == kNowhere) {
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    // The last blanks stay in view while more may follow: an object's indentation is part of its sign.
    const std::size_t size = at_end ? window.size() : window.size() - std::min(window.size(), 2 * kSignBytes);
    if (size == 0) return {};
    return {Frame::Kind::skip, 0, size, size, NoticeKind::damaged_record, true};
  }
  if (window[begin] != '{') return between(window, begin, at_end);

  const std::string_view object = window.substr(begin);
  const std::size_t needed = kPatience + 2 * kSignBytes;
  std::size_t cut = kNowhere;
  if (!sign_.empty() && wasted_ > kFreeWaste + kWaste * consumed_) {
    const std::size_t end = object_end(object.substr(0, kPatience), sign_, cut);
    if (end != kNowhere) return take(Frame::Kind::record, begin, begin + end);
    if (cut == kNowhere && !at_end && object.size() < needed) return {};
    return take(Frame::Kind::skip, begin, begin + std::min({cut, object.size(), kPatience}));
  }
  const std::size_t end = object_end(object.substr(0, kPatience), {}, cut);
  if (end == kNowhere && !at_end && object.size() < needed) return {};
  if (end != kNowhere || sign_.empty()) {
    std::size_t line = begin;
    while (line > 0 && begin - line < kSignBytes && is_blank(window[line - 1]) && window[line] != '\n') --line;
    if (window[line] != '\n') line = begin;
    if (const std::string_view first = opening(object); !first.empty()) sign_.assign(window.substr(line, begin - line)).append(first);
  }
  if (end != kNowhere) return take(Frame::Kind::record, begin, begin + end);

  // It does not close within reach. Another one that begins inside it tells that it is broken.
  const std::size_t found = sign_.empty() ? kNowhere : object.substr(0, needed).find(sign_, 1);
  if (found < kPatience) {
    wasted_ += std::min(object.size(), kPatience);
    return take(Frame::Kind::skip, begin, begin + found);
  }
  const std::size_t far = object_end(object.substr(0, kLargest), {}, cut);
  if (far != kNowhere) return take(Frame::Kind::record, begin, begin + far);
  if (object.size() >= kLargest) return take(Frame::Kind::skip, begin, begin + kLargest, NoticeKind::limit_record);
  if (!at_end) return {};
  return take(Frame::Kind::skip, begin, window.size(), NoticeKind::truncated);
}

}  // namespace assay
