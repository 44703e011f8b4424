// Appliances that by default do not log what a claim would show (content/weights/appliances.yaml): their own logs,
// however many, say nothing about that claim.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "casefile/case_data.h"
#include "core/result.h"

namespace assay {

struct Appliance {
  std::string name;                   // "fortigate"
  std::string label;                  // "FortiGate"
  std::vector<std::string> products;  // lower case, found inside the profile's product
  std::vector<std::string> routes;    // "syslog/pulse"
  std::vector<std::string> claims;    // that its logs do not show
  std::string unless;                 // a source class whose records say that it logs them after all; "" none
  std::string reason;                 // one sentence

  [[nodiscard]] static Result<std::vector<Appliance>> parse(std::string_view yaml);
  // The shipped ones; a test holds that they can be read.
  [[nodiscard]] static const std::vector<Appliance>& shipped();
};

class SilentAppliances {
 public:
  SilentAppliances() = default;
  // Which hosts are such appliances: by the profile's product, else by their records in `coverage`.
  explicit SilentAppliances(const CaseData& data);
  // The appliance, when `host` is one whose own logs do not show the claim; else null.
  [[nodiscard]] const Appliance* of(std::string_view claim, std::string_view host) const;
  [[nodiscard]] const std::map<std::string, const Appliance*, std::less<>>& hosts() const { return hosts_; }

 private:
  std::map<std::string, const Appliance*, std::less<>> hosts_;
};

}  // namespace assay
