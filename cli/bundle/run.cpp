#include "cli/bundle/flow.hpp"
#include "cli/console.hpp"
#include "core/base/clock.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/deploy/state_store.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <algorithm>
#include <array>
#include <ctime>

namespace pier::cli {
namespace {

using workspace_client::Jobs;

constexpr std::string_view k_after_dash = "--";

Error wrong(std::string message) {
  return Error{.kind = ErrorKind::usage, .code = "PIER0001", .message = std::move(message)};
}

/// What a script or a command of the user sees: our environment with the workspace of the bundle.
Environment environment_of(BundleFlow& flow) {
  auto env = flow.session().env;
  env.set("DATABRICKS_BUNDLE_TARGET", flow.bundle()->target);
  if (const auto& profile = flow.bundle()->profile; !profile.empty()) {
    env.set("DATABRICKS_CONFIG_PROFILE", profile);
  }
  return env;
}

/// Its input and output are ours, and so is its exit code.
Result<Report> execute(std::vector<std::string> argv, Environment env, std::filesystem::path folder) {
  const auto program = find_program(argv.front(), env);
  if (!program) {
    const auto& name = argv.front();
    return wrong("looking up \"" + name + "\" failed: exec: \"" + name + "\": executable file not found in PATH");
  }
  Command command;
  command.argv = std::move(argv);
  command.env = std::move(env);
  command.cwd = std::move(folder);
  command.standard_input = Command::Stream::inherit;
  PIER_TRY_ASSIGN(auto process, Process::start(command));
  PIER_TRY_ASSIGN(const auto status, process.wait());
  Report report;
  report.exit_code = static_cast<ExitCode>(status.signal == 0 ? status.code : 128 + status.signal);
  return report;
}

Result<Report> run_script(BundleFlow& flow, const Json& script, const std::vector<std::string>& words) {
  if (!words.empty()) {
    return wrong("additional arguments are not supported for scripts. Got: [" + join(words, " ") +
                 "]. We recommend using environment variables to pass runtime arguments to a script. For example: "
                 "FOO=bar databricks bundle run my_script");
  }
  auto env = environment_of(flow);
  if (const auto* own = script.find("env"); own != nullptr && own->is_object()) {
    for (const auto& [name, value] : own->as_object()) {
      env.set(name, value.is_string() ? value.as_string() : value.dump());
    }
  }
  return execute({"bash", "-ec", script.get_string("content")}, std::move(env), flow.bundle()->root);
}

/// "http://host/?o=1#job/2/run/3" → "http://host/jobs/2/runs/3?o=1": the old form works for administrators only.
std::string page_of_run(const std::string& page) {
  const auto hash = page.find('#');
  const auto parts = hash == std::string::npos ? std::vector<std::string>() : split(page.substr(hash + 1), '/');
  if (parts.size() != 4 || parts[0] != "job" || parts[2] != "run" || parts[1].empty() || parts[3].empty()) {
    return page;
  }
  const auto before = page.substr(0, hash);
  const auto mark = before.find('?');
  auto host = before.substr(0, mark);
  while (host.ends_with('/')) {
    host.pop_back();
  }
  return host + "/jobs/" + parts[1] + "/runs/" + parts[3] + (mark == std::string::npos ? "" : before.substr(mark));
}

std::string local_time() {
  const auto now = std::time(nullptr);
  std::tm parts{};
  ::localtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &parts);
  return text.data();
}

std::string text_in(const Json& json, std::string_view a, std::string_view b) {
  const auto* value = json.find_path({a, b});
  return value != nullptr && value->is_string() ? value->as_string() : std::string();
}

/// Tells each change of a run.
class RunMonitor {
 public:
  explicit RunMonitor(Console& console)
      : console_(console) {}

  void operator()(const Json& run) {
    const auto life_cycle = text_in(run, "state", "life_cycle_state");
    const auto result = text_in(run, "state", "result_state");
    if (!seen_) {
      console_.status("Run URL: " + page_of_run(run.get_string("run_page_url")) + "\n");
    }
    if (seen_ && life_cycle == life_cycle_ && result == result_) {
      return;
    }
    seen_ = true;
    life_cycle_ = life_cycle;
    result_ = result;
    const auto message = text_in(run, "state", "state_message");
    console_.status(local_time() + " \"" + run.get_string("run_name") + "\" " + life_cycle +
                    (result.empty() ? "" : " " + result) + (message.empty() ? "" : " " + message));
  }

