#include "text/extract/signs.h"

#include <algorithm>
#include <array>
#include <map>

#include "core/ascii.h"
#include "text/addresses.h"
#include "text/extract/fetches.h"
#include "text/extract/nature.h"
#include "text/extract/places.h"
#include "text/extract/prose_words.h"
#include "text/extract/sign_ids.h"
#include "text/extract/signs_company.h"
#include "text/extract/vocabulary.h"
#include "text/extract/wording.h"

namespace assay {
namespace {

constexpr std::size_t kNear = 40;     // bytes between a word and the value that it stands next to
constexpr std::size_t kAround = 200;  // of the sentence on each side
constexpr std::size_t kRow = 1200;    // of a row that is looked at on each side
constexpr std::size_t kCells = 40;    // of a row
constexpr std::size_t kHeadLines = 12;
constexpr std::size_t kValuesNear = 8;  // before and behind a value

bool hash_kind(Observable kind) { return group_of(kind) == ValueGroup::hash; }

bool host_like(Observable kind) {
  const ValueGroup group = group_of(kind);
  return group == ValueGroup::address || group == ValueGroup::domain || group == ValueGroup::url ||
         group == ValueGroup::mail;
}

// Addresses of one network belong together as hosts of one site do.
std::string site_or_network(const Found& f) {
  std::string site = site_of(f);
  return is_ipv4(site) ? site.substr(0, site.rfind('.')) + ".0/24" : site;
}

class Signer {
 public:
  Signer(const Prepared& text, const std::vector<ReportLine>& lines, const std::vector<Found>& found,
         const ReportHabits& habits)
      : text_(text),
        lines_(lines),
        found_(found),
        habits_(habits),
        places_(places_of(text, lines)),
        cues_(words_of(text, found)),
        prose_(cues_),
        vocabulary_(Vocabulary::shipped()),
        hits_(vocabulary_.hits(cues_)) {
    signature_ = signature_of(text, lines);
    for (std::size_t i = 0, n = 0; i < lines_.size() && i < kHeadLines; ++i) {
      const std::string_view line = trim(line_text(lines_[i]));
      n += letter_header(line);
      if (n >= 2) letter_ = true;
    }
  }

  std::vector<ValueSigns> run() {
    std::map<std::pair<Observable, std::string>, std::size_t> seen;
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const Found& f = found_[i];
      const auto [at, fresh] =
          seen.emplace(std::pair(f.kind, f.kind == Observable::file_name ? lower(f.value) : f.value), out_.size());
      if (fresh) {
        ValueSigns made;
        made.kind = f.kind;
        made.value = f.value;
        made.site = site_or_network(f);
        out_.push_back(std::move(made));
      }
      ValueSigns& value = out_[at->second];
      ++value.times;
      value.defanged = value.defanged || f.defanged;
      if (value.places.size() < kPlaces) value.places.push_back(i);
    }
    for (std::size_t i = 0; i < out_.size(); ++i) {
      now_ = &out_[i];
      nature_signs(out_[i].kind, out_[i].value, habits_, out_[i].signs);
      spoken_of(out_[i], prose_);
      for (const std::size_t place : out_[i].places) one_place(found_[place]);
      if (out_[i].times >= 2) put(Sign::twice);
      if (out_[i].times >= 4) put(Sign::often);
      whole();
    }
    company_signs(out_, lines_, found_);
    for (ValueSigns& value : out_) {
      for (auto* list : {&value.rows, &value.blocks, &value.titles}) unique(*list);
      unique(value.signs);
    }
    return std::move(out_);
  }

 private:
  template <class T>
  static void unique(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  }
  void put(Sign sign) { now_->signs.push_back(static_cast<SignId>(sign)); }
  void put(WordPlace place, std::uint32_t kinds) {
    // What is done with a host is said in its sentence; elsewhere it is done with another.
    const bool same = place == WordPlace::next_before || place == WordPlace::before || place == WordPlace::next_after ||
                      place == WordPlace::after || place == WordPlace::cell;
    if (!same) kinds &= ~vocabulary_.beside();
    for (std::size_t kind = 0; kinds != 0; ++kind, kinds >>= 1) {
      if ((kinds & 1U) != 0) now_->signs.push_back(word_sign(place, kind));
    }
  }

