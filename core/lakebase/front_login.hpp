#pragma once

#include "core/identity/identity.hpp"
#include "core/lakebase/instance_runtime.hpp"
#include "core/lakebase/startup_packet.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace pier::lakebase {

/// A client that may come in, or what it is told instead.
struct Login {
  std::optional<ClientError> refusal;
  Lease lease; ///< keeps the instance awake
};

/// Looks at the token that came as the password, then wakes the instance; blocks meanwhile. One text for every wrong
/// token: no oracle.
Login log_in(identity::Identity& identity, InstanceRuntime& instance, const std::string& user, const std::string& token,
             std::chrono::milliseconds wake_limit);

} // namespace pier::lakebase
