#pragma once

#include "cli/console.hpp"
#include "core/base/diagnostics.hpp"
#include "core/base/error.hpp"
#include "core/base/json.hpp"

#include <filesystem>
#include <span>
#include <string>

namespace pier::cli {

/// Problems as code frames: severity, code, summary, `--> file:line:col`, excerpt with caret, help.
/// Files are read from `root`, to which the spans' files are relative.
std::string render_diagnostics(std::span<const Diagnostic> diagnostics, const std::filesystem::path& root,
                               const Style& style);

/// "error[PIER2001]: message", what was being done, and the remedy.
std::string render_error(const Error& error, const Style& style);

/// [{"code","severity","summary","detail"?,"help"?,"locations":[{"file","line","column"}],"paths":[…]}]
Json diagnostics_to_json(std::span<const Diagnostic> diagnostics);

/// "2 errors, 1 warning"; empty when there is nothing.
std::string count_diagnostics(const Diagnostics& diagnostics);

} // namespace pier::cli
