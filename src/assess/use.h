// What each sighting is good for: counted, and as what; or explained, and by what. An explained sighting weighs nothing
// and is shown with its explanation (ANSWER.md asks why a reader should not suspect blindness).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
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
  other_time,         // so long before or after the campaign that the address was somebody else's
};
[[nodiscard]] std::string_view name_of(Use use);

struct Used {
  const Sighting* sighting = nullptr;
  const DetectorInfo* detector = nullptr;  // never null
  Use use = Use::context;
  std::string line;         // counted: kind of line in the weights ("unique.c2")
  std::string artefact;     // infrastructure | software | wire | certificate | technique | lure | bytes | ""
  std::string group;        // dependence group
  std::string subject;      // host in scope, or inside address; "" when none
  bool via_proxy = false;   // the subject is a proxy or mail relay: some host behind it
  std::string destination;  // outside address or name it went to
  std::string source;       // outside address that came to us
  double power = 1;         // below 1 where an indicator has aged
};

// Ordinary use of one outside address or name, from the table "flows".
struct DestinationUse {
  std::int64_t count = 0, gets = 0, posts = 0, named = 0, web = 0;
  std::set<std::string, std::less<>> sources;  // inside addresses or names, proxies left out
};

struct Uses {
  std::vector<Used> all;                          // in the order of the case's sightings
  std::set<std::string, std::less<>> tied;        // destinations that counted sightings ties to the intrusion
  std::set<std::string, std::less<>> exploiters;  // outside addresses behind counted exploitation
};

[[nodiscard]] bool is_exploitation(std::string_view line);
// A counted sighting that puts its subject under the intruder's hand.
[[nodiscard]] bool controls_host(const Used& used);

[[nodiscard]] Uses judge_uses(const CaseData& data, const Weights& weights);

// A carried value of the sighting by any of these names; "" when it carries none.
[[nodiscard]] std::string_view carried(const Sighting& sighting, std::initializer_list<std::string_view> names);
[[nodiscard]] std::string_view source_address(const Sighting& sighting);
[[nodiscard]] std::string_view destination_address(const Sighting& sighting);

}  // namespace assay