  // The words that begin in [begin, end).
  [[nodiscard]] std::uint32_t words(std::size_t begin, std::size_t end) const {
    auto at = std::lower_bound(hits_.begin(), hits_.end(), begin,
                               [](const WordHit& hit, std::size_t place) { return hit.begin < place; });
    std::uint32_t kinds = 0;
    for (; at != hits_.end() && at->begin < end; ++at) kinds |= at->end <= end ? at->kinds : 0;
    return kinds;
  }
  // Of a title or a head, which stand in the text too.
  [[nodiscard]] std::uint32_t words(std::string_view part) const {
    if (part.empty()) return 0;
    const auto begin = static_cast<std::size_t>(part.data() - text_.text.data());
    return words(begin, begin + part.size());
  }

  void one_place(const Found& f) {
    const ReportLine& line = lines_[f.line];
    const LinePlace& place = places_[f.line];
    now_->rows.push_back(static_cast<std::uint32_t>(f.line));
    now_->blocks.push_back(place.block);
    now_->titles.push_back(place.title);
    how(f, line);
    where(f, line);
    said(f, line, place);
  }

  void how(const Found& f, const ReportLine& line) {
    const bool network = host_like(f.kind);
    if (f.defanged) put(Sign::defanged);
    if (letter_ && f.line < kHeadLines && letter_header(trim(line_text(line)))) put(Sign::letterhead);
    const std::size_t from = std::max(line.begin, f.begin > kNear * 4 ? f.begin - kNear * 4 : 0);
    if (filtered_out(std::string_view(text_.text).substr(from, f.begin - from))) put(Sign::filtered_out);
    // "reference:url,vendor.example/blog;" of Suricata's rules.
    constexpr std::string_view kReference = "reference:url,";
    if (f.begin >= kReference.size() + 9 &&
        std::string_view(cues_).substr(f.begin - kReference.size() - 9, kReference.size() + 9).find(kReference) !=
            std::string_view::npos)
      put(Sign::rule_reference);
    if (f.kind == Observable::ipv4 && !f.defanged && shorter_version_in(line_text(line), f.value))
      put(Sign::version_beside);
    if (network && !f.defanged) put(habits_.defangs ? Sign::plain_among_defanged : Sign::plain);
    const char before = f.begin > 0 ? text_.text[f.begin - 1] : '\n';
    const char after = f.end < text_.text.size() ? text_.text[f.end] : '\n';
    if (before == '`' || before == '"' || before == '\'') put(Sign::quoted);
    if (before == '(' && after == ')') put(Sign::in_brackets);
    if (before == '/' || after == '/') put(Sign::at_slash);
    if (after == ':' && f.end + 1 < text_.text.size() && is_digit(text_.text[f.end + 1])) put(Sign::with_port);
    if (after == '=' || before == '=') put(Sign::at_equals);
    if (f.doubtful) put(Sign::doubtful);
    // "/bot<token>/send": the rest stands for any.
    if (f.kind == Observable::url && (after == '<' || after == '{' || after == '[')) put(Sign::cut_short);
    // "Tier.Net": the name of a firm.
    if (network && !f.defanged && text_.text[f.begin] >= 'A' && text_.text[f.begin] <= 'Z' &&
        text_.text[f.begin + 1] >= 'a' && text_.text[f.begin + 1] <= 'z')
      put(Sign::capitals);
    if (before == '(' && f.begin > 1 && text_.text[f.begin - 2] == ']') put(Sign::linked);
    if (!f.defanged && behind_words(std::string_view(text_.text).substr(line.begin, f.begin - line.begin), site_of(f)))
      put(Sign::anchored);
    // "@kim@fjord.social": an account that is to be followed.
    if (before == '@' && f.kind == Observable::mail_address) put(Sign::linked);
    // "<https://a.example/b>": to be followed.
    if (before == '<' && after == '>' && f.kind == Observable::url && !f.defanged) put(Sign::linked);
    if (line.titled == kPageLinks) put(Sign::page_link);
    // "GranularBox 9.4.0.2": the word before it, when it has a capital.
    if (before == ' ' && f.begin >= 2) {
      std::size_t word = f.begin - 1;
      while (word > line.begin && f.begin - word < kNear && is_alpha(text_.text[word - 1])) --word;
      const char first = word < f.begin - 1 ? text_.text[word] : ' ';
      if (first >= 'A' && first <= 'Z' && f.begin - word > 3) put(Sign::after_capital);
    }
    if (after == ':' && f.end + 1 < text_.text.size() && text_.text[f.end + 1] == ' ') put(Sign::key_of_value);
    got_signs(*now_, f, line, sentence_at(text_, lines_, f), cues_);
  }

