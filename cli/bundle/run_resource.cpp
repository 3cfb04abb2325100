#include "cli/bundle/run_resource.hpp"

#include "cli/bundle/run_arguments.hpp"
#include "cli/console.hpp"
#include "core/base/text.hpp"
#include "core/deploy/runner.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <ctime>

namespace pier::cli {
namespace {

using workspace_client::Jobs;

Error failure(std::string message) {
  return Error{.kind = ErrorKind::invalid_state, .code = "PIER0027", .message = std::move(message)};
}

std::string state_text(const Json& run, std::string_view field) {
  const auto* state = run.find("state");
  return state == nullptr ? std::string() : state->get_string(field);
}

std::string local_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  std::string text(sizeof "2006-01-02 15:04:05", '\0');
  text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts));
  return text;
}

/// Says each change of a run's state once.
class RunMonitor {
 public:
  explicit RunMonitor(Console& console)
      : console_(console) {}

  void see(const Json& run) {
    auto states = state_text(run, "life_cycle_state") + " " + state_text(run, "result_state");
    if (last_.empty()) {
      console_.status("Run URL: " + workspace_client::run_page(run.get_string("run_page_url")) + "\n");
    }
    if (states == last_) {
      return;
    }
    last_ = std::move(states);
    auto line = local_time() + " \"" + run.get_string("run_name") + "\" " + state_text(run, "life_cycle_state");
    for (const auto* field : {"result_state", "state_message"}) {
      const auto text = state_text(run, field);
      line += text.empty() ? "" : " " + text;
    }
    console_.status(line);
  }

 private:
  Console& console_;
  std::string last_;
};

/// What a task printed, as the CLI takes it from get-output: nothing for tasks without an output.
struct TaskResult {
  std::string key;
  std::int64_t end_time = 0;
  std::string text;
  Json json;
};

std::optional<TaskResult> result_of(const Json& task, const Json& output) {
  TaskResult result{.key = task.get_string("task_key"), .end_time = task.get_integer("end_time")};
  const auto logs = output.get_string("logs");
  const auto take = [](const std::string& text, bool truncated) {
    return truncated ? text + "\n[truncated...]\n" : text;
  };
  const auto* notebook = output.find("notebook_output");
  const bool empty_notebook =
      notebook != nullptr && notebook->get_string("result").empty() && !notebook->get_bool("truncated");
  if (notebook != nullptr && !(empty_notebook && !logs.empty())) {
    result.text = take(notebook->get_string("result"), notebook->get_bool("truncated"));
    result.json = *notebook;
    return result;
  }
  for (const auto& [field, title] : {std::pair{"dbt_output", "Dbt"}, std::pair{"sql_output", "SQL"}}) {
    if (const auto* found = output.find(field); found != nullptr && notebook == nullptr) {
      result.text = std::string(title) + " Task Output:\n" + found->dump(2, true);
      result.json = *found;
      return result;
    }
  }
  if (logs.empty()) {
    return std::nullopt;
  }
  result.text = take(logs, output.get_bool("logs_truncated"));
  result.json = Json::object({{"logs", logs}, {"logs_truncated", output.get_bool("logs_truncated")}});
  return result;
}

std::string render(std::vector<TaskResult> results, bool as_json) {
  if (as_json) {
    auto tasks = Json::array();
    for (auto& result : results) {
      tasks.push_back(
          Json::object({{"TaskKey", result.key}, {"Output", std::move(result.json)}, {"EndTime", result.end_time}}));
    }
    return Json::object({{"task_outputs", std::move(tasks)}}).dump(2, true) + "\n";
  }
  if (results.size() <= 1) {
    return results.empty() ? std::string() : results.front().text;
  }
  std::stable_sort(results.begin(), results.end(),
                   [](const TaskResult& a, const TaskResult& b) { return a.end_time < b.end_time; });
  std::string text = "Output:\n";
  for (const auto& result : results) {
    text += "=======\nTask " + result.key + ":\n" + result.text + "\n";
  }
  return text;
}

Result<std::string> read_output(Jobs& jobs, std::int64_t run_id, bool as_json) {
  PIER_TRY_ASSIGN(const auto run, jobs.get_run(run_id));
  std::vector<TaskResult> results;
  if (const auto* tasks = run.find("tasks"); tasks != nullptr && tasks->is_array()) {
    for (const auto& task : tasks->as_array()) {
      PIER_TRY_ASSIGN(const auto output, jobs.get_output(task.get_integer("run_id")));
      if (auto result = result_of(task, output)) {
        results.push_back(*std::move(result));
      }
    }
  }
  return render(std::move(results), as_json);
}

Result<void> cancel_active_runs(Jobs& jobs, std::int64_t job_id, const Json& job) {
  const auto* pause = job.find_path({"continuous", "pause_status"});
  if (pause != nullptr && *pause == Json("UNPAUSED")) {
    return {}; // run-now replaces the run of a continuous job
  }
  constexpr int k_page = 25;
  PIER_TRY_ASSIGN(const auto active, jobs.list_runs(job_id, true, k_page));
  for (const auto& run : active) {
    PIER_TRY(jobs.cancel(run.get_integer("run_id")));
  }
  for (const auto& run : active) {
    PIER_TRY(jobs.wait_for_run(run.get_integer("run_id")));
  }
  return {};
}

