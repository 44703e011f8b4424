#include "evidence/formats/line_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace assay {
namespace {

constexpr std::size_t kZeroPiece = std::size_t{1} << 16;  // of a run of zeros that is told at a time
constexpr std::size_t kMisfits = 5;                       // lines in a row that may be of another format
constexpr std::size_t kMisfitBytes = 1U << 14;            // of one of them
constexpr std::size_t kTries = 8;                         // to name it
constexpr int kSureScore = 60;
constexpr std::string_view kZerosSkipped =
    "zeros where a log was emptied while it was written to, or its machine fell over: skipped, the lines behind them "
    "were read";

std::size_t zeros_at(std::string_view text, std::size_t from) {
  return std::min(text.find_first_not_of('\0', from), text.size()) - from;
}

}  // namespace

std::optional<Frame> led_by(std::string_view window, bool at_end, bool inside) {
  if (window.empty()) return std::nullopt;
  if (window.front() == kUtf8Mark.front()) {
    if (window.size() < kUtf8Mark.size() && !at_end && kUtf8Mark.starts_with(window)) return Frame{};
    if (!window.starts_with(kUtf8Mark)) return std::nullopt;
    return Frame{Frame::Kind::skip, 0, kUtf8Mark.size(), kUtf8Mark.size(), NoticeKind::damaged_record, true, {}};
  }
  if (window.front() != '\0') return std::nullopt;
  const std::size_t zeros = std::min(zeros_at(window, 0), kZeroPiece);
  if (zeros == window.size() && zeros < kZeroPiece && !at_end) return Frame{};
  if (!inside && zeros < kLeadingZeros) return std::nullopt;
  return Frame{Frame::Kind::skip, 0, zeros, zeros, NoticeKind::damaged_record, false, kZerosSkipped};
}

std::size_t zeros_inside(std::string_view text, bool whole, bool& more) {
  more = false;
  for (std::size_t at = find_byte(text, '\0', 0); at != std::string_view::npos;) {
    const std::size_t zeros = zeros_at(text, at);
    if (zeros >= kZeroRun) return at;
    if (at + zeros == text.size()) {
      more = !whole;
      break;
    }
    at = find_byte(text, '\0', at + zeros);
  }
  return std::string_view::npos;
}

bool LineReader::misfit(std::string_view raw, Notices& notices) {
  if (told_ || schemas_ == nullptr || tries_ == kTries) return false;
  if (lines_ != last_misfit_ + 1 || raw.size() > kMisfitBytes) {
    misfits_.clear();
    in_a_row_ = 0;
  }
  last_misfit_ = lines_;
  if (raw.size() > kMisfitBytes) return false;
  misfits_.append(raw).append("\n");
  if (++in_a_row_ < kMisfits) return false;
  const Recognised found = recognise(misfits_, true, {}, *schemas_);
  ++tries_;
  misfits_.clear();
  in_a_row_ = 0;
  if (found.format == nullptr || found.recognition.score < kSureScore || found.format->name() == format_->name())
    return false;
  told_ = true;
  notices.add(
      {NoticeKind::recognised_not_read, "", 0, 1,
       fmt::format("lines of another format ({}) begin {} lines before this one: they are not read as that; cut the "
                   "file there and give the parts by themselves",
                   found.recognition.note, kMisfits - 1)});
  return false;
}

std::string head_behind_zeros(ByteStream& stream, std::size_t size) {
  std::string out(std::size_t{1} << 16, '\0');
  std::size_t begin = 0, end = 0;
  while (begin == end) {
    end = stream.read(out);
    if (end == 0) return {};
    begin = zeros_at(std::string_view(out).substr(0, end), 0);
  }
  out.resize(end);
  out.erase(0, begin);
  const std::size_t have = out.size();
  if (have < size) {
    out.resize(size);
    out.resize(have + stream.read(std::span(out).subspan(have)));
  }
  return out.substr(0, size);
}

bool ends_in_returns(std::string_view head) {
  const std::size_t first = head.find('\r');
  return first != std::string_view::npos && first + 1 < head.size() && head.find('\n') == std::string_view::npos;
}

std::string plain_head(std::string_view head) {
  const bool returns = ends_in_returns(head);
  if (!is_led(head) && !returns && find_byte(head, '\0', 0) == std::string_view::npos) return {};
  std::string out;
  std::string_view rest = head;
  bool inside = false;
  while (!rest.empty()) {
    if (is_led(rest)) {
      const std::optional<Frame> frame = led_by(rest, true, inside);
      inside = frame.has_value();
      if (frame) {
        rest.remove_prefix(frame->next);
        continue;
      }
    }
    const auto cut = cut_line(rest, 0, true);
    out += rest.substr(0, cut->next);
    if (cut->next == cut->end && cut->next < rest.size()) out += '\n';  // cut at zeros
    rest.remove_prefix(cut->next);
  }
  if (returns) std::replace(out.begin(), out.end(), '\r', '\n');
  return out == head ? std::string() : out;
}

}  // namespace assay
