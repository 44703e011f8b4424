#include "cli/verbs.h"

int main(int argc, char** argv) {
  using namespace assay::cli;
  return dispatch(argc, argv,
                  {hunt_verb(), assess_verb(), explain_verb(), report_verb(), case_verb(), advisory_verb(),
                   rules_verb(), evidence_verb(), profile_verb()});
}
