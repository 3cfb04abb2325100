#pragma once

#include "core/base/diagnostics.hpp"
#include "core/model/bundle.hpp"

#include <span>
#include <string>

namespace pier::cli {

/// Problems in the words and layout of the official CLI ("Error: …\n  at PATH\n  in FILE:L:C\n\n"), for
/// the drop-in commands `pier bundle …`.
std::string render_compatible_diagnostics(std::span<const Diagnostic> diagnostics);

/// Name, target and workspace of a bundle as `bundle validate` and `bundle summary` head their text;
/// `bundle` may be null when nothing could be loaded.
std::string render_compatible_header(const model::Bundle* bundle);

/// "Validation OK!" or "Found 2 errors, 1 warning, and 1 recommendation", with a newline.
std::string render_compatible_trailer(const Diagnostics& diagnostics);

} // namespace pier::cli
