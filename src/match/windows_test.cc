#include "match/windows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>

#include "match/decimal.h"

namespace assay {
namespace {

using ir::Window;

// "A0 B5 A5#x": part letter, second, and optionally a record name; without one each match is a record of its own.
// "A0=v" has a value.
std::vector<Match> matches_of(std::string_view text) {
  std::vector<Match> out;
  std::uint64_t next = 1000;
  std::size_t at = 0;
  while (at < text.size()) {
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    Match m;
    m.part = static_cast<std::uint32_t>(text[at++] - 'A');
    std::int64_t seconds = 0;
    while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])))
      seconds = seconds * 10 + (text[at++] - '0');
    m.time = Time{seconds * kSecond};
    m.ref.offset = next++;
    if (at < text.size() && text[at] == '#') {
      m.ref.offset = static_cast<std::uint64_t>(text[at + 1]);
      at += 2;
    }
    if (at < text.size() && text[at] == '=') {
      m.fields.emplace_back("v", std::string(1, text[at + 1]));
      at += 2;
    }
    out.push_back(m);
  }
  return out;
}

Window window(Window::Kind kind, std::int64_t seconds, double threshold = 1, std::size_t bases = 1) {
  Window w;
  w.kind = kind;
  w.span_ns = seconds * kSecond;
  w.threshold = threshold;
  if (kind == Window::Kind::value_count || kind >= Window::Kind::value_sum) w.value_fields = {"v"};
  w.bases.resize(bases);
  return w;
}

// "A0 A5 | A9": the emissions.
std::string decide(const Window& w, std::vector<Match> matches) {
  std::stable_sort(matches.begin(), matches.end(),
                   [](const Match& a, const Match& b) { return std::tie(a.time, a.part) < std::tie(b.time, b.part); });
  std::string out;
  decide_window(w, matches, [&](const Emission& emission) {
    const std::vector<const Match*>& met = emission.matches;
    if (!out.empty()) out += " | ";
    for (std::size_t i = 0; i < met.size(); ++i) {
      if (i > 0) out += ' ';
      out += static_cast<char>('A' + met[i]->part);
      out += std::to_string(met[i]->time.seconds());
    }
  });
  return out;
}
std::string decide(const Window& w, std::string_view text) { return decide(w, matches_of(text)); }

TEST(Windows, EventCount) {
  const Window three = window(Window::Kind::event_count, 10, 3);
  EXPECT_EQ(decide(three, "A0 A5"), "");
  EXPECT_EQ(decide(three, "A0 A5 A10"), "A0 A5 A10");    // both edges belong
  EXPECT_EQ(decide(three, "A0 A5 A11"), "");             // one second too late
  EXPECT_EQ(decide(three, "A9 A10 A11"), "A9 A10 A11");  // across what a tumbling window would cut
  EXPECT_EQ(decide(three, "A0 A1 A2 A3 A50"), "A0 A1 A2 A3");
  EXPECT_EQ(decide(three, "A0 A1 A2 A20 A21 A22"), "A0 A1 A2 | A20 A21 A22");
  EXPECT_EQ(decide(three, "A7 A7 A7"), "A7 A7 A7");  // ties
  EXPECT_EQ(decide(three, "A7#x A7#x A7#x"), "");    // one record three times is one event
  EXPECT_EQ(decide(three, "A22 A0 A21 A1 A2 A20"), "A0 A1 A2 | A20 A21 A22");
  EXPECT_EQ(decide(three, "A0 A8 A10 A18 A20"), "A0 A8 A10 A18 A20");  // windows 0-10, 8-18, 10-20 share matches
  Window more = three;
  more.compare = Window::Compare::greater;
  EXPECT_EQ(decide(more, "A0 A1 A2"), "");
  EXPECT_EQ(decide(more, "A0 A1 A2 A3"), "A0 A1 A2 A3");
}

