#include "core/jobs/dynamic_values.hpp"

#include "core/base/clock.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <array>

namespace pier::jobs {
namespace {

bool is_known_namespace(std::string_view name) {
  constexpr std::array<std::string_view, 4> k_namespaces = {"job.", "task.", "tasks.", "workspace."};
  return std::any_of(k_namespaces.begin(), k_namespaces.end(),
                     [&](std::string_view known) { return name.starts_with(known); });
}

void add_start_time(DynamicValues& values, std::int64_t millis) {
  constexpr int k_saturday = 6; // ISO 8601 counts from Monday, 1
  const auto time = from_epoch_millis(millis);
  const auto text = to_rfc3339(time); // 2026-11-24T10:00:00…
  const auto weekday = std::chrono::weekday(std::chrono::floor<std::chrono::days>(time)).iso_encoding();
  const std::string prefix = "job.start_time.";
  values[prefix + "iso_date"] = text.substr(0, 10);
  values[prefix + "iso_datetime"] = text.substr(0, 19);
  values[prefix + "year"] = text.substr(0, 4);
  values[prefix + "month"] = text.substr(5, 2);
  values[prefix + "day"] = text.substr(8, 2);
  values[prefix + "hour"] = text.substr(11, 2);
  values[prefix + "minute"] = text.substr(14, 2);
  values[prefix + "second"] = text.substr(17, 2);
  values[prefix + "iso_weekday"] = std::to_string(weekday);
  values[prefix + "is_weekday"] = weekday < k_saturday ? "true" : "false";
  values[prefix + "timestamp_ms"] = std::to_string(millis);
}

Result<std::string> substitute_text(const std::string& text, const DynamicValues& values) {
  std::string out;
  std::size_t at = 0;
  while (true) {
    const auto begin = text.find("{{", at);
    const auto end = begin == std::string::npos ? begin : text.find("}}", begin);
    if (end == std::string::npos) {
      return out + text.substr(at);
    }
    const std::string name(trim(std::string_view(text).substr(begin + 2, end - begin - 2)));
    const auto found = values.find(name);
    if (found == values.end() && !is_known_namespace(name)) {
      out += text.substr(at, end + 2 - at);
      at = end + 2;
      continue;
    }
    if (found == values.end()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "INVALID_PARAMETER_VALUE",
                   .message = "the local workspace does not know the dynamic value {{" + name + "}}"};
    }
    out += text.substr(at, begin - at) + found->second;
    at = end + 2;
  }
}

} // namespace

DynamicValues dynamic_values(const RunRecord& run, const RunRecord& task, const std::string& workspace_url) {
  DynamicValues values = {{"job.id", std::to_string(run.job_id)},
                          {"job.run_id", std::to_string(run.id)},
                          {"job.name", run.settings.get_string("name")},
                          {"job.trigger.type", "ONE_TIME"},
                          {"job.repair_count", "0"},
                          {"task.name", task.task_key},
                          {"task.run_id", std::to_string(task.id)},
                          {"task.execution_count", std::to_string(task.attempt + 1)},
                          {"workspace.url", workspace_url}};
  add_start_time(values, run.start_time);
  if (run.parameters.is_object()) {
    for (const auto& [name, value] : run.parameters.as_object()) {
      values["job.parameters." + name] = value.is_string() ? value.as_string() : value.dump();
    }
  }
  return values;
}

void add_ended_task(DynamicValues& values, const RunRecord& task, TaskState state) {
  const auto prefix = "tasks." + task.task_key + ".";
  values[prefix + "result_state"] = to_lower(result_text(state));
  values[prefix + "run_id"] = std::to_string(task.id);
}

Result<Json> substitute(const Json& task, const DynamicValues& values) {
  if (task.is_string()) {
    PIER_TRY_ASSIGN(auto text, substitute_text(task.as_string(), values));
    return Json(std::move(text));
  }
  if (task.is_array()) {
    Json::Array items;
    for (const auto& item : task.as_array()) {
      PIER_TRY_ASSIGN(auto changed, substitute(item, values));
      items.push_back(std::move(changed));
    }
    return Json(std::move(items));
  }
  if (task.is_object()) {
    Json::Object members;
    for (const auto& [name, member] : task.as_object()) {
      PIER_TRY_ASSIGN(auto changed, substitute(member, values));
      members.emplace(name, std::move(changed));
    }
    return Json(std::move(members));
  }
  return task;
}

} // namespace pier::jobs
