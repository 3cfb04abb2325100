#pragma once

#include "core/base/result.hpp"
#include "core/scaffold/syntax_tree.hpp"

#include <string>

namespace pier::scaffold {

/// Parses a template of Go's text/template language. `name` is shown in messages. Bounded: nesting up to
/// 100 levels. Error PIER5001 with position.
Result<TemplateFile> parse_template(std::string name, std::string source);

} // namespace pier::scaffold
