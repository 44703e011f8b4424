#include "casefile/judgement.h"

#include <fmt/format.h>

#include <array>

#include "core/ascii.h"

namespace assay {
namespace {

constexpr std::array<std::string_view, 3> kVerdicts = {"benign", "confirmed", "test"};

Json time_json(Time time) { return time.known() ? Json(format_utc(time)) : Json(""); }

Time time_of(const Json& json) { return parse_iso8601(json.as_string()).value_or(Time{}); }

}  // namespace

std::string_view name_of(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }

Result<Verdict> verdict_from(std::string_view word) {
  for (std::size_t i = 0; i < kVerdicts.size(); ++i) {
    if (equals_icase(word, kVerdicts[i])) return static_cast<Verdict>(i);
  }
  return Error{ErrorCode::bad_usage, fmt::format("\"{}\" is no judgement", word), "--as",
               "use benign, confirmed or test"};
}

Result<std::string> admiralty_code(std::string_view text) {
  if (text.size() == 2) {
    const char letter = to_upper(text[0]);
    if (letter >= 'A' && letter <= 'F' && text[1] >= '1' && text[1] <= '6') return std::string{letter, text[1]};
  }
  return Error{ErrorCode::bad_usage, fmt::format("\"{}\" is no Admiralty code", text), "--reliability",
               "a letter for the source (A completely reliable ... E unreliable, F cannot be judged) and a digit for "
               "what it says (1 confirmed ... 5 improbable, 6 cannot be judged), as B2"};
}

Result<Time> day_or_time(std::string_view option, std::string_view text) {
  std::string whole(text);
  if (whole.size() == 10) whole += "T00:00:00Z";
  if (const auto time = parse_iso8601(whole); time && time->known()) return *time;
  return Error{ErrorCode::bad_usage, fmt::format("\"{}\" is no time", text), std::string(option),
               "write 2020-04-28 or 2020-04-28T09:41:00Z"};
}

Json to_json(const Disposition& d) {
  return Json::object({{"sighting", d.sighting},
                       {"finding", Json(std::int64_t{d.finding})},
                       {"as", name_of(d.verdict)},
                       {"reason", d.reason},
                       {"by", d.by},
                       {"at", time_json(d.at)},
                       {"expires", time_json(d.expires)},
                       {"run", Json(d.run)}});
}

bool from_json(const Json& json, Disposition& d) {
  const auto verdict = verdict_from(json["as"].as_string());
  if (!verdict.ok()) return false;
  d.verdict = *verdict;
  d.sighting = json["sighting"].as_string();
  const std::int64_t finding = json["finding"].as_int();
  d.finding = finding > 0 && finding <= INT32_MAX ? static_cast<std::uint32_t>(finding) : 0;
  d.reason = json["reason"].as_string();
  d.by = json["by"].as_string();
  d.at = time_of(json["at"]);
  d.expires = time_of(json["expires"]);
  d.run = json["run"].as_int();
  return !d.sighting.empty();
}

Json to_json(const Statement& s) {
  return Json::object({{"who", s.who},
                       {"about", s.about},
                       {"account", s.account},
                       {"time", time_json(s.time)},
                       {"reliability", s.reliability},
                       {"text", s.text},
                       {"by", s.by},
                       {"at", time_json(s.at)},
                       {"run", Json(s.run)}});
}

bool from_json(const Json& json, Statement& s) {
  const auto code = admiralty_code(json["reliability"].as_string());
  if (!code.ok()) return false;
  s.reliability = *code;
  s.who = json["who"].as_string();
  s.about = json["about"].as_string();
  s.account = json["account"].as_string();
  s.time = time_of(json["time"]);
  s.text = json["text"].as_string();
  s.by = json["by"].as_string();
  s.at = time_of(json["at"]);
  s.run = json["run"].as_int();
  return !s.about.empty();
}

}  // namespace assay
