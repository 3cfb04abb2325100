#pragma once

#include "core/model/bundle.hpp"

#include <string>
#include <vector>

namespace pier::model {

/// The folders of a target that carry permissions: the root and those outside of it; volumes have none.
std::vector<std::string> folders_with_permissions(const WorkspacePaths& paths);

} // namespace pier::model
