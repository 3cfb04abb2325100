#include "core/http/worker_pool.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <set>

using pier::http::WorkerPool;

TEST_CASE("worker pool: runs everything before it ends") {
  std::atomic<int> count = 0;
  {
    WorkerPool pool(3);
    for (int i = 0; i < 100; ++i) {
      pool.submit([&] { ++count; });
    }
  }
  CHECK(count == 100);
}

TEST_CASE("worker pool: as many tasks at once as it has threads") {
  std::latch together(4);
  WorkerPool pool(4);
  for (int i = 0; i < 4; ++i) {
    pool.submit([&] { together.arrive_and_wait(); });
  }
  together.wait();
  CHECK(together.try_wait());
}

TEST_CASE("worker pool: never more threads than its limit") {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  {
    WorkerPool pool(2);
    for (int i = 0; i < 50; ++i) {
      pool.submit([&] {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
      });
    }
  }
  CHECK(threads.size() >= 1);
  CHECK(threads.size() <= 2);
}
