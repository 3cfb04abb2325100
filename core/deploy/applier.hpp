#pragma once

#include "core/base/result.hpp"
#include "core/deploy/kind.hpp"
#include "core/deploy/plan.hpp"
#include "core/deploy/state.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace pier::deploy {

/// Comes between "the databases and the app's compute exist" and "the app's code is deployed".
using BeforeAppCode = std::function<Result<void>(const std::string& app_name)>;

struct ApplyOptions {
  BeforeAppCode before_app_code;
  bool compatible = false;                      ///< see Operation
  std::optional<std::chrono::seconds> max_wait; ///< see resource_max_wait
};

/// Carries a plan out, ten nodes at a time in the order of the graph. A failure keeps back what depends on
/// it, the rest goes on; each success is saved at once. All errors, in no particular order.
std::vector<Error> apply_plan(Plan& plan, State& state, workspace_client::RestClient& client, Observer& observer,
                              const ApplyOptions& options = {});

} // namespace pier::deploy
