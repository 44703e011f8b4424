#include "report/html/charts.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/ascii.h"
#include "report/words.h"

namespace assay::report {
namespace {

constexpr double kLeft = 150, kWidth = 830, kMark = 12, kCell = 15;
// Findings that overlap stand under each other; the last row takes the crowd, unlabelled.
constexpr std::size_t kRowsOfLane = 8;
constexpr std::size_t kDrawnFindings = 2000, kDrawnClasses = 24;
constexpr std::int64_t kFarDays = 370;  // findings farther off the evidence are drawn at the edge
constexpr std::int64_t kColumns = 240;  // cells of the coverage drawing in one row

struct Lane {
  std::string_view stage, label;
};
constexpr std::array<Lane, 14> kLanes = {{{"scan", "scanned"},
                                          {"lure", "lure"},
                                          {"attempt", "attempt"},
                                          {"exploit", "exploited"},
                                          {"follow_on", "follow-on"},
                                          {"credential", "credential used"},
                                          {"malware", "malware"},
                                          {"c2", "control traffic"},
                                          {"lateral", "moved on"},
                                          {"collection", "collected"},
                                          {"staging", "staged"},
                                          {"exfiltration", "data out"},
                                          {"impact", "impact"},
                                          {"", "other"}}};

std::size_t lane_of(std::string_view stage) {
  for (std::size_t i = 0; i + 1 < kLanes.size(); ++i) {
    if (kLanes[i].stage == stage) return i;
  }
  return kLanes.size() - 1;
}

using ClassDays = std::map<std::string, std::map<std::int64_t, std::int64_t>>;  // class -> day -> records

ClassDays class_days(const View& view) {
  ClassDays out;
  const Table* table = view.data.table("coverage");
  if (table == nullptr || table->spec().columns.empty()) return out;
  const auto& keys = table->spec().keys;
  const auto column = [&](std::string_view name) {
    return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), name) - keys.begin());
  };
  const std::size_t klass = column("class"), day = column("day");
  if (klass >= keys.size() || day >= keys.size()) return out;
  for (const auto& [key, row] : table->rows()) {
    if (key.size() != keys.size() || row.empty() || key[klass] == "file") continue;  // a file's date covers no day
    if (const auto d = parse_int(key[day])) out[key[klass]][*d] += row[0];
  }
  return out;
}

class Drawing {
 public:
  explicit Drawing(const View& view) : v_(view), classes_(class_days(view)) {}

  Html make() {
    choose_window();
    if (last_ < first_) return {};
    lanes();
    double findings_height = 0;
    for (auto& [lane, content] : lanes_) {
      stack(content);
      findings_height += height_of(content);
    }
    const double coverage_top = 24 + findings_height + (lanes_.empty() ? 14 : 28);  // a heading above it
    const double height = coverage_top + static_cast<double>(std::min(classes_.size(), kDrawnClasses)) * kCell + 26;
    Html out;
    out.raw("<svg class=\"time\" role=\"img\" aria-labelledby=\"tl-t tl-d\" viewBox=\"0 0 1000 ")
        .fixed(height, 0)
        .raw("\">");
    out.raw("<title id=\"tl-t\">Findings by stage and coverage by source, ")
        .text(date_span(day_time(first_), day_time(last_)));
    out.raw(
        "</title><desc id=\"tl-d\">Upper part: one mark for each finding; filled when a question counts it, hollow "
        "when none does. ");
    out.raw(
        "Lower part: one cell for each day and source; empty when the source holds no record of that day. The tables "
        "Findings and Coverage say the same in text.</desc>");
    out.raw(
        "<defs><pattern id=\"none\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\"><path d=\"M0 4L4 0\" "
        "stroke=\"#c9b8a0\" stroke-width=\".7\"/></pattern></defs>");
    axis(out, height - 20);
    double y = 18;
    for (const auto& [lane, content] : lanes_) {
      out.raw("<text class=\"l\" x=\"")
          .fixed(kLeft - 8, 0)
          .raw("\" y=\"")
          .fixed(y + 12.5, 1)
          .raw("\">")
          .text(kLanes[lane].label)
          .raw("</text>");
      draw_lane(out, content, y);
      y += height_of(content);
    }
    if (!classes_.empty()) {
      out.raw("<text class=\"h\" x=\"")
          .fixed(kLeft, 0)
          .raw("\" y=\"")
          .fixed(coverage_top - 7, 1)
          .raw("\">What the evidence covers</text>");
      coverage(out, coverage_top);
    }
    out.raw("</svg>");
    if (outside_ > 0)
      out.raw("<p class=\"note\">")
          .text(count_of(outside_, "finding lies", "findings lie"))
          .raw(" outside the drawn time and stand at its edge.</p>");
    return out;
  }

