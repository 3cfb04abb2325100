#pragma once

#include "core/base/process.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pier::lakebase {

/// Starts children from one thread that lives as long as this, so that their parent-death signal (which the
/// kernel binds to the forking *thread*) comes exactly when the whole program dies, even by SIGKILL.
class ChildStarter {
 public:
  ChildStarter();
  ~ChildStarter();
  ChildStarter(const ChildStarter&) = delete;
  ChildStarter& operator=(const ChildStarter&) = delete;

  /// Blocks until it has been started.
  Result<Process> start(const Command& command);

 private:
  void serve(const std::stop_token& stop);

  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::deque<std::function<void()>> jobs_;
  std::jthread thread_;
};

} // namespace pier::lakebase
