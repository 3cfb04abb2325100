#pragma once

#include "core/base/result.hpp"
#include "core/scaffold/syntax_tree.hpp"

#include <functional>
#include <map>
#include <span>
#include <string>

namespace pier::scaffold {

using Function = std::function<Result<Value>(std::span<const Value>)>;
using Functions = std::map<std::string, Function, std::less<>>;

/// Runs the main block with `data` as dot. Templates are looked up in the file, then in `library` (later files
/// first). A key that `data` lacks is an error, as in Databricks' renderer. Bounded: output 16 MiB, one
/// million steps, 100 templates deep. Error PIER5002 with position; an error of a function keeps its code.
Result<std::string> execute_template(const TemplateFile& file, std::span<const TemplateFile> library, const Value& data,
                                     const Functions& functions);

} // namespace pier::scaffold
