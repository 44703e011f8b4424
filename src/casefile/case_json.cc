#include "casefile/case_json.h"

namespace assay {
namespace {

Json list(const std::vector<std::string>& values) {
  Json out = Json::array();
  for (const std::string& value : values) out.push(value);
  return out;
}

std::vector<std::string> strings(const Json& json) {
  std::vector<std::string> out;
  for (const Json& item : json.items()) out.push_back(item.as_string());
  return out;
}

Json time_json(Time time) { return time.known() ? Json(time.ns) : Json(nullptr); }
Time time_of(const Json& json) { return json.is_null() ? Time{} : Time{json.as_int()}; }
std::uint64_t count_of(const Json& json) { return static_cast<std::uint64_t>(json.as_int()); }

Json references(const std::vector<Sighting::Reference>& refs) {
  Json out = Json::array();
  for (const auto& ref : refs) {
    Json entry = Json::array();
    entry.push(ref.evidence);
    entry.push(ref.offset);
    entry.push(ref.length);
    out.push(std::move(entry));
  }
  return out;
}

std::vector<Sighting::Reference> references_of(const Json& json) {
  std::vector<Sighting::Reference> out;
  for (const Json& entry : json.items()) {
    if (entry.items().size() == 3)
      out.push_back({entry.items()[0].as_string(), count_of(entry.items()[1]), count_of(entry.items()[2])});
  }
  return out;
}

Json meaning_json(const ir::Meaning& meaning) {
  return Json::object({{"claims", list(meaning.claims)},
                       {"class", meaning.klass},
                       {"family", meaning.family},
                       {"stage", meaning.stage}});
}

}  // namespace

Json to_json(const EvidenceItem& item) {
  Json routes = Json::object();
  for (const auto& [route, records] : item.routes) routes.set(route, records);
  return Json::object({{"id", item.id},
                       {"path", item.path},
                       {"parent", item.parent},
                       {"member", item.member},
                       {"copies", list(item.copies)},
                       {"shape", item.shape},
                       {"kind", item.kind},
                       {"bytes", item.bytes},
                       {"records", item.records},
                       {"damaged", item.damaged},
                       {"skipped_bytes", item.skipped_bytes},
                       {"first", time_json(item.first)},
                       {"last", time_json(item.last)},
                       {"hosts", list(item.hosts)},
                       {"sha256", item.sha256},
                       {"record_bytes", item.record_bytes},
                       {"between_bytes", item.between_bytes},
                       {"damaged_bytes", item.damaged_bytes},
                       {"outside", item.outside},
                       {"copied", item.copied},
                       {"routes", std::move(routes)}});
}

bool from_json(const Json& json, EvidenceItem& item) {
  item.id = json["id"].as_string();
  item.path = json["path"].as_string();
  item.parent = json["parent"].as_string();
  item.member = json["member"].as_string();
  item.copies = strings(json["copies"]);
  item.shape = json["shape"].as_string();
  item.kind = json["kind"].as_string();
  item.bytes = count_of(json["bytes"]);
  item.records = count_of(json["records"]);
  item.damaged = count_of(json["damaged"]);
  item.skipped_bytes = count_of(json["skipped_bytes"]);
  item.first = time_of(json["first"]);
  item.last = time_of(json["last"]);
  item.hosts = strings(json["hosts"]);
  item.sha256 = json["sha256"].as_string();
  item.record_bytes = count_of(json["record_bytes"]);
  item.between_bytes = count_of(json["between_bytes"]);
  item.damaged_bytes = count_of(json["damaged_bytes"]);
  item.outside = count_of(json["outside"]);
  item.copied = count_of(json["copied"]);
  for (const auto& [route, records] : json["routes"].members()) item.routes[route] = count_of(records);
  return !item.id.empty();
}

Json to_json(const DetectorInfo& info) {
  return Json::object({{"kind", name_of(info.kind)},
                       {"id", info.id},
                       {"title", info.title},
                       {"level", info.level},
                       {"author", info.author},
                       {"hash", info.hash},
                       {"advisory", info.advisory},
                       {"description", info.description},
                       {"techniques", list(info.techniques)},
                       {"tags", list(info.tags)},
                       {"false_positives", list(info.false_positives)},
                       {"meaning", meaning_json(info.meaning)},
                       {"weightless", info.weightless},
                       {"mark", info.mark},
                       {"value", info.value}});
}

bool from_json(const Json& json, DetectorInfo& info) {
  const auto kind = detector_kind_from(json["kind"].as_string());
  info.kind = kind.value_or(DetectorKind::sigma);
  info.id = json["id"].as_string();
  info.title = json["title"].as_string();
  info.level = json["level"].as_string();
  info.author = json["author"].as_string();
  info.hash = json["hash"].as_string();
  info.advisory = json["advisory"].as_string();
  info.description = json["description"].as_string();
  info.techniques = strings(json["techniques"]);
  info.tags = strings(json["tags"]);
  info.false_positives = strings(json["false_positives"]);
  info.meaning.claims = strings(json.at_path("meaning/claims"));
  info.meaning.klass = json.at_path("meaning/class").as_string();
  info.meaning.family = json.at_path("meaning/family").as_string();
  info.meaning.stage = json.at_path("meaning/stage").as_string();
  info.weightless = json["weightless"].as_bool();
  info.mark = json["mark"].as_string();
  info.value = json["value"].as_string();
  return kind.has_value();
}

Json to_json(const NotLoaded& entry, std::string_view kind) {
  return Json::object({{"kind", kind}, {"path", entry.path}, {"id", entry.id}, {"reason", entry.reason}});
}

bool from_json(const Json& json, NotLoaded& entry) {
  entry = {json["path"].as_string(), json["id"].as_string(), json["reason"].as_string()};
  return true;
}

Json to_json(const Sighting& s) {
  Json fields = Json::array();
  for (const auto& [name, value] : s.fields) {
    Json pair = Json::array();
    pair.push(name);
    pair.push(value);
    fields.push(std::move(pair));
  }
  return Json::object({{"id", s.id},
                       {"finding", std::uint64_t{s.finding}},
                       {"detector", s.detector_id},
                       {"time", time_json(s.time)},
                       {"until", time_json(s.until)},
                       {"count", s.count},
                       {"records", references(s.records)},
                       {"copies", references(s.copies)},
                       {"host", s.host},
                       {"account", s.account},
                       {"role", name_of(s.role)},
                       {"outcome", name_of(s.outcome)},
                       {"fields", std::move(fields)},
                       {"why", s.why},
                       {"mention", s.mention}});
}

bool from_json(const Json& json, Sighting& s) {
  const auto role = role_from(json["role"].as_string());
  const auto outcome = outcome_from(json["outcome"].as_string());
  s.id = json["id"].as_string();
  s.finding = static_cast<std::uint32_t>(json["finding"].as_int());
  s.detector_id = json["detector"].as_string();
  s.time = time_of(json["time"]);
  s.until = time_of(json["until"]);
  s.count = count_of(json["count"]);
  s.records = references_of(json["records"]);
  s.copies = references_of(json["copies"]);
  s.host = json["host"].as_string();
  s.account = json["account"].as_string();
  s.role = role.value_or(Role::none);
  s.outcome = outcome.value_or(Outcome::unknown);
  for (const Json& pair : json["fields"].items()) {
    if (pair.items().size() == 2) s.fields.emplace_back(pair.items()[0].as_string(), pair.items()[1].as_string());
  }
  s.why = json["why"].as_string();
  s.mention = json["mention"].as_bool();
  return role && outcome && !s.id.empty();
}

Json to_json(const Mention& mention) {
  return Json::object({{"evidence", mention.evidence}, {"advisory", mention.advisory}, {"count", mention.count}});
}

bool from_json(const Json& json, Mention& mention) {
  mention = {json["evidence"].as_string(), json["advisory"].as_string(), count_of(json["count"])};
  return true;
}

Json to_json(const Notice& notice) {
  return Json::object({{"kind", name_of(notice.kind)},
                       {"item", notice.item},
                       {"offset", notice.offset},
                       {"count", notice.count},
                       {"detail", notice.detail}});
}

bool from_json(const Json& json, Notice& notice) {
  const auto kind = notice_kind_from(json["kind"].as_string());
  notice = {kind.value_or(NoticeKind::limit_other), json["item"].as_string(), count_of(json["offset"]),
            count_of(json["count"]), json["detail"].as_string()};
  return kind.has_value();
}

Json spec_to_json(const TableSpec& spec) {
  Json merges = Json::array();
  for (const Merge merge : spec.merges) merges.push(static_cast<std::int64_t>(merge));
  return Json::object(
      {{"name", spec.name}, {"keys", list(spec.keys)}, {"columns", list(spec.columns)}, {"merges", std::move(merges)}});
}

TableSpec spec_from_json(const Json& json) {
  TableSpec spec{json["name"].as_string(), strings(json["keys"]), strings(json["columns"]), {}};
  for (const Json& merge : json["merges"].items()) spec.merges.push_back(static_cast<Merge>(merge.as_int() & 3));
  spec.merges.resize(spec.columns.size(), Merge::sum);
  return spec;
}

Json row_to_json(const Table::KeyView& key, Table::RowView row) {
  Json values = Json::array();
  for (std::size_t i = 0; i < row.size(); ++i) values.push(row[i]);
  return Json::object({{"key", list(key.copy())}, {"row", std::move(values)}});
}

bool row_from_json(const Json& json, Table& table) {
  TableRow row;
  for (const Json& value : json["row"].items()) row.push_back(value.as_int());
  TableKey key = strings(json["key"]);
  if (key.size() != table.spec().keys.size() || row.size() != table.spec().columns.size()) return false;
  table.add(std::move(key), row);
  return true;
}

Json summary_to_json(const CaseData& data) {
  return Json::object({{"complete", data.complete},
                       {"reproducible", data.reproducible},
                       {"not_reproducible_because", data.not_reproducible_because},
                       {"as_of", time_json(data.as_of)},
                       {"rules_loaded", data.rules_loaded},
                       {"indicators_loaded", data.indicators_loaded},
                       {"records", data.records_total},
                       {"duplicates", data.duplicates_total},
                       {"profile_given", data.profile.given}});
}

bool summary_from_json(const Json& json, CaseData& data) {
  data.complete = json["complete"].as_bool();
  data.reproducible = json["reproducible"].as_bool();
  data.not_reproducible_because = json["not_reproducible_because"].as_string();
  data.as_of = time_of(json["as_of"]);
  data.rules_loaded = count_of(json["rules_loaded"]);
  data.indicators_loaded = count_of(json["indicators_loaded"]);
  data.records_total = count_of(json["records"]);
  data.duplicates_total = count_of(json["duplicates"]);
  return json.has("complete");
}

}  // namespace assay
