#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::lake::sql {

/// How a function of the dialect is said to the engine. `$1` … are arguments, `$*` all of them.
struct FunctionRule {
  std::string_view name;
  int least = 0;
  int most = 0; ///< -1: any number
  std::string_view text;
  enum class Kind { scalar, aggregate, window } kind = Kind::scalar;
};

/// The rule for a call with that many arguments; null when the function is not mapped.
const FunctionRule* find_function(std::string_view name, std::size_t arguments);

/// Is there a rule for any number of arguments?
bool knows_function(std::string_view name);

/// The nearest known name, for messages; may be empty.
std::string nearest_function(std::string_view name);

/// Fills `$n` and `$*`.
std::string apply_rule(const FunctionRule& rule, const std::vector<std::string>& arguments);

/// Java date pattern as strftime format; nothing for a letter that has no equal.
std::optional<std::string> convert_date_pattern(std::string_view pattern);

} // namespace pier::lake::sql
