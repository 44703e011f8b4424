// The case: one SQLite file with runs, sealed unit results while a run goes on, what was found, and the processing log
// (custody). Rows are insert-only (triggers refuse changes); the processing log chains by hash and carries a digest of
// every table at each seal. At rest the case has left WAL, so one file is the case. One case belongs to one
// organisation. Schema: docs/case.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casefile/case_data.h"
#include "core/result.h"

namespace assay {

struct RunInfo {
  std::int64_t run = 0;
  std::string state;         // "running" | "interrupted" | "finished"
  std::string detector_set;  // hash of rules, advisories, schemas, profile and settings
  std::string
      body;  // JSON: command line, started, ended, jobs, host, pid, tool, peak memory (run facts, never in the answer)
};

struct CustodyLine {
  std::int64_t seq = 0;
  std::string prev, body, hash;
};

class Case {
 public:
  static constexpr int kSchemaVersion = 1;

  // Error when the file exists.
  [[nodiscard]] static Result<std::unique_ptr<Case>> create(const std::string& path);
  // Older schema versions are migrated when not read-only; a newer one is an error.
  [[nodiscard]] static Result<std::unique_ptr<Case>> open(const std::string& path, bool read_only);
  ~Case();
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  [[nodiscard]] const std::string& path() const;

  // --- runs
  [[nodiscard]] std::vector<RunInfo> runs();
  // Continues the last run when it did not finish and has the same detector set, else starts one.
  struct Started {
    std::int64_t run = 0;
    bool resumed = false;
    std::uint64_t sealed_units = 0;
  };
  [[nodiscard]] Result<Started> start_run(const std::string& detector_set, const std::string& body);
  Status end_run(std::int64_t run, const std::string& state, const std::string& body);

  // --- sealed unit results of the run that goes on
  [[nodiscard]] bool is_sealed(const std::string& unit);
  Status seal(std::int64_t run, const std::string& unit, std::string_view result,
              const std::vector<std::string>& chunks);
  [[nodiscard]] std::optional<std::string> sealed_result(const std::string& unit);
  [[nodiscard]] std::optional<std::string> sealed_chunk(const std::string& unit, std::int64_t index);
  // Units sealed so far, in canonical order.
  [[nodiscard]] std::vector<std::string> sealed_units();
  Status commit();      // makes what was sealed durable
  Status drop_spool();  // at the end of a finished run; `done` keeps what was looked at with what

  // --- what was found
  Status store(std::int64_t run, const CaseData& data, const std::vector<std::string>& bundles,
               std::string_view profile_yaml);
  // The last finished (or, with `partial`, last stored) run.
  [[nodiscard]] Result<CaseData> load();
  Status store_assessment(std::int64_t run, std::string_view json);
  // Canonical JSONL, sorted by kind and id, without run facts.
  Status export_jsonl(const std::function<void(std::string_view line)>& sink);

  // --- processing log
  Status log(std::string_view event, std::string_view detail, bool seal, std::string_view at);
  [[nodiscard]] std::vector<CustodyLine> custody();
  [[nodiscard]] std::string head();
  struct Verdict {
    bool consistent = false;
    bool anchored = false;    // `expected_head` was given and is in the log; what it sealed stands as it stood then
    std::uint64_t later = 0;  // log lines after that head, and what they say was done
    std::vector<std::string> later_events, problems;
  };
  [[nodiscard]] Verdict verify(std::string_view expected_head);

  // Leaves WAL. Called by the destructor too.
  void close();

 private:
  struct State;
  explicit Case(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace assay
