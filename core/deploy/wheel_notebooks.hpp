#pragma once

#include "core/base/result.hpp"
#include "core/model/bundle.hpp"

namespace pier::deploy {

/// `experimental.python_wheel_wrapper`, for runtimes that take no wheels from the workspace (before 13.1): tasks of
/// wheels become tasks of notebooks, which install the wheels and call the entry point. The notebooks are written into
/// the bundle's local folder and go up with its files. Libraries must have their remote places. Error PIER2073.
Result<void> wrap_wheel_tasks(model::Bundle& bundle);

} // namespace pier::deploy
