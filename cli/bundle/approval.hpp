#pragma once

#include "cli/command.hpp"
#include "core/deploy/deployer.hpp"

namespace pier::cli {

inline constexpr std::string_view k_data_loss_warning =
    "Deleting data assets such as schemas, pipelines, or volumes may cause permanent data loss and should be carefully "
    "reviewed.";

/// Shows what a deploy would delete or make again and asks, in the words of the official CLI.
deploy::Approve bundle_deploy_approval(const Arguments& arguments, Context& context);

/// Shows what a destroy deletes and asks. Without a terminal the caller has refused before.
deploy::Approve bundle_destroy_approval(const Arguments& arguments, Context& context);

} // namespace pier::cli
