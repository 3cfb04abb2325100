#pragma once

#include "core/base/json.hpp"
#include "core/jobs/task_graph.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace pier::jobs {

/// A job as it is kept. Settings are the document as it was sent.
struct JobRecord {
  std::int64_t id = 0;
  Json settings;
  std::string creator;
  std::int64_t created_at = 0; ///< epoch milliseconds
};

/// A run of a job, or (parent_id set) of one of its tasks: both have ids of one space. Texts are the API's.
struct RunRecord {
  std::int64_t id = 0;
  std::int64_t parent_id = 0; ///< 0: the run itself
  std::int64_t job_id = 0;    ///< 0: submitted without a job
  std::string task_key;       ///< task runs only
  std::int64_t number_in_job = 0;
  std::int64_t attempt = 0;
  std::string life_cycle = "PENDING";
  std::string result; ///< "SUCCESS" …; empty until it has ended
  std::string message;
  std::string creator;
  std::string run_as;
  std::int64_t start_time = 0; ///< epoch milliseconds
  std::int64_t end_time = 0;
  Json settings;   ///< of the run: the job's settings then; of a task run: its task
  Json parameters; ///< of the run: values of the job parameters
  Json output;     ///< of a task run: {"error"?,"error_trace"?,"outcome"?}

  [[nodiscard]] bool is_active() const {
    return life_cycle != "TERMINATED" && life_cycle != "SKIPPED" && life_cycle != "INTERNAL_ERROR";
  }
};

/// The `state` and `status` members of a run (old and new clients read one each).
void put_state(Json& document, const RunRecord& run);

/// `result_state` of an end: "SUCCESS", "TIMEDOUT" …
std::string_view result_text(TaskState state);

/// How a task's end is written down.
void set_end(RunRecord& run, TaskState state, std::string message, std::int64_t now);

} // namespace pier::jobs
