#include <fmt/format.h>

#include <algorithm>

#include "core/ascii.h"
#include "core/limits.h"
#include "match/carried.h"
#include "match/compiled.h"
#include "match/indicator_matcher.h"
#include "match/rule_matcher.h"

namespace assay {
namespace {

class MatcherImpl final : public Matcher {
 public:
  explicit MatcherImpl(const Compiled& compiled)
      : engine_(compiled), rules_(compiled), indicators_(compiled), yara_(*compiled.yara) {}

  void expect(std::string_view text) override { indicators_.expect(text); }

  bool surely_none(const RecordReader& reader, ShapeId shape, RouteId route, std::string_view raw) override {
    const Plan& plan = engine_.plans[shape][route];
    return plan.bound && plan.core->rules().empty() && indicators_.surely_none(plan, reader, raw);
  }

  void match(const RecordContext& record, std::vector<Match>& out, Notices& notices) override {
    const Plan& plan = engine_.plans[record.shape][record.route];
    if (!plan.bound) return;
    const std::size_t before = out.size();
    const bool gave_up = rules_.match(plan, record, out);
    bool mention = false;
    if (!plan.places.empty()) mention = indicators_.match(plan, record, before, out, notices);
    if (gave_up)
      notices.add({NoticeKind::rule_limit, {}, record.ref.offset, 1, "a rule's regular expression met its step limit"});
    if (out.size() - before > limits::kMatchesPerRecord) {
      out.resize(before + limits::kMatchesPerRecord);
      notices.add(
          {NoticeKind::limit_other, {}, record.ref.offset, 1, "matches of one record beyond the limit were left out"});
    }
    for (std::size_t i = before; i < out.size(); ++i) out[i].mention = out[i].mention || mention;
  }

  void match(const Blob& blob, const RecordContext& context, std::vector<Match>& out, Notices& notices) override {
    const std::size_t before = out.size();
    const bool mention = indicators_.match(blob, context, out, notices);
    scan_yara(blob, context, out, notices);
    if (!blob.whole && out.size() > before) {
      for (std::size_t i = before; i < out.size(); ++i) add_field(out[i].fields, "looked_at", "head only");
    }
    for (std::size_t i = before; i < out.size(); ++i) {
      out[i].mention = out[i].mention || mention;
      std::sort(out[i].fields.begin(), out[i].fields.end());
    }
  }

 private:
  void scan_yara(const Blob& blob, const RecordContext& context, std::vector<Match>& out, Notices& notices) {
    if (engine_.yara->rules().empty() || blob.bytes.empty()) return;
    YaraExternals externals;
    const std::string_view name = blob.name.empty() ? blob.path.substr(blob.path.find_last_of('/') + 1) : blob.name;
    externals.filename = name;
    externals.filepath = blob.path;
    const std::size_t dot = name.rfind('.');
    if (dot != std::string_view::npos) externals.extension = lower(name.substr(dot));
    externals.filetype = blob.type;
    externals.owner = context.account;
    yara_matches_.clear();
    const YaraOutcome outcome = yara_.scan(blob.bytes, externals, yara_matches_);
    if (outcome != YaraOutcome::done) {
      notices.add({NoticeKind::rule_limit,
                   {},
                   blob.ref.offset,
                   1,
                   outcome == YaraOutcome::timeout ? "YARA took too long over a file; its rules were not all tried"
                                                   : "YARA could not finish a file"});
    }
    for (const YaraMatch& met : yara_matches_) {
      Match m;
      m.detector = engine_.catalogue.first_yara() + met.rule;
      m.role = Role::file;
      std::string strings;
      for (const auto& [id, offset] : met.strings)
        strings += fmt::format("{}{} at {}", strings.empty() ? "" : ", ", id, offset);
      add_field(m.fields, "strings", strings);
      place_blob(blob, context, m);
      if (!met.account.empty()) m.account = met.account;
      out.push_back(std::move(m));
    }
  }

  const Compiled& engine_;
  RuleMatcher rules_;
  IndicatorMatcher indicators_;
  YaraScanner yara_;
  std::vector<YaraMatch> yara_matches_;
};

}  // namespace

std::unique_ptr<Matcher> Matcher::make(const Engine& engine) {
  return std::make_unique<MatcherImpl>(engine.compiled());
}

}  // namespace assay
