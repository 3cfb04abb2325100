#include "core/lakebase/worker.hpp"

#include <future>

namespace pier::lakebase {

Worker::Worker(std::function<bool()> look)
    : look_(std::move(look)),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

Worker::~Worker() {
  stop();
}

void Worker::post(std::function<void()> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) {
      return;
    }
    jobs_.push_back(std::move(job));
  }
  ready_.notify_all();
}

void Worker::run(const std::function<void()>& job) {
  if (!thread_.joinable() || thread_.get_stop_token().stop_requested() ||
      thread_.get_id() == std::this_thread::get_id()) {
    job();
    return;
  }
  auto done = std::make_shared<std::promise<void>>();
  auto future = done->get_future();
  post([&job, done] {
    job();
    done->set_value();
  });
  // A dropped job breaks the promise, which also ends the wait.
  done.reset();
  future.wait();
}

void Worker::nudge() {
  {
    const std::lock_guard lock(mutex_);
    watching_ = true;
  }
  ready_.notify_all();
}

void Worker::stop() {
  thread_.request_stop();
  if (thread_.joinable()) {
    thread_.join();
  }
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  jobs_.clear();
}

void Worker::serve(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds k_look_interval{500};
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    if (watching_) {
      ready_.wait_for(lock, stop, k_look_interval, [this] { return !jobs_.empty(); });
    } else {
      ready_.wait(lock, stop, [this] { return watching_ || !jobs_.empty(); });
    }
    while (!jobs_.empty() && !stop.stop_requested()) {
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      lock.lock();
      watching_ = true; // it may have woken something
    }
    if (watching_ && !stop.stop_requested()) {
      lock.unlock();
      const bool more = look_();
      lock.lock();
      watching_ = more;
    }
  }
}

} // namespace pier::lakebase
