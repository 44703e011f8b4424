#include "core/yaml.h"

#include <fmt/format.h>
#include <yaml.h>

#include <map>
#include <utility>

#include "core/ascii.h"
#include "core/limits.h"

namespace assay {
namespace {

const Yaml kMissing;

// Text that aliases may repeat, and nodes that anchors may keep aside, in one stream.
constexpr std::size_t kAliasBytes = std::size_t{8} << 20;

class Builder {
 public:
  explicit Builder(std::string_view text) {
    ready_ = yaml_parser_initialize(&parser_) == 1;
    if (ready_) {
      yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    }
  }
  ~Builder() {
    if (ready_) yaml_parser_delete(&parser_);
  }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  Result<std::vector<Yaml>> run() {
    if (!ready_) return Error{ErrorCode::io, "no memory for the YAML parser"};
    std::vector<Yaml> documents;
    while (true) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) != 1) return parse_error();
      const yaml_event_type_t type = event.type;
      yaml_event_delete(&event);
      if (type == YAML_STREAM_END_EVENT) return documents;
      if (type == YAML_DOCUMENT_START_EVENT) {
        anchors_.clear();
        Yaml root;
        if (auto status = node(root, 0); !status.ok()) return std::move(status).error();
        documents.push_back(std::move(root));
      }
    }
  }

 private:
  Error parse_error() const {
    const std::string_view problem = parser_.problem ? parser_.problem : "unknown";
    // What people stumble over, and how it is written.
    std::string remedy;
    if (problem.find("unknown escape") != std::string_view::npos) {
      remedy = "write values with backslashes in single quotes";
    } else if (problem.find("cannot start any token") != std::string_view::npos) {
      remedy = "indent with spaces, and put values that begin with a special character in single quotes";
    } else if (problem.find("mapping values are not allowed") != std::string_view::npos) {
      remedy = "check the indentation, and put values that hold ': ' in single quotes";
    } else if (problem.find("alphabetic or numeric character") != std::string_view::npos) {
      remedy = "put values that begin with *, & or ! in single quotes";
    } else if (problem.find("expected key") != std::string_view::npos ||
               problem.find("expected '-'") != std::string_view::npos ||
               problem.find("expected <block end>") != std::string_view::npos) {
      remedy = "check the indentation: the entries of one list or map begin in one column";
    }
    return Error{ErrorCode::bad_input, fmt::format("not valid YAML: {}", problem),
                 fmt::format("{}:{}", parser_.problem_mark.line + 1, parser_.problem_mark.column + 1),
                 std::move(remedy)};
  }

  // Reads the next node. Recursion is bounded by kYamlDepth.
  Status node(Yaml& out, std::size_t depth) {
    yaml_event_t event;
    if (yaml_parser_parse(&parser_, &event) != 1) return parse_error();
    bool end = false;
    Status status = take(event, out, depth, end);
    yaml_event_delete(&event);
    return status;
  }

  Status take(const yaml_event_t& event, Yaml& out, std::size_t depth, bool& end) {
    out.line = static_cast<int>(event.start_mark.line) + 1;
    out.column = static_cast<int>(event.start_mark.column) + 1;
    const auto where = [&] { return fmt::format("{}:{}", out.line, out.column); };
    if (depth > limits::kYamlDepth) return Error{ErrorCode::limit, "YAML nested too deeply", where()};
    if (++nodes_ > limits::kYamlNodes) return Error{ErrorCode::limit, "YAML document too large", where()};
    std::string anchor;
    switch (event.type) {
      case YAML_SCALAR_EVENT:
        out.type = Yaml::Type::scalar;
        out.quoted = event.data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
        out.text.assign(reinterpret_cast<const char*>(event.data.scalar.value), event.data.scalar.length);
        bytes_ += out.text.size();
        if (event.data.scalar.anchor) anchor = reinterpret_cast<const char*>(event.data.scalar.anchor);
        break;
      case YAML_ALIAS_EVENT: {
        const auto found = anchors_.find(reinterpret_cast<const char*>(event.data.alias.anchor));
        if (found == anchors_.end()) {
          return Error{ErrorCode::bad_input, "alias to an unknown anchor", where(),
                       "put values that begin with * in single quotes"};
        }
        nodes_ += found->second.nodes;
        repeated_ += found->second.bytes;
        bytes_ += found->second.bytes;
        if (nodes_ > limits::kYamlNodes || repeated_ > kAliasBytes)
          return Error{ErrorCode::limit, "YAML aliases expand too far", where()};
        out = found->second.node;
        return Ok{};
      }
      case YAML_SEQUENCE_START_EVENT:
      case YAML_MAPPING_START_EVENT: {
        const bool mapping = event.type == YAML_MAPPING_START_EVENT;
        out.type = mapping ? Yaml::Type::mapping : Yaml::Type::sequence;
        const yaml_char_t* const name = mapping ? event.data.mapping_start.anchor : event.data.sequence_start.anchor;
        if (name) anchor = reinterpret_cast<const char*>(name);
        const std::size_t before = nodes_, bytes_before = bytes_;
        if (auto status = children(out, depth, mapping); !status.ok()) return status;
        if (!anchor.empty()) return keep(anchor, {out, nodes_ - before + 1, bytes_ - bytes_before}, where());
        return Ok{};
      }
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        end = true;
        return Ok{};
      default:
        return Error{ErrorCode::bad_input, "unexpected YAML structure", where()};
    }
    if (!anchor.empty()) return keep(anchor, {out, 1, out.text.size()}, where());
    return Ok{};
  }

  struct Anchored {
    Yaml node;
    std::size_t nodes = 0, bytes = 0;
  };
  // Anchors inside anchors keep the same nodes several times: counted too.
  Status keep(const std::string& name, Anchored anchored, const std::string& where) {
    kept_ += anchored.nodes;
    kept_bytes_ += anchored.bytes;
    if (kept_ > limits::kYamlNodes || kept_bytes_ > kAliasBytes)
      return Error{ErrorCode::limit, "YAML anchors hold too much", where};
    anchors_[name] = std::move(anchored);
    return Ok{};
  }

  Status children(Yaml& out, std::size_t depth, bool mapping) {
    while (true) {
      yaml_event_t event;
      if (yaml_parser_parse(&parser_, &event) != 1) return parse_error();
      bool end = false;
      Yaml child;
      Status status = take(event, child, depth + 1, end);
      yaml_event_delete(&event);
      if (!status.ok()) return status;
      if (end) return Ok{};
      if (!mapping) {
        make_room(out.items);
        out.items.push_back(std::move(child));
        continue;
      }
      Yaml value;
      if (auto inner = node(value, depth + 1); !inner.ok()) return inner;
      make_room(out.members);
      out.members.emplace_back(std::move(child), std::move(value));
    }
  }

  // PERF NOTE: nodes are large to move, and most lists are short.
  template <class T>
  static void make_room(std::vector<T>& list) {
    if (list.size() == list.capacity()) list.reserve(std::max<std::size_t>(4, list.size() * 2));
  }

  yaml_parser_t parser_{};
  bool ready_ = false;
  std::size_t nodes_ = 0, bytes_ = 0, repeated_ = 0, kept_ = 0, kept_bytes_ = 0;
  std::map<std::string, Anchored> anchors_;
};

}  // namespace

