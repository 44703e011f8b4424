// STIX patterns from any bytes: what parses is printed and parsed again to the same; what is lowered is well formed,
// survives its serialised form, and can be tried on records and decided as a window.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "match/reference.h"
#include "match/windows.h"
#include "rules/stix_pattern/lower.h"
#include "rules/stix_pattern/pattern.h"

namespace {

using namespace assay;

class OneRecord final : public RecordValues {
 public:
  void each(std::string_view name, const std::function<void(const Value&)>& f) const override {
    switch (name.size() % 4) {
      case 0:
        f({ValueKind::string, "evil.example"});
        f({ValueKind::null, ""});
        break;
      case 1:
        f({ValueKind::number, "443"});
        break;
      case 2:
        f({ValueKind::string, "198.51.100.7"});
        f({ValueKind::string, "2021-02-03T04:05:06Z"});
        break;
      default:
        break;
    }
  }
  void each_any(const std::function<void(const Value&)>&) const override {}
  [[nodiscard]] Time time() const override { return Time{kSecond}; }
};

bool holds(const ir::Expr& expr) {
  RegexSet regexes;
  for (const ir::Atom& atom : expr.atoms) {
    for (const ir::Literal& literal : atom.literals) {
      if (atom.test == ir::Test::regex && !regexes.add(literal).ok()) std::abort();
    }
  }
  ir::RegexScratch scratch;
  EvalContext context{&regexes, &scratch, false};
  std::vector<TraceLine> trace;
  const bool met = evaluate(expr, OneRecord(), context);
  if (met != evaluate_traced(expr, OneRecord(), context, trace)) std::abort();
  (void)held_values(expr, OneRecord(), context);
  return met;
}

void try_on(const ir::Detector& d) {
  if (!d.window) {
    (void)holds(d.expr);
    return;
  }
  std::vector<Match> matches;
  for (std::uint64_t record = 0; record < 4; ++record) {
    for (std::uint32_t part = 0; part < d.window->bases.size() && part < 16; ++part) {
      if (!holds(d.window->bases[part].expr)) continue;
      Match m;
      m.part = part;
      m.time = Time{static_cast<std::int64_t>(record) * kSecond};
      m.ref.offset = record;
      matches.push_back(m);
    }
  }
  decide_window(*d.window, matches, [](const Emission& met) {
    if (met.matches.empty() || met.instants.empty()) std::abort();
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const bool lenient : {false, true}) {
    stix::ParseReport report;
    const auto pattern = stix::parse_pattern(text, lenient, &report);
    if (!pattern.ok()) {
      if (report.column < 1 || report.column > size + 1 || pattern.error().what.empty()) std::abort();
      continue;
    }
    if (!lenient && !report.forgiven.empty()) std::abort();
    const std::string printed = stix::to_text(*pattern);
    const auto again = stix::parse_pattern(printed, lenient);
    if (!again.ok() || !(*again == *pattern)) std::abort();
    ir::Detector d;
    d.kind = DetectorKind::stix_pattern;
    d.id = "fuzz";
    if (!stix::lower_pattern(*pattern, d).ok() || !ir::check(d).ok()) continue;
    Writer out;
    ir::save(out, d);
    Reader in(out.bytes());
    const auto back = ir::load(in);
    if (!back.ok() || !(*back == d)) std::abort();
    (void)ir::to_text(d);
    try_on(d);
  }
  return 0;
}