 private:
  static Time day_time(std::int64_t day) { return Time{day * kDay}; }
  double x(std::int64_t ns) const {
    const double span = static_cast<double>(last_ + 1 - first_);
    const double at = (static_cast<double>(ns) / static_cast<double>(kDay) - static_cast<double>(first_)) / span;
    return kLeft + std::clamp(at, 0.0, 1.0) * kWidth;
  }

  // The days that hold all but a thousandth of the records at either end, and the findings not far from them.
  void choose_window() {
    std::map<std::int64_t, double> days;
    double total = 0;
    for (const auto& [name, rows] : classes_) {
      for (const auto& [day, records] : rows) {
        days[day] += static_cast<double>(records);
        total += static_cast<double>(records);
      }
    }
    first_ = 0;
    last_ = -1;
    double sum = 0;
    bool any = false;
    for (const auto& [day, records] : days) {
      if (sum + records > total * .001 && sum < total * .999) {
        if (!any) first_ = day;
        any = true;
        last_ = day;
      }
      sum += records;
    }
    std::vector<std::int64_t> found;
    for (const Sighting* s : v_.sightings()) {
      if (s->time.known()) found.push_back(s->time.day());
      if (s->until.known()) found.push_back(s->until.day());
    }
    std::sort(found.begin(), found.end());
    if (!any && !found.empty()) {
      first_ = last_ = found[found.size() / 2];
      any = true;
    }
    const std::int64_t first = first_, last = last_;
    for (const std::int64_t day : found) {
      if (day < first - kFarDays || day > last + kFarDays) {
        ++outside_;
      } else {
        first_ = std::min(first_, day);
        last_ = std::max(last_, day);
      }
    }
  }

  void lanes() {
    for (const Question& q : v_.assessment.questions) {
      for (const Because& b : q.because) counted_.insert(b.sightings.begin(), b.sightings.end());
    }
    std::size_t n = 0;
    for (const Sighting* s : v_.sightings()) {
      if (!s->time.known() || ++n > kDrawnFindings) continue;
      const DetectorInfo* d = v_.detector(s->detector_id);
      lanes_[lane_of(d != nullptr ? d->meaning.stage : "")].marks.push_back({s, 0, 0, 0});
    }
  }

  struct Mark {
    const Sighting* sighting;
    double from, width;
    std::size_t row;
  };
  struct LaneContent {
    std::vector<Mark> marks;
    std::size_t rows = 1;
  };
  static double height_of(const LaneContent& content) { return static_cast<double>(content.rows) * kMark + 6; }

  // Each mark with its label in the first row where it is free.
  void stack(LaneContent& content) const {
    std::stable_sort(content.marks.begin(), content.marks.end(),
                     [](const Mark& a, const Mark& b) { return a.sighting->time < b.sighting->time; });
    std::array<std::vector<std::pair<double, double>>, kRowsOfLane> taken;
    for (const bool counted : {true, false}) {  // what counts gets its place first
      for (Mark& m : content.marks) {
        const Sighting& s = *m.sighting;
        if (counted_.contains(s.id) != counted) continue;
        m.from = std::min(x(s.time.ns), kLeft + kWidth - 4);
        m.width = std::min(std::max((s.until.known() ? x(s.until.ns) : m.from) - m.from, 4.0), kLeft + kWidth - m.from);
        const double until = m.from + m.width + (m.width < 30 ? 6.5 * static_cast<double>(v_.label(s).size()) + 5 : 1);
        const auto free = [&](std::size_t row) {
          return std::none_of(taken[row].begin(), taken[row].end(),
                              [&](const auto& t) { return t.first < until && m.from < t.second; });
        };
        while (m.row + 1 < kRowsOfLane && !free(m.row)) ++m.row;
        if (m.row + 1 < kRowsOfLane) taken[m.row].emplace_back(m.from, until);
        content.rows = std::max(content.rows, m.row + 1);
      }
    }
  }

