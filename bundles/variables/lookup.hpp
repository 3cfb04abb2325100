#pragma once

#include "bundles/config/path.hpp"
#include "bundles/yaml/value.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pier::bundles {

/// Answer to `${path}`: a value, or why there is none.
struct Lookup {
  std::optional<Value> value;
  std::string problem;                  ///< one line, when there is no value
  std::vector<std::string> suggestions; ///< corrected references: "var.host"
  bool missing = false;                 ///< a key does not exist (in contrast to a wrong kind or index)
};

/// Looks a path up in the configuration. A field that the language knows but nobody set is its zero value:
/// `${bundle.git.origin_url}` → "". `reference` is what the user wrote, for messages.
Lookup look_up(const Value& config, const std::vector<PathStep>& path, std::string_view reference);

/// "var.x.y" → "variables.x.value.y"
std::string expand_var_prefix(std::string_view path);

} // namespace pier::bundles
