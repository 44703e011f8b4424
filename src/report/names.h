// Masking of people in every output: account names become person-07, service-02, shared-01; numbers that look like a
// patient's or a citizen's are blanked; so are the values of URL parameters, names in directory names and certificates,
// and the names of documents.
// The same case gives the same numbers in every output. --names shows accounts; numbers of patients stay masked.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "assess/assessment.h"
#include "casefile/case_data.h"

namespace assay::report {

// "LARKMOOR\M.Okafor" and "m.okafor@larkmoor.example" -> "m.okafor".
[[nodiscard]] std::string canonical_account(std::string_view account);
// SYSTEM, root, nobody, HOST$ ...: names no person.
[[nodiscard]] bool is_impersonal_account(std::string_view canonical);

class NameMask {
 public:
  // Numbers are given from the case first (by kind, in order of the name's hash: order tells nothing), then from what
  // only the assessment names.
  NameMask(const CaseData& data, const Assessment* assessment, bool show_names);

  // A field that holds an account.
  [[nodiscard]] std::string account(std::string_view account) const;
  // Prose, values, paths: accounts inside it, mail addresses of own domains, directory names, personal numbers.
  [[nodiscard]] std::string text(std::string_view text) const;
  // Masked name and canonical account, sorted: what a local key file holds.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> key() const;

 private:
  void give_numbers(const std::map<std::string, std::string>& kinds);
  [[nodiscard]] std::string mask_accounts(std::string_view text) const;
  bool show_names_;
  std::set<std::string, std::less<>> listed_files_;         // names of files that an advisory lists
  std::map<std::string, std::string, std::less<>> masked_;  // canonical account -> person-07
  std::set<std::string, std::less<>> not_in_prose_;         // accounts whose name is an ordinary word
  std::vector<std::string> spaced_;                         // accounts with a space, longest first
  std::map<std::string, int> used_;                         // kind -> numbers given
  std::size_t longest_ = 0;
};

// Numbers of patients and citizens: NHS numbers (grouped 3-3-4, or ten digits with a right check digit), ddd-dd-dddd,
// and the values of patient parameters (mrn=, patient_id=, nhs= ...) become "[number masked]"; HL7 and DICOM names
// (DOE^JANE) too.
[[nodiscard]] std::string mask_personal_numbers(std::string_view text);

// A field whose value is a message's or page's body, or its subject: never printed.
[[nodiscard]] bool is_body_field(std::string_view name);

}  // namespace assay::report