TEST(Windows, BoundsFromAboveAnchorAtEvents) {
  Window w = window(Window::Kind::event_count, 10, 2);
  w.compare = Window::Compare::less_equal;
  EXPECT_EQ(decide(w, "A0 A1 A2 A3 A20 A21"), "A20 A21");
  w.compare = Window::Compare::equal;
  EXPECT_EQ(decide(w, "A0 A1 A2 A20 A21 A40"), "A20 A21");
  w.compare = Window::Compare::greater_equal;
  w.also = {{Window::Compare::less, 4}};
  EXPECT_EQ(decide(w, "A0 A1 A2 A3 A20 A21 A40"), "A20 A21");
}

TEST(Windows, ValueCount) {
  const Window w = window(Window::Kind::value_count, 10, 3);
  EXPECT_EQ(decide(w, "A0=a A1=a A2=a A3=b"), "");
  EXPECT_EQ(decide(w, "A0=a A1=b A2=c"), "A0 A1 A2");
  EXPECT_EQ(decide(w, "A0=a A5=b A11=c A12=a"), "A5 A11 A12");
  EXPECT_EQ(decide(w, "A0=a A1=b A2=a A3=c A4=c"), "A0 A1 A2 A3 A4");
}

TEST(Windows, Sequence) {
  const Window w = window(Window::Kind::sequence, 10, 1, 2);
  EXPECT_EQ(decide(w, "A0 B5"), "A0 B5");
  EXPECT_EQ(decide(w, "A0 B10"), "A0 B10");
  EXPECT_EQ(decide(w, "A0 B11"), "");
  EXPECT_EQ(decide(w, "B0 A5"), "");
  EXPECT_EQ(decide(w, "B5 A5"), "A5 B5");  // equal time, another record
  EXPECT_EQ(decide(w, "A5#x B5#x"), "");   // one record does not follow itself
  EXPECT_EQ(decide(w, "A5#x B5#x B6"), "A5 B6");
  EXPECT_EQ(decide(w, "A0 A3 B5 B40"), "A3 B5");  // the tightest chain is cited
  EXPECT_EQ(decide(w, "A0 B1 B2"), "A0 B1 B2");   // both end with the same A: one emission
  EXPECT_EQ(decide(w, "A0 B1 A20 B21"), "A0 B1 | A20 B21");
  const Window three = window(Window::Kind::sequence, 10, 1, 3);
  EXPECT_EQ(decide(three, "A0 B1 C2"), "A0 B1 C2");
  EXPECT_EQ(decide(three, "A0 C1 B2"), "");
  EXPECT_EQ(decide(three, "A0 B8 A9 C11"), "");  // A0 is too old for C11, and no B follows A9
  EXPECT_EQ(decide(three, "A0 B8 A9 B9 C11"), "A9 B9 C11");
  EXPECT_EQ(decide(three, "A0 B3 A4 B5 C12"), "A4 B5 C12");
  EXPECT_EQ(decide(three, "A5#x B5#x C5#y"), "");
  EXPECT_EQ(decide(three, "A5#x B5#x B5#z C5#y"), "A5 B5 C5");
}

TEST(Windows, Together) {
  const Window w = window(Window::Kind::together, 10, 2, 2);
  EXPECT_EQ(decide(w, "B0 A5"), "B0 A5");
  EXPECT_EQ(decide(w, "A0 B11"), "");
  EXPECT_EQ(decide(w, "A0 A1 A2"), "");
  EXPECT_EQ(decide(w, "A5#x B5#x"), "A5 B5");  // one event that meets both rules
  Window distinct = w;
  distinct.distinct = true;
  EXPECT_EQ(decide(distinct, "A5#x B5#x"), "");
  EXPECT_EQ(decide(distinct, "A5#x B5#x A6"), "A5 B5 A6");
  const Window two_of_three = window(Window::Kind::together, 10, 2, 3);
  EXPECT_EQ(decide(two_of_three, "A0 C5"), "A0 C5");
  EXPECT_EQ(decide(two_of_three, "C5"), "");
}

TEST(Windows, Absence) {
  const Window w = window(Window::Kind::absence, 10, 1, 2);
  EXPECT_EQ(decide(w, "A0"), "A0");
  EXPECT_EQ(decide(w, "A0 B10"), "");
  EXPECT_EQ(decide(w, "A0 B11"), "A0");
  EXPECT_EQ(decide(w, "B0 A10"), "");  // before counts too
  EXPECT_EQ(decide(w, "B0 A11"), "A11");
  EXPECT_EQ(decide(w, "A0 A5 B12"), "A0");
  EXPECT_EQ(decide(w, "B0"), "");
}

