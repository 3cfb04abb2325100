#include "core/lakebase/instance_runtime.hpp"

#include "core/base/log.hpp"

namespace pier::lakebase {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

InstanceRuntime::InstanceRuntime(std::string name, std::unique_ptr<Cluster> cluster, HookTable& hooks, Phase phase)
    : name_(std::move(name)),
      hooks_(hooks),
      cluster_(std::move(cluster)),
      phase_(phase) {}

Result<Lease> InstanceRuntime::acquire(milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  std::unique_lock lock(mutex_);
  while (true) {
    switch (phase_) {
    case Phase::awake:
      if (cluster_->running()) {
        return hold();
      }
      phase_ = Phase::asleep; // it crashed: the next turn starts it, and it recovers
      break;
    case Phase::asleep: {
      const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
      PIER_TRY(wake(lock, std::max(left, milliseconds(1))));
      break;
    }
    case Phase::provisioning:
    case Phase::waking:
    case Phase::sleeping:
      if (changed_.wait_until(lock, deadline) == std::cv_status::timeout) {
        return Error{.kind = ErrorKind::unavailable,
                     .code = "PIER8007",
                     .message = "database instance " + name_ + " is not ready within " + humanize(limit)};
      }
      break;
    case Phase::stopped:
    case Phase::failed:
    case Phase::closed: return unusable();
    }
  }
}

Result<Lease> InstanceRuntime::hold() {
  activity_.touch();
  ++activity_.leases;
  return Lease(std::shared_ptr<void>(nullptr, [self = shared_from_this()](void*) {
    self->activity_.touch();
    --self->activity_.leases;
  }));
}

Result<void> InstanceRuntime::wake(std::unique_lock<std::mutex>& lock, milliseconds limit) {
  phase_ = Phase::waking;
  lock.unlock();
  const auto begin = steady_clock::now();
  auto started = cluster_->start(limit);
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  log::info("lakebase", "event=wake instance=" + name_ + " ms=" + std::to_string(took.count()));
  lock.lock();
  phase_ = started ? Phase::awake : Phase::asleep;
  activity_.touch();
  changed_.notify_all();
  if (started) {
    lock.unlock();
    hooks_.woke();
    if (const auto hooks = hooks_.get(); hooks.on_awake) {
      hooks.on_awake(name_);
    }
    lock.lock();
  }
  return started;
}

void InstanceRuntime::put_down(Phase then, milliseconds only_if_idle) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return phase_ != Phase::waking && phase_ != Phase::sleeping; });
  if (phase_ != Phase::awake) {
    if (then == Phase::closed || (then == Phase::stopped && phase_ == Phase::asleep)) {
      phase_ = then;
      changed_.notify_all();
    }
    return;
  }
  if (only_if_idle.count() > 0 && activity_.idle_for() < only_if_idle) {
    return;
  }
  phase_ = Phase::sleeping;
  lock.unlock();
  if (const auto hooks = hooks_.get(); hooks.before_sleep) {
    hooks.before_sleep(name_);
  }
  cluster_->stop();
  log::info("lakebase", "event=down instance=" + name_);
  lock.lock();
  phase_ = then;
  changed_.notify_all();
}

void InstanceRuntime::provisioned(const Result<void>& outcome) {
  {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::provisioning) {
      cluster_->stop(); // closed meanwhile
      return;
    }
    phase_ = outcome ? Phase::awake : Phase::failed;
    failure_ = outcome ? "" : outcome.error().to_string();
    activity_.touch();
    changed_.notify_all();
  }
  if (const auto hooks = hooks_.get(); outcome && hooks.on_awake) {
    hooks.on_awake(name_);
  }
}

void InstanceRuntime::allow_wake() {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::stopped) {
    phase_ = Phase::asleep;
    changed_.notify_all();
  }
}

InstanceRuntime::Phase InstanceRuntime::phase() {
  const std::lock_guard lock(mutex_);
  return phase_;
}

bool InstanceRuntime::is_awake() {
  const std::lock_guard lock(mutex_);
  return phase_ == Phase::awake && cluster_->running();
}

std::string InstanceRuntime::socket_path() {
  const std::lock_guard lock(mutex_);
  return cluster_->socket_path();
}

std::string InstanceRuntime::connection(std::string_view database) {
  const std::lock_guard lock(mutex_);
  return cluster_->connection(database);
}

Error InstanceRuntime::unusable() const {
  Error error{.kind = ErrorKind::invalid_state, .code = "PIER8006"};
  if (phase_ == Phase::stopped) {
    error.message = "database instance " + name_ + " is stopped";
    error.hint = "start it: set stopped to false";
  } else if (phase_ == Phase::failed) {
    error.message = "database instance " + name_ + " could not be made: " + failure_;
  } else {
    error.message = "database instance " + name_ + " is going away";
  }
  return error;
}

} // namespace pier::lakebase
