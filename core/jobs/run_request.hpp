#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <string_view>

namespace pier::jobs {

/// Of jobs and of one-time runs: an object, with tasks that can be put in order.
Result<void> check_settings(const Json& settings);

/// Life cycle that a new run starts with: PENDING; QUEUED or SKIPPED when the job has its maximum of active runs.
std::string_view first_life_cycle(const Json& settings, std::int64_t active);

/// Defaults of the job's parameters, then what the request sets. A name that the job does not have is an error.
Result<Json> parameters_of(const Json& settings, const Json& request);

/// `only`: keeps the named tasks, without dependencies on others. Error when one is not in the job.
Result<void> select_tasks(Json& settings, const Json& request);

} // namespace pier::jobs
