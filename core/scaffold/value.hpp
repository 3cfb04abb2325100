#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pier::scaffold {

class Value;

/// Something with methods that a helper returned: a regular expression, a URL.
class Object {
 public:
  virtual ~Object() = default;
  /// A field or a method call; error not_found for an unknown name.
  [[nodiscard]] virtual Result<Value> member(std::string_view name, std::span<const Value> arguments) const = 0;
  [[nodiscard]] virtual std::string to_string() const = 0;
};

/// A value of the template language (Go's text/template, as far as Databricks templates use it).
class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value, std::less<>>;
  using ObjectRef = std::shared_ptr<const Object>; ///< shared: values are copied freely

  Value() = default; // literals read as values: NOLINTBEGIN(google-explicit-constructor)

  Value(bool value)
      : state_(value) {}

  Value(std::int64_t value)
      : state_(value) {}

  Value(double value)
      : state_(value) {}

  Value(std::string value)
      : state_(std::move(value)) {}

  Value(std::string_view value)
      : state_(std::string(value)) {}

  Value(const char* value)
      : state_(std::string(value)) {}

  Value(List value)
      : state_(std::move(value)) {}

  Value(Map value)
      : state_(std::move(value)) {}

  Value(ObjectRef value)
      : state_(std::move(value)) {} // NOLINTEND(google-explicit-constructor)

  /// Answers come as JSON: texts, booleans, numbers; also lists and objects.
  static Value from_json(const Json& json);

  template <class T> [[nodiscard]] const T* get() const { return std::get_if<T>(&state_); }

  [[nodiscard]] const std::string* text() const { return get<std::string>(); }

  [[nodiscard]] bool is_nil() const { return std::holds_alternative<std::monostate>(state_); }

  /// Go: false, 0, nil and everything empty are false.
  [[nodiscard]] bool is_true() const;
  /// "string", "int", "map" …, for messages.
  [[nodiscard]] std::string_view type_name() const;
  /// As `print` shows it (Go's %v).
  [[nodiscard]] std::string to_string() const;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map, ObjectRef> state_;
};

} // namespace pier::scaffold
