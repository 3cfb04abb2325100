#pragma once

#include "core/deploy/deployer.hpp"

#include <functional>

namespace pier::deploy {

struct LockOptions {
  bool force = false;     ///< take it from whoever holds it
  bool may_go_on = false; ///< forced, but the folder is full: work without one rather than not at all
};

/// Does `work` while this command holds the lock of the target, if the bundle uses one. The lock of a killed
/// process is taken over. Errors: PIER2045 somebody else holds it, PIER2066 not allowed to write there.
Result<void> while_locked(Session& session, const LockOptions& options, const std::function<Result<void>()>& work);

} // namespace pier::deploy
