#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace pier::sync {

/// Runs of synced tables, one after the other on one thread: each table waits at most once, and a request that
/// comes while it runs makes it run again. Between runs, and at least every `poll` while `watching` says so,
/// `look` is called to find tables that are behind.
class RunQueue {
 public:
  using Run = std::function<void(const std::string& table, bool full, const std::stop_token& stop)>;

  RunQueue(Run run, std::function<bool()> look, std::chrono::milliseconds poll);
  ~RunQueue();
  RunQueue(const RunQueue&) = delete;
  RunQueue& operator=(const RunQueue&) = delete;

  void push(const std::string& table, bool full = false);
  /// Takes it out, and when it runs stops it and waits for the end.
  void cancel(const std::string& table);
  [[nodiscard]] bool contains(const std::string& table); ///< waits or runs
  /// False after the limit.
  bool wait_idle(const std::string& table, std::chrono::milliseconds limit);
  void nudge(); ///< something may be behind: look now
  void stop();

 private:
  void serve(const std::stop_token& stop);
  void run_next(std::unique_lock<std::mutex>& lock);

  Run run_;
  std::function<bool()> look_;
  std::chrono::milliseconds poll_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::string> order_;
  std::map<std::string, bool> waiting_; ///< table → full
  std::string running_;
  std::stop_source running_stop_;
  bool watching_ = true;
  bool look_now_ = false;
  std::jthread thread_;
};

} // namespace pier::sync
