// What a finding tells of itself in words: why it is one, and what its reader must know of its host and its order.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/notice.h"
#include "core/sighting.h"
#include "hunt/clock_offsets.h"
#include "hunt/leases.h"
#include "knowledge/profile.h"
#include "rules/rule_set.h"

namespace assay {

// "Web shell was asked for: uri = /a.jsp, src = 203.0.113.7": the detector's title, up to three fields, and whose word
// they are.
[[nodiscard]] std::string reason(const DetectorInfo& info, const Sighting& s);

// Which of a finding's addresses was the host's, as its field @leased_address: whoever weighs it must not take the
// address for another party.
void note_lease(Sighting& sighting, const std::string& address);

// A chain whose records stand in sources with different clocks holds only as far as these are apart less than it is
// long. `chains`: evidence id -> path chain.
void doubt_order(Sighting& s, const ClockDoubts& doubts, const std::map<std::string, std::string>& chains);

// Findings on an inside address that nothing ties to a host: the address is not taken for one. Counted as
// address_not_host.
void addresses_not_hosts(std::vector<Sighting>& sightings, const Leases& leases, const Profile& profile,
                         Notices& notices);

}  // namespace assay
