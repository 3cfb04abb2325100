#pragma once

#include "core/base/json.hpp"

#include <string_view>

namespace pier::deploy {

/// True for a value of a field that takes any key ("tags", "properties" …). One that holds lists or objects is none,
/// as the `tags` of a warehouse.
bool is_map(std::string_view name, const Json& value);

} // namespace pier::deploy
