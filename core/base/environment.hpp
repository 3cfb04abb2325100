#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace pier {

/// A snapshot of environment variables; passed down instead of getenv.
class Environment {
 public:
  using Map = std::map<std::string, std::string, std::less<>>;

  Environment() = default;

  explicit Environment(Map values)
      : values_(std::move(values)) {}

  static Environment of_process();

  /// Unset and empty are the same.
  [[nodiscard]] std::optional<std::string> get(std::string_view name) const;

  [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }

  void set(std::string name, std::string value) { values_.insert_or_assign(std::move(name), std::move(value)); }

  void unset(std::string_view name);

  [[nodiscard]] const Map& all() const { return values_; }

 private:
  Map values_;
};

} // namespace pier