  [[nodiscard]] std::string_view line_text(const ReportLine& line) const {
    return std::string_view(text_.text).substr(line.begin, std::min(line.end - line.begin, kRow));
  }
  void where(const Found& f, const ReportLine& line) {
    switch (line.section) {
      case Section::neutral:
        put(Sign::under_nothing);
        break;
      case Section::indicators:
        put(line.listed ? Sign::listed_as_indicator : Sign::prose_of_indicators);
        break;
      case Section::victims:
        put(Sign::under_victims);
        break;
      case Section::benign:
        put(Sign::under_benign);
        break;
      case Section::advice:
        put(Sign::under_advice);
        break;
      case Section::references:
        put(Sign::under_references);
        break;
    }
    if (line.code) put(Sign::in_code);
    if (line.heading) put(Sign::in_heading);
    if (!line.listed && !line.heading) put(Sign::in_prose);
    if (line.listed) {
      const std::string_view row = std::string_view(cues_).substr(line.begin, std::min(line.end - line.begin, kRow));
      const bool bare = std::none_of(row.begin(), row.end(), [](char c) { return is_alnum(c); });
      put(bare ? Sign::alone : Sign::in_row);
      if (!line.columns.empty()) put(Sign::in_table);
    }
    const std::string_view whole =
        std::string_view(text_.text).substr(line.begin, std::min(line.end - line.begin, kRow));
    if (whole.find("GET ") != whole.npos || whole.find("POST ") != whole.npos || whole.find("HTTP/1") != whole.npos)
      put(Sign::log_line);
    if (sensor_rule(whole)) put(Sign::in_rule);
    if (line.code && log_query(whole)) put(Sign::in_query);
    if (!letter_ || f.line >= kHeadLines) {
      const std::string_view header = trim(whole.substr(0, std::min<std::size_t>(whole.size(), 40)));
      if (names_sender(header)) put(Sign::mail_from);
      if (names_recipient(header)) put(Sign::mail_to);
    }
    if (f.line < 6) put(Sign::at_top);
    if (f.line + 6 > lines_.size() && lines_.size() > 20) put(Sign::at_bottom);
    if (f.line > signature_) put(Sign::signed_off);
    std::string_view start =
        trim(std::string_view(text_.text).substr(line.begin, std::min<std::size_t>(line.end - line.begin, 12)));
    if (start.starts_with('>')) put(Sign::in_quotation);
    if (start.starts_with('^')) put(Sign::footnote);
    if (start.starts_with('[')) {
      const std::size_t close = start.find(']');
      if (close != start.npos && close > 1 && close < 6 &&
          std::all_of(start.begin() + 1, start.begin() + static_cast<std::ptrdiff_t>(close), is_digit))
        put(Sign::footnote);
    }
  }

