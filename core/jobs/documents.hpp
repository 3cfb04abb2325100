#pragma once

#include "core/jobs/run_record.hpp"

#include <string>
#include <string_view>

namespace pier::jobs {

// The documents of the Jobs API (facts: workspace-api 3.8).

/// Who a job's tasks run as: `run_as` of its settings, else its creator.
std::string run_as_name(const JobRecord& job);
Json job_document(const JobRecord& job);
/// A run or task run without the list of its tasks.
Json run_document(const RunRecord& run, std::string_view workspace_url);
/// An entry of `tasks` of a run.
Json task_document(const RunRecord& task);

} // namespace pier::jobs
