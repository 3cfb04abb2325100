#pragma once

#include "cli/console.hpp"
#include "core/deploy/deployer.hpp"

#include <string>

namespace pier::cli {

/// One line for each action, below it the fields that lead to it, then the sum.
std::string render_plan(const deploy::PlanResult& result, const Style& style);

/// "3 created, 1 changed, 0 deleted, 4 unchanged"
std::string render_counts(const deploy::Plan& plan);

} // namespace pier::cli
