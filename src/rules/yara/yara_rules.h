// YARA through libyara: every source is compiled alone first, and the good ones together, because libyara's compiler is
// unusable after one error. Compiled once before workers are forked; each worker has its own scanner. docs/yara.md.
//
// Refused: `include` (rules open no files) and the `time` module (an answer must not depend on the clock).
// External variables: filename, filepath, extension, filetype, owner.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_set.h"

namespace assay {

struct YaraRuleInfo {
  std::string name;                 // the rule's own
  std::string description, author;  // from its meta, when given
  std::vector<std::string> tags;
  std::string hash;  // sha256 over source text and name
  std::string advisory, origin;
  ir::Meaning meaning;  // the source's, with the rule's assay_* meta over it
  std::string account;  // meta assay_account: the string ("$bind") whose match names an account; "" when none does
};

struct YaraMatch {
  std::uint32_t rule = 0;  // place in rules()
  // The first place of up to 8 of its strings: "$a" and the offset in the scanned bytes.
  std::vector<std::pair<std::string, std::uint64_t>> strings;
  // What stands in the last pair of double quotes of the account string's first match (without quotes: all of it), up
  // to an '@', lower case; "" when the rule names no account.
  std::string account;
};

struct YaraExternals {
  std::string filename, filepath, extension, filetype, owner;
};

enum class YaraOutcome : std::uint8_t { done, timeout, failed };

class YaraRules {
 public:
  // Never fails as a whole; what does not compile goes to not_loaded.
  [[nodiscard]] static std::unique_ptr<YaraRules> compile(std::span<const YaraSource> sources,
                                                          std::vector<NotLoaded>& not_loaded);
  ~YaraRules();
  YaraRules(const YaraRules&) = delete;
  YaraRules& operator=(const YaraRules&) = delete;
  // Not private rules, in the order of their sources.
  [[nodiscard]] const std::vector<YaraRuleInfo>& rules() const { return infos_; }

 private:
  friend class YaraScanner;
  struct State;
  YaraRules();
  std::unique_ptr<State> state_;
  std::vector<YaraRuleInfo> infos_;
};

// One worker's scanner.
class YaraScanner {
 public:
  explicit YaraScanner(const YaraRules& rules);
  ~YaraScanner();
  YaraScanner(const YaraScanner&) = delete;
  YaraScanner& operator=(const YaraScanner&) = delete;
  // Matches in the order of rules().
  [[nodiscard]] YaraOutcome scan(std::string_view bytes, const YaraExternals& externals, std::vector<YaraMatch>& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace assay
