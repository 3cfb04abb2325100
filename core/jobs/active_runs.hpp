#pragma once

#include "core/base/guarded.hpp"
#include "core/base/result.hpp"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <stop_token>
#include <thread>
#include <vector>

namespace pier::jobs {

/// The threads of the runs that are going on, by run id. Thread-safe; shut_down (and the destructor) stops and joins.
class ActiveRuns {
 public:
  using Work = std::function<void(const std::stop_token&)>;

  ActiveRuns() = default;

  ~ActiveRuns() { shut_down(); }

  ActiveRuns(const ActiveRuns&) = delete;
  ActiveRuns& operator=(const ActiveRuns&) = delete;

  void open(); ///< from here on runs may be launched
  /// Error when it is not open (any more).
  Result<void> launch(std::int64_t run_id, Work work);
  /// Asks a run to stop; when it is not going on, `otherwise` is done, and no run is launched meanwhile.
  Result<void> stop(std::int64_t run_id, const std::function<Result<void>()>& otherwise);
  /// Until `over` says true; it is asked after every run's end.
  Result<void> wait_until(const std::function<Result<bool>()>& over);
  void shut_down();

 private:
  struct Run {
    std::stop_source stop;
    std::jthread thread;
  };

  struct State {
    std::map<std::int64_t, Run> runs;
    std::vector<std::int64_t> ended; ///< their threads are over but for being joined
    bool accepting = false;
  };

  Guarded<State> state_;
  std::condition_variable changed_;
};

} // namespace pier::jobs
