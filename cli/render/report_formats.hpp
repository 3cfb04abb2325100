#pragma once

#include "core/base/diagnostics.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pier::cli {

/// Names for `--format` beside text: json, github, gitlab, sarif, junit.
std::vector<std::string> report_formats();

/// Diagnostics for machines. github: workflow commands (::error file=…::); gitlab: Code Quality report;
/// sarif: SARIF 2.1.0; junit: one test case per diagnostic; json: {"diagnostics":[…]}.
/// Files stay relative to the bundle's root. `format` must be one of report_formats().
std::string render_report(std::string_view format, std::span<const Diagnostic> diagnostics);

} // namespace pier::cli
