#pragma once

#include "core/lakebase/cluster.hpp"
#include "core/lakebase/lakebase.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace pier::lakebase {

/// Who uses an instance now; written by the front's sessions and by leases, read by the idle check.
class Activity {
 public:
  void touch() { last_.store(now(), std::memory_order_relaxed); }

  std::atomic<int> leases = 0;
  std::atomic<int> sessions = 0; ///< open through the front
  std::atomic<int> busy = 0;     ///< of those: in a transaction, or waiting for an answer

  /// How long nothing has happened; zero while somebody is busy.
  [[nodiscard]] std::chrono::milliseconds idle_for() const {
    if (leases > 0 || busy > 0) {
      return std::chrono::milliseconds(0);
    }
    return std::chrono::milliseconds(now() - last_.load(std::memory_order_relaxed));
  }

 private:
  static std::int64_t now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }

  std::atomic<std::int64_t> last_ = now();
};

/// The hooks of the day; set and called from any thread.
class HookTable {
 public:
  explicit HookTable(std::function<void()> after_wake)
      : woke(std::move(after_wake)) {}

  const std::function<void()> woke; ///< after each wake: somebody must watch for idleness

  void set(LifecycleHooks hooks) {
    const std::lock_guard lock(mutex_);
    hooks_ = std::move(hooks);
  }

  [[nodiscard]] LifecycleHooks get() {
    const std::lock_guard lock(mutex_);
    return hooks_;
  }

 private:
  std::mutex mutex_;
  LifecycleHooks hooks_;
};

/// One instance at run time: its cluster and the one place that starts and stops it. Starts are single-flight;
/// everybody else waits. Thread-safe.
class InstanceRuntime : public std::enable_shared_from_this<InstanceRuntime> {
 public:
  enum class Phase { provisioning, asleep, waking, awake, sleeping, stopped, failed, closed };

  InstanceRuntime(std::string name, std::unique_ptr<Cluster> cluster, HookTable& hooks, Phase phase);

  /// Waits until it is made, wakes it, and holds it awake. Error PIER8006 when stopped or failed, PIER8007 when
  /// the limit passes.
  Result<Lease> acquire(std::chrono::milliseconds limit);

  /// CHECKPOINT and stop; afterwards it sleeps (or, `then` = stopped or closed, stays down). With only_if_idle:
  /// nothing happens unless it has been idle for that long.
  void put_down(Phase then, std::chrono::milliseconds only_if_idle = std::chrono::milliseconds(0));

  /// The end of provisioning: the cluster runs now (awake), or the reason why not.
  void provisioned(const Result<void>& outcome);
  /// stopped → asleep.
  void allow_wake();

  [[nodiscard]] Phase phase();
  [[nodiscard]] bool is_awake();

  Activity& activity() { return activity_; }

  void set_idle_timeout(std::chrono::seconds timeout) { idle_timeout_ = timeout.count(); }

  /// Zero: never sleeps.
  [[nodiscard]] std::chrono::seconds idle_timeout() const { return std::chrono::seconds(idle_timeout_.load()); }

  /// Only for the thread that provisions.
  Cluster& cluster() { return *cluster_; }

  [[nodiscard]] const std::string& name() const { return name_; }

  [[nodiscard]] std::string socket_path();
  [[nodiscard]] std::string connection(std::string_view database);

 private:
  Result<Lease> hold();
  Result<void> wake(std::unique_lock<std::mutex>& lock, std::chrono::milliseconds limit);
  [[nodiscard]] Error unusable() const;

  const std::string name_;
  HookTable& hooks_;
  Activity activity_;
  std::atomic<std::int64_t> idle_timeout_ = 0;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<Cluster> cluster_; ///< used by whoever moved the phase to waking or sleeping, or under the lock
  Phase phase_;
  std::string failure_;
};

} // namespace pier::lakebase
