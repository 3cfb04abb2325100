#pragma once

#include "core/lake/sql/functions.hpp"

#include <array>
#include <span>

namespace pier::lake::sql {

std::span<const FunctionRule> aggregate_rules();
std::span<const FunctionRule> text_rules();
std::span<const FunctionRule> number_rules();
std::span<const FunctionRule> time_rules();
std::span<const FunctionRule> nested_rules();

inline std::array<std::span<const FunctionRule>, 5> function_rules() {
  return {aggregate_rules(), text_rules(), number_rules(), time_rules(), nested_rules()};
}

} // namespace pier::lake::sql