TEST(Windows, NoTimeIsLeftOut) {
  std::vector<Match> matches = matches_of("A0 A1");
  matches.push_back(Match{});
  EXPECT_EQ(decide(window(Window::Kind::event_count, 10, 3), matches), "");
}

// ---- a brute-force oracle: every instant, by definition

bool oracle_window(const Window& w, const std::vector<Match>& all, std::int64_t end,
                   std::vector<std::size_t>& members) {
  members.clear();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].time.ns <= end && all[i].time.ns >= end - w.span_ns) members.push_back(i);
  }
  if (w.kind == Window::Kind::event_count) {
    std::set<std::uint64_t> records;
    for (const std::size_t i : members) records.insert(all[i].ref.offset);
    return static_cast<double>(records.size()) >= w.threshold;
  }
  if (w.kind == Window::Kind::value_count) {
    std::set<std::string> values;
    for (const std::size_t i : members) values.insert(all[i].fields[0].second);
    return static_cast<double>(values.size()) >= w.threshold;
  }
  // together: choose records for the parts, by trying everything
  const std::size_t parts = w.bases.size();
  std::size_t most = 0;
  std::set<std::uint64_t> used;
  const std::function<void(std::size_t, std::size_t)> choose = [&](std::size_t part, std::size_t have) {
    if (part == parts) {
      most = std::max(most, have);
      return;
    }
    choose(part + 1, have);
    for (const std::size_t i : members) {
      if (all[i].part != part || (w.distinct && used.contains(all[i].ref.offset))) continue;
      const bool fresh = used.insert(all[i].ref.offset).second;
      choose(part + 1, have + 1);
      if (fresh) used.erase(all[i].ref.offset);
      if (!w.distinct) break;
    }
  };
  choose(0, 0);
  return static_cast<double>(most) >= w.threshold;
}

std::vector<Match> random_matches(std::mt19937& random, std::size_t parts) {
  std::vector<Match> out;
  const std::size_t n = random() % 9;
  for (std::size_t i = 0; i < n; ++i) {
    Match m;
    m.part = static_cast<std::uint32_t>(random() % parts);
    m.ref.offset = random() % 6;
    m.time = Time{static_cast<std::int64_t>(m.ref.offset * 7919 % 25) * kSecond};  // one record, one time
    if (random() % 3 == 0) {
      m.ref.offset = 100 + i;
      m.time = Time{static_cast<std::int64_t>(random() % 25) * kSecond};
    }
    m.fields.emplace_back("v", std::string(1, static_cast<char>('a' + random() % 3)));
    out.push_back(m);
  }
  std::stable_sort(out.begin(), out.end(), [](const Match& a, const Match& b) {
    return std::tie(a.time, a.part, a.ref.offset) < std::tie(b.time, b.part, b.ref.offset);
  });
  return out;
}

TEST(Windows, CountsAndTogetherEqualTheOracle) {
  std::mt19937 random(20200716);
  std::size_t met = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::size_t parts = 1 + random() % 3;
    const Window::Kind kind =
        std::array{Window::Kind::event_count, Window::Kind::value_count, Window::Kind::together}[random() % 3];
    Window w = window(kind, 1 + static_cast<std::int64_t>(random() % 8), static_cast<double>(1 + random() % 3), parts);
    if (kind == Window::Kind::together) w.threshold = std::min(w.threshold, static_cast<double>(parts));
    w.distinct = random() % 2 == 0;
    const std::vector<Match> all = random_matches(random, parts);
    std::vector<std::set<std::size_t>> expected;
    std::set<std::int64_t> instants;
    for (const Match& m : all) instants.insert(m.time.ns);
    for (const std::int64_t end : instants) {
      std::vector<std::size_t> members;
      if (!oracle_window(w, all, end, members)) continue;
      const bool shares = !expected.empty() && std::any_of(members.begin(), members.end(),
                                                           [&](std::size_t i) { return expected.back().contains(i); });
      if (!shares) expected.emplace_back();
      expected.back().insert(members.begin(), members.end());
    }
    std::vector<std::set<std::size_t>> got;
    decide_window(w, all, [&](const Emission& emission) {
      const std::vector<const Match*>& list = emission.matches;
      got.emplace_back();
      for (const Match* m : list) got.back().insert(static_cast<std::size_t>(m - all.data()));
      EXPECT_EQ(got.back().size(), list.size());
    });
    ASSERT_EQ(got, expected) << "round " << round;
    met += expected.empty() ? 0U : 1U;
  }
  EXPECT_GT(met, 5000U);
}

