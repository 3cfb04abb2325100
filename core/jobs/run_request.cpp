#include "core/jobs/run_request.hpp"

#include "core/jobs/task_graph.hpp"

#include <algorithm>

namespace pier::jobs {
namespace {

Error invalid(std::string message) {
  return Error{.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

} // namespace

Result<void> check_settings(const Json& settings) {
  if (!settings.is_object()) {
    return invalid("the settings of a job are an object");
  }
  if (const Json* tasks = settings.find("tasks")) {
    PIER_TRY(TaskGraph::parse(*tasks));
  }
  return {};
}

std::string_view first_life_cycle(const Json& settings, std::int64_t active) {
  const auto limit = std::max<std::int64_t>(1, settings.get_integer("max_concurrent_runs", 1));
  if (active < limit) {
    return "PENDING";
  }
  const Json* queue = settings.find("queue");
  return queue == nullptr || queue->get_bool("enabled", true) ? "QUEUED" : "SKIPPED";
}

Result<Json> parameters_of(const Json& settings, const Json& request) {
  Json values = Json::object();
  if (const Json* declared = settings.find("parameters"); declared != nullptr && declared->is_array()) {
    for (const auto& parameter : declared->as_array()) {
      values[parameter.get_string("name")] = parameter.get_string("default");
    }
  }
  if (const Json* given = request.find("job_parameters"); given != nullptr && given->is_object()) {
    for (const auto& [name, value] : given->as_object()) {
      if (!values.contains(name)) {
        return invalid("the job has no parameter '" + name + "'");
      }
      values[name] = value;
    }
  }
  return values;
}

Result<void> select_tasks(Json& settings, const Json& request) {
  const auto only = request.get_strings("only");
  Json* tasks = settings.find("tasks");
  if (only.empty() || tasks == nullptr || !tasks->is_array()) {
    return {};
  }
  const auto selected = [&](const std::string& key) { return std::find(only.begin(), only.end(), key) != only.end(); };
  Json kept = Json::array();
  for (auto task : tasks->as_array()) {
    if (!selected(task.get_string("task_key"))) {
      continue;
    }
    Json dependencies = Json::array();
    if (const Json* list = task.find("depends_on"); list != nullptr && list->is_array()) {
      for (const auto& dependency : list->as_array()) {
        if (selected(dependency.get_string("task_key"))) {
          dependencies.push_back(dependency);
        }
      }
    }
    task["depends_on"] = std::move(dependencies);
    kept.push_back(std::move(task));
  }
  if (kept.size() != only.size()) {
    return invalid("`only` names a task that the job does not have");
  }
  *tasks = std::move(kept);
  return {};
}

} // namespace pier::jobs
