// Sigma documents from any bytes, also through processing pipelines: rules, correlations, filters. Loading never fails
// as a whole, what loads is well formed and survives its serialised form, every rule and filter can be tried on a
// record, and a pipeline that changes nothing changes no rule.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "match/reference.h"
#include "rules/loader.h"
#include "rules/resolve.h"

namespace {

using namespace assay;

class OneRecord final : public RecordValues {
 public:
  void each(std::string_view name, const std::function<void(const Value&)>& f) const override {
    if (name.empty()) return;
    switch (name.size() % 4) {
      case 0:
        f({ValueKind::string, "C:\\Windows\\cmd.exe /c -f evil 10.0.0.1"});
        break;
      case 1:
        f({ValueKind::number, "4688"});
        break;
      case 2:
        f({ValueKind::null, ""});
        break;
      default:
        break;
    }
  }
  void each_any(const std::function<void(const Value&)>& f) const override { f({ValueKind::string, "some evil text"}); }
};

void try_on(const ir::Expr& expr, const OneRecord& record, ir::RegexScratch& scratch) {
  RegexSet regexes;
  for (const ir::Atom& atom : expr.atoms) {
    for (const ir::Literal& literal : atom.literals) {
      if (atom.test == ir::Test::regex && !regexes.add(literal).ok()) std::abort();
    }
  }
  EvalContext context{&regexes, &scratch, false};
  std::vector<TraceLine> trace;
  if (evaluate(expr, record, context) != evaluate_traced(expr, record, context, trace)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 * 1024) return 0;
  RuleSet rules;
  rules.placeholders["a"] = {"x", "y*"};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // What stands before a line of '%' is a pipeline for the rules after it.
  const std::size_t cut = text.find("\n%\n");
  if (cut != std::string_view::npos) {
    auto pipeline = sigma::parse_pipeline("pipeline.yml", text.substr(0, cut));
    if (pipeline.ok()) rules.pipelines.push_back(std::move(*pipeline));
  }
  const std::string_view documents = cut == std::string_view::npos ? text : text.substr(cut + 3);
  load_sigma("fuzz.yml", documents, "", rules);
  ir::RegexScratch scratch;
  const OneRecord record;
  for (const ir::Filter& filter : rules.filters) {
    if (!ir::check(filter).ok()) std::abort();
    (void)ir::to_text(filter);
    try_on(filter.expr, record, scratch);
  }
  // Every refusal says something, and a place is inside the file.
  for (const NotLoaded& n : rules.not_loaded) {
    if (n.reason.empty() || n.line < 0 || n.column < 0) std::abort();
  }
  if (cut == std::string_view::npos) {
    RuleSet same;
    same.placeholders = rules.placeholders;
    auto nothing = sigma::parse_pipeline("nothing.yml", "transformations: [{type: set_state, key: a, val: b}]\n");
    if (!nothing.ok()) std::abort();
    same.pipelines.push_back(std::move(*nothing));
    load_sigma("fuzz.yml", documents, "", same);
    if (!(same.rules == rules.rules) || !(same.filters == rules.filters)) std::abort();
  }
  resolve_rules(rules);
  for (const ir::Detector& d : rules.rules) {
    if (!ir::check(d).ok() || ir::hash_of(d) != d.hash) std::abort();
    if (d.window) {  // children stand before what names them
      for (const WindowFeed& feed : fed_by(rules.rules, static_cast<DetectorIndex>(&d - rules.rules.data()))) {
        if (&rules.rules[feed.window] <= &d) std::abort();
      }
    }
    Writer out;
    ir::save(out, d);
    Reader in(out.bytes());
    const auto back = ir::load(in);
    if (!back.ok() || !(*back == d)) std::abort();
    (void)ir::to_text(d);
    if (d.window) continue;
    try_on(d.expr, record, scratch);
  }
  return 0;
}