TEST(Windows, SequencesEqualTheOracle) {
  std::mt19937 random(19781);
  std::size_t met = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::size_t parts = 1 + random() % 3;
    const Window w = window(Window::Kind::sequence, 1 + static_cast<std::int64_t>(random() % 10), 1, parts);
    const std::vector<Match> all = random_matches(random, parts);
    // Instants at which some chain ends, and the latest start of such a chain.
    std::map<std::int64_t, std::int64_t> ends;
    std::vector<std::size_t> chain;
    const std::function<void()> grow = [&] {
      if (chain.size() == parts) {
        const std::int64_t start = all[chain.front()].time.ns, end = all[chain.back()].time.ns;
        if (end - start > w.span_ns) return;
        const auto at = ends.try_emplace(end, start).first;
        at->second = std::max(at->second, start);
        return;
      }
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].part != chain.size()) continue;
        if (!chain.empty() && all[i].time < all[chain.back()].time) continue;
        if (std::any_of(chain.begin(), chain.end(),
                        [&](std::size_t c) { return all[c].ref.offset == all[i].ref.offset; }))
          continue;
        chain.push_back(i);
        grow();
        chain.pop_back();
      }
    };
    grow();
    std::set<std::int64_t> covered;
    decide_window(w, all, [&](const Emission& emission) {
      const std::vector<const Match*>& list = emission.matches;
      // Every emission holds a chain that ends with it, and it starts no earlier than any chain that ends there may.
      const std::int64_t last = list.back()->time.ns;
      EXPECT_TRUE(ends.contains(last)) << "round " << round;
      std::set<std::uint32_t> seen;
      for (const Match* m : list) seen.insert(m->part);
      EXPECT_EQ(seen.size(), parts) << "round " << round;
      for (const auto& [end, start] : ends) {
        if (end >= list.front()->time.ns && end <= last) covered.insert(end);
      }
      EXPECT_LE(list.front()->time.ns, ends[last]);
      EXPECT_TRUE(std::any_of(list.begin(), list.end(),
                              [&](const Match* m) { return m->part == 0 && m->time.ns == ends[last]; }))
          << "round " << round;
    });
    ASSERT_EQ(covered.size(), ends.size()) << "round " << round;
    met += ends.empty() ? 0U : 1U;
  }
  EXPECT_GT(met, 5000U);
}

// ---- conditions over bases and statistics: by definition, trying everything

// Times of the matches of each part.
std::vector<std::vector<std::int64_t>> times_by_part(const std::vector<Match>& all, std::size_t parts) {
  std::vector<std::vector<std::int64_t>> out(parts);
  for (const Match& m : all) out[m.part].push_back(m.time.ns);
  return out;
}

bool none_between(const std::vector<std::int64_t>& times, std::int64_t from, std::int64_t to) {
  return std::none_of(times.begin(), times.end(), [&](std::int64_t t) { return t >= from && t <= to; });
}

Window::Term random_term(std::mt19937& random, std::size_t parts) {
  Window::Term term;
  for (std::uint32_t part = 0; part < parts; ++part) {
    const auto how = random() % 3;
    if (how == 0) term.with.push_back(part);
    if (how == 1) term.without.push_back(part);
  }
  if (term.with.empty()) {
    term.with.push_back(static_cast<std::uint32_t>(random() % parts));
    std::erase(term.without, term.with[0]);
  }
  return term;
}

