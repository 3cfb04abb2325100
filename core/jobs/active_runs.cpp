#include "core/jobs/active_runs.hpp"

namespace pier::jobs {

void ActiveRuns::open() {
  state_.lock()->accepting = true;
}

Result<void> ActiveRuns::launch(std::int64_t run_id, Work work) {
  auto state = state_.lock();
  if (!state->accepting) {
    return Error{.kind = ErrorKind::invalid_state, .code = "INVALID_STATE", .message = "the workspace is stopping"};
  }
  for (const auto id : state->ended) {
    state->runs.erase(id); // joins; its last act was to say that it ended
  }
  state->ended.clear();
  auto& entry = state->runs[run_id];
  entry.thread = std::jthread([this, run_id, work = std::move(work), stop = entry.stop.get_token()] {
    work(stop);
    auto ended = state_.lock();
    ended->ended.push_back(run_id);
    changed_.notify_all();
  });
  return {};
}

Result<void> ActiveRuns::stop(std::int64_t run_id, const std::function<Result<void>()>& otherwise) {
  auto state = state_.lock();
  if (const auto found = state->runs.find(run_id); found != state->runs.end()) {
    found->second.stop.request_stop();
    return {};
  }
  return otherwise();
}

Result<void> ActiveRuns::wait_until(const std::function<Result<bool>()>& over) {
  auto state = state_.lock();
  while (true) {
    PIER_TRY_ASSIGN(const bool done, over());
    if (done) {
      return {};
    }
    changed_.wait(state.mutex_lock());
  }
}

void ActiveRuns::shut_down() {
  std::vector<std::jthread> threads;
  {
    auto state = state_.lock();
    state->accepting = false;
    for (auto& [id, run] : state->runs) {
      run.stop.request_stop();
      threads.push_back(std::move(run.thread));
    }
  }
  threads.clear(); // joins
  state_.lock()->runs.clear();
}

} // namespace pier::jobs
