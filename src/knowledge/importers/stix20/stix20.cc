// STIX 2.0 bundles (OASIS, 2017): the same objects with other words. What 2.1 renamed or added is written; ids and
// everything else stay. docs/importers/stix20.md lists the differences.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/ascii.h"
#include "core/limits.h"
#include "knowledge/importers/build.h"
#include "knowledge/importers/rooms.h"

namespace assay::stix20 {
namespace {

// In 2.0 the labels of these objects are what 2.1 calls their types.
struct Renamed {
  std::string_view type, property;
};
constexpr auto kRenamed = std::to_array<Renamed>({{"indicator", "indicator_types"},
                                                  {"malware", "malware_types"},
                                                  {"report", "report_types"},
                                                  {"threat-actor", "threat_actor_types"},
                                                  {"tool", "tool_types"}});

Json converted(const Json& old) {
  const std::string& type = old["type"].as_string();
  Json out = Json::object();
  out.add("type", type);
  out.add("spec_version", "2.1");
  for (const auto& [key, value] : old.members()) {
    if (key == "type" || key == "spec_version") continue;
    std::string name = key;
    for (const Renamed& one : kRenamed) {
      if (one.type == type && key == "labels") name = one.property;
    }
    if (type == "identity" && key == "labels") name = "roles";
    out.add(name, value);
  }
  if (type == "indicator") {
    if (!out.has("pattern_type")) out.add("pattern_type", "stix");
    if (!out.has("pattern_version")) out.add("pattern_version", "2.0");
    if (!out.has("valid_from")) out.add("valid_from", old["created"]);
  }
  if (type == "malware" && !out.has("is_family")) out.add("is_family", true);
  return out;
}

}  // namespace

int recognise(std::string_view, std::string_view bytes) {
  const std::string_view head = trim(bytes.substr(0, std::size_t{64} << 10));
  if (head.empty() || head.front() != '{' || head.find("\"bundle\"") == head.npos ||
      head.find("\"objects\"") == head.npos)
    return 0;
  return bytes.find("\"2.1\"") == bytes.npos ? 90 : 0;
}

Status read(std::string_view file_name, std::string_view bytes, const ImportOptions& options, Build& out) {
  if (bytes.size() > limits::kDocumentBytes)
    return Error{ErrorCode::limit, fmt::format("a bundle larger than {} MiB", limits::kDocumentBytes >> 20),
                 std::string(file_name), "split it"};
  auto parsed = parse_json(bytes);
  if (!parsed.ok()) {
    Error error = std::move(parsed).error();
    error.where = error.where.empty() ? std::string(file_name) : fmt::format("{}: {}", file_name, error.where);
    return error;
  }
  out.only_objects();
  std::size_t read = 0;
  for (const Json& object : (*parsed)["objects"].items()) {
    if (++read > limits::kStixObjects) {
      out.problem(fmt::format("more than {} objects, the rest is not read", limits::kStixObjects));
      break;
    }
    const std::string& id = object["id"].as_string();
    if (!object.is_object() || object["type"].as_string().empty() || id.empty()) {
      out.count("unusable object");
      out.problem(fmt::format("object {}: no type or no id, left out", read));
      continue;
    }
    out.object(converted(object));
  }
  if (!options.publisher.empty() || options.published.known() || options.tlp)
    out.problem("publisher, date and marking stay as the bundle gives them; the options are not used");
  return Ok{};
}

}  // namespace assay::stix20
