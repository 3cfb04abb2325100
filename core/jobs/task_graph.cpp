#include "core/jobs/task_graph.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace pier::jobs {
namespace {

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

Result<RunIf> parse_run_if(std::string_view text) {
  static const std::map<std::string_view, RunIf> names = {
      {"", RunIf::all_success},
      {"ALL_SUCCESS", RunIf::all_success},
      {"ALL_DONE", RunIf::all_done},
      {"NONE_FAILED", RunIf::none_failed},
      {"AT_LEAST_ONE_SUCCESS", RunIf::at_least_one_success},
      {"ALL_FAILED", RunIf::all_failed},
      {"AT_LEAST_ONE_FAILED", RunIf::at_least_one_failed},
  };
  const auto found = names.find(text);
  if (found == names.end()) {
    return invalid("run_if cannot be '" + std::string(text) + "'");
  }
  return found->second;
}

Result<TaskNode> parse_task(const Json& task) {
  TaskNode node;
  node.key = task.get_string("task_key");
  if (node.key.empty()) {
    return invalid("a task has no task_key");
  }
  PIER_TRY_ASSIGN(node.run_if, parse_run_if(task.get_string("run_if")));
  if (const Json* list = task.find("depends_on"); list != nullptr && list->is_array()) {
    for (const auto& entry : list->as_array()) {
      node.depends_on.push_back({entry.get_string("task_key"), entry.get_string("outcome")});
    }
  }
  return node;
}

/// Removes tasks without open dependencies until none is left; what stays is in a cycle.
std::optional<std::string> find_cycle(const std::vector<TaskNode>& tasks) {
  std::set<std::string, std::less<>> done;
  bool moved = true;
  while (moved) {
    moved = false;
    for (const auto& task : tasks) {
      const bool free = std::all_of(task.depends_on.begin(), task.depends_on.end(),
                                    [&](const TaskDependency& dependency) { return done.contains(dependency.task); });
      moved = (free && done.insert(task.key).second) || moved;
    }
  }
  for (const auto& task : tasks) {
    if (!done.contains(task.key)) {
      return task.key;
    }
  }
  return std::nullopt;
}

struct Counts {
  std::size_t success = 0;
  std::size_t failed = 0;
  std::size_t excluded = 0;
  std::size_t all = 0;
};

/// A success with the wrong outcome counts as excluded: that branch was not taken.
Counts count(const TaskNode& task, const TaskGraph::Progress& progress) {
  Counts counts;
  for (const auto& dependency : task.depends_on) {
    const auto& upstream = progress.find(dependency.task)->second;
    ++counts.all;
    if (upstream.state == TaskState::success) {
      const bool taken = dependency.outcome.empty() || dependency.outcome == upstream.outcome;
      ++(taken ? counts.success : counts.excluded);
    } else if (upstream.state == TaskState::excluded) {
      ++counts.excluded;
    } else {
      ++counts.failed;
    }
  }
  return counts;
}

/// waiting: it may start; else the end that the task gets.
TaskState verdict(const TaskNode& task, const Counts& counts) {
  const auto run_or = [](bool runs, TaskState otherwise) { return runs ? TaskState::waiting : otherwise; };
  if (counts.all == 0) {
    return TaskState::waiting;
  }
  switch (task.run_if) {
  case RunIf::all_success:
    return run_or(counts.success == counts.all, counts.failed > 0 ? TaskState::upstream_failed : TaskState::excluded);
  case RunIf::all_done: return TaskState::waiting;
  case RunIf::none_failed:
    if (counts.failed > 0) {
      return TaskState::upstream_failed;
    }
    return run_or(counts.success > 0, TaskState::excluded);
  case RunIf::at_least_one_success:
    return run_or(counts.success > 0, counts.failed > 0 ? TaskState::upstream_failed : TaskState::excluded);
  case RunIf::all_failed: return run_or(counts.failed == counts.all, TaskState::excluded);
  case RunIf::at_least_one_failed: return run_or(counts.failed > 0, TaskState::excluded);
  }
  return TaskState::excluded;
}

} // namespace

bool is_end(TaskState state) {
  return state != TaskState::waiting && state != TaskState::running;
}

Result<TaskGraph> TaskGraph::parse(const Json& tasks) {
  std::vector<TaskNode> nodes;
  std::set<std::string, std::less<>> keys;
  if (tasks.is_array()) {
    for (const auto& task : tasks.as_array()) {
      PIER_TRY_ASSIGN(auto node, parse_task(task));
      if (!keys.insert(node.key).second) {
        return invalid("task_key '" + node.key + "' is used twice");
      }
      nodes.push_back(std::move(node));
    }
  }
  for (const auto& node : nodes) {
    for (const auto& dependency : node.depends_on) {
      if (!keys.contains(dependency.task)) {
        return invalid("task '" + node.key + "' depends on '" + dependency.task + "', which does not exist");
      }
    }
  }
  if (const auto key = find_cycle(nodes)) {
    return invalid("task '" + *key + "' depends on itself through other tasks");
  }
  return TaskGraph(std::move(nodes));
}

std::vector<std::string> TaskGraph::decide(Progress& progress) const {
  std::vector<std::string> ready;
  bool moved = true;
  while (moved) {
    moved = false;
    ready.clear();
    for (const auto& task : tasks_) {
      auto& own = progress[task.key];
      const bool open =
          std::any_of(task.depends_on.begin(), task.depends_on.end(),
                      [&](const TaskDependency& dependency) { return !is_end(progress[dependency.task].state); });
      if (own.state != TaskState::waiting || open) {
        continue;
      }
      const auto decided = verdict(task, count(task, progress));
      if (decided == TaskState::waiting) {
        ready.push_back(task.key);
      } else {
        own.state = decided;
        moved = true;
      }
    }
  }
  return ready;
}

} // namespace pier::jobs
