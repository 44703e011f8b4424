// The shell command of a cited record as the outputs may show it: withheld where the path would give a masked name
// away.
#pragma once

#include "report/explain/shell_command.h"
#include "report/view.h"

namespace assay::report {

[[nodiscard]] inline ShellCommand evidence_command(const View& view, const EvidenceItem& item,
                                                   const Sighting::Reference& r) {
  if (!view.options.names && view.machine(item.path) != item.path) {
    return {"", {"The path holds a name or number that is masked; with --names the command is shown."}};
  }
  return shell_command(view.data, item, r.offset, r.length);
}

}  // namespace assay::report
