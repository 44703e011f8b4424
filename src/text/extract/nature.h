// What a value is by itself, whatever a report says of it. For the files of this folder alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "text/extract/extract.h"
#include "text/extract/signs.h"

namespace assay {

// The host of an address, name, URL or mail address, in lower case; "" for other kinds.
[[nodiscard]] std::string host_of(Observable kind, std::string_view value);
// Its registrable domain, or the host itself when it has none (an address).
[[nodiscard]] std::string site_of(Observable kind, std::string_view value);
[[nodiscard]] inline std::string site_of(const Found& found) { return site_of(found.kind, found.value); }

// A host of a service that everybody uses, at which nothing of an attacker can be put.
// Packages and images of anybody at such a service: "https://www.npmjs.com/package/x".
[[nodiscard]] bool anybody_publishes(Observable kind, std::string_view value);
[[nodiscard]] bool utility_host(Observable kind, std::string_view value);

// By its ending it is a program, a script or a library.
[[nodiscard]] bool runs(std::string_view file_name);

struct Nature {
  ReportRole role = ReportRole::benign;
  int confidence = 0;
  std::string reason;
};
// What no report can make an indicator: private and special addresses, public resolvers, names that are not public, the
// hash of nothing.
[[nodiscard]] std::optional<Nature> nature_of(Observable kind, std::string_view value);

}  // namespace assay
