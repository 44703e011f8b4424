// The role of each value in a report, by its signs and their weights (content/reports/weights.txt). Twice: first each
// value alone, then with what its neighbours seem to be. Whole numbers throughout, so the same text has the same answer
// everywhere.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "text/extract/extract.h"
#include "text/extract/nature.h"
#include "text/extract/signs.h"

namespace assay {

inline constexpr std::size_t kRoles = 4;  // in the order of ReportRole

// What the neighbours say: signs of the second time. In thousandths, as weights are.
inline constexpr std::int64_t kMargin = 4000;  // one neighbour counts for no more than this
enum class Company : std::uint8_t { row, block, title, near, site, report, count };
[[nodiscard]] const std::vector<std::string>& company_sign_names();  // after those of sign_names()

class RoleWeights {
 public:
  explicit RoleWeights(std::string_view file, std::vector<std::string>* problems = nullptr);
  [[nodiscard]] static const RoleWeights& shipped();

  // Points for each role, in thousandths.
  [[nodiscard]] std::array<std::int64_t, kRoles> points(int time, ValueGroup group,
                                                        const std::vector<SignId>& signs) const;
  [[nodiscard]] std::int64_t threshold() const { return threshold_; }
  // What the attacker's points must be above that for a value that is plainly_named(), times how much so.
  [[nodiscard]] std::int64_t plain() const { return plain_; }
  // The signs that speak most for `role`, strongest first, at most `most`.
  [[nodiscard]] std::vector<SignId> strongest(int time, ValueGroup group, const std::vector<SignId>& signs,
                                              ReportRole role, std::size_t most) const;

 private:
  using Row = std::array<std::int32_t, kRoles>;
  [[nodiscard]] std::array<std::int64_t, kRoles> of(int time, ValueGroup group, SignId sign) const;
  std::array<std::array<std::vector<Row>, kValueGroups + 1>, 2> rows_;  // by time, group (the last: all), sign
  std::int64_t threshold_ = 0, plain_ = 0;
};

struct Verdict {
  ReportRole role = ReportRole::benign;
  int confidence = 0;
  std::string reason;
};
// What a value is whatever the report says: by itself, and by the few signs that leave no choice.
[[nodiscard]] std::optional<Nature> fixed_nature(const ValueSigns& value);
// Written as what is referred to is: a host, link or mailbox that is neither defanged nor listed as an indicator. It
// needs more points to be the attacker's (RoleWeights::plain).
// 0: it is not so written; 1 and more: one more for a link in prose that is not defanged where others are, two for a
// host whose name its sentence says in words and for sources that are kept in public.
[[nodiscard]] int plainly_named(const ValueSigns& value);
// Called or kept as nothing else is: "minutes.docx.exe", "HOW_TO_RESTORE.txt", the new name of a program that was
// renamed, a folder below the temporary one, a path in a list of indicators. What else it may be, a word of its row
// says.
[[nodiscard]] bool evident(const ValueSigns& value);
// Written defanged or listed as an indicator, and no word says that it is somebody else's; or evident.
[[nodiscard]] bool shown_and_unspoken(const ValueSigns& value);
// The host of a URL, the domain of a mail address: an indicator as they are, where it is the attacker's alone. No
// value: a service of many, somebody's site that was taken over, or an address that is nobody's.
struct HostOfValue {
  Observable kind = Observable::domain;
  std::string value;
};
[[nodiscard]] std::optional<HostOfValue> own_host(const ValueSigns& value);
[[nodiscard]] std::vector<Verdict> roles_of(const std::vector<ValueSigns>& values, const RoleWeights& weights);

}  // namespace assay
