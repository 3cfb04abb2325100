#pragma once

#include "core/base/result.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <string>

namespace pier::deploy {

/// Which process on which machine holds a lock; lets the next command see that it is dead.
struct LockHolder {
  std::string host;
  std::string boot; ///< identifies this start of the machine
  std::int64_t pid = 0;
  std::int64_t started = 0; ///< of the process, in clock ticks since boot

  static LockHolder this_process();
  /// True when the process is certainly not there any more. False on another machine: nobody can tell.
  [[nodiscard]] bool is_dead() const;
};

/// `deploy.lock` in the state folder of a target: at most one command changes the target at a time
/// (facts: bundles 9; the file format of the official CLI, plus who holds it). Released by `release`;
/// what is left by a killed process of this machine is taken over.
class DeployLock {
 public:
  /// Error PIER2045 naming the holder. `force` takes it from whoever has it.
  static Result<DeployLock> acquire(workspace_client::RestClient& client, const std::string& state_path,
                                    const std::string& user, bool force);

  /// True when the lock of a dead process was taken over.
  [[nodiscard]] bool took_over() const { return took_over_; }

  /// Removes the file if it is still ours. No error when it is gone already.
  Result<void> release(workspace_client::RestClient& client);

 private:
  std::string path_;
  std::string id_;
  bool took_over_ = false;
};

} // namespace pier::deploy
