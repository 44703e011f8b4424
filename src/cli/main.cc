#include "cli/verbs.h"

int main(int argc, char** argv) {
  using namespace assay::cli;
  std::vector<Verb> verbs = {hunt_verb(),     assess_verb(), explain_verb(),  report_verb(), case_verb(),
                             advisory_verb(), rules_verb(),  evidence_verb(), profile_verb()};
  verbs.insert(verbs.end(), {manual_verb(verbs), completion_verb(verbs)});
  return dispatch(argc, argv, verbs);
}
