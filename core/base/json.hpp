#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pier {

/// A JSON value (RFC 8259) with 64-bit integers kept exact. Objects are sorted by key, so that
/// output is stable. A plain value type: copies are deep. The parser lives in json.cpp.
class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::map<std::string, Json, std::less<>>;

  Json() = default; // literals read as JSON: NOLINTBEGIN(google-explicit-constructor)

  Json(std::nullptr_t) {}

  Json(bool value)
      : value_(value) {}

  Json(int value)
      : value_(static_cast<std::int64_t>(value)) {}

  Json(std::int64_t value)
      : value_(value) {}

  Json(double value)
      : value_(value) {}

  Json(const char* value)
      : value_(std::string(value)) {}

  Json(std::string_view value)
      : value_(std::string(value)) {}

  Json(std::string value)
      : value_(std::move(value)) {}

  Json(Array value)
      : value_(std::move(value)) {}

  Json(Object value)
      : value_(std::move(value)) {} // NOLINTEND(google-explicit-constructor)

  /// Json::object({{"a", 1}, {"b", "x"}})
  static Json object(std::initializer_list<std::pair<const std::string, Json>> members = {}) {
    return Json(Object(members));
  }

  static Json array(std::initializer_list<Json> items = {}) { return Json(Array(items)); }

  static Json strings(const std::vector<std::string>& items);

  [[nodiscard]] bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }

  [[nodiscard]] bool is_bool() const { return std::holds_alternative<bool>(value_); }

  [[nodiscard]] bool is_integer() const { return std::holds_alternative<std::int64_t>(value_); }

  [[nodiscard]] bool is_double() const { return std::holds_alternative<double>(value_); }

  [[nodiscard]] bool is_number() const { return is_integer() || is_double(); }

  [[nodiscard]] bool is_string() const { return std::holds_alternative<std::string>(value_); }

  [[nodiscard]] bool is_array() const { return std::holds_alternative<Array>(value_); }

  [[nodiscard]] bool is_object() const { return std::holds_alternative<Object>(value_); }

  /// Unchecked access for a kind that was tested; a wrong kind throws std::bad_variant_access (a bug).
  [[nodiscard]] bool as_bool() const { return std::get<bool>(value_); }

  [[nodiscard]] std::int64_t as_integer() const { return std::get<std::int64_t>(value_); }

  [[nodiscard]] double as_double() const; ///< also of an integer

  [[nodiscard]] const std::string& as_string() const { return std::get<std::string>(value_); }

  [[nodiscard]] const Array& as_array() const { return std::get<Array>(value_); }

  [[nodiscard]] Array& as_array() { return std::get<Array>(value_); }

  [[nodiscard]] const Object& as_object() const { return std::get<Object>(value_); }

  [[nodiscard]] Object& as_object() { return std::get<Object>(value_); }

  /// Member of an object, or nullptr (also when this is no object).
  [[nodiscard]] const Json* find(std::string_view key) const;
  [[nodiscard]] Json* find(std::string_view key);

  [[nodiscard]] bool contains(std::string_view key) const { return find(key) != nullptr; }

  /// Member by a path of keys: find_path({"status", "state"}).
  [[nodiscard]] const Json* find_path(std::initializer_list<std::string_view> keys) const;

  /// Lenient readers for foreign documents: the member, or the fallback when absent or of another kind.
  [[nodiscard]] std::string get_string(std::string_view key, std::string_view fallback = {}) const;
  [[nodiscard]] std::int64_t get_integer(std::string_view key, std::int64_t fallback = 0) const;
  [[nodiscard]] bool get_bool(std::string_view key, bool fallback = false) const;
  [[nodiscard]] std::vector<std::string> get_strings(std::string_view key) const;

  /// Member for writing; null becomes an object, a missing member is made.
  Json& operator[](std::string_view key);
  /// Appends; null becomes an array.
  void push_back(Json item);
  void erase(std::string_view key);

  [[nodiscard]] std::size_t size() const; ///< members or items; 0 for scalars

  [[nodiscard]] bool is_empty() const { return size() == 0; }

  /// Compact for indent 0. html_escape writes < > & as \u003c …, as Go's encoder does.
  [[nodiscard]] std::string dump(int indent = 0, bool html_escape = false) const;

  /// Bounded: at most max_depth levels; duplicate keys: the last wins. Error PIER0101.
  static Result<Json> parse(std::string_view text, int max_depth = 512);

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_ = nullptr;
};

/// Appends `text` as a JSON string literal, quotes included.
void append_json_string(std::string& out, std::string_view text, bool html_escape = false);

} // namespace pier
