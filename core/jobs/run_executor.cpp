#include "core/jobs/run_executor.hpp"

#include "core/base/log.hpp"

#include <algorithm>

namespace pier::jobs {
namespace {

std::string late(std::int64_t seconds) {
  return "did not end within " + std::to_string(seconds) + " s";
}

} // namespace

std::int64_t RunExecutor::now() const {
  return to_epoch_millis(shared_.rooms.clock.now());
}

void RunExecutor::save(const RunRecord& run) {
  if (const auto saved = store_.save_run(run); !saved) {
    log::error("jobs", "event=save_failed run=" + std::to_string(run.id) + " error=\"" + saved.error().message + "\"");
  }
}

void RunExecutor::execute(const std::stop_token& outer) {
  run_.life_cycle = "RUNNING";
  run_.start_time = now();
  save(run_);
  if (auto prepared = prepare(); !prepared) {
    set_end(run_, TaskState::failed, prepared.error().to_string(), now());
    run_.life_cycle = "INTERNAL_ERROR";
    save(run_);
    return;
  }
  const auto graph = TaskGraph::parse(run_.settings.contains("tasks") ? *run_.settings.find("tasks") : Json());
  const Deadline deadline(run_.settings.get_integer("timeout_seconds"), outer);
  loop(*graph, deadline.token());
  threads_.clear();
  finish(deadline.expired() ? TaskState::timed_out : TaskState::canceled, deadline.token());
}

Result<void> RunExecutor::prepare() {
  PIER_TRY_ASSIGN(run_as_, shared_.rooms.identity.caller_named(run_.run_as));
  PIER_TRY_ASSIGN(auto tasks, store_.task_runs(run_.id));
  for (auto& task : tasks) {
    progress_[task.task_key] = {};
    tasks_.emplace(task.task_key, std::move(task));
  }
  const auto graph = TaskGraph::parse(run_.settings.contains("tasks") ? *run_.settings.find("tasks") : Json());
  if (!graph) {
    return graph.error();
  }
  return {};
}

void RunExecutor::loop(const TaskGraph& graph, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto before = progress_;
    const auto ready = stop.stop_requested() ? std::vector<std::string>() : graph.decide(progress_);
    for (const auto& [key, progress] : progress_) {
      if (progress.state != before.find(key)->second.state) {
        auto task = tasks_.find(key)->second;
        set_end(task, progress.state, "", now());
        save(task);
      }
    }
    for (const auto& key : ready) {
      progress_[key].state = TaskState::running;
      start_task(key, stop);
    }
    const auto running = [&] {
      return std::count_if(progress_.begin(), progress_.end(),
                           [](const auto& entry) { return entry.second.state == TaskState::running; });
    };
    const auto count = running();
    if (count == 0) {
      return;
    }
    changed_.wait(lock, [&] { return running() < count; });
  }
}

void RunExecutor::start_task(const std::string& key, const std::stop_token& stop) {
  threads_.emplace_back([this, task = tasks_.find(key)->second, stop] { run_attempts(task, stop); });
}

void RunExecutor::run_attempts(RunRecord task, const std::stop_token& stop) {
  const auto retries = task.settings.get_integer("max_retries");
  task.start_time = now();
  while (true) {
    task.life_cycle = "RUNNING";
    save(task);
    auto outcome = attempt(task, stop);
    if (stop.stop_requested() || (!outcome && outcome.error().kind == ErrorKind::interrupted)) {
      end_task(std::move(task), TaskState::canceled, "Run cancelled.", {});
      return;
    }
    if (outcome && outcome->failure.empty()) {
      end_task(std::move(task), TaskState::success, "", outcome->outcome);
      return;
    }
    const auto failure = outcome ? outcome->failure : outcome.error().to_string();
    task.output = Json::object({{"error", failure}});
    if (outcome && !outcome->error_trace.empty()) {
      task.output["error_trace"] = outcome->error_trace;
    }
    const bool timed_out = outcome && outcome->timed_out;
    const bool may_retry =
        (retries < 0 || task.attempt < retries) && (!timed_out || task.settings.get_bool("retry_on_timeout"));
    if (!may_retry || !wait_for_retry(task, stop)) {
      end_task(std::move(task), timed_out ? TaskState::timed_out : TaskState::failed, failure, {});
      return;
    }
    ++task.attempt;
  }
}

bool RunExecutor::wait_for_retry(RunRecord& task, const std::stop_token& stop) {
  task.life_cycle = "WAITING_FOR_RETRY";
  save(task);
  std::unique_lock lock(mutex_);
  const std::chrono::milliseconds pause(task.settings.get_integer("min_retry_interval_millis"));
  changed_.wait_for(lock, stop, pause, [] { return false; });
  return !stop.stop_requested();
}

DynamicValues RunExecutor::values_for(const RunRecord& task) {
  auto values = dynamic_values(run_, task, shared_.workspace_url);
  const std::lock_guard lock(mutex_);
  for (const auto& [key, progress] : progress_) {
    if (is_end(progress.state)) {
      add_ended_task(values, tasks_.find(key)->second, progress.state);
    }
  }
  return values;
}

Result<TaskOutcome> RunExecutor::attempt(const RunRecord& task, const std::stop_token& stop) {
  const auto seconds = task.settings.get_integer("timeout_seconds");
  PIER_TRY_ASSIGN(auto body, substitute(task.settings, values_for(task)));
  const Deadline deadline(seconds, stop);
  const TaskContext context{.shared = shared_,
                            .run = run_,
                            .task = task,
                            .body = std::move(body),
                            .run_as = run_as_,
                            .stop = deadline.token()};
  auto outcome = run_task(context);
  if (deadline.expired()) {
    return TaskOutcome{.failure = "the task " + late(seconds), .timed_out = true};
  }
  return outcome;
}

void RunExecutor::end_task(RunRecord task, TaskState state, std::string message, std::string outcome) {
  set_end(task, state, std::move(message), now());
  if (!outcome.empty()) {
    task.output["outcome"] = outcome;
  }
  save(task);
  const std::lock_guard lock(mutex_);
  progress_[task.task_key] = {state, std::move(outcome)};
  changed_.notify_all();
}

void RunExecutor::finish(TaskState when_stopped, const std::stop_token& stop) {
  const auto reason = when_stopped == TaskState::timed_out
                          ? "The run " + late(run_.settings.get_integer("timeout_seconds")) + "."
                          : "Run cancelled.";
  for (auto& [key, progress] : progress_) {
    if (progress.state == TaskState::waiting) {
      progress.state = TaskState::canceled;
      auto task = tasks_.find(key)->second;
      set_end(task, TaskState::canceled, reason, now());
      save(task);
    }
  }
  const auto first = [&](auto... states) {
    return std::find_if(progress_.begin(), progress_.end(),
                        [&](const auto& entry) { return ((entry.second.state == states) || ...); });
  };
  if (stop.stop_requested() || first(TaskState::canceled) != progress_.end()) {
    set_end(run_, when_stopped, reason, now());
  } else if (const auto failed = first(TaskState::failed, TaskState::timed_out); failed != progress_.end()) {
    set_end(run_, TaskState::failed, "Task " + failed->first + " failed.", now());
  } else {
    set_end(run_, TaskState::success, "", now());
  }
  save(run_);
}

} // namespace pier::jobs
