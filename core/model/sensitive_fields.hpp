#pragma once

#include <array>
#include <span>
#include <string_view>

namespace pier::model {

/// Fields of a kind of resource that neither plans nor states nor printed configurations may show; mostly none.
inline std::span<const std::string_view> sensitive_fields(std::string_view kind) {
  static constexpr std::array<std::string_view, 2> k_of_secrets = {"value", "effective_value"};
  return kind == "secrets" ? std::span<const std::string_view>(k_of_secrets) : std::span<const std::string_view>();
}

} // namespace pier::model
