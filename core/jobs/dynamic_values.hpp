#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <map>
#include <string>

namespace pier::jobs {

/// What `{{…}}` in a task may refer to: "job.id", "job.run_id", "job.name", "job.parameters.x", "task.name" …
using DynamicValues = std::map<std::string, std::string, std::less<>>;

/// Replaces `{{name}}` in every text of a task. Error INVALID_PARAMETER_VALUE names a reference that is not known.
Result<Json> substitute(const Json& task, const DynamicValues& values);

} // namespace pier::jobs
