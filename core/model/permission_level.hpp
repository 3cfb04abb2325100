#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pier::model {

/// Levels that an object type knows, weakest first: "apps" → CAN_USE, CAN_MANAGE
/// (facts: permissions API, permissionLevels). Empty for an unknown type.
std::span<const std::string_view> levels_of(std::string_view object_type);

/// True when `held` includes `needed` on that type: CAN_MANAGE includes CAN_USE, IS_OWNER all.
bool includes_level(std::string_view object_type, std::string_view held, std::string_view needed);

/// The place of a level among those of all object types, weakest first. An unknown one stands where the longest
/// known one does that it begins with (facts: bundles 6, order of the official CLI); -1 for none at all.
int rank_of_level(std::string_view level);

} // namespace pier::model