Result<std::string> run_job(const RunCall& call, const Json& job, deploy::Session& session, const Arguments& options,
                            Console& console) {
  std::int64_t job_id = 0;
  if (!parse_int64(call.id, job_id)) {
    return failure("job ID is not an integer: " + call.id);
  }
  const auto* experimental = session.bundle.config.find("experimental");
  const bool wrapper = experimental == nullptr || experimental->get_bool("python_wheel_wrapper");
  PIER_TRY_ASSIGN(const auto request, run_now_request(job, job_id, options, call.words, wrapper));
  Jobs jobs(session.client);
  if (options.has("restart")) {
    PIER_TRY(cancel_active_runs(jobs, job_id, job));
  }
  auto started = jobs.run_now(request);
  if (!started) {
    return std::move(started).error().with_context("cannot start job");
  }
  if (options.has("no-wait")) {
    PIER_TRY_ASSIGN(const auto run, jobs.get_run(*started));
    console.status("Run URL: " + workspace_client::run_page(run.get_string("run_page_url")) + "\n");
    return std::string();
  }
  RunMonitor monitor(console);
  PIER_TRY_ASSIGN(const auto run, jobs.wait_for_run(*started, [&](const Json& now) { monitor.see(now); }));
  const auto message = state_text(run, "state_message");
  const auto life = state_text(run, "life_cycle_state");
  const auto result = state_text(run, "result_state");
  if (life == "SKIPPED") {
    return failure("run skipped: " + message);
  }
  if (life == "INTERNAL_ERROR") {
    return failure("failed to reach TERMINATED or SKIPPED, got INTERNAL_ERROR: " + message);
  }
  for (const auto& [bad, words] : {std::pair{"CANCELED", "run canceled: "}, std::pair{"FAILED", "run failed: "},
                                   std::pair{"TIMEDOUT", "run timed out: "}}) {
    if (result == bad) {
      return failure(words + message);
    }
  }
  return result == "SUCCESS" ? read_output(jobs, *started, options.get("output") == "json") : std::string();
}

/// New events of an update, oldest first; returns the time of the newest.
Result<std::string> show_events(workspace_client::RestClient& client, const std::string& path,
                                const std::string& update, const std::string& after, Console& console) {
  const auto filter = "update_id = '" + update + "'" + (after.empty() ? "" : " AND timestamp > '" + after + "'");
  http::Query query;
  query.add("filter", filter);
  query.add("max_results", "100");
  PIER_TRY_ASSIGN(const auto events, client.list(path + "/events", "events", std::move(query)));
  auto newest = after;
  constexpr std::size_t k_type_width = 15;
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    auto type = event->get_string("event_type");
    if (type != "flow_progress" && type != "update_progress") {
      continue;
    }
    newest = event->get_string("timestamp");
    type.resize(std::max(type.size(), k_type_width), ' ');
    console.status(newest + " " + type + " " + event->get_string("level") + " \"" + event->get_string("message") +
                   "\"");
  }
  return newest;
}

Result<std::string> run_pipeline(const RunCall& call, deploy::Session& session, const Arguments& options,
                                 Console& console) {
  auto& client = session.client;
  const auto path = "/api/2.0/pipelines/" + workspace_client::encode_segment(call.id);
  PIER_TRY_ASSIGN(const auto request, pipeline_update_request(options, call.words));
  if (options.has("restart")) {
    PIER_TRY(client.post(path + "/stop", Json::object()));
    PIER_TRY(workspace_client::poll_until(
        client, std::chrono::hours(24), "the pipeline", [&]() -> Result<std::optional<Json>> {
          PIER_TRY_ASSIGN(auto pipeline, client.get(path));
          return pipeline.get_string("state") == "IDLE" ? std::optional(std::move(pipeline)) : std::nullopt;
        }));
  }
  PIER_TRY_ASSIGN(const auto started, client.post(path + "/updates", request));
  const auto update = started.get_string("update_id");
  console.status("Update URL: " + client.host() + "/#joblist/pipelines/" + call.id + "/updates/" + update + "\n");
  const auto output = options.get("output") == "json" ? Json::object({{"update_id", update}}).dump(2) + "\n"
                                                      : "Update ID: " + update + "\n";
  if (options.has("no-wait")) {
    return output;
  }
  std::string seen;
  PIER_TRY_ASSIGN(
      const auto end,
      workspace_client::poll_until(client, std::chrono::hours(24), "the update", [&]() -> Result<std::optional<Json>> {
        PIER_TRY_ASSIGN(seen, show_events(client, path, update, seen, console));
        PIER_TRY_ASSIGN(auto answer, client.get(path + "/updates/" + update));
        const auto* info = answer.find("update");
        const auto state = info == nullptr ? "" : info->get_string("state");
        const bool over = state == "COMPLETED" || state == "FAILED" || state == "CANCELED";
        return over ? std::optional(Json(state)) : std::nullopt;
      }));
  if (end == Json("CANCELED")) {
    return failure("update cancelled");
  }
  return end == Json("FAILED") ? Result<std::string>(failure("update failed")) : output;
}

Result<std::string> run_app(const RunCall& call, deploy::Session& session, Console& console) {
  PIER_TRY(expect_no_words(call.words));
  PIER_TRY_ASSIGN(const auto result, deploy::run_resource(session, call.key, {}));
  console.status("You can access the app at " + result.url);
  return std::string();
}

} // namespace

Result<std::string> run_resource_as_official(const RunCall& call, deploy::Session& session, const Arguments& options,
                                             Console& console) {
  if (call.key.kind == "apps") {
    return run_app(call, session, console);
  }
  if (call.key.kind == "pipelines") {
    return run_pipeline(call, session, options, console);
  }
  return run_job(call, session.bundle.graph.find(call.key)->config, session, options, console);
}

} // namespace pier::cli