 private:
  Console& console_;
  bool seen_ = false;
  std::string life_cycle_;
  std::string result_;
};

struct TaskOutput {
  std::string task;
  Json output;
  std::string text;
  std::int64_t ended = 0;
};

/// What a task left behind; nothing for kinds of tasks without output.
std::optional<TaskOutput> output_of(const Json& task, const Json& answer) {
  TaskOutput output{
      .task = task.get_string("task_key"), .output = {}, .text = {}, .ended = task.get_integer("end_time")};
  if (const auto* notebook = answer.find("notebook_output"); notebook != nullptr) {
    output.output = *notebook;
    output.text = notebook->get_string("result");
    if (notebook->get_bool("truncated")) {
      output.text += "\n[truncated...]\n";
    }
  } else if (answer.contains("logs")) {
    output.output =
        Json::object({{"logs", answer.get_string("logs")}, {"logs_truncated", answer.get_bool("logs_truncated")}});
    output.text = answer.get_string("logs");
    if (answer.get_bool("logs_truncated")) {
      output.text += "\n[truncated...]\n";
    }
  } else {
    return std::nullopt;
  }
  return output;
}

Result<std::vector<TaskOutput>> read_outputs(Jobs& jobs, std::int64_t run_id) {
  PIER_TRY_ASSIGN(const auto run, jobs.get_run(run_id));
  std::vector<TaskOutput> outputs;
  const auto* tasks = run.find("tasks");
  for (const auto& task : tasks != nullptr && tasks->is_array() ? tasks->as_array() : Json::Array()) {
    PIER_TRY_ASSIGN(const auto answer, jobs.get_output(task.get_integer("run_id")));
    if (auto output = output_of(task, answer)) {
      outputs.push_back(*std::move(output));
    }
  }
  return outputs;
}

std::string render(std::vector<TaskOutput> outputs, bool as_json) {
  if (as_json) {
    auto list = Json::array();
    for (const auto& output : outputs) {
      list.push_back(Json::object({{"TaskKey", output.task}, {"Output", output.output}, {"EndTime", output.ended}}));
    }
    return Json::object({{"task_outputs", std::move(list)}}).dump(2, true) + "\n";
  }
  if (outputs.size() < 2) {
    return outputs.empty() ? std::string() : outputs.front().text;
  }
  std::sort(outputs.begin(), outputs.end(), [](const auto& a, const auto& b) { return a.ended < b.ended; });
  std::string out = "Output:\n";
  for (const auto& output : outputs) {
    out += "=======\nTask " + output.task + ":\n" + output.text + "\n";
  }
  return out;
}

Result<void> check_outcome(const Json& run) {
  const auto message = text_in(run, "state", "state_message");
  if (text_in(run, "state", "life_cycle_state") == "SKIPPED") {
    return wrong("run skipped: " + message);
  }
  const auto result = text_in(run, "state", "result_state");
  if (result == "CANCELED" || result == "FAILED") {
    return wrong((result == "FAILED" ? "run failed: " : "run canceled: ") + message);
  }
  return result == "TIMEDOUT" ? Result<void>(wrong("run timed out: " + message)) : Result<void>();
}

Result<Json> request_of(const Arguments& arguments, std::int64_t job_id) {
  auto request = Json::object({{"job_id", job_id}});
  for (const auto& list : arguments.all("params")) {
    for (const auto& pair : split(list, ',')) {
      const auto equals = pair.find('=');
      if (equals == std::string::npos) {
        return wrong("invalid argument \"" + list + "\" for \"--params\" flag: " + pair +
                     " must be formatted as key=value");
      }
      request["job_parameters"][pair.substr(0, equals)] = pair.substr(equals + 1);
    }
  }
  for (const auto& list : arguments.all("only")) {
    for (const auto& task : split(list, ',')) {
      request["only"].push_back(Json(task));
    }
  }
  return request;
}

Result<Report> run_job(BundleFlow& flow, const Arguments& arguments, Context& context, std::int64_t job_id) {
  Jobs jobs(flow.session().client);
  PIER_TRY_ASSIGN(const auto request, request_of(arguments, job_id));
  if (arguments.has("restart")) {
    PIER_TRY_ASSIGN(const auto active, jobs.list_runs(job_id, true, 25));
    for (const auto& run : active) {
      PIER_TRY(jobs.cancel(run.get_integer("run_id")));
      PIER_TRY(jobs.wait_for_run(run.get_integer("run_id")));
    }
  }
  PIER_TRY_ASSIGN(const auto run_id, jobs.run_now(request).context("cannot start job"));
  if (arguments.has("no-wait")) {
    PIER_TRY_ASSIGN(const auto run, jobs.get_run(run_id));
    context.console.status("Run URL: " + page_of_run(run.get_string("run_page_url")) + "\n");
    return flow.end();
  }
  PIER_TRY_ASSIGN(const auto run, jobs.wait_for_run(run_id, RunMonitor(context.console)));
  PIER_TRY(check_outcome(run));
  PIER_TRY_ASSIGN(auto outputs, read_outputs(jobs, run_id));
  return flow.end(render(std::move(outputs), arguments.get("output") == "json"));
}

Result<Report> run_resource(BundleFlow& flow, const Arguments& arguments, Context& context, const std::string& key) {
  const auto pulled = deploy::pull_state(*flow.bundle(), flow.session().client);
  if (!pulled) {
    return flow.failed(pulled.error());
  }
  if (pulled->state.resources().empty()) {
    return flow.failed(
        wrong("resource not found or not yet deployed. Did you forget to run 'databricks bundle deploy'?"));
  }
  for (const auto& [node, config] : flow.bundle()->graph.nodes) {
    const bool named = !node.is_part() && (node.key == key || node.kind + "." + node.key == key);
    if (!named || (node.kind != "jobs" && node.kind != "pipelines" && node.kind != "apps")) {
      continue;
    }
    std::int64_t job_id = 0;
    if (node.kind == "jobs" && parse_int64(pulled->state.id_of(node.to_string()), job_id)) {
      return run_job(flow, arguments, context, job_id);
    }
    return Error{.kind = ErrorKind::unsupported,
                 .code = "PIER2064",
                 .message = "running " + node.kind + "." + node.key + " is not supported by `pier bundle run` yet",
                 .hint = "use `pier run`"};
  }
  return wrong("resource with key \"" + key + "\" not found");
}

Result<Report> run(const Arguments& arguments, Context& context) {
  BundleFlow flow(arguments, context);
  if (!flow.load()) {
    return flow.end();
  }
  auto words = arguments.all("ARGS");
  const auto after = arguments.all(k_after_dash);
  const auto key = arguments.get("KEY");
  if (key.empty() && !after.empty()) {
    return execute(after, environment_of(flow), context.cwd);
  }
  if (key.empty()) {
    return wrong("expected a KEY of the resource to run");
  }
  words.insert(words.end(), after.begin(), after.end());
  if (const auto* script = flow.bundle()->config.find_path({"scripts", key})) {
    return run_script(flow, *script, words);
  }
  return run_resource(flow, arguments, context, key);
}

} // namespace

CommandSpec bundle_run_command() {
  return {.name = "bundle run",
          .summary = "Run a job, a script or a command, as `databricks bundle run` does",
          .options = {{.name = "no-wait", .help = "do not wait for the end"},
                      {.name = "restart", .help = "cancel active runs first"},
                      {.name = "params", .value = "K=V", .help = "job parameters", .repeatable = true},
                      {.name = "only", .value = "TASK", .help = "only these tasks", .repeatable = true}},
          .positionals = {{.name = "KEY", .help = "what to run", .required = false},
                          {.name = "ARGS", .help = "its arguments", .required = false, .repeatable = true}},
          .run = run,
          .takes_command = true};
}

} // namespace pier::cli