  void said(const Found& f, const ReportLine& line, const LinePlace& place) {
    const auto [begin, end] = sentence_at(text_, lines_, f);
    const std::size_t from = std::max(begin, f.begin > kAround ? f.begin - kAround : 0);
    const std::size_t to = std::min(end, f.end + kAround);
    // Next to it: no mark and no other value between.
    const std::string_view lead = std::string_view(cues_).substr(from, f.begin - from);
    const std::size_t stop = lead.find_last_of(line.listed ? ".;\x01|\t" : ".;,\x01()");
    const std::size_t near =
        std::max(stop == lead.npos ? from : from + stop + 1, f.begin > kNear ? f.begin - kNear : 0);
    put(WordPlace::next_before, words(near, f.begin));
    put(WordPlace::before, words(from, near));
    const std::string_view tail = std::string_view(cues_).substr(f.end, to - f.end);
    const std::size_t halt = tail.find_first_of(line.listed ? ".;\x01|\t" : ".;\x01");
    const std::size_t close = std::min(halt == tail.npos ? to : f.end + halt, f.end + kNear);
    put(WordPlace::next_after, words(f.end, close));
    put(WordPlace::after, words(close, to));
    if (line.listed) {
      const std::size_t row_begin = std::max(line.begin, f.begin > kRow ? f.begin - kRow : 0);
      const std::size_t row_end = std::min(line.end, f.end + kRow);
      put(WordPlace::row, words(row_begin, row_end));
      put(WordPlace::cell, cells(line, row_begin, row_end));
      put(WordPlace::lead, words(place.lead, place.lead_end));
      put(WordPlace::column, column(f, line));
      if (f.line < lines_.size() && line.columns.data() != text_.text.data() + line.begin)
        put(WordPlace::heads, words(line.columns));
    }
    if (!line.heading) put(WordPlace::title, words(line.titled));
    if (!line.listed && !line.heading && begin > 1) {
      const std::size_t earlier = begin > kAround ? begin - kAround : 0;
      const std::string_view text = std::string_view(cues_).substr(earlier, begin - earlier);
      const std::size_t end_of_it = text.find_last_not_of(" \n.!?");
      const std::size_t mark = end_of_it == text.npos ? text.npos : text.find_last_of(".!?", end_of_it);
      const std::size_t gap = text.rfind("\n\n");
      std::size_t first = mark == text.npos ? 0 : mark + 1;
      if (gap != text.npos) first = std::max(first, gap + 2);
      put(WordPlace::sentence_before, words(earlier + first, begin));
    }
    if (line.listed) {
      // A name and its hash below it, the next name and its hash: what stands beyond the pair is about another.
      const bool hash = hash_kind(f.kind), file = group_of(f.kind) == ValueGroup::file;
      const bool below_name = hash && f.line > 0 && line_has(f, f.line - 1, ValueGroup::file);
      const bool above_hash = file && line_has(f, f.line + 1, ValueGroup::hash);
      if (f.line > 0 && !above_hash) put(WordPlace::line_before, words_of_line(f.line - 1));
      if (f.line + 1 < lines_.size() && !below_name) put(WordPlace::line_after, words_of_line(f.line + 1));
      if (!below_name && !above_hash) put(WordPlace::behind, words(place.tail, place.tail_end));
      const std::size_t stop_at = std::string_view(cues_).substr(f.end, std::min(line.end - f.end, kAround)).find(". ");
      if (stop_at != std::string_view::npos) put(WordPlace::sentence_after, of_next_sentence(f.end + stop_at + 1));
    } else if (!line.heading) {
      put(WordPlace::sentence_after, of_next_sentence(end));
    }
    neighbour_signs(*now_, f, line, found_, text_.text, cues_);
  }

