#include "core/deploy/runner.hpp"

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/deploy/app_code.hpp"
#include "core/deploy/state_store.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

using workspace_client::Jobs;

std::string text_in(const Json& json, std::string_view a, std::string_view b) {
  const auto* value = json.find_path({a, b});
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

std::string outcome_of(const Json& run) {
  const auto result = text_in(run, "state", "result_state");
  return result.empty() ? text_in(run, "state", "life_cycle_state") : result;
}

std::string output_text(const Json& output) {
  for (const auto* field : {"logs", "error"}) {
    if (const auto text = output.get_string(field); !text.empty()) {
      const auto trace = output.get_string("error_trace");
      return field == std::string_view("error") && !trace.empty() ? text + "\n" + trace : text;
    }
  }
  if (const auto text = text_in(output, "notebook_output", "result"); !text.empty()) {
    return text;
  }
  if (const auto* sql = output.find("sql_output"); sql != nullptr && !sql->is_empty()) {
    return sql->dump(2);
  }
  return {};
}

std::vector<TaskOutput> read_outputs(Jobs& jobs, const Json& run) {
  std::vector<TaskOutput> outputs;
  const auto* tasks = run.find("tasks");
  if (tasks == nullptr || !tasks->is_array()) {
    return outputs;
  }
  for (const auto& task : tasks->as_array()) {
    TaskOutput output{.task = task.get_string("task_key"), .state = outcome_of(task), .output = {}};
    if (const auto read = jobs.get_output(task.get_integer("run_id"))) {
      output.output = output_text(*read);
      if (const auto error = read->get_string("error"); !error.empty() && output.output != error) {
        output.output += (output.output.empty() ? "" : "\n") + error;
      }
    }
    outputs.push_back(std::move(output));
  }
  return outputs;
}

Result<void> cancel_active_runs(Session& session, Jobs& jobs, std::int64_t job_id) {
  PIER_TRY_ASSIGN(const auto active, jobs.list_runs(job_id, true, 25));
  for (const auto& run : active) {
    const auto id = run.get_integer("run_id");
    session.observer.on_event(Event{.type = Event::Type::phase, .text = "cancelling run " + std::to_string(id)});
    PIER_TRY(jobs.cancel(id));
    PIER_TRY(jobs.wait_for_run(id));
  }
  return {};
}

Result<RunResult> run_job(Session& session, const std::string& subject, std::int64_t job_id,
                          const RunOptions& options) {
  Jobs jobs(session.client);
  if (options.restart) {
    PIER_TRY(cancel_active_runs(session, jobs, job_id));
  }
  auto request = Json::object({{"job_id", job_id}, {"idempotency_token", random_uuid()}});
  if (!options.parameters.empty()) {
    auto parameters = Json::object();
    for (const auto& [name, value] : options.parameters) {
      parameters[name] = value;
    }
    request["job_parameters"] = std::move(parameters);
  }
  if (!options.only.empty()) {
    request["only"] = Json::strings(options.only);
  }
  PIER_TRY_ASSIGN(const auto run_id, jobs.run_now(request));
  RunResult result{.kind = "jobs", .run_id = run_id, .url = {}, .state = "PENDING", .message = {}, .tasks = {}};
  if (!options.wait) {
    PIER_TRY_ASSIGN(const auto run, jobs.get_run(run_id));
    result.url = run.get_string("run_page_url");
    return result;
  }
  std::map<std::string, std::string> shown;
  const auto show = [&](const std::string& what, const std::string& state) {
    auto& last = shown[what];
    if (!state.empty() && last != state) {
      last = state;
      session.observer.on_event(
          Event{.type = Event::Type::line, .subject = subject, .text = what + " " + to_lower(state)});
    }
  };
  PIER_TRY_ASSIGN(const auto run, jobs.wait_for_run(run_id, [&](const Json& current) {
    show("run " + std::to_string(run_id), outcome_of(current));
    if (const auto* tasks = current.find("tasks"); tasks != nullptr && tasks->is_array()) {
      for (const auto& task : tasks->as_array()) {
        show("task " + task.get_string("task_key"), outcome_of(task));
      }
    }
  }));
  result.url = run.get_string("run_page_url");
  result.state = outcome_of(run);
  result.message = text_in(run, "state", "state_message");
  result.tasks = read_outputs(jobs, run);
  return result;
}

/// Makes the compute of an app run, telling each step as the official CLI does if asked to.
Result<void> start_compute(Operation& operation, const std::string& name, const Json& app, bool tell) {
  workspace_client::Apps apps(operation.client);
  const auto say = [&](std::string text) {
    if (tell) {
      operation.report(std::move(text));
    }
  };
  const auto compute = text_in(app, "compute_status", "state");
  if (const auto state = text_in(app, "app_status", "state"); !state.empty()) {
    say("app is in " + state + " state");
  }
  if (!compute.empty()) {
    say("app compute is in " + compute + " state");
  }
  if (compute == "ACTIVE") {
    return {};
  }
  if (compute == "STARTING") {
    PIER_TRY(apps.wait_for_compute(name, {"ACTIVE"}));
    return {};
  }
  say("starting the app " + name);
  PIER_TRY(apps.start(name));
  PIER_TRY_ASSIGN(const auto started, apps.wait_for_compute(name, {"ACTIVE"}));
  say("app is starting...");
  PIER_TRY(wait_for_running_deployments(operation, name, started));
  say("app is started!");
  return {};
}

/// What to deploy as the code of an app: what was deployed. The official CLI takes the source that the bundle names
/// now, in which nothing stands for the snapshot of an immutable folder.
Json code_of(const Session& session, const model::ResourceKey& key, const DeployedResource& app) {
  auto code = app.state;
  const auto* node = session.compatible ? session.bundle.graph.find(key) : nullptr;
  const auto* source = node == nullptr ? nullptr : node->config.find("source_code_path");
  if (source != nullptr) {
    code["source_code_path"] = *source;
  }
  return code;
}

Result<RunResult> run_app(Session& session, const model::ResourceKey& key, const DeployedResource& app,
                          const RunOptions& options) {
  const auto subject = key.kind + "." + key.key;
  workspace_client::Apps apps(session.client);
  Operation operation{.client = session.client,
                      .observer = session.observer,
                      .subject = subject,
                      .before_app_code = options.before_app_code};
  if (session.compatible) {
    operation.report("getting the status of the app " + app.id);
  }
  PIER_TRY_ASSIGN(const auto before, apps.get(app.id));
  PIER_TRY(start_compute(operation, app.id, before, session.compatible));
  PIER_TRY(start_and_deploy_code(operation, app.id, code_of(session, key, app), true));
  PIER_TRY_ASSIGN(const auto after, apps.get(app.id));
  return RunResult{
      .kind = "apps", .run_id = 0, .url = after.get_string("url"), .state = "RUNNING", .message = {}, .tasks = {}};
}

} // namespace

