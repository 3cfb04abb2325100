#include "cli/command.hpp"
#include "cli/console.hpp"
#include "cli/database_migrations.hpp"
#include "cli/render/plan_text.hpp"
#include "cli/session.hpp"
#include "core/base/files.hpp"

namespace pier::cli {
namespace {

Result<std::optional<deploy::Plan>> saved_plan(const Arguments& arguments, const Context& context) {
  if (!arguments.has("plan")) {
    return std::optional<deploy::Plan>();
  }
  PIER_TRY_ASSIGN(const auto text, read_file(context.cwd / arguments.get("plan")).context("reading plan file"));
  PIER_TRY_ASSIGN(const auto json, Json::parse(text).context("parsing plan JSON"));
  PIER_TRY_ASSIGN(auto plan, deploy::Plan::from_json(json));
  return std::optional(std::move(plan));
}

bool did_nothing(const deploy::DeployResult& result, std::size_t migrations) {
  return result.plan.is_noop() && result.files_uploaded + result.files_removed == 0 && result.code_deployed.empty() &&
         migrations == 0;
}

std::string render(const deploy::DeployResult& result, std::size_t migrations, const Style& style) {
  std::string text;
  if (did_nothing(result, migrations)) {
    text += style.green("nothing to do") + ", everything is as the bundle says\n";
  } else {
    text += "Files: " + std::to_string(result.files_uploaded) + " uploaded, " + std::to_string(result.files_removed) +
            " deleted\n";
    text += "Resources: " + render_counts(result.plan) + "\n";
    if (migrations > 0) {
      text += "Migrations: " + std::to_string(migrations) + " applied\n";
    }
  }
  for (const auto& app : result.apps) {
    text += "App " + style.bold(app.name) + ": " + (app.url.empty() ? "no URL yet" : style.cyan(app.url)) + "\n";
  }
  return text;
}

Json to_json(const deploy::DeployResult& result, std::size_t migrations) {
  const auto counts = result.plan.counts();
  auto apps = Json::array();
  for (const auto& app : result.apps) {
    apps.push_back(Json::object({{"name", app.name}, {"url", app.url}}));
  }
  const auto number = [](std::size_t count) { return Json(static_cast<std::int64_t>(count)); };
  return Json::object({{"files", Json::object({{"uploaded", number(result.files_uploaded)},
                                               {"deleted", number(result.files_removed)}})},
                       {"resources", Json::object({{"created", number(counts.create)},
                                                   {"changed", number(counts.change)},
                                                   {"deleted", number(counts.remove)},
                                                   {"unchanged", number(counts.unchanged)}})},
                       {"code_deployed", Json::strings(result.code_deployed)},
                       {"migrations", number(migrations)},
                       {"apps", std::move(apps)}});
}

Result<Report> deploy_bundle(const Arguments& arguments, Context& context) {
  Report report;
  PIER_TRY_ASSIGN(const auto target, open_target(arguments, context, report));
  if (!target) {
    return report;
  }
  announce_target(*target, context.console);
  deploy::DeployOptions options;
  options.force_lock = arguments.has("force-lock");
  options.select = arguments.all("select");
  PIER_TRY_ASSIGN(options.plan, saved_plan(arguments, context));
  options.approve = make_approval(arguments, context, "deployment");
  DatabaseMigrations migrations(*target->session, report.diagnostics);
  if (auto loaded = migrations.load(); !loaded) {
    report.exit_code = ExitCode::failed;
    context.console.status(loaded.error().message);
    return report;
  }
  options.before_app_code = [&](const std::string& app) { return migrations.before_app_code(app); };
  options.after_apply = [&](bool changed) { return migrations.after_apply(changed); };
  auto result = deploy::deploy_target(*target->session, options);
  if (!result) {
    if (!report.diagnostics.has_errors()) {
      return std::move(result).error();
    }
    // The places of a failed migration say more than the error.
    report.exit_code = exit_code_of(result.error().kind);
    context.console.status(context.console.status_style().red("error: ") + result.error().to_string());
    return report;
  }
  if (result->cancelled) {
    context.console.status("deployment cancelled");
    report.exit_code = ExitCode::failed;
    return report;
  }
  report.text = render(*result, migrations.applied(), context.console.out_style());
  report.json = to_json(*result, migrations.applied());
  return report;
}

} // namespace

CommandSpec deploy_command() {
  return {.name = "deploy",
          .summary = "Bring a target to what the bundle says",
          .description =
              "Builds artifacts, uploads files, creates and changes resources in the order of their references,\n"
              "applies migrations, grants, runs jobs, builds and starts apps. Run again, it does nothing; after an\n"
              "interruption it goes on. Without another workspace being named it deploys to the local one.",
          .options = {auto_approve_option(),
                      force_lock_option(),
                      {.name = "plan", .value = "FILE", .help = "apply this plan (from `pier plan -o json`)"},
                      {.name = "select",
                       .value = "KIND.KEY",
                       .help = "only this resource and what it needs",
                       .repeatable = true}},
          .examples = {"pier deploy", "pier deploy -t prod", "pier deploy --select apps.shop"},
          .run = deploy_bundle};
}

} // namespace pier::cli
