#pragma once

#include "core/scaffold/evaluator.hpp"

namespace pier::scaffold {

/// The functions that every Go template has (and, or and control words are part of the evaluator): not, len,
/// index, slice, print, printf, println, urlquery, html, eq, ne, lt, le, gt, ge. Errors are PIER5002.
void add_go_functions(Functions& functions);

/// Go's fmt.Sprintf for the verbs %v %s %d %q %t %f %g %x %%, with flags, width and precision.
Result<std::string> go_format(std::string_view format, std::span<const Value> arguments);

} // namespace pier::scaffold
