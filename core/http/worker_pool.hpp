#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace pier::http {

/// At most `limit` threads that run tasks in order of arrival; a thread is made only when none is idle, so
/// an idle server has none. The destructor runs what was submitted and joins.
class WorkerPool {
 public:
  explicit WorkerPool(unsigned limit)
      : limit_(limit) {}

  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  void submit(std::function<void()> task);

 private:
  void run();

  const unsigned limit_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::jthread> threads_;
  unsigned idle_ = 0;
  bool ending_ = false;
};

} // namespace pier::http
