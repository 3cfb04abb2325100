#pragma once

#include "core/deploy/kind.hpp"

#include <optional>
#include <string>

namespace pier::deploy {

/// The id of what a deploy had asked the workspace to make when it was killed, before it could write the id down;
/// nothing when the request never arrived. By name, for a job also by the bundle's metadata file.
Result<std::optional<std::string>> find_unfinished(const Kind& kind, Operation& operation, const Json& state);

} // namespace pier::deploy
