// Token-exact indicators over access and Zeek logs, for growing lists: the reader frames and begins each line, the
// matcher says which may hold something, and these are read and matched. At the end its matches are held
// against those of every value of every line.
#include <fmt/format.h>

#include <cstring>

#include "generate.h"
#include "harness.h"
#include "match/compiled.h"
#include "records.h"

namespace assay::bench {
namespace {

constexpr std::size_t kBytes = std::size_t{32} << 20;
constexpr int kRounds = 5;

Result<LaneResult> lane(std::string_view file_name, const std::string& bytes, std::size_t count) {
  TRY(const SchemaSet schemas, SchemaSet::load({}));
  const double held = resident_mb();
  RuleSet rules;
  rules.indicators = indicators(count, 7);
  const double start = cpu_seconds();
  const std::unique_ptr<Engine> engine = Engine::compile(rules, schemas, Profile{}, EngineOptions{});
  const double load = cpu_seconds() - start;
  const std::string_view head = std::string_view(bytes).substr(0, std::size_t{64} << 10);
  const Recognised known = recognise(head, false, file_name, schemas);
  if (known.format == nullptr)
    return Error{ErrorCode::unsupported, "no reader knows the bench's own input", std::string(file_name)};
  const std::size_t prologue = known.format->prologue_size(head);
  const auto reader = known.format->open(head.substr(0, prologue), known.recognition.shape, schemas);
  RecordCount records;
  const auto run = [&](RecordMatcher& matcher) {
    records = each_record(
        *known.format, *reader, std::string_view(bytes).substr(prologue),
        [&](RecordReader& one, std::string_view raw, std::uint64_t offset) { matcher.match(one, raw, offset); },
        [&](std::string_view window) { matcher.expect(window); });
  };
  RecordMatcher matcher(*engine, schemas), reads_all(*engine, schemas);
  reads_all.read_all();
  std::uint64_t lines = 0;
  const Pair pair = measure(
      kRounds, [&] { run(matcher); },
      [&] {
        lines = 0;
        const char* at = bytes.data();
        const char* const end = at + bytes.size();
        while (const void* found = std::memchr(at, '\n', static_cast<std::size_t>(end - at))) {
          ++lines;
          at = static_cast<const char*>(found) + 1;
        }
      });
  keep(lines);
  // The look at the words alone, which reads no record.
  const LineFilter& filter = engine->compiled().lines;
  std::uint64_t may_hold = 0;
  const Pair looked = measure(
      kRounds,
      [&] {
        may_hold = 0;
        std::vector<std::uint32_t> places;
        for (std::string_view rest = bytes; !rest.empty();) {
          const std::string_view stretch = cut_at_line(rest, std::size_t{32} << 10);
          filter.find(stretch, places);
          may_hold += places.size();
          rest.remove_prefix(stretch.size());
        }
      },
      [&] { run(reads_all); });
  LaneResult out;
  out.mb_per_s_core = static_cast<double>(bytes.size()) / 1e6 / pair.ours;
  out.events_per_s_core = static_cast<double>(records.records) / pair.ours;
  out.bytes_per_event = static_cast<double>(bytes.size()) / static_cast<double>(records.records);
  out.reference = "memchr count of lines";
  out.ratio = pair.ratio;
  out.peak_mb = peak_mb() - held;  // the rules and the engine with it
  out.input = fmt::format("32 MiB of generated {}, {} indicators", file_name, count);
  out.more = {{"load_s", load},
              {"read_all_mb_per_s", static_cast<double>(bytes.size()) / 1e6 / looked.reference},
              {"words_mb_per_s", static_cast<double>(bytes.size()) / 1e6 / looked.ours},
              {"places_per_line", static_cast<double>(may_hold) / static_cast<double>(lines)},
              {"matches_per_run", static_cast<double>(matcher.matches()) / (kRounds + 1)}};
  EngineOptions each_value;
  each_value.line_filter = false;
  const std::unique_ptr<Engine> plain = Engine::compile(rules, schemas, Profile{}, each_value);
  RecordMatcher judge(*plain, schemas), judged(*engine, schemas);
  judge.read_all();
  run(judge);
  run(judged);
  if (judge.matches() == 0)
    return Error{ErrorCode::integrity, "no indicator matched, though some stand in the input", std::string(file_name)};
  if (judge.matches() != judged.matches() || judge.digest() != judged.digest())
    return Error{ErrorCode::integrity, "the look at words lost or made matches", std::string(file_name)};
  return out;
}

}  // namespace

std::vector<Lane> indicator_lanes() {
  std::vector<Lane> out;
  for (const auto& [label, count] :
       {std::pair<std::string, std::size_t>{"1k", 1000}, {"100k", 100'000}, {"1m", 1'000'000}}) {
    const std::size_t n = count;
    out.push_back({"indicators." + label + ".access",
                   [n](const Context&) { return lane("access.log", access_lines(kBytes, 5), n); }});
    out.push_back(
        {"indicators." + label + ".zeek", [n](const Context&) { return lane("conn.log", zeek_conn(kBytes, 6), n); }});
  }
  return out;
}

}  // namespace assay::bench
