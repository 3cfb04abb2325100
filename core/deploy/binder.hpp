#pragma once

#include "core/deploy/deployer.hpp"
#include "core/model/resource_key.hpp"

#include <functional>
#include <string>

namespace pier::deploy {

struct BindOptions {
  bool force_lock = false;
  /// Asked when the next deploy would change what is bound; an error ends the command and nothing is bound.
  std::function<Result<void>(const PlanEntry& next)> approve;
};

/// Makes a resource of the bundle stand for one that exists in the workspace: the next deploy changes that one instead
/// of making another. Errors: PIER2067 nothing has that id, PIER2068 the resource is deployed already.
Result<void> bind_resource(Session& session, const model::ResourceKey& key, const std::string& id,
                           const BindOptions& options);

/// Forgets what a resource of the bundle, its permissions and grants stand for; the workspace keeps it.
Result<void> unbind_resource(Session& session, const model::ResourceKey& key, bool force_lock);

} // namespace pier::deploy
