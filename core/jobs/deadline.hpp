#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace pier::jobs {

/// A stop that comes at the deadline, or when the outer stop comes. No deadline with 0 seconds (Jobs API,
/// `timeout_seconds`).
class Deadline {
 public:
  Deadline(std::int64_t seconds, const std::stop_token& outer)
      : forward_(outer, [this] { source_.request_stop(); }) {
    if (seconds > 0) {
      timer_ = std::jthread([this, seconds](const std::stop_token& done) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, done, std::chrono::seconds(seconds), [] { return false; });
        if (!done.stop_requested()) {
          // The token tells both causes apart: who sees a stop of ours sees `expired` with it.
          expired_ = !source_.stop_requested();
          source_.request_stop();
        }
      });
    }
  }

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

  /// The deadline came before the outer stop.
  [[nodiscard]] bool expired() const { return expired_; }

 private:
  std::stop_source source_;
  std::stop_callback<std::function<void()>> forward_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::atomic<bool> expired_ = false;
  std::jthread timer_; ///< last: it ends before what it uses
};

} // namespace pier::jobs
