// How a value is shown: what is evident without weights, and what needs more than others.
#include <algorithm>
#include <array>
#include <vector>

#include "text/extract/roles.h"
#include "text/extract/sign_ids.h"
#include "text/extract/vocabulary.h"

namespace assay {

bool evident(const ValueSigns& value) {
  const ValueGroup group = group_of(value.kind);
  static const std::vector<SignId> said = [] {
    const auto& kinds = Vocabulary::shipped().kinds();
    std::vector<SignId> out = {static_cast<SignId>(Sign::under_benign), static_cast<SignId>(Sign::under_victims),
                               static_cast<SignId>(Sign::in_its_place)};
    for (const std::string_view kind : {"benign", "good", "leave"}) {
      const auto at = static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), kind) - kinds.begin());
      out.push_back(word_sign(WordPlace::cell, at));
      if (kind != "good") out.push_back(word_sign(WordPlace::next_before, at));
    }
    return out;
  }();
  const auto has = [&](SignId sign) {
    return std::find(value.signs.begin(), value.signs.end(), sign) != value.signs.end();
  };
  if (std::any_of(said.begin(), said.end(), has)) return false;
  const auto is = [&](Sign sign) { return has(static_cast<SignId>(sign)); };
  if (group == ValueGroup::hash) return is(Sign::of_certificate) && !is(Sign::commit_number);
  if (group != ValueGroup::file && group != ValueGroup::path) return false;
  const bool known =
      is(Sign::ordinary_file) || is(Sign::dual_use_tool) || is(Sign::runtime_file) || is(Sign::tool_release);
  if (is(Sign::lure_ending) || is(Sign::ransom_note) || (!known && (is(Sign::renamed) || is(Sign::cracked))))
    return true;
  if (group != ValueGroup::path || is(Sign::makers_folder)) return false;
  const bool staged = is(Sign::folder) && (is(Sign::temporary_folder) || is(Sign::put_anywhere));
  return is(Sign::listed_as_indicator) || staged;
}

// Nobody makes an address harmless that harms nobody, and what a list of indicators holds is one: where no word says
// whose else it is, that is what was meant. The weights alone miss it in texts of a sentence or two, which have too few
// signs. File names are listed for too many reasons.
bool shown_and_unspoken(const ValueSigns& value) {
  const bool listed = group_of(value.kind) != ValueGroup::file &&
                      std::find(value.signs.begin(), value.signs.end(),
                                static_cast<SignId>(Sign::listed_as_indicator)) != value.signs.end();
  const bool firm = std::find(value.signs.begin(), value.signs.end(), static_cast<SignId>(Sign::capitals)) !=
                    value.signs.end();  // "Tier.Net", who rents out the address of the row
  // The link below the title, of a report that writes the attacker's defanged or to "our report".
  const auto has = [&](Sign sign) {
    return std::find(value.signs.begin(), value.signs.end(), static_cast<SignId>(sign)) != value.signs.end();
  };
  static const std::size_t own = [] {
    const auto& kinds = Vocabulary::shipped().kinds();
    return static_cast<std::size_t>(std::find(kinds.begin(), kinds.end(), "own") - kinds.begin());
  }();
  const bool our = std::any_of(value.signs.begin(), value.signs.end(), [](SignId sign) {
    return sign == word_sign(WordPlace::lead, own) || sign == word_sign(WordPlace::line_before, own);
  });
  const bool masthead = has(Sign::at_top) && group_of(value.kind) != ValueGroup::address &&
                        (has(Sign::plain_among_defanged) || (our && value.kind == Observable::url));
  return ((value.defanged || (listed && !firm && !masthead)) && !spoken_for(value)) || evident(value);
}

int plainly_named(const ValueSigns& value) {
  const ValueGroup group = group_of(value.kind);
  if (value.defanged || (group != ValueGroup::domain && group != ValueGroup::url && group != ValueGroup::mail))
    return 0;
  // Listed, or nothing that anybody would refer a reader to: a mailbox at a free provider, a customer's name at a
  // service, a server without a name, a script that is run as it comes.
  static constexpr auto kElse = std::to_array<Sign>({Sign::listed_as_indicator, Sign::free_mail, Sign::tenant,
                                                     Sign::host_is_address, Sign::onion, Sign::run_from_there});
  const auto any = [&](const auto& wanted) {
    return std::any_of(value.signs.begin(), value.signs.end(), [&](SignId sign) {
      return std::find(wanted.begin(), wanted.end(), static_cast<Sign>(sign)) != wanted.end();
    });
  };
  if (any(kElse)) return 0;
  // "Larkstone (larkstone.com)": its sentence says whose it is. Of services that is said as well of what others put
  // there.
  const bool somebodys = any(std::array{Sign::named_beside}) &&
                         !any(std::array{Sign::shared_service, Sign::service_itself, Sign::mail_from});
  const bool link = group == ValueGroup::url && any(std::array{Sign::plain_among_defanged}) &&
                    !any(std::array{Sign::quoted, Sign::in_code});
  return 1 + (link ? 1 : 0) + (somebodys || any(std::array{Sign::code_host}) ? 2 : 0);
}

}  // namespace assay
