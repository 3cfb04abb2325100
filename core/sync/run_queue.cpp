#include "core/sync/run_queue.hpp"

#include <algorithm>

namespace pier::sync {

RunQueue::RunQueue(Run run, std::function<bool()> look, std::chrono::milliseconds poll)
    : run_(std::move(run)),
      look_(std::move(look)),
      poll_(poll),
      thread_([this](const std::stop_token& stop) { serve(stop); }) {}

RunQueue::~RunQueue() {
  stop();
}

void RunQueue::stop() {
  thread_.request_stop();
  {
    const std::lock_guard lock(mutex_);
    running_stop_.request_stop();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

void RunQueue::push(const std::string& table, bool full) {
  {
    const std::lock_guard lock(mutex_);
    const auto [entry, fresh] = waiting_.try_emplace(table, full);
    if (fresh) {
      order_.push_back(table);
    } else {
      entry->second = entry->second || full;
    }
  }
  changed_.notify_all();
}

void RunQueue::cancel(const std::string& table) {
  std::unique_lock lock(mutex_);
  if (waiting_.erase(table) > 0) {
    order_.erase(std::find(order_.begin(), order_.end(), table));
  }
  if (running_ == table) {
    running_stop_.request_stop();
    changed_.wait(lock, [&] { return running_ != table; });
  }
}

bool RunQueue::contains(const std::string& table) {
  const std::lock_guard lock(mutex_);
  return running_ == table || waiting_.contains(table);
}

bool RunQueue::wait_idle(const std::string& table, std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [&] { return running_ != table && !waiting_.contains(table); });
}

void RunQueue::nudge() {
  {
    const std::lock_guard lock(mutex_);
    look_now_ = true;
  }
  changed_.notify_all();
}

void RunQueue::run_next(std::unique_lock<std::mutex>& lock) {
  running_ = order_.front();
  order_.pop_front();
  const bool full = waiting_[running_];
  waiting_.erase(running_);
  running_stop_ = std::stop_source();
  const auto table = running_;
  const auto stop = running_stop_.get_token();
  lock.unlock();
  run_(table, full, stop);
  lock.lock();
  running_.clear();
  changed_.notify_all();
}

void RunQueue::serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    const auto something = [this] { return !order_.empty() || look_now_; };
    if (watching_) {
      changed_.wait_for(lock, stop, poll_, something);
    } else {
      changed_.wait(lock, stop, something);
    }
    while (!order_.empty() && !stop.stop_requested()) {
      run_next(lock);
      watching_ = true;
    }
    if (!stop.stop_requested() && (watching_ || look_now_)) {
      look_now_ = false;
      lock.unlock();
      const bool more = look_();
      lock.lock();
      watching_ = more;
    }
  }
}

} // namespace pier::sync
