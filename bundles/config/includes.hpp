#pragma once

#include <filesystem>

namespace pier::bundles {

/// True when `include` of the root file in `root` names this file, which is there.
bool includes_file(const std::filesystem::path& root, const std::filesystem::path& file);

} // namespace pier::bundles