  // A value of the group stands in that line, near `f` in the order of values.
  [[nodiscard]] bool line_has(const Found& f, std::size_t line, ValueGroup group) const {
    const std::size_t i = static_cast<std::size_t>(&f - found_.data());
    for (std::size_t k = i; k-- > 0 && i - k < kValuesNear && found_[k].line >= line;) {
      if (found_[k].line == line && group_of(found_[k].kind) == group) return true;
    }
    for (std::size_t k = i + 1; k < found_.size() && k - i < kValuesNear && found_[k].line <= line; ++k) {
      if (found_[k].line == line && group_of(found_[k].kind) == group) return true;
    }
    return false;
  }
  // "... X. This is a legitimate file of Y."
  [[nodiscard]] std::uint32_t of_next_sentence(std::size_t end) const {
    while (end < cues_.size() && is_space(cues_[end])) ++end;
    const std::string_view rest = std::string_view(cues_).substr(end, kAround);
    return goes_on(rest) ? words(end, end + std::min(rest.find_first_of(".!?\x01"), rest.size())) : 0;
  }
  [[nodiscard]] std::uint32_t words_of_line(std::size_t i) const {
    return words(lines_[i].begin, std::min(lines_[i].end, lines_[i].begin + kAround));
  }
  // "Legitimate, used for side-loading": what a cell of words begins with is what it says of the row.
  [[nodiscard]] std::uint32_t opening(std::string_view cell) const {
    const auto begin = static_cast<std::size_t>(cell.data() - cues_.data());
    const auto at = std::lower_bound(hits_.begin(), hits_.end(), begin,
                                     [](const WordHit& hit, std::size_t place) { return hit.begin < place; });
    if (at == hits_.end() || at->begin != begin || at->end > begin + cell.size()) return 0;
    if (!judges(cell)) return 0;
    return at->kinds & (vocabulary_.bit("benign") | vocabulary_.bit("good"));
  }
  // Words that fill a cell of the row.
  [[nodiscard]] std::uint32_t cells(const ReportLine& line, std::size_t begin, std::size_t end) const {
    std::uint32_t kinds = 0;
    std::size_t n = 0, from = begin;
    for (std::size_t i = begin; i <= end && n < kCells; ++i) {
      const bool cut = i == end || cues_[i] == '|' || cues_[i] == '\t' || cues_[i] == ',' || cues_[i] == ';' ||
                       (cues_[i] == ' ' && i + 1 < end && cues_[i + 1] == ' ');
      if (!cut) continue;
      std::string_view cell = trim(std::string_view(cues_).substr(from, i - from));
      if (cell.starts_with('(')) cell = trim(cell.substr(1, cell.size() - 1 - (cell.ends_with(')') ? 1 : 0)));
      if (!cell.empty() && cell.size() < 60) {
        kinds |= vocabulary_.whole(cell);
        if (const int is = cell.size() > 5 ? 0 : answer(cell, lower(column_at(text_.text, line, from))); is != 0)
          kinds |= vocabulary_.bit(is > 0 ? "bad" : "good");
        if (from == begin || cues_[from - 1] != ',') kinds |= opening(cell);
        // "app-2.1.msi (clean)": brackets behind a name say of the row what a cell would.
        if (const std::size_t open = cell.find('('), shut = cell.find(')', open);
            open != cell.npos && shut != cell.npos) {
          const std::string_view inner = trim(cell.substr(open + 1, shut - open - 1));
          if (!inner.empty()) kinds |= vocabulary_.whole(inner) | opening(inner);
        }
        ++n;
      }
      from = i + 1;
    }
    return kinds;
  }

  [[nodiscard]] std::uint32_t column(const Found& f, const ReportLine& line) const {
    return words(column_at(text_.text, line, f.begin));
  }

  // By all places together.
  void whole() {
    const auto has = [&](Sign sign) {
      return std::find(now_->signs.begin(), now_->signs.end(), static_cast<SignId>(sign)) != now_->signs.end();
    };
    if (!has(Sign::listed_as_indicator) && !has(Sign::prose_of_indicators)) put(Sign::never_under_indicators);
    if (!has(Sign::in_row) && !has(Sign::alone)) put(Sign::never_listed);
    if (has(Sign::under_references) && !has(Sign::under_nothing) && !has(Sign::listed_as_indicator) &&
        !has(Sign::prose_of_indicators) && !has(Sign::under_advice))
      put(Sign::only_under_references);
    if (!spoken_for(*now_)) put(Sign::unspoken);
    if (habits_.defangs) put(Sign::report_defangs);
    if (habits_.values) put(Sign::report_lists);
  }

  const Prepared& text_;
  const std::vector<ReportLine>& lines_;
  const std::vector<Found>& found_;
  const ReportHabits& habits_;
  std::vector<LinePlace> places_;
  std::string cues_;
  ProseWords prose_;
  const Vocabulary& vocabulary_;
  std::vector<WordHit> hits_;
  std::vector<ValueSigns> out_;
  ValueSigns* now_ = nullptr;
  bool letter_ = false;        // the text begins as a mail does
  std::size_t signature_ = 0;  // the line below which the writer signs
};

}  // namespace

std::vector<ValueSigns> signs_of(const Prepared& text, const std::vector<ReportLine>& lines,
                                 const std::vector<Found>& found, const ReportHabits& habits) {
  return Signer(text, lines, found, habits).run();
}

}  // namespace assay
