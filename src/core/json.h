// A small JSON tree for documents that are configuration, knowledge or output (never for bulk evidence; readers have
// their own path). Objects keep the order of their keys; every key is kept, also when it stands twice.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.h"

namespace assay {

class Json {
 public:
  enum class Type : std::uint8_t { null, boolean, integer, number, string, array, object };
  using Member = std::pair<std::string, Json>;

  Json() = default;
  Json(std::nullptr_t) {}                                      // NOLINT(google-explicit-constructor)
  Json(bool v) : type_(Type::boolean), integer_(v ? 1 : 0) {}  // NOLINT(google-explicit-constructor)
  Json(int v) : type_(Type::integer), integer_(v) {}           // NOLINT(google-explicit-constructor)
  Json(std::int64_t v) : type_(Type::integer), integer_(v) {}  // NOLINT(google-explicit-constructor)
  Json(std::uint64_t v) : type_(Type::integer), integer_(static_cast<std::int64_t>(v)) {}  // NOLINT
  Json(double v) : type_(Type::number), number_(v) {}                // NOLINT(google-explicit-constructor)
  Json(std::string v) : type_(Type::string), text_(std::move(v)) {}  // NOLINT(google-explicit-constructor)
  Json(std::string_view v) : type_(Type::string), text_(v) {}        // NOLINT(google-explicit-constructor)
  Json(const char* v) : type_(Type::string), text_(v) {}             // NOLINT(google-explicit-constructor)
  [[nodiscard]] static Json array() { return Json(Type::array); }
  [[nodiscard]] static Json object() { return Json(Type::object); }
  [[nodiscard]] static Json object(std::initializer_list<Member> members) {
    Json out(Type::object);
    out.members_.assign(members);
    return out;
  }

  [[nodiscard]] Type type() const { return type_; }
  [[nodiscard]] bool is_null() const { return type_ == Type::null; }
  [[nodiscard]] bool is_string() const { return type_ == Type::string; }
  [[nodiscard]] bool is_number() const { return type_ == Type::integer || type_ == Type::number; }
  [[nodiscard]] bool is_array() const { return type_ == Type::array; }
  [[nodiscard]] bool is_object() const { return type_ == Type::object; }

  // Of another type these give the fallback, so reading a foreign document needs no ladder of checks.
  [[nodiscard]] bool as_bool(bool fallback = false) const { return type_ == Type::boolean ? integer_ != 0 : fallback; }
  [[nodiscard]] std::int64_t as_int(std::int64_t fallback = 0) const;
  [[nodiscard]] double as_double(double fallback = 0) const;
  [[nodiscard]] const std::string& as_string() const { return text_; }  // empty when it is no string
  [[nodiscard]] const std::vector<Json>& items() const { return items_; }
  [[nodiscard]] const std::vector<Member>& members() const { return members_; }
  // The first member of that name; a null when there is none.
  [[nodiscard]] const Json& operator[](std::string_view key) const;
  [[nodiscard]] bool has(std::string_view key) const;
  // "a/b/c" through objects.
  [[nodiscard]] const Json& at_path(std::string_view slash_path) const;

  void push(Json item) { items_.push_back(std::move(item)); }
  // Appends a member without looking for one of that name.
  void add(std::string_view key, Json value) { members_.emplace_back(std::string(key), std::move(value)); }
  // Replaces a member of that name, else appends.
  Json& set(std::string_view key, Json value);
  std::vector<Json>& mutable_items() { return items_; }

  friend bool operator==(const Json&, const Json&) = default;

 private:
  explicit Json(Type type) : type_(type) {}
  Type type_ = Type::null;
  std::int64_t integer_ = 0;
  double number_ = 0;
  std::string text_;
  std::vector<Json> items_;
  std::vector<Member> members_;
};

// Errors: bad_input with where = byte offset when known; limit when deeper than limits::kJsonDepth.
[[nodiscard]] Result<Json> parse_json(std::string_view text);
// indent 0: one line. Valid UTF-8 and free of control characters whatever the strings hold.
[[nodiscard]] std::string dump_json(const Json& value, int indent = 0);
// RFC 8785 order of keys: for hashing and canonical comparison.
[[nodiscard]] Json canonical(const Json& value);
// `"text"` with everything escaped that JSON, a terminal or a script element could stumble on.
[[nodiscard]] std::string json_string(std::string_view text);

}  // namespace assay