  void draw_lane(Html& out, const LaneContent& content, double top) const {
    const double bottom = top + height_of(content) - .5;
    out.raw("<line class=\"g\" x1=\"")
        .fixed(kLeft, 0)
        .raw("\" x2=\"")
        .fixed(kLeft + kWidth, 0)
        .raw("\" y1=\"")
        .fixed(bottom, 1)
        .raw("\" y2=\"")
        .fixed(bottom, 1)
        .raw("\"/>");
    for (const Mark& m : content.marks) {
      const Sighting& s = *m.sighting;
      const bool counted = counted_.contains(s.id);
      const double y = top + 3 + static_cast<double>(m.row) * kMark;
      out.raw(counted ? Literal("<rect class=\"f\"") : Literal("<rect class=\"o\""));
      out.raw(" x=\"").fixed(m.from, 1).raw("\" y=\"").fixed(y + .5, 1).raw("\" width=\"").fixed(m.width, 1);
      const std::string label = v_.label(s);
      out.raw("\" height=\"10\" rx=\"2\"><title>")
          .text(label + " " + moment_year(s.time) + " " + v_.human(s.why))
          .raw("</title></rect>");
      if (label.empty() || m.row + 1 == kRowsOfLane) continue;
      const bool inside = m.width >= 30;
      const double at = inside ? m.from + 4 : m.from + m.width + 3;
      if (at > kLeft + kWidth - 22) continue;
      out.raw(inside && counted ? Literal("<text class=\"n i\" x=\"") : Literal("<text class=\"n\" x=\""))
          .fixed(at, 1)
          .raw("\" y=\"")
          .fixed(y + 9, 1)
          .raw("\">")
          .text(label)
          .raw("</text>");
    }
  }

  void axis(Html& out, double bottom) const {
    const std::int64_t span = last_ + 1 - first_;
    double label_until = 0;
    const auto tick = [&](std::int64_t day, const std::string& label) {
      const double at = x(day * kDay);
      out.raw("<line class=\"t\" x1=\"")
          .fixed(at, 1)
          .raw("\" x2=\"")
          .fixed(at, 1)
          .raw("\" y1=\"14\" y2=\"")
          .fixed(bottom, 1)
          .raw("\"/>");
      if (at < label_until) return;
      out.raw("<text class=\"a\" x=\"").fixed(at + 2, 1).raw("\" y=\"10\">").text(label).raw("</text>");
      label_until = at + 6 * static_cast<double>(label.size()) + 8;
    };
    if (span <= 21) {
      for (std::int64_t day = first_; day <= last_; ++day) tick(day, format_day_month(day_time(day)));
      return;
    }
    // The first, broken month is named when there is room for it.
    const Civil start = to_civil(day_time(first_));
    if (start.day > 1 && start.day < 20 && span < 200) {
      out.raw("<text class=\"a\" x=\"")
          .fixed(kLeft + 2, 1)
          .raw("\" y=\"10\">")
          .text(format_day_month_year(day_time(first_)))
          .raw("</text>");
      label_until = kLeft + 80;
    }
    for (std::int64_t day = first_; day <= last_; ++day) {
      const Civil c = to_civil(day_time(day));
      if (c.day != 1 || (span > 1500 && c.month != 1)) continue;
      const std::string text = format_day_month_year(day_time(day));
      tick(day, text.substr(2));
    }
  }

