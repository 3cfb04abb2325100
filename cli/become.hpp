#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"

#include <filesystem>
#include <span>
#include <string>

namespace pier::cli {

/// Replaces this process by another program: its streams and exit code become ours. Comes back only when that
/// fails. `words` are its arguments, without its name.
Error become(const std::filesystem::path& program, std::span<const std::string> words, const Environment& env);

} // namespace pier::cli