// The instants at which a term is met, by every choice of matches.
void oracle_terms(const Window& w, const Window::Term& term, const std::vector<Match>& all, bool ordered,
                  std::set<std::int64_t>& ends) {
  const auto times = times_by_part(all, w.bases.size());
  std::vector<std::size_t> chosen;
  const std::function<void()> grow = [&] {
    if (chosen.size() < term.with.size()) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].part != term.with[chosen.size()]) continue;
        if (ordered && !chosen.empty() && all[i].time < all[chosen.back()].time) continue;
        if (ordered && std::any_of(chosen.begin(), chosen.end(),
                                   [&](std::size_t c) { return all[c].ref.offset == all[i].ref.offset; }))
          continue;
        chosen.push_back(i);
        grow();
        chosen.pop_back();
      }
      return;
    }
    std::int64_t first = INT64_MAX, last = INT64_MIN;
    for (const std::size_t i : chosen) {
      first = std::min(first, all[i].time.ns);
      last = std::max(last, all[i].time.ns);
    }
    if (last - first > w.span_ns) return;
    for (const std::uint32_t part : term.without) {
      if (!ordered) {
        // Every window of the span that holds all of the chosen: their union reaches from last - span to first + span.
        if (!none_between(times[part], last - w.span_ns, first + w.span_ns)) return;
        continue;
      }
      std::size_t step = 0;
      while (step < term.with.size() && term.with[step] < part) ++step;
      const std::int64_t from = step == 0 ? first - w.span_ns : all[chosen[step - 1]].time.ns;
      const std::int64_t to = step == term.with.size() ? last + w.span_ns : all[chosen[step]].time.ns;
      if (!none_between(times[part], from, to)) return;
    }
    ends.insert(last);
  };
  grow();
}

TEST(Windows, ConditionsEqualTheOracle) {
  std::mt19937 random(2200);
  std::size_t met = 0, not_met = 0;
  for (int round = 0; round < 30'000; ++round) {
    const std::size_t parts = 2 + random() % 3;
    const bool ordered = random() % 2 == 0;
    Window w = window(ordered ? Window::Kind::sequence : Window::Kind::together,
                      1 + static_cast<std::int64_t>(random() % 10), 1, parts);
    for (std::size_t i = 0; i < 1 + random() % 2; ++i) w.terms.push_back(random_term(random, parts));
    const std::vector<Match> all = random_matches(random, parts);
    std::set<std::int64_t> expected;
    for (const Window::Term& term : w.terms) oracle_terms(w, term, all, ordered, expected);
    std::set<std::int64_t> got;
    decide_window(w, all, [&](const Emission& emission) {
      for (const Time& instant : emission.instants) got.insert(instant.ns);
      for (const Match* m : emission.matches) {
        EXPECT_TRUE(std::any_of(w.terms.begin(), w.terms.end(), [&](const Window::Term& term) {
          return std::find(term.with.begin(), term.with.end(), m->part) != term.with.end();
        }));
      }
    });
    ASSERT_EQ(got, expected) << "round " << round << (ordered ? " ordered" : "");
    (expected.empty() ? not_met : met) += 1;
  }
  EXPECT_GT(met, 5000U);
  EXPECT_GT(not_met, 5000U);
}

