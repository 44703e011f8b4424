// Findings that are one finding in two places: of files that are given twice, and of records that stand in two items of
// which one does not tell its host.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/sighting.h"
#include "hunt/duplicates.h"
#include "knowledge/profile.h"

namespace assay {

// Files that are given twice, in two places: what was found in the copy alone, because it carries the file's own path,
// is what was found in the file that is kept.
// `of_copies`: ids of sightings all of whose matches stand in items that are whole copies of others; their references
// name the kept items. One of them is dropped when another sighting is the same but for its host and for paths that
// end in the same name. What a rule found by the copy's path alone stays.
void fold_copies(std::vector<Sighting>& sightings, const std::set<std::string>& of_copies);

// The records of one log can stand in two items of which one does not tell its host (a download without its folder):
// what was found in both is one sighting in two places. Every item of the nameless one must be known to share records
// with an item of the other.
// A host that merely is the one of an address in the record counts as not told.
// `ids`: path chain -> evidence id.
void fold_nameless(std::vector<Sighting>& sightings, const Duplicates& duplicates,
                   const std::map<std::string, std::string>& ids, const Profile& profile);

}  // namespace assay
