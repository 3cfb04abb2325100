#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <algorithm>

namespace pier::deploy::kinds {
namespace {

using workspace_client::Jobs;

std::int64_t number_of(const std::string& id) {
  std::int64_t number = 0;
  parse_int64(id, number);
  return number;
}

/// The run as run-now would ask for it, plus what only the workspace knows.
Json remote_of(const Json& run) {
  auto remote = Json::object();
  if (const auto* overriding = run.find("overriding_parameters"); overriding != nullptr && overriding->is_object()) {
    remote = *overriding;
  }
  remote["job_id"] = run.get_integer("job_id");
  if (const auto* parameters = run.find("job_parameters"); parameters != nullptr && !parameters->is_empty()) {
    auto values = Json::object();
    for (const auto& parameter : parameters->as_array()) {
      values[parameter.get_string("name")] = parameter.get_string("value");
    }
    remote["job_parameters"] = std::move(values);
  }
  auto state = Json::object();
  for (const auto* field : {"life_cycle_state", "result_state", "state_message"}) {
    if (const auto text = text_at(run, "state", field); !text.empty()) {
      state[field] = text;
    }
  }
  if (const auto* result = state.find("result_state")) {
    remote["result_state"] = *result;
  }
  remote["state"] = std::move(state);
  remote["run_id"] = run.get_integer("run_id");
  for (const auto* field : {"run_name", "run_type"}) {
    remote[field] = run.get_string(field);
  }
  remote["run_page_url"] = workspace_client::run_page(run.get_string("run_page_url"));
  return remote;
}

bool is_failed_task(const Json& task) {
  const auto result = text_at(task, "state", "result_state");
  return text_at(task, "state", "life_cycle_state") == "INTERNAL_ERROR" || result == "FAILED" || result == "TIMEDOUT";
}

/// Each failed task with what it said, one line each, in the order of the run: the last attempt counts.
std::string failed_tasks(Jobs& jobs, const Json& run) {
  std::vector<Json> failed;
  const auto* tasks = run.find("tasks");
  for (const auto& task : tasks != nullptr && tasks->is_array() ? tasks->as_array() : Json::Array()) {
    if (!is_failed_task(task)) {
      continue;
    }
    const auto known = std::find_if(failed.begin(), failed.end(), [&](const Json& other) {
      return other.get_string("task_key") == task.get_string("task_key");
    });
    if (known == failed.end()) {
      failed.push_back(task);
    } else if (known->get_integer("attempt_number") < task.get_integer("attempt_number")) {
      *known = task;
    }
  }
  std::string text;
  for (const auto& task : failed) {
    const auto output = jobs.get_output(task.get_integer("run_id"));
    const auto reported = output ? output->get_string("error") : std::string();
    text += "\ntask \"" + task.get_string("task_key") +
            "\": " + (reported.empty() ? text_at(task, "state", "state_message") : reported);
  }
  return text;
}

Error run_failed(Jobs& jobs, const Json& run) {
  auto outcome = text_at(run, "state", "result_state");
  if (outcome.empty()) {
    outcome = text_at(run, "state", "life_cycle_state");
  }
  auto message = "run did not succeed: " + outcome;
  if (const auto why = text_at(run, "state", "state_message"); !why.empty()) {
    message += ": " + why;
  }
  message += failed_tasks(jobs, run);
  if (const auto page = run.get_string("run_page_url"); !page.empty()) {
    message += "\nrun page: " + workspace_client::run_page(page);
  }
  return Error{.kind = ErrorKind::invalid_state,
               .code = "PIER2032",
               .message = std::move(message),
               .hint = "fix the task; the next deploy runs the job again"};
}

/// With the run named, so that those of one deploy can be told apart.
void report(const Operation& operation, const std::string& run_id, const std::string& text) {
  operation.report(operation.compatible ? "Output from " + operation.subject + ": id=" + run_id + ": " + text : text);
}

/// Only where the run is and how it ended is reported: which states it passes depends on its compute.
Result<void> wait_for_run(Operation& operation, const std::string& id) {
  Jobs jobs(operation.client);
  const auto tell_page = [&, told = false](const Json& run) mutable {
    if (const auto page = run.get_string("run_page_url"); !page.empty() && !told) {
      told = true;
      report(operation, id, "Run URL: " + workspace_client::run_page(page));
    }
  };
  PIER_TRY_ASSIGN(const auto run, jobs.wait_for_run(number_of(id), tell_page));
  const auto outcome = text_at(run, "state", "result_state");
  if (outcome != "SUCCESS") {
    return run_failed(jobs, run);
  }
  report(operation, id, outcome);
  return {};
}

Result<Json> prepare(const model::ResourceNode& node, const std::vector<std::string>& fields) {
  auto state = pick(node.config, fields);
  state["result_state"] = "SUCCESS"; // what is wanted of the run
  const auto* on_deploy = node.config.find_path({"lifecycle", "triggers", "on_bundle_deploy"});
  if (on_deploy != nullptr && on_deploy->is_bool() && on_deploy->as_bool()) {
    state["lifecycle"] = Json::object({{"triggers", Json::object({{"on_bundle_deploy", random_uuid()}})}});
  }
  return state;
}

void review(const std::string& path, FieldChange& change, const Json& remote) {
  if (path == "lifecycle" || path == "lifecycle.triggers" || path == "lifecycle.triggers.on_bundle_deploy") {
    if (is_empty_value(change.after)) {
      change.action = Action::update;
      change.reason = "trigger removed";
    }
  } else if (path == "result_state" && !remote.is_null() &&
             !workspace_client::is_terminal_run_state(text_at(remote, "state", "life_cycle_state"))) {
    change.action = Action::update;
    change.reason = "run in progress";
  }
}

Result<void> remove(Operation& operation, const std::string& id, const Json&) {
  Jobs jobs(operation.client);
  PIER_TRY_ASSIGN(const auto run, jobs.get_run(number_of(id)));
  if (!workspace_client::is_terminal_run_state(text_at(run, "state", "life_cycle_state"))) {
    PIER_TRY(jobs.cancel(number_of(id)).context("cancelling run " + id + " before deleting it"));
    PIER_TRY(jobs.wait_for_run(number_of(id)));
  }
  PIER_TRY(operation.client.post("/api/2.2/jobs/runs/delete", Json::object({{"run_id", number_of(id)}})));
  return {};
}

} // namespace

Kind job_runs() {
  Kind kind;
  kind.name = "job_runs";
  kind.state_fields = {"dbt_commands",        "idempotency_token",   "jar_params",    "job_id",
                       "job_parameters",      "notebook_params",     "only",          "performance_target",
                       "pipeline_params",     "python_named_params", "python_params", "queue",
                       "spark_submit_params", "sql_params"};
  kind.state_fields.emplace_back("result_state");
  kind.remote_fields = {"run_id", "run_name", "run_page_url", "run_type", "state"};
  kind.integer_fields = {"job_id"};
  kind.prepare = [fields = kind.state_fields](const model::ResourceNode& node) { return prepare(node, fields); };
  kind.rules.ignore_remote =
      joined(rules("immutable", {"job_id"}),
             joined(rules("effective_vs_requested",
                          {"dbt_commands", "jar_params", "job_parameters", "notebook_params", "pipeline_params",
                           "python_named_params", "python_params", "spark_submit_params", "sql_params"}),
                    rules("not_returned_by_api", {"idempotency_token", "only", "performance_target", "queue"})));
  kind.rules.not_returned = {"lifecycle"};
  kind.rules.recreate = rules("immutable", {""});
  kind.read = [](Operation& operation, const std::string& id) -> Result<Json> {
    PIER_TRY_ASSIGN(const auto run, Jobs(operation.client).get_run(number_of(id)));
    return remote_of(run);
  };
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    auto body = state;
    body.erase("result_state");
    body.erase("lifecycle");
    // A repeated request must not start a second run.
    body["idempotency_token"] = random_uuid();
    PIER_TRY_ASSIGN(const auto run_id, Jobs(operation.client).run_now(body));
    state.erase("result_state"); // wanted, never saved
    return std::to_string(run_id);
  };
  kind.after_create = [](Operation& operation, const std::string& id, const Json&) {
    return wait_for_run(operation, id);
  };
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    state.erase("result_state");
    if (!changes_other_than(update.changes,
                            {"lifecycle", "lifecycle.triggers", "lifecycle.triggers.on_bundle_deploy"})) {
      return {};
    }
    return wait_for_run(operation, update.id);
  };
  kind.remove = remove;
  kind.review = review;
  return kind;
}

} // namespace pier::deploy::kinds
