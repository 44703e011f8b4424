// What each sighting is good for: counted, and as what; or explained, and by what. An explained sighting weighs nothing
// and is shown with its explanation (ANSWER.md asks why a reader should not suspect blindness).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "assess/visibility.h"
#include "assess/weights.h"
#include "casefile/case_data.h"

namespace assay {

enum class Use : std::uint8_t {
  counted,
  contact,            // came to us from a listed address: worth little
  weak,               // a generic rule: speaks about its host
  context,            // shown, not weighed
  mention,            // text that quotes an advisory, a rule or a list
  weightless,         // the indicator must never weigh (private address, legitimate name ...)
  scan,               // probing that did not succeed
  authorised_test,    // own scanner or tester, by the profile
  analysis,           // our own analysts and their machines
  after_publication,  // interest after publication, or knocking by those who read it too
  sinkhole,           // the address was in the hands of defenders
  shared_hosting,     // ordinary browsing of something else at a listed address
  new_machine,        // what setting up a machine does
  ordinary,           // an analytic, or a habit of the estate, explains it: the sighting's own sentence says how
  judged_benign,      // an analyst's disposition: benign
  judged_test,        // an analyst's disposition: a test of our own
  other_time,         // so long before or after the campaign that the address was somebody else's
};
[[nodiscard]] std::string_view name_of(Use use);

// A text that many sightings share, kept once in a pool: one pointer.
class Word {
 public:
  Word() = default;
  explicit Word(const std::string& kept) : text_(&kept) {}
  operator const std::string&() const { return *text_; }  // NOLINT: it is a string for all purposes
  operator std::string_view() const { return *text_; }    // NOLINT
  [[nodiscard]] const std::string& str() const { return *text_; }
  [[nodiscard]] bool empty() const { return text_->empty(); }
  [[nodiscard]] bool ends_with(std::string_view end) const { return text_->ends_with(end); }
  [[nodiscard]] bool starts_with(std::string_view begin) const { return text_->starts_with(begin); }
  [[nodiscard]] std::size_t find(std::string_view part) const { return text_->find(part); }
  friend bool operator==(const Word& a, const Word& b) { return a.text_ == b.text_ || *a.text_ == *b.text_; }
  friend bool operator==(const Word& a, std::string_view b) { return *a.text_ == b; }
  friend auto operator<=>(const Word& a, const Word& b) { return a.text_->compare(*b.text_) <=> 0; }
  friend auto operator<=>(const Word& a, std::string_view b) { return a.text_->compare(b) <=> 0; }

 private:
  inline static const std::string kNone;
  const std::string* text_ = &kNone;
};

class WordPool {
 public:
  [[nodiscard]] Word word(std::string_view text) {
    if (text.empty()) return {};
    const auto at = words_.find(text);
    return Word(at != words_.end() ? *at : *words_.emplace(text).first);
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  std::unordered_set<std::string, Hash, std::equal_to<>> words_;  // its strings do not move
};

struct Used {
  const Sighting* sighting = nullptr;
  const DetectorInfo* detector = nullptr;  // never null
  Use use = Use::context;
  Word line;               // counted: kind of line in the weights ("unique.c2")
  Word artefact;           // infrastructure | software | wire | certificate | technique | lure | bytes | ""
  Word group;              // dependence group
  Word subject;            // host in scope, or inside address; "" when none
  bool via_proxy = false;  // the subject is a proxy or mail relay: some host behind it
  Word destination;        // outside address or name it went to
  Word source;             // outside address that came to us
  bool confirmed = false;  // an analyst looked at it and says that it is real
  double power = 1;        // below 1 where an indicator has aged
};

// Ordinary use of one outside address or name, from the table "flows".
struct DestinationUse {
  std::int64_t count = 0, gets = 0, posts = 0, named = 0, web = 0;
  std::set<std::string, std::less<>> sources;  // inside addresses or names, proxies left out
};

struct Uses {
  std::shared_ptr<WordPool> words = std::make_shared<WordPool>();
  std::vector<Used> all;                          // in the order of the case's sightings
  std::set<std::string, std::less<>> tied;        // destinations that counted sightings ties to the intrusion
  std::set<std::string, std::less<>> exploiters;  // outside addresses behind counted exploitation
};

[[nodiscard]] bool is_exploitation(std::string_view line);
// A counted sighting that puts its subject under the intruder's hand.
[[nodiscard]] bool controls_host(const Used& used);

[[nodiscard]] Uses judge_uses(const CaseData& data, const Weights& weights);

// The judgement of a finding that holds: the last one, unless it has expired. Null when there is none.
[[nodiscard]] const Disposition* disposition_of(const CaseData& data, const Sighting& sighting);

// A carried value of the sighting by any of these names; "" when it carries none.
[[nodiscard]] std::string_view carried(const Sighting& sighting, std::initializer_list<std::string_view> names);
// The account without domain, in lower case: "LAB\A.Turing" and "a.turing@lab.example" are "a.turing".
[[nodiscard]] std::string bare_account(std::string_view account);
[[nodiscard]] std::string_view source_address(const Sighting& sighting);
[[nodiscard]] std::string_view destination_address(const Sighting& sighting);

}  // namespace assay
