#pragma once

#include "core/base/diagnostics.hpp"

#include <string>
#include <string_view>

namespace pier::bundles {

/// An error of read_yaml as the official CLI says it: the file's absolute path and the line in the sentence, no
/// place of its own, and for errors of syntax the words of libyaml.
Diagnostic in_official_words(Diagnostic problem, const std::string& absolute, std::string_view text);

} // namespace pier::bundles