TEST(Windows, StatisticsEqualTheOracle) {
  std::mt19937 random(75);
  std::size_t met = 0;
  for (int round = 0; round < 30'000; ++round) {
    const Window::Kind kind = std::array{Window::Kind::value_sum, Window::Kind::value_avg, Window::Kind::value_median,
                                         Window::Kind::value_percentile}[random() % 4];
    Window w = window(kind, 1 + static_cast<std::int64_t>(random() % 12), 0);
    w.percentile = static_cast<double>(1 + random() % 100);
    w.compare = random() % 2 == 0 ? Window::Compare::greater_equal : Window::Compare::greater;
    w.threshold = static_cast<double>(random() % 60) / 2 - 5;
    std::vector<Match> all = random_matches(random, 1);
    for (Match& m : all) {  // tenths, some negative; one record has one value
      const auto tenths = static_cast<std::int64_t>((m.ref.offset * 31 + 7) % 300) - 50;
      m.fields[0].second =
          (tenths < 0 ? "-" : "") + std::to_string(std::abs(tenths) / 10) + "." + std::to_string(std::abs(tenths) % 10);
    }
    std::set<std::int64_t> expected, got;
    for (const Match& end : all) {
      std::map<std::uint64_t, std::int64_t> values;  // record -> tenths
      for (const Match& m : all) {
        if (m.time.ns > end.time.ns || m.time.ns < end.time.ns - w.span_ns) continue;
        const std::string& text = m.fields[0].second;
        const std::int64_t size = std::stoll(text.substr(text[0] == '-', text.find('.'))) * 10 + (text.back() - '0');
        values[m.ref.offset] = text[0] == '-' ? -size : size;
      }
      std::vector<std::int64_t> sorted;
      std::int64_t sum = 0;
      for (const auto& [record, value] : values) {
        sorted.push_back(value);
        sum += value;
      }
      std::sort(sorted.begin(), sorted.end());
      const auto n = static_cast<std::int64_t>(sorted.size());
      // Both sides in twentieths times n: whole numbers.
      std::int64_t value = sum * 2, parts = 1;
      if (kind == Window::Kind::value_avg) parts = n;
      if (kind == Window::Kind::value_median) {
        value = sorted[static_cast<std::size_t>((n - 1) / 2)] + sorted[static_cast<std::size_t>(n / 2)];
      } else if (kind == Window::Kind::value_percentile) {
        std::int64_t rank = 1;  // the smallest rank that covers the share
        while (rank * 100 < static_cast<std::int64_t>(w.percentile) * n) ++rank;
        value = sorted[static_cast<std::size_t>(rank - 1)] * 2;
      }
      const auto bound = static_cast<std::int64_t>(w.threshold * 20) * parts;
      if (w.compare == Window::Compare::greater ? value > bound : value >= bound) expected.insert(end.time.ns);
    }
    decide_window(w, all, [&](const Emission& emission) {
      for (const Time& instant : emission.instants) got.insert(instant.ns);
    });
    ASSERT_EQ(got, expected) << "round " << round;
    met += expected.empty() ? 0U : 1U;
  }
  EXPECT_GT(met, 5000U);
}

TEST(Windows, DecimalsAreExact) {
  const auto text = [](std::string_view number) {
    const auto value = parse_decimal(number);
    if (!value) return std::string("none");
    return std::to_string(static_cast<std::int64_t>(*value / kDecimalScale)) + "/" +
           std::to_string(static_cast<std::int64_t>(*value % kDecimalScale));
  };
  EXPECT_EQ(text("0.1"), "0/100000000");
  EXPECT_EQ(text(" -12.5 "), "-12/-500000000");

  EXPECT_EQ(text("0.1234567899"), "0/123456789");
  EXPECT_EQ(text("9223372036854775807"), "9223372036854775807/0");
  EXPECT_EQ(text("1.5e3"), "1500/0");
  for (const char* const none : {"", "x", "+3", "1e30", "0x10", "nan", "inf", "1,5", "100000000000000000000000"})
    EXPECT_EQ(text(none), "none") << none;
  EXPECT_EQ(decimal_of(0.3), *parse_decimal("0.3"));
}

TEST(Windows, ManyMatchesStayFast) {
  std::vector<Match> matches;
  for (std::uint64_t i = 0; i < 200'000; ++i) {
    Match m;
    m.part = static_cast<std::uint32_t>(i % 2);
    m.time = Time{static_cast<std::int64_t>(i) * kSecond / 10};
    m.ref.offset = i;
    m.fields.emplace_back("v", std::to_string(i % 50));
    matches.push_back(std::move(m));
  }
  for (const Window::Kind kind :
       {Window::Kind::event_count, Window::Kind::value_count, Window::Kind::sequence, Window::Kind::together,
        Window::Kind::absence, Window::Kind::value_sum, Window::Kind::value_median}) {
    std::size_t emitted = 0;
    decide_window(window(kind, 60, 2, 2), matches, [&](const Emission&) { ++emitted; });
    EXPECT_EQ(emitted, kind == Window::Kind::absence ? 0U : kind == Window::Kind::sequence ? 100'000U : 1U);
  }
}

}  // namespace
}  // namespace assay
