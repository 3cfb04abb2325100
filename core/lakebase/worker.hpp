#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace pier::lakebase {

/// One thread for the slow work of all instances, in order, with a look at idle ones in between: twice a second
/// while `look` says that there is something to watch, else only after a nudge.
class Worker {
 public:
  explicit Worker(std::function<bool()> look);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(std::function<void()> job);
  /// Runs it after what is queued, and waits; here and now when the worker has been stopped or is the caller.
  void run(const std::function<void()>& job);
  void nudge();
  void stop(); ///< ends after the job that runs; queued ones are dropped

 private:
  void serve(const std::stop_token& stop);

  std::function<bool()> look_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::deque<std::function<void()>> jobs_;
  bool watching_ = false;
  bool stopped_ = false;
  std::jthread thread_;
};

} // namespace pier::lakebase