  void coverage(Html& out, double top) const {
    const std::int64_t span = last_ + 1 - first_;
    const std::int64_t step = (span + kColumns - 1) / kColumns;
    double y = top;
    std::size_t n = 0;
    for (const auto& [name, days] : classes_) {
      if (n++ == kDrawnClasses) break;
      std::vector<std::int64_t> cells(static_cast<std::size_t>((span + step - 1) / step), 0);
      for (const auto& [day, records] : days) {
        if (day >= first_ && day <= last_) cells[static_cast<std::size_t>((day - first_) / step)] += records;
      }
      std::vector<std::int64_t> full;
      for (const std::int64_t c : cells) {
        if (c > 0) full.push_back(c);
      }
      std::sort(full.begin(), full.end());
      const double middle = full.empty() ? 1 : static_cast<double>(full[full.size() / 2]);
      const auto level = [&](std::int64_t c) {
        return c <= 0 ? 0 : static_cast<double>(c) < middle * .2 ? 1 : static_cast<double>(c) < middle * .7 ? 2 : 3;
      };
      std::string shown = v_.human(name);
      std::replace(shown.begin(), shown.end(), '_', ' ');
      out.raw("<text class=\"l\" x=\"")
          .fixed(kLeft - 8, 0)
          .raw("\" y=\"")
          .fixed(y + 10.5, 1)
          .raw("\">")
          .text(shown, 40)
          .raw("</text>");
      for (std::size_t i = 0; i < cells.size();) {  // equal neighbours are one rectangle
        std::size_t end = i;
        while (end < cells.size() && level(cells[end]) == level(cells[i])) ++end;
        static constexpr std::array<Literal, 4> kClass = {"<rect class=\"c0\"", "<rect class=\"c1\"",
                                                          "<rect class=\"c2\"", "<rect class=\"c3\""};
        const double from = x((first_ + static_cast<std::int64_t>(i) * step) * kDay);
        const double until = x((first_ + static_cast<std::int64_t>(end) * step) * kDay);
        out.raw(kClass[static_cast<std::size_t>(level(cells[i]))]);
        out.raw(" x=\"")
            .fixed(from, 1)
            .raw("\" y=\"")
            .fixed(y + 1, 1)
            .raw("\" width=\"")
            .fixed(until - from, 1)
            .raw("\" height=\"")
            .fixed(kCell - 3, 0)
            .raw("\"><title>");
        const Time a = day_time(first_ + static_cast<std::int64_t>(i) * step);
        const Time b = day_time(std::min(last_, first_ + static_cast<std::int64_t>(end) * step - 1));
        out.text(shown + ": " + date_span(a, b))
            .raw(level(cells[i]) == 0   ? Literal(": no record")
                 : level(cells[i]) == 1 ? Literal(": few records")
                                        : Literal(""))
            .raw("</title></rect>");
        i = end;
      }
      y += kCell;
    }
    if (classes_.size() > kDrawnClasses) {
      out.raw("<text class=\"l\" x=\"")
          .fixed(kLeft - 8, 0)
          .raw("\" y=\"")
          .fixed(y + 10.5, 1)
          .raw("\">")
          .text("and " + grouped(classes_.size() - kDrawnClasses) + " more")
          .raw("</text>");
    }
  }

  const View& v_;
  ClassDays classes_;
  std::int64_t first_ = 0, last_ = -1;
  std::uint64_t outside_ = 0;
  std::map<std::size_t, LaneContent> lanes_;
  std::set<std::string, std::less<>> counted_;
};

}  // namespace

Html timeline(const View& view) { return Drawing(view).make(); }

Html range_bar(bool judged, int low, int high) {
  Html out;
  out.raw(
      "<svg class=\"range\" viewBox=\"0 0 104 12\" aria-hidden=\"true\"><rect class=\"track\" x=\"2\" y=\"4.5\" "
      "width=\"100\" height=\"3\"/>");
  for (int at = 0; at <= 100; at += 25) {
    out.raw("<line class=\"tick\" x1=\"").number(at + 2).raw("\" x2=\"").number(at + 2).raw("\" y1=\"3\" y2=\"9\"/>");
  }
  if (judged) {
    const int width = std::max(high - low, 3);
    out.raw("<rect class=\"band\" x=\"")
        .number(std::min(low, 100 - width) + 2)
        .raw("\" y=\"1\" width=\"")
        .number(width)
        .raw("\" height=\"10\" rx=\"1.5\"/>");
  }
  out.raw("</svg>");
  return out;
}

}  // namespace assay::report
