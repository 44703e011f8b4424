// Named structural predicates over one value: shapes that no pattern language says well. They are part of the IR by
// name (ir::Test::structure); each is a pure function with a table of positive and negative examples as its test.
#pragma once

#include <span>
#include <string_view>

namespace assay::ir {

struct Structure {
  std::string_view name;
  std::string_view text;  // what it says of a value, one sentence
  bool (*holds)(std::string_view value);
};

// wellmess_cookie            a Cookie header built as WellMess builds it (docs/writing-rules.md)
// dn_country_not_two_letters a distinguished name whose C= is not two letters
// host_is_address            a URL, host or host:port whose host is a bare IP address
// long_random_label          a host name with a label that looks encoded: 24 or more characters, mixed, few vowels
[[nodiscard]] std::span<const Structure> structures();
[[nodiscard]] const Structure* find_structure(std::string_view name);
[[nodiscard]] bool known_structure(std::string_view name);

}  // namespace assay::ir
