#include "core/lakebase/child_starter.hpp"

#include <future>

namespace pier::lakebase {

ChildStarter::ChildStarter()
    : thread_([this](const std::stop_token& stop) { serve(stop); }) {}

ChildStarter::~ChildStarter() = default;

Result<Process> ChildStarter::start(const Command& command) {
  std::promise<Result<Process>> promise;
  auto result = promise.get_future();
  {
    const std::lock_guard lock(mutex_);
    jobs_.emplace_back([&] { promise.set_value(Process::start(command)); });
  }
  ready_.notify_one();
  return result.get();
}

void ChildStarter::serve(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (ready_.wait(lock, stop, [this] { return !jobs_.empty(); })) {
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

} // namespace pier::lakebase
