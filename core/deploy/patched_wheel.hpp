#pragma once

#include "core/base/result.hpp"
#include "core/model/wheel.hpp"

#include <filesystem>

namespace pier::deploy {

/// The parts of a wheel's name. Error PIER2051 in the official CLI's words.
Result<model::WheelName> parse_wheel_name(const std::filesystem::path& wheel);

/// Copies a wheel into `folder` under the version "<version>+<time of its last change, in nanoseconds>", so that pip
/// installs each build anew: METADATA, RECORD and the names of the dist-info folder follow (PEP 427). What was behind
/// a "+" before goes. Error PIER2051: no wheel, or one whose METADATA tells of another version.
Result<std::filesystem::path> patch_wheel(const std::filesystem::path& wheel, const std::filesystem::path& folder);

} // namespace pier::deploy
