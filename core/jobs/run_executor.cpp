#include "core/jobs/run_executor.hpp"

#include "core/base/log.hpp"
#include "core/jobs/dynamic_values.hpp"

#include <algorithm>

namespace pier::jobs {
namespace {

DynamicValues dynamic_values(const RunRecord& run, const RunRecord& task) {
  DynamicValues values = {{"job.id", std::to_string(run.job_id)},
                          {"job.run_id", std::to_string(run.id)},
                          {"job.name", run.settings.get_string("name")},
                          {"job.trigger.type", "ONE_TIME"},
                          {"task.name", task.task_key},
                          {"task.run_id", std::to_string(task.id)},
                          {"task.execution_count", std::to_string(task.attempt + 1)}};
  if (run.parameters.is_object()) {
    for (const auto& [name, value] : run.parameters.as_object()) {
      values["job.parameters." + name] = value.is_string() ? value.as_string() : value.dump();
    }
  }
  return values;
}

/// Requests a stop on its own source at the deadline, or when the outer stop comes.
class Deadline {
 public:
  Deadline(std::int64_t seconds, const std::stop_token& outer)
      : forward_(outer, [this] { source_.request_stop(); }) {
    if (seconds > 0) {
      timer_ = std::jthread([this, seconds](const std::stop_token& done) {
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, done, std::chrono::seconds(seconds), [] { return false; });
        if (!done.stop_requested()) {
          expired_ = true;
          source_.request_stop();
        }
      });
    }
  }

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

  [[nodiscard]] bool expired() {
    timer_ = {};
    return expired_;
  }

 private:
  std::stop_source source_;
  std::stop_callback<std::function<void()>> forward_;
  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool expired_ = false;
  std::jthread timer_;
};

} // namespace

std::int64_t RunExecutor::now() const {
  return to_epoch_millis(shared_.rooms.clock.now());
}

void RunExecutor::save(const RunRecord& run) {
  if (const auto saved = store_.save_run(run); !saved) {
    log::error("jobs", "event=save_failed run=" + std::to_string(run.id) + " error=\"" + saved.error().message + "\"");
  }
}

void RunExecutor::execute(std::stop_token stop) {
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
  loop(*graph, stop);
  threads_.clear();
  finish(stop);
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
    const bool again = (retries < 0 || task.attempt < retries) && wait_for_retry(task, stop);
    if (!again) {
      end_task(std::move(task), TaskState::failed, failure, {});
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

Result<TaskOutcome> RunExecutor::attempt(const RunRecord& task, const std::stop_token& stop) {
  const auto seconds = task.settings.get_integer("timeout_seconds", run_.settings.get_integer("timeout_seconds"));
  return attempt_in_time(task, seconds, stop);
}

Result<TaskOutcome> RunExecutor::attempt_in_time(const RunRecord& task, std::int64_t seconds,
                                                 const std::stop_token& stop) {
  PIER_TRY_ASSIGN(auto body, substitute(task.settings, dynamic_values(run_, task)));
  Deadline deadline(seconds, stop);
  const TaskContext context{.shared = shared_,
                            .run = run_,
                            .task = task,
                            .body = std::move(body),
                            .run_as = run_as_,
                            .stop = deadline.token()};
  auto outcome = run_task(context);
  if (deadline.expired() && !stop.stop_requested()) {
    return TaskOutcome{.failure = "the task did not end within " + std::to_string(seconds) + " s"};
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

void RunExecutor::finish(const std::stop_token& stop) {
  for (auto& [key, progress] : progress_) {
    if (progress.state == TaskState::waiting) {
      progress.state = TaskState::canceled;
      auto task = tasks_.find(key)->second;
      set_end(task, TaskState::canceled, "Run cancelled.", now());
      save(task);
    }
  }
  const auto has = [&](TaskState state) {
    return std::find_if(progress_.begin(), progress_.end(),
                        [&](const auto& entry) { return entry.second.state == state; });
  };
  if (stop.stop_requested() || has(TaskState::canceled) != progress_.end()) {
    set_end(run_, TaskState::canceled, "Run cancelled.", now());
  } else if (const auto failed = has(TaskState::failed); failed != progress_.end()) {
    set_end(run_, TaskState::failed, "Task " + failed->first + " failed.", now());
  } else {
    set_end(run_, TaskState::success, "", now());
  }
  save(run_);
}

} // namespace pier::jobs
