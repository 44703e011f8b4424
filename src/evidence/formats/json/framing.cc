#include "evidence/formats/json/framing.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/limits.h"
#include "evidence/formats/json/scanner.h"
#include "evidence/formats/json/wrapper.h"

namespace assay {
namespace {

// An object that has not closed after so many bytes while another begins inside it is taken to be broken.
constexpr std::size_t kPatience = limits::kRecordBytes;
// Looking in vain may cost this many times what was read; after that an object is given up at the next sign of another.
constexpr std::uint64_t kWaste = 8;
constexpr std::uint64_t kFreeWaste = std::uint64_t{1} << 20;
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

// Brackets beyond this depth are counted, but no longer matched by kind.
constexpr std::size_t kKinds = std::size_t{1} << 16;

struct ObjectEnd {
  enum class Kind : std::uint8_t { closed, open, misfit, sign } kind = Kind::open;
  std::size_t at = 0;  // closed: after the last bracket; sign: where the sign begins
};

// How the object at the start of text ends: its bracket is closed; the text ends before; a bracket of the wrong kind
// closes one (misfit); or, when a sign is given, it occurs inside the object first.
ObjectEnd object_end(std::string_view text, std::string_view sign) {
  const std::size_t lead = sign.empty() ? 0 : sign.find('{');
  std::vector<char> kinds;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (!kMarks[static_cast<unsigned char>(c)]) continue;
    if (c == '"') {
      at = json_string_end(text, at + 1);
      if (at == kNowhere) return {};
    } else if (c == '{' || c == '[') {
      if (!sign.empty() && c == '{' && at > lead && text.substr(at - lead).starts_with(sign))
        return {ObjectEnd::Kind::sign, at - lead};
      if (++depth <= kKinds) kinds.push_back(c);
    } else {
      if (depth <= kKinds) {
        if (kinds.back() != (c == '}' ? '{' : '[')) return {ObjectEnd::Kind::misfit, at};
        kinds.pop_back();
      }
      if (--depth == 0) return {ObjectEnd::Kind::closed, at + 1};
    }
  }
  return {};
}

// The object's bracket, the blanks after it and its first key with both quotes; empty when it has none.
std::string_view opening(std::string_view object) {
  std::size_t at = 1;
  while (at < object.size() && at < kSignBytes && is_blank(object[at])) ++at;
  if (at >= object.size() || object[at] != '"') return {};
  const std::size_t close = json_string_end(object.substr(0, kSignBytes), at + 1);
  return close == kNowhere ? std::string_view() : object.substr(0, close + 1);
}

// The blanks of the object's line with the line end before them; empty when something else stands there.
std::string lead_of(std::string_view window, std::size_t begin, bool first) {
  std::size_t line = begin;
  while (line > 0 && begin - line < kSignBytes && is_blank(window[line - 1]) && window[line] != '\n') --line;
  if (window[line] == '\n') return std::string(window.substr(line, begin - line));
  // The start of the stream is the start of a line.
  return first && line == 0 ? "\n" + std::string(window.substr(0, begin)) : std::string();
}

}  // namespace

Frame JsonFraming::take(Frame::Kind kind, std::size_t begin, std::size_t end, NoticeKind why) {
  consumed_ += end;
  lost_ = kind == Frame::Kind::skip;
  return {kind, begin, end, end, why, false};
}

// What stands between two objects tells whether a list has begun or ended. Telling it twice does no harm.
void JsonFraming::note_brackets(std::string_view between) {
  const std::size_t last = between.find_last_of("[]");
  if (last == kNowhere) return;
  if (wrapped_) {
    list_closed_ = list_closed_ || between.find(']') != kNowhere;
  } else {
    in_list_ = between[last] == '[';
  }
}

// Bytes that are no record and say nothing.
Frame JsonFraming::pass(std::size_t size) {
  consumed_ += size;
  return {Frame::Kind::skip, 0, size, size, NoticeKind::damaged_record, true};
}

// The list of a wrapper has closed: what the wrapper holds behind it is passed over, counted when it may hold records.
Frame JsonFraming::after_list(std::string_view window, std::size_t begin, bool at_end) {
  const std::string_view rest = window.substr(begin, kPatience);
  const JsonWrapperTail tail = json_wrapper_tail(rest, depth_);
  if (tail.size == 0 && rest.size() < kPatience && !at_end) return {};
  wrapped_ = list_closed_ = false;
  if (tail.size > 0 && !tail.holds_more) return pass(begin + tail.size);
  const std::size_t size = tail.size == 0 ? rest.size() : tail.size;
  consumed_ += begin + size;
  return {Frame::Kind::skip,
          begin,
          begin + size,
          begin + size,
          tail.size == 0 ? NoticeKind::truncated : NoticeKind::damaged_record,
          false};
}

