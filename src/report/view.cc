#include "report/view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/ascii.h"
#include "report/words.h"

namespace assay::report {
namespace {

const Assessment kNothing;

State state_of(const Assessment& a) {
  if (at_least_likely(a.find("access")) || at_least_likely(a.find("malware")) ||
      at_least_likely(a.find("exfiltration")))
    return State::compromised;
  return at_most_unlikely(a.find("access")) ? State::no_sign : State::cannot_say;
}

}  // namespace

bool at_least_likely(const Question* question) {
  return question != nullptr && question->judged && question->term.low >= 55;
}
bool at_most_unlikely(const Question* question) {
  return question != nullptr && question->judged && question->term.high <= 45 && question->term.low < 40;
}

const Because* strongest(const std::vector<Because>& lines) {
  const Because* best = nullptr;
  for (const Because& line : lines) {
    if (best == nullptr || std::abs(line.log10_lr) > std::abs(best->log10_lr)) best = &line;
  }
  return best;
}

View::View(const CaseData& d, const Assessment* a, const ReportOptions& o)
    : data(d), assessment(a != nullptr ? *a : kNothing), options(o), mask_(d, a, o.names), defanger_(d) {
  for (const Sighting& s : data.sightings) {
    if (s.mention) continue;
    sightings_.push_back(&s);
    by_id_.emplace(s.id, &s);
    if (s.finding != 0) by_number_.emplace(s.finding, &s);
  }
  for (const DetectorInfo& info : data.catalogue) detectors_.emplace(info.id, &info);
  for (const EvidenceItem& item : data.evidence) {
    items_.emplace(item.id, &item);
    if (item.kind != "records") continue;  // a file's time is no time of a record
    if (item.first.known() && (!first_.known() || item.first < first_)) first_ = item.first;
    if (item.last.known() && (!last_.known() || item.last > last_)) last_ = item.last;
  }
  state_ = state_of(assessment);
}

const Sighting* View::sighting(std::string_view id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

const Sighting* View::finding(std::string_view label) const {
  if (label.size() < 2 || label.size() > 9 || to_upper(label[0]) != 'F') return nullptr;
  if (!std::all_of(label.begin() + 1, label.end(), is_digit)) return nullptr;
  const auto number = parse_int(label.substr(1));
  if (!number || *number <= 0) return nullptr;
  const auto at = by_number_.find(static_cast<std::uint32_t>(*number));
  return at == by_number_.end() ? nullptr : at->second;
}

std::string View::label(const Sighting& s) const {
  return s.finding == 0 ? std::string() : fmt::format("F{:02}", s.finding);
}

std::string View::labels(const std::vector<std::string>& ids, std::size_t most) const {
  std::vector<std::uint32_t> numbers;
  for (const std::string& id : ids) {
    if (const Sighting* s = sighting(id); s != nullptr && s->finding != 0) numbers.push_back(s->finding);
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  std::vector<std::string> names;
  for (const std::uint32_t n : numbers) names.push_back(fmt::format("F{:02}", n));
  return join_and(names, most);
}

const DetectorInfo* View::detector(std::string_view id) const {
  const auto at = detectors_.find(id);
  return at == detectors_.end() ? nullptr : at->second;
}

const EvidenceItem* View::item(std::string_view id) const {
  const auto at = items_.find(id);
  return at == items_.end() ? nullptr : at->second;
}

std::string View::marking() const {
  Tlp tlp = Tlp::amber_strict;
  for (const Advisory& a : data.knowledge.advisories) {
    if (a.tlp == Tlp::red) tlp = Tlp::red;  // unmarked is handled as AMBER+STRICT
  }
  return std::string(name_of(tlp));
}

std::uint64_t View::mentions() const {
  std::uint64_t n = 0;
  for (const Mention& m : data.mentions) n += m.count;
  return n;
}

View::NotCounted View::not_counted() const {
  NotCounted out;
  for (const Sighting* s : sightings_) {
    const DetectorInfo* d = detector(s->detector_id);
    const bool own = std::any_of(s->fields.begin(), s->fields.end(), [&](const NamedValue& f) {
      return data.profile.is_authorised_test(f.second, s->time);
    });
    if (own) {
      out.own_scanner += s->count;
    } else if (d != nullptr && d->weightless) {
      out.weightless += s->count;
    } else if (d != nullptr &&
               (d->meaning.stage == "scan" || (d->meaning.klass == "contact" && s->role == Role::contacting))) {
      out.scans += s->count;
    }
  }
  return out;
}

bool View::fits_headline(std::string_view sentence) const {
  if (sentence.find('%') != std::string_view::npos || contains_icase(sentence, "percent")) return false;
  for (std::size_t i = 0; i + 5 <= sentence.size(); ++i) {
    if (sentence[i] != 'T' || (i > 0 && is_alnum(sentence[i - 1]))) continue;
    if (std::all_of(sentence.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                    sentence.begin() + static_cast<std::ptrdiff_t>(i) + 5, is_digit))
      return false;
  }
  return std::none_of(data.catalogue.begin(), data.catalogue.end(), [&](const DetectorInfo& d) {
    return d.kind != DetectorKind::indicator && ((d.title.size() > 3 && contains_icase(sentence, d.title)) ||
                                                 (d.id.size() > 3 && contains_icase(sentence, d.id)));
  });
}

}  // namespace assay::report