bool Yaml::is_null() const {
  return type == Type::scalar && !quoted &&
         (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL");
}

bool Yaml::is_bool() const {
  return type == Type::scalar && !quoted && (equals_icase(text, "true") || equals_icase(text, "false"));
}

bool Yaml::as_bool(bool fallback) const { return is_bool() ? equals_icase(text, "true") : fallback; }

bool Yaml::is_integer() const {
  if (type != Type::scalar || quoted) return false;
  if (parse_int(text)) return true;
  return text.size() > 2 && text[0] == '0' && text[1] == 'x' &&
         text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
}

std::int64_t Yaml::as_int(std::int64_t fallback) const {
  if (type != Type::scalar) return fallback;
  if (const auto value = parse_int(text)) return *value;
  if (is_integer()) {
    std::int64_t value = 0;
    for (std::size_t i = 2; i < text.size() && i < 17; ++i) value = value * 16 + hex_value(text[i]);
    return value;
  }
  return fallback;
}

double Yaml::as_double(double fallback) const {
  return type == Type::scalar ? parse_double(text).value_or(fallback) : fallback;
}

const Yaml& Yaml::operator[](std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name.text == key) return value;
  }
  return kMissing;
}

std::vector<std::string> Yaml::strings() const {
  std::vector<std::string> out;
  if (type == Type::scalar && !is_null()) out.push_back(text);
  for (const Yaml& item : items) {
    if (item.is_scalar()) out.push_back(item.text);
  }
  return out;
}

Result<std::vector<Yaml>> parse_yaml(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  return Builder(text).run();
}

}  // namespace assay
