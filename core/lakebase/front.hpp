#pragma once

#include "core/base/result.hpp"
#include "core/identity/identity.hpp"
#include "core/lakebase/instance_runtime.hpp"
#include "core/lakebase/listen_address.hpp"
#include "core/lakebase/local_authority.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace pier::lakebase {

struct FrontOptions {
  std::chrono::milliseconds wake_limit{30'000};
  std::chrono::milliseconds login_limit{60'000}; ///< from accept to connected, without the wake
  int max_sessions = 1'024;                      ///< for each instance
};

/// The door to all instances: PostgreSQL's protocol with TLS, tokens as passwords, waking, cancel
/// (facts: gateway.md 5). One I/O thread for all sessions; waits and token checks on a small pool.
class Front {
 public:
  Front(identity::Identity& identity, FrontOptions options);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  /// Serves the instance on this socket until remove. The certificate is sent to clients that ask for TLS.
  Result<void> add(std::shared_ptr<InstanceRuntime> instance, ListenSocket socket, const Certificate& certificate);
  void remove(const std::string& instance);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace pier::lakebase
