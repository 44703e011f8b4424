// Files that are given twice, in two places: what was found in the copy alone, because it carries the file's own path,
// is what was found in the file that is kept.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/sighting.h"

namespace assay {

// `of_copies`: ids of sightings all of whose matches stand in items that are whole copies of others; their references
// name the kept items. One of them is dropped when another sighting is the same but for its host and for paths that
// end in the same name. What a rule found by the copy's path alone stays.
void fold_copies(std::vector<Sighting>& sightings, const std::set<std::string>& of_copies);

}  // namespace assay
