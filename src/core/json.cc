#include "core/json.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/ascii.h"
#include "core/limits.h"

namespace assay {
namespace {

Json convert(simdjson::dom::element element) {  // depth is bounded by the parser
  using simdjson::dom::element_type;
  switch (element.type()) {
    case element_type::ARRAY: {
      Json out = Json::array();
      simdjson::dom::array array;
      if (element.get_array().get(array) != simdjson::SUCCESS) return out;
      for (const simdjson::dom::element item : array) out.push(convert(item));
      return out;
    }
    case element_type::OBJECT: {
      Json out = Json::object();
      simdjson::dom::object object;
      if (element.get_object().get(object) != simdjson::SUCCESS) return out;
      for (const auto& [key, value] : object) out.add(key, convert(value));
      return out;
    }
    case element_type::INT64:
      return Json(element.get_int64().value_unsafe());
    case element_type::UINT64:
      return Json(static_cast<double>(element.get_uint64().value_unsafe()));
    case element_type::DOUBLE:
      return Json(element.get_double().value_unsafe());
    case element_type::STRING:
      return Json(element.get_string().value_unsafe());
    case element_type::BOOL:
      return Json(element.get_bool().value_unsafe());
    case element_type::NULL_VALUE:
      return Json(nullptr);
  }
  return Json(nullptr);
}

void write_number(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, error == std::errc() ? end : buffer);
}

void write(std::string& out, const Json& value, int indent, int level) {
  const auto newline = [&](int at) {
    if (indent > 0) {
      out += '\n';
      out.append(static_cast<std::size_t>(indent * at), ' ');
    }
  };
  switch (value.type()) {
    case Json::Type::null:
      out += "null";
      return;
    case Json::Type::boolean:
      out += value.as_bool() ? "true" : "false";
      return;
    case Json::Type::integer:
      out += fmt::format("{}", value.as_int());
      return;
    case Json::Type::number:
      write_number(out, value.as_double());
      return;
    case Json::Type::string:
      out += json_string(value.as_string());
      return;
    case Json::Type::array: {
      out += '[';
      bool first = true;
      for (const Json& item : value.items()) {
        if (!first) out += ',';
        first = false;
        newline(level + 1);
        write(out, item, indent, level + 1);
      }
      if (!first) newline(level);
      out += ']';
      return;
    }
    case Json::Type::object: {
      out += '{';
      bool first = true;
      for (const auto& [key, member] : value.members()) {
        if (!first) out += ',';
        first = false;
        newline(level + 1);
        out += json_string(key);
        out += indent > 0 ? ": " : ":";
        write(out, member, indent, level + 1);
      }
      if (!first) newline(level);
      out += '}';
      return;
    }
  }
}

const Json kNull;

}  // namespace

std::int64_t Json::as_int(std::int64_t fallback) const {
  if (type_ == Type::integer) return integer_;
  if (type_ == Type::number && std::abs(number_) < 9e15) return static_cast<std::int64_t>(number_);
  return fallback;
}

double Json::as_double(double fallback) const {
  if (type_ == Type::number) return number_;
  if (type_ == Type::integer) return static_cast<double>(integer_);
  return fallback;
}

const Json& Json::operator[](std::string_view key) const {
  for (const auto& [name, value] : members_) {
    if (name == key) return value;
  }
  return kNull;
}

bool Json::has(std::string_view key) const {
  return std::any_of(members_.begin(), members_.end(), [&](const Member& m) { return m.first == key; });
}

const Json& Json::at_path(std::string_view slash_path) const {
  const Json* at = this;
  for (const std::string_view step : split(slash_path, '/')) at = &(*at)[step];
  return *at;
}

Json& Json::set(std::string_view key, Json value) {
  if (type_ == Type::null) type_ = Type::object;
  for (auto& [name, old] : members_) {
    if (name == key) {
      old = std::move(value);
      return old;
    }
  }
  members_.emplace_back(std::string(key), std::move(value));
  return members_.back().second;
}

Result<Json> parse_json(std::string_view text) {
  simdjson::dom::parser parser(std::size_t{4} << 30);
  if (parser.allocate(std::max<std::size_t>(text.size(), 64), limits::kJsonDepth) != simdjson::SUCCESS) {
    return Error{ErrorCode::limit, "the document is too large"};
  }
  simdjson::dom::element root;
  const simdjson::error_code error = parser.parse(text.data(), text.size(), true).get(root);
  if (error == simdjson::DEPTH_ERROR) {
    return Error{ErrorCode::limit, fmt::format("JSON nested deeper than {} levels", limits::kJsonDepth)};
  }
  if (error != simdjson::SUCCESS) {
    return Error{ErrorCode::bad_input, fmt::format("not valid JSON: {}", simdjson::error_message(error))};
  }
  return convert(root);
}

std::string json_string(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const std::size_t n = utf8_sequence(text);
    if (n == 0) {
      out += "\xef\xbf\xbd";
      text.remove_prefix(1);
      continue;
    }
    const std::string_view piece = text.substr(0, n);
    const char c = text.front();
    text.remove_prefix(n);
    if (n == 2 && piece[0] == '\xc2' && static_cast<unsigned char>(piece[1]) < 0xa0) {  // C1 controls
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(piece[1])));
    } else if (n > 1) {
      out += piece;
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string dump_json(const Json& value, int indent) {
  std::string out;
  write(out, value, indent, 0);
  return out;
}

Json canonical(const Json& value) {
  if (value.is_array()) {
    Json out = Json::array();
    for (const Json& item : value.items()) out.push(canonical(item));
    return out;
  }
  if (value.is_object()) {
    std::vector<Json::Member> members;
    for (const auto& [key, member] : value.members()) members.emplace_back(key, canonical(member));
    std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    Json out = Json::object();
    for (auto& [key, member] : members) out.add(key, std::move(member));
    return out;
  }
  return value;
}

}  // namespace assay