// From `begin` stands something that is none of the document's objects: up to where the next one begins.
Frame JsonFraming::between(std::string_view window, std::size_t begin, bool at_end) {
  const std::size_t needed = kPatience + 2 * kSignBytes;
  const std::string sign = anchor();
  const std::size_t found = sign.empty() ? window.find('{', begin + 1) : window.find(sign, begin + 1);
  if (found != kNowhere && found - begin < kPatience) return take(Frame::Kind::skip, begin, found);
  if (at_end && window.size() - begin <= kPatience) return take(Frame::Kind::skip, begin, window.size());
  if (!at_end && window.size() - begin < needed) return {};
  return take(Frame::Kind::skip, begin, begin + kPatience);
}

// An object that does not end in view is looked at again when twice as much is in view: reading it costs a constant
// factor, however small the steps in which it arrives.
Frame JsonFraming::next(std::string_view window, bool at_end) {
  if (!at_end && window.size() < wait_) return {};
  const Frame frame = look(window, at_end);
  wait_ = frame.kind == Frame::Kind::more ? std::min(2 * window.size(), kLargest) : 0;
  return frame;
}

Frame JsonFraming::look(std::string_view window, bool at_end) {
  if (window.size() < 3 && !at_end) return {};  // a byte order mark needs three
  if (window.starts_with("\xEF\xBB\xBF")) return {Frame::Kind::skip, 0, 3, 3, NoticeKind::damaged_record, true};
  const std::size_t begin = window.find_first_not_of(kBetween);
  if (begin == kNowhere) {
    if (window.empty()) return {Frame::Kind::done, 0, 0, 0, NoticeKind::damaged_record, true};
    // The last blanks stay in view while more may follow: an object's indentation tells where it belongs.
    const std::size_t size = at_end ? window.size() : window.size() - std::min(window.size(), 2 * kSignBytes);
    if (size == 0) return {};
    note_brackets(window.substr(0, size));
    return {Frame::Kind::skip, 0, size, size, NoticeKind::damaged_record, true};
  }
  note_brackets(window.substr(0, begin));
  if (wrapped_ && list_closed_) {
    if (window[begin] != '{') return after_list(window, begin, at_end);
    wrapped_ = list_closed_ = false;
  }
  if (window[begin] == '{' && !wrapped_ && !in_list_) {
    const JsonWrapper wrapper = json_wrapper(window.substr(begin));
    if (wrapper.kind == JsonWrapper::Kind::more && !at_end) return {};
    if (wrapper.kind == JsonWrapper::Kind::yes) {
      wrapped_ = true;
      depth_ = wrapper.depth;
      return pass(begin + wrapper.size);
    }
  }
  if (window[begin] != '{') return between(window, begin, at_end);

  const std::string_view object = window.substr(begin);
  const std::size_t needed = kPatience + 2 * kSignBytes;
  if (!at_end && object.size() < 2 * kSignBytes && object_end(object, {}).kind == ObjectEnd::Kind::open) return {};
  const std::string lead = lead_of(window, begin, consumed_ == 0);
  const std::string_view first = opening(object);
  if (lost_ && !anchor().empty() && (lead_.empty() ? first != opening_ : lead != lead_))
    return between(window, begin, at_end);

  if (!anchor().empty() && wasted_ > kFreeWaste + kWaste * consumed_) {
    const ObjectEnd end = object_end(object.substr(0, kPatience), anchor());
    if (end.kind == ObjectEnd::Kind::closed) return take(Frame::Kind::record, begin, begin + end.at);
    if (end.kind == ObjectEnd::Kind::sign) return take(Frame::Kind::skip, begin, begin + end.at);
    if (end.kind == ObjectEnd::Kind::misfit) return take(Frame::Kind::skip, begin, begin + end.at + 1);
    if (!at_end && object.size() < needed) return {};
    return take(Frame::Kind::skip, begin, begin + std::min(object.size(), kPatience));
  }
  ObjectEnd end = object_end(object.substr(0, kPatience), {});
  const bool closed = end.kind == ObjectEnd::Kind::closed;
  if (!closed && !at_end && object.size() < needed) return {};
  if ((closed || anchor().empty()) && !first.empty()) {
    lead_ = lead;
    opening_ = first;
  }
  if (closed) return take(Frame::Kind::record, begin, begin + end.at);

  // It does not close within reach. Another one that begins inside it tells that it is broken.
  const std::string sign = anchor();
  const std::size_t found = sign.empty() ? kNowhere : object.substr(0, needed).find(sign, 1);
  if (found < kPatience) {
    wasted_ += std::min(object.size(), kPatience);
    return take(Frame::Kind::skip, begin, begin + found);
  }
  end = object_end(object.substr(0, kLargest), {});  // one large object, up to frame_limit()
  if (end.kind == ObjectEnd::Kind::closed) return take(Frame::Kind::record, begin, begin + end.at);
  if (end.kind == ObjectEnd::Kind::misfit) return take(Frame::Kind::skip, begin, begin + end.at + 1);
  if (object.size() >= kLargest) return take(Frame::Kind::skip, begin, begin + kLargest, NoticeKind::limit_record);
  if (!at_end) return {};
  return take(Frame::Kind::skip, begin, window.size(), NoticeKind::truncated);
}

}  // namespace assay
