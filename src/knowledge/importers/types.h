// The words that other forms use for kinds of values: MISP's attribute types, OTX's and spreadsheets' column names.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/extract/observable.h"

namespace assay {

struct ValuePart {
  Observable kind = Observable::domain;
  std::string value;
};

// "ip-dst|port" and "203.0.113.5|443" -> the address; "filename|sha256" -> both. Empty: the type says nothing of a kind
// that is known. Types without '|' give one part whatever the value holds.
[[nodiscard]] std::vector<ValuePart> parts_of(std::string_view type, std::string_view value);
// One word: "FileHash-SHA256", "hostname", "IPv4 Address", "email-src". "ip" and "hash" are told by the value.
[[nodiscard]] std::optional<Observable> observable_from_word(std::string_view word, std::string_view value);
// The word is one of a kind at all, whatever the value.
[[nodiscard]] bool is_kind_word(std::string_view word);

}  // namespace assay