Result<model::ResourceKey> find_runnable(const Session& session, const std::string& name) {
  const auto runs = [](const model::ResourceKey& key) {
    return !key.is_part() && (key.kind == "jobs" || key.kind == "apps");
  };
  auto found = session.bundle.graph.named(name);
  std::erase_if(found, [&](const model::ResourceKey& key) { return !runs(key); });
  std::vector<std::string> known;
  for (const auto& [key, node] : session.bundle.graph.nodes) {
    if (runs(key)) {
      known.push_back(key.key);
    }
  }
  if (found.empty()) {
    for (const auto& [key, node] : session.bundle.graph.nodes) {
      if (runs(key) && node.config.get_string("name") == name) {
        found.push_back(key);
      }
    }
  }
  if (found.size() == 1) {
    return found.front();
  }
  if (found.empty()) {
    const auto near = nearest(name, known);
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER2060",
                 .message = "no such job or app: " + name,
                 .hint = near.empty() ? "the bundle has: " + join(known, ", ") : "did you mean " + near + "?"};
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER2061",
               .message = "'" + name + "' names several resources",
               .hint = "write jobs." + name + " or apps." + name};
}

Result<RunResult> run_resource(Session& session, const model::ResourceKey& key, const RunOptions& options) {
  PIER_TRY_ASSIGN(const auto pulled,
                  pull_state(session.bundle, session.client, session.observer, Pull::without_local_files));
  const auto* deployed = pulled.state.find(key.to_string());
  if (deployed == nullptr || deployed->id.empty()) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER2062",
                 .message = key.kind + "." + key.key + " is not deployed yet",
                 .hint = "pier deploy -t " + session.bundle.target};
  }
  if (key.kind == "apps") {
    return run_app(session, key, *deployed, options);
  }
  std::int64_t job_id = 0;
  parse_int64(deployed->id, job_id);
  return run_job(session, key.kind + "." + key.key, job_id, options);
}

} // namespace pier::deploy
