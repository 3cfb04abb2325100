#include "core/jobs/run_record.hpp"

#include <utility>

namespace pier::jobs {
namespace {

std::string_view termination_code(const RunRecord& run) {
  if (run.life_cycle == "INTERNAL_ERROR") {
    return "INTERNAL_ERROR";
  }
  if (run.life_cycle == "SKIPPED") {
    return run.result == "EXCLUDED" ? "SUCCESS" : "SKIPPED";
  }
  if (run.result == "SUCCESS") {
    return "SUCCESS";
  }
  return run.result == "CANCELED" ? "USER_CANCELED" : "RUN_EXECUTION_ERROR";
}

/// The newer state knows one end only.
std::string_view status_state(const RunRecord& run) {
  if (!run.is_active()) {
    return "TERMINATED";
  }
  return run.life_cycle == "WAITING_FOR_RETRY" ? "WAITING" : std::string_view(run.life_cycle);
}

} // namespace

void put_state(Json& document, const RunRecord& run) {
  Json state = Json::object({{"life_cycle_state", run.life_cycle}, {"state_message", run.message}});
  Json status = Json::object({{"state", status_state(run)}});
  if (!run.is_active()) {
    if (!run.result.empty()) {
      state["result_state"] = run.result;
    }
    const auto code = termination_code(run);
    const std::string_view type = code == "SUCCESS"          ? "SUCCESS"
                                  : code == "INTERNAL_ERROR" ? "INTERNAL_ERROR"
                                                             : "CLIENT_ERROR";
    status["termination_details"] = Json::object({{"code", code}, {"type", type}, {"message", run.message}});
  }
  document["state"] = std::move(state);
  document["status"] = std::move(status);
}

std::string_view result_text(TaskState state) {
  switch (state) {
  case TaskState::success: return "SUCCESS";
  case TaskState::canceled: return "CANCELED";
  case TaskState::excluded: return "EXCLUDED";
  case TaskState::upstream_failed: return "UPSTREAM_FAILED";
  case TaskState::timed_out: return "TIMEDOUT";
  default: return "FAILED";
  }
}

void set_end(RunRecord& run, TaskState state, std::string message, std::int64_t now) {
  const bool skipped = state == TaskState::excluded || state == TaskState::upstream_failed;
  run.end_time = now;
  run.message = std::move(message);
  run.life_cycle = skipped ? "SKIPPED" : "TERMINATED";
  run.result = result_text(state);
}

} // namespace pier::jobs
