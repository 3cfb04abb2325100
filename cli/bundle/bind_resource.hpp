#pragma once

#include "cli/bundle/flow.hpp"
#include "core/deploy/binder.hpp"

#include <string>

namespace pier::cli {

/// Makes the resource that people call `name` stand for an existing one, and says so. False: what went wrong was
/// printed. Errors PIER2060, PIER2061 when the name does not tell one resource.
Result<bool> bind_existing(BundleFlow& flow, const std::string& name, const std::string& id,
                           const deploy::BindOptions& options, Console& console);

} // namespace pier::cli
