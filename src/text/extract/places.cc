#include "text/extract/places.h"

#include <algorithm>
#include <array>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::size_t kReach = 1500;      // how far a sentence is looked for
constexpr std::size_t kLines = 12;        // of a paragraph on each side
constexpr std::size_t kAboveBytes = 200;  // of what stands above a list
constexpr std::size_t kLeadLines = 3;     // how far above
constexpr std::size_t kTailLines = 3;     // how far below
constexpr std::size_t kSigned = 16;       // last lines in which a writer may take leave

}  // namespace

namespace {

// "Description": what it says of the rows above it stands below.
bool is_label(std::string_view line) {
  static constexpr auto kLabels = std::to_array<std::string_view>(
      {"description", "details", "analysis", "summary", "findings", "overview", "notes", "comment", "remarks"});
  while (!line.empty() && (line.back() == ':' || line.back() == '*')) line.remove_suffix(1);
  while (!line.empty() && (line.front() == '#' || line.front() == '*' || line.front() == ' ')) line.remove_prefix(1);
  return std::any_of(kLabels.begin(), kLabels.end(), [&](std::string_view l) { return equals_icase(line, l); });
}

}  // namespace

std::vector<LinePlace> places_of(const Prepared& prepared, const std::vector<ReportLine>& lines) {
  const std::string_view text = prepared.text;
  std::vector<LinePlace> out(lines.size());
  std::uint32_t block = 0, title = 0;
  std::size_t lead = 0, lead_end = 0, lead_line = 0;
  bool gap = true, listed = false, code = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const ReportLine& line = lines[i];
    const bool empty = trim(text.substr(line.begin, line.end - line.begin)).empty();
    if (line.heading) {
      ++title;
      ++block;
      lead = lead_end = 0;
    } else if (!empty && (listed != line.listed || (gap && !line.listed) || code != line.code)) {
      ++block;
    }
    if (!empty && !line.listed && !line.heading) {
      lead_end = line.end;
      lead = std::max(line.begin, line.end > kAboveBytes ? line.end - kAboveBytes : 0);
      lead_line = i;
    } else if (!empty && line.listed && (!listed || gap) && i - lead_line > kLeadLines) {
      lead = lead_end = 0;
    }
    if (!empty) {
      listed = line.listed;
      code = line.code;
    }
    gap = empty;
    out[i] = {block, title, line.listed ? lead : 0, line.listed ? lead_end : 0, 0, 0};
  }
  std::size_t tail = 0, tail_end = 0, tail_line = lines.size() + kLeadLines + 1;
  for (std::size_t i = lines.size(); i-- > 0;) {
    const ReportLine& line = lines[i];
    const bool empty = trim(text.substr(line.begin, line.end - line.begin)).empty();
    if (!empty && !line.listed && is_label(trim(text.substr(line.begin, line.end - line.begin)))) {
      if (tail_line - i <= kTailLines) tail_line = i;
    } else if (line.heading) {
      tail = tail_end = 0;
    } else if (!empty && !line.listed) {
      tail = line.begin;
      tail_end = std::min(line.end, line.begin + kAboveBytes);
      tail_line = i;
    } else if (!empty && tail_line - i <= kTailLines) {
      out[i].tail = tail;
      out[i].tail_end = tail_end;
      tail_line = std::min(tail_line, i + kLeadLines);  // the whole list, while it has no wide gap
    }
  }
  return out;
}

std::size_t signature_of(const Prepared& prepared, const std::vector<ReportLine>& lines) {
  static constexpr auto kLeave = std::to_array<std::string_view>(
      {"kind regards", "best regards", "regards,", "best,", "cheers,", "yours sincerely", "sincerely,",
       "with best regards", "mit freundlichen", "viele gr", "cordialement", "bien cordialement", "saludos",
       "atentamente", "met vriendelijke groet", "pozdrawiam", "z powa", "cordiali saluti"});
  for (std::size_t i = lines.size(), n = 0; i-- > 0 && n < kSigned; ++n) {
    const std::string_view line =
        trim(std::string_view(prepared.text).substr(lines[i].begin, lines[i].end - lines[i].begin));
    if (line == "--" || line.starts_with("-- ") || line == "- -" ||
        std::any_of(kLeave.begin(), kLeave.end(), [&](std::string_view w) { return starts_with_icase(line, w); }))
      return i;
  }
  return lines.size();
}

std::pair<std::size_t, std::size_t> sentence_at(const Prepared& prepared, const std::vector<ReportLine>& lines,
                                                const Found& found) {
  const std::string_view text = prepared.text;
  const ReportLine& line = lines[found.line];
  if (line.listed || line.heading) {
    return {std::max(line.begin, found.begin > kReach ? found.begin - kReach : 0),
            std::min(line.end, found.end + kReach)};
  }
  const auto prose = [&](std::size_t i) {
    return !lines[i].listed && !lines[i].heading &&
           !trim(text.substr(lines[i].begin, lines[i].end - lines[i].begin)).empty();
  };
  std::size_t first = found.line, last = found.line;
  while (first > 0 && found.line - first < kLines && prose(first - 1)) --first;
  while (last + 1 < lines.size() && last - found.line < kLines && prose(last + 1)) ++last;
  std::size_t begin = std::max(lines[first].begin, found.begin > kReach ? found.begin - kReach : 0);
  std::size_t end = std::min(lines[last].end, found.end + kReach);
  const auto stop = [&](std::size_t i) {  // a sentence ends at text[i]
    const char c = text[i];
    if (c != '.' && c != '!' && c != '?') return false;
    if (i + 1 < text.size() && !is_space(text[i + 1]) && text[i + 1] != '"' && text[i + 1] != ')') return false;
    if (prepared.undone[i] != 0) return false;
    std::size_t next = i + 1;
    while (next < text.size() && (is_space(text[next]) || text[next] == '"' || text[next] == ')')) ++next;
    if (next < text.size() && text[next] >= 'a' && text[next] <= 'z' && !is_alnum(c)) {
      // "e.g. evil": a small letter goes on, unless a name begins the sentence.
      const std::size_t word = text.find_last_of(" \n\t(", i);
      const std::string before =
          lower(text.substr(word == text.npos ? 0 : word + 1, i - (word == text.npos ? 0 : word + 1)));
      if (before == "e.g" || before == "i.e" || before == "etc" || before == "no" || before == "vs" ||
          before == "approx")
        return false;
    }
    return true;
  };
  for (std::size_t i = found.begin; i-- > begin;) {
    if (stop(i)) {
      begin = i + 1;
      break;
    }
  }
  for (std::size_t i = found.end; i < end; ++i) {
    if (stop(i)) {
      end = i + 1;
      break;
    }
  }
  while (begin < end && is_space(text[begin])) ++begin;
  return {std::min(begin, found.begin), std::max(end, found.end)};
}

std::string words_of(const Prepared& text, const std::vector<Found>& found) {
  std::string out = lower(text.text);
  for (const Found& f : found)
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(f.begin), out.begin() + static_cast<std::ptrdiff_t>(f.end),
              '\x01');
  return out;
}

}  // namespace assay
