// Rows of the case as JSON bodies, both ways. Field order is fixed: bodies are hashed and exported as they are.
#pragma once

#include "casefile/case_data.h"
#include "core/json.h"

namespace assay {

[[nodiscard]] Json to_json(const EvidenceItem& item);
[[nodiscard]] bool from_json(const Json& json, EvidenceItem& item);
[[nodiscard]] Json to_json(const DetectorInfo& info);
[[nodiscard]] bool from_json(const Json& json, DetectorInfo& info);
[[nodiscard]] Json to_json(const NotLoaded& entry, std::string_view kind);
[[nodiscard]] bool from_json(const Json& json, NotLoaded& entry);
[[nodiscard]] Json to_json(const Sighting& sighting);
[[nodiscard]] bool from_json(const Json& json, Sighting& sighting);
[[nodiscard]] Json to_json(const Mention& mention);
[[nodiscard]] bool from_json(const Json& json, Mention& mention);
[[nodiscard]] Json to_json(const Notice& notice);
[[nodiscard]] bool from_json(const Json& json, Notice& notice);
[[nodiscard]] Json spec_to_json(const TableSpec& spec);
[[nodiscard]] TableSpec spec_from_json(const Json& json);
[[nodiscard]] Json row_to_json(const Table::KeyView& key, Table::RowView row);
[[nodiscard]] bool row_from_json(const Json& json, Table& table);
[[nodiscard]] Json summary_to_json(const CaseData& data);
[[nodiscard]] bool summary_from_json(const Json& json, CaseData& data);

}  // namespace assay
