#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/jobs/run_record.hpp"

#include <map>
#include <string>

namespace pier::jobs {

/// What `{{…}}` in a task may refer to: "job.id", "job.run_id", "job.name", "job.parameters.x", "task.name" …
using DynamicValues = std::map<std::string, std::string, std::less<>>;

/// What every task of a run may refer to; times are UTC (docs: "Dynamic value references").
DynamicValues dynamic_values(const RunRecord& run, const RunRecord& task, const std::string& workspace_url);

/// "tasks.<key>.result_state" and "….run_id" of a task that has ended.
void add_ended_task(DynamicValues& values, const RunRecord& task, TaskState state);

/// Replaces `{{name}}` in every text of a task. Error INVALID_PARAMETER_VALUE names a reference that is not known in a
/// namespace that is; any other text in braces stays as it is.
Result<Json> substitute(const Json& task, const DynamicValues& values);

} // namespace pier::jobs
