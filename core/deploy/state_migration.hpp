#pragma once

#include "core/deploy/state.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace pier::deploy {

inline constexpr std::int64_t k_state_version_written = 2;
inline constexpr std::int64_t k_state_version_supported = 3;

/// Error PIER2022 for a state that needs more than this version knows. `features` as the file has them; may be null.
Result<void> check_state_version(std::int64_t version, const Json* features);

/// Brings the resources of a state of an older version to the form of version 2: the entries of permissions and
/// grants stand under `__embed__`, and a permission has a `level`.
void migrate_resources(std::int64_t version, std::map<std::string, DeployedResource>& resources);

} // namespace pier::deploy
