#include "core/jobs/task_context.hpp"

#include "core/base/text.hpp"

#include <array>
#include <cstdlib>
#include <optional>

namespace pier::jobs {
namespace {

std::optional<double> to_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return !text.empty() && *end == '\0' ? std::optional(value) : std::nullopt;
}

template <class Value> bool compare(const Value& left, std::string_view op, const Value& right) {
  if (op == "GREATER_THAN") {
    return left > right;
  }
  if (op == "GREATER_THAN_OR_EQUAL") {
    return left >= right;
  }
  return op == "LESS_THAN" ? left < right : left <= right;
}

/// The kind of a task: its one member that ends in _task.
std::string kind_of(const Json& task) {
  for (const auto& [name, value] : task.as_object()) {
    if (name.ends_with("_task")) {
      return name;
    }
  }
  return {};
}

} // namespace

std::filesystem::path log_file_of(const std::filesystem::path& folder, std::int64_t task_run_id) {
  return folder / "logs" / (std::to_string(task_run_id) + ".log");
}

std::filesystem::path TaskContext::work_folder() const {
  return shared.options.folder / "runs" / std::to_string(task.id);
}

std::filesystem::path TaskContext::log_file() const {
  return log_file_of(shared.options.folder, task.id);
}

Result<TaskOutcome> run_condition_task(const Json& spec) {
  const auto op = spec.get_string("op");
  const auto left = spec.get_string("left");
  const auto right = spec.get_string("right");
  bool holds = false;
  if (op == "EQUAL_TO" || op == "NOT_EQUAL") {
    holds = (left == right) == (op == "EQUAL_TO");
  } else if (op == "GREATER_THAN" || op == "GREATER_THAN_OR_EQUAL" || op == "LESS_THAN" || op == "LESS_THAN_OR_EQUAL") {
    const auto left_number = to_number(left);
    const auto right_number = to_number(right);
    if (!left_number || !right_number) {
      return TaskOutcome{.failure = "'" + left + "' and '" + right + "' cannot be compared as numbers"};
    }
    holds = compare(*left_number, op, *right_number);
  } else {
    return TaskOutcome{.failure = "condition_task has an unknown op '" + op + "'"};
  }
  return TaskOutcome{.outcome = holds ? "true" : "false"};
}

Result<TaskOutcome> run_job_task(const TaskContext& context, const Json& spec) {
  Json request = Json::object({{"job_id", spec.get_integer("job_id")}});
  if (const Json* parameters = spec.find("job_parameters")) {
    request["job_parameters"] = *parameters;
  }
  PIER_TRY_ASSIGN(const auto run, context.shared.run_and_wait(context.run_as, request, context.stop));
  if (run.result != "SUCCESS") {
    return TaskOutcome{.failure = "run " + std::to_string(run.id) + " of job " + std::to_string(run.job_id) +
                                  " ended " + run.result};
  }
  return TaskOutcome{};
}

Result<TaskOutcome> run_task(const TaskContext& context) {
  const auto kind = kind_of(context.body);
  const Json* spec = kind.empty() ? nullptr : context.body.find(kind);
  if (kind == "spark_python_task") {
    return run_python_task(context, *spec);
  }
  if (kind == "sql_task") {
    return run_sql_task(context, *spec);
  }
  if (kind == "condition_task") {
    return run_condition_task(*spec);
  }
  if (kind == "run_job_task") {
    return run_job_task(context, *spec);
  }
  return TaskOutcome{.failure = kind.empty()
                                    ? "the task says nothing to run"
                                    : "the local workspace does not run a " + kind +
                                          "; it runs spark_python_task, sql_task, condition_task, run_job_task"};
}

} // namespace pier::jobs
