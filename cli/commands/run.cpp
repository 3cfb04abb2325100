#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/database_migrations.hpp"
#include "cli/session.hpp"
#include "core/deploy/runner.hpp"

namespace pier::cli {
namespace {

Result<std::map<std::string, std::string>> parameters_of(const Arguments& arguments) {
  std::map<std::string, std::string> parameters;
  for (const auto& text : arguments.all("param")) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Error{.kind = ErrorKind::usage,
                   .code = "PIER2063",
                   .message = "parameter '" + text + "' has no value",
                   .hint = "write --param NAME=VALUE"};
    }
    parameters.insert_or_assign(text.substr(0, equals), text.substr(equals + 1));
  }
  return parameters;
}

std::string render(const deploy::RunResult& result) {
  std::string text;
  if (result.kind == "apps") {
    return "You can access the app at " + result.url + "\n";
  }
  if (!result.url.empty()) {
    text += "Run URL: " + result.url + "\n";
  }
  for (const auto& task : result.tasks) {
    if (result.tasks.size() > 1) {
      text += "=======\nTask " + task.task + ":\n";
    }
    text += task.output;
    if (!task.output.empty() && !task.output.ends_with('\n')) {
      text += "\n";
    }
  }
  return text;
}

Json to_json(const deploy::RunResult& result) {
  auto tasks = Json::array();
  for (const auto& task : result.tasks) {
    tasks.push_back(Json::object({{"task", task.task}, {"state", task.state}, {"output", task.output}}));
  }
  return Json::object({{"kind", result.kind},
                       {"run_id", result.run_id},
                       {"url", result.url},
                       {"state", result.state},
                       {"message", result.message},
                       {"tasks", std::move(tasks)}});
}

Result<Report> run_named(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(const auto target, open_target(arguments, context, report));
  if (!target) {
    return report;
  }
  auto& session = *target->session;
  PIER_TRY_ASSIGN(const auto key, deploy::find_runnable(session, arguments.get("NAME")));
  announce_target(*target, context.console);
  DatabaseMigrations migrations(session, report.diagnostics);
  PIER_TRY(migrations.load());
  deploy::RunOptions options{
      .parameters = {},
      .only = arguments.all("only"),
      .wait = !arguments.has("no-wait"),
      .restart = arguments.has("restart"),
      .before_app_code = [&](const std::string& app) { return migrations.before_app_code(app); }};
  PIER_TRY_ASSIGN(options.parameters, parameters_of(arguments));
  PIER_TRY_ASSIGN(const auto result, deploy::run_resource(session, key, options));
  report.text = render(result);
  report.json = to_json(result);
  if (!result.succeeded()) {
    report.exit_code = ExitCode::failed;
    context.console.status(context.console.status_style().red("error: ") + "the run ends " + result.state +
                           (result.message.empty() ? "" : ": " + result.message));
  }
  return report;
}

} // namespace

CommandSpec run_command() {
  return {.name = "run",
          .summary = "Run a job, or start an app with its newest code",
          .description = "Runs a deployed job and waits for it, then prints what its tasks printed. An app is started\n"
                         "and its uploaded code deployed.",
          .options = {{.name = "param", .value = "NAME=VALUE", .help = "a job parameter", .repeatable = true},
                      {.name = "only", .value = "TASK", .help = "only this task", .repeatable = true},
                      {.name = "no-wait", .help = "do not wait for the end"},
                      {.name = "restart", .help = "cancel active runs of the job first"}},
          .positionals = {{.name = "NAME", .help = "key of a job or app in the bundle"}},
          .examples = {"pier run nightly", "pier run jobs.nightly --param day=2026-11-24", "pier run shop"},
          .run = run_named};
}

} // namespace pier::cli
