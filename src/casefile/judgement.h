// What people say: an analyst's judgement of a finding, and what somebody told about a question. Rows of the case,
// insert-only: a later judgement of the same finding replaces an earlier one, and both stay.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/json.h"
#include "core/result.h"
#include "core/time.h"

namespace assay {

enum class Verdict : std::uint8_t { benign, confirmed, test };
[[nodiscard]] std::string_view name_of(Verdict verdict);

struct Disposition {
  std::string sighting;       // "sgt--...": the same in every run over the same bytes
  std::uint32_t finding = 0;  // its number when it was judged
  Verdict verdict = Verdict::benign;
  std::string reason, by;
  Time at;                    // wall clock
  Time expires;               // not known: never; else the judgement holds until the end of the day before
  std::int64_t run = 0;       // last finished run when it was made
  bool after_answer = false;  // made when the answer of the run at hand had been given; set by Case::load
};

struct Statement {
  std::string id;           // "S1", in order of their rows
  std::string who;          // a role: "user", "administrator"
  std::string about;        // question or claim id
  std::string account;      // whom it concerns; "" nobody
  Time time;                // when it happened, as told
  std::string reliability;  // Admiralty code, "B2"
  std::string text, by;
  Time at;
  std::int64_t run = 0;
  bool after_answer = false;
};

// "A1" to "F6", in either case; an error with the meaning of the letters otherwise.
[[nodiscard]] Result<std::string> admiralty_code(std::string_view text);
// "2020-12-31" or a full time; an error with a remedy otherwise.
[[nodiscard]] Result<Time> day_or_time(std::string_view option, std::string_view text);
[[nodiscard]] Result<Verdict> verdict_from(std::string_view word);

[[nodiscard]] Json to_json(const Disposition& disposition);
[[nodiscard]] bool from_json(const Json& json, Disposition& disposition);
[[nodiscard]] Json to_json(const Statement& statement);
[[nodiscard]] bool from_json(const Json& json, Statement& statement);

}  // namespace assay
