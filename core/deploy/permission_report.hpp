#pragma once

#include "core/base/error.hpp"
#include "core/model/bundle.hpp"

#include <string>

namespace pier::deploy {

/// What the workspace's "no" to a write below `path` most likely means: who may deploy this bundle, and whom to ask.
Error possible_permission_error(const model::Bundle& bundle, const model::CurrentUser& user, const std::string& path);

} // namespace pier::deploy
