#include "core/apps/app_runtime.hpp"

#include "core/apps/build/build_environment.hpp"
#include "core/base/files.hpp"
#include "core/base/tcp_port.hpp"
#include "core/base/text.hpp"

// How a deployment becomes a running program.
namespace pier::apps {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t k_kept_sources = 3;
constexpr auto k_first_look_at_ports = milliseconds(500);

} // namespace

void AppRuntime::begin_build(const std::string& deployment_id) {
  building_ = deployment_id;
  restart_at_.reset();
  view_.lock()->log = shared_.log_of(name_, deployment_id);
  if (!current_) {
    const auto app = shared_.registry.app(name_);
    if (app && app->state != AppState::asleep) {
      set_phase(Phase::building);
    }
  }
  if (builder_.joinable()) {
    builder_.join(); // it has posted its result before, so it ends now
  }
  builder_ = std::jthread([this, deployment_id](std::stop_token stop) {
    auto result = build(deployment_id, std::move(stop));
    post([this, deployment_id, result = std::move(result)]() mutable { built(deployment_id, std::move(result)); });
  });
}

Result<BuiltApp> AppRuntime::build(const std::string& deployment_id, std::stop_token stop) {
  PIER_TRY_ASSIGN(const auto deployment, shared_.registry.deployment(name_, deployment_id));
  PIER_TRY_ASSIGN(const auto app, shared_.registry.app(name_));
  const auto source = shared_.source_of(deployment);
  const auto log = shared_.log_of(name_, deployment_id);
  PIER_TRY(make_directories(source, 0700));
  PIER_TRY(make_directories(log.parent_path(), 0700));
  BuildContext context{.guard_program = shared_.options.guard_program,
                       .log_file = log,
                       .state_folder = shared_.options.state_folder,
                       .env = build_environment(shared_.options.env),
                       .timeout = shared_.options.timings.start_timeout,
                       .stop = std::move(stop)};
  apps::log_system(context, "Deployment " + deployment_id + " of " + deployment.source_code_path);
  PIER_TRY(shared_.rooms.files.materialize(deployment.source_code_path, source).context("copying the source"));
  PIER_TRY_ASSIGN(auto file, read_app_file(source));
  PIER_TRY(override_app_file(file, deployment.request));
  for (const auto& warning : file.warnings) {
    apps::log_system(context, "warning: " + warning);
  }
  PIER_TRY_ASSIGN(const auto command, command_of(file, source));
  // A misspelt resource should not cost a build.
  PIER_TRY_ASSIGN(const auto owner, shared_.rooms.identity.owner());
  PIER_TRY_ASSIGN(const auto resources, resolve_resources(shared_.rooms, owner, app.service_principal, app.config));
  LaunchInputs inputs{.options = shared_.options,
                      .workspace = shared_.address,
                      .app = app,
                      .file = file,
                      .built = {},
                      .resources = resources,
                      .source = source,
                      .home = shared_.folder_of(name_) / "home",
                      .log_file = log};
  PIER_TRY_ASSIGN(const auto env, app_environment(inputs));
  // Build scripts see the app's own variables too (migrations in `npm run build`).
  for (const auto& [name, value] : env) {
    if (!context.env.has(name)) {
      context.env.set(name, value);
    }
  }
  return shared_.builder.build(context, source, command);
}

void AppRuntime::built(const std::string& deployment_id, const Result<BuiltApp>& result) {
  if (building_ != deployment_id) {
    return; // stopped meanwhile
  }
  building_.clear();
  auto started = result ? Result<void>() : Result<void>(result.error());
  if (started) {
    const auto kept = shared_.registry.change_deployment(
        name_, deployment_id, [&](DeploymentRecord& record) { record.build = result->to_json(); });
    started = kept ? launch(deployment_id, Why::deployment) : Result<void>(kept.error());
  }
  if (started) {
    if (!current_) {
      set_phase(Phase::starting);
    }
    return;
  }
  const auto message = started.error().to_string();
  log_system(deployment_id, "error: " + message);
  deployment_failed(deployment_id, "APP_BUILD_FAILED", message);
}

void AppRuntime::deployment_failed(const std::string& id, std::string code, const std::string& message) {
  // The app's state first: who waits for the deployment reads it next.
  if (!current_) {
    const auto app = shared_.registry.app(name_);
    if (app && app->state == AppState::asleep) {
      set_phase(Phase::asleep);
    } else {
      give_up(std::move(code), message);
    }
  }
  finish_deployment(id, DeploymentState::failed, message);
}

Result<void> AppRuntime::launch(const std::string& deployment_id, Why why) {
  PIER_TRY_ASSIGN(const auto deployment, shared_.registry.deployment(name_, deployment_id));
  PIER_TRY_ASSIGN(const auto app, shared_.registry.app(name_));
  const auto source = shared_.source_of(deployment);
  const auto home = shared_.folder_of(name_) / "home";
  PIER_TRY(make_directories(home / "tmp", 0700));
  PIER_TRY(make_directories(shared_.log_of(name_, deployment_id).parent_path(), 0700));
  PIER_TRY_ASSIGN(auto file, read_app_file(source));
  PIER_TRY(override_app_file(file, deployment.request));
  PIER_TRY_ASSIGN(const auto owner, shared_.rooms.identity.owner());
  PIER_TRY_ASSIGN(const auto resources, resolve_resources(shared_.rooms, owner, app.service_principal, app.config));
  if (client_secret_.is_empty()) {
    PIER_TRY_ASSIGN(client_secret_, shared_.rooms.identity.create_client_secret(app.service_principal.id));
  }
  PIER_TRY_ASSIGN(const auto port, free_loopback_port());
  const auto built = BuiltApp::from_json(deployment.build);
  PIER_TRY_ASSIGN(const auto spec, launch_spec({.options = shared_.options,
                                                .workspace = shared_.address,
                                                .app = app,
                                                .file = file,
                                                .built = built,
                                                .resources = resources,
                                                .client_secret = client_secret_,
                                                .port = port,
                                                .source = source,
                                                .home = home,
                                                .log_file = shared_.log_of(name_, deployment_id)}));
  std::vector<std::string> names;
  for (const auto& entry : file.env) {
    names.push_back(entry.name);
  }
  log_system(deployment_id, "Starting on port " + std::to_string(port) + ": " + join(built.command, " ") +
                                (names.empty() ? "" : " (with " + join(names, ", ") + ")"));
  PIER_TRY_ASSIGN(auto process, GuardedProcess::start(shared_.options.guard_program, spec));
  const auto now = steady_clock::now();
  const auto& timings = shared_.options.timings;
  view_.lock()->log = shared_.log_of(name_, deployment_id);
  candidate_.emplace(Run{.process = std::move(process),
                         .deployment = deployment_id,
                         .why = why,
                         .port = port,
                         .probe = ReadinessProbe(port),
                         .started = now,
                         .deadline = now + (why == Why::wake ? timings.wake_timeout : timings.start_timeout),
                         .next_look = now + k_first_look_at_ports,
                         .wrong_since = {},
                         .wrong_ports = {}});
  return {};
}

void AppRuntime::candidate_ready() {
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - candidate_->started);
  const auto id = candidate_->deployment;
  const bool is_deployment = candidate_->why == Why::deployment;
  log_system(id, "Ready after " + humanize(took));
  retire(current_);
  current_.emplace(std::move(*candidate_));
  candidate_.reset();
  next_idle_check_ = steady_clock::now();
  // The record first: who has the app's answer may read its state next.
  [[maybe_unused]] const auto kept = shared_.registry.change(name_, [&](AppRecord& app) {
    app.state = AppState::running;
    app.message.clear();
    app.active_deployment = id;
    app.last_deployment = id;
  });
  shared_.gateway->set_route(name_, {.phase = Phase::running, .upstream_port = current_->port});
  set_phase(Phase::running);
  if (is_deployment) {
    finish_deployment(id, DeploymentState::succeeded, "App started successfully");
    forget_old_sources(id);
  }
}

/// Sources with their node_modules take room; logs and records of all deployments stay.
void AppRuntime::forget_old_sources(const std::string& active) {
  const auto deployments = shared_.registry.deployments(name_);
  if (!deployments) {
    return;
  }
  for (std::size_t i = k_kept_sources; i < deployments->size(); ++i) {
    const auto& old = (*deployments)[i];
    if (old.id != active && old.state != DeploymentState::in_progress) {
      [[maybe_unused]] const auto removed = remove_tree(shared_.source_of(old));
    }
  }
}

// Copies: the candidate, which the texts may come from, ends here.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
void AppRuntime::candidate_failed(std::string code, std::string message) {
  const auto id = candidate_->deployment;
  const auto why = candidate_->why;
  log_system(id, "error: " + message);
  retire(candidate_);
  if (why != Why::deployment) {
    restart_deployment_ = id;
    if (code == "APP_CRASHED") {
      crashed(message);
    } else {
      give_up(std::move(code), message);
    }
    return;
  }
  deployment_failed(id, std::move(code), message);
}

void AppRuntime::finish_deployment(const std::string& id, DeploymentState state, const std::string& message) {
  const auto now = to_epoch_millis(shared_.rooms.clock.now());
  // One step: who sees the end of this deployment may begin the next one.
  [[maybe_unused]] const auto kept = shared_.rooms.database.transaction([&]() -> Result<void> {
    PIER_TRY(shared_.registry.change_deployment(name_, id, [&](DeploymentRecord& record) {
      record.state = state;
      record.message = message;
      record.updated_at = now;
    }));
    const auto changed = shared_.registry.change(name_, [&](AppRecord& app) {
      if (app.pending_deployment == id) {
        app.pending_deployment.clear();
      }
      if (state == DeploymentState::failed && app.state == AppState::deploying) {
        app.state = current_ ? AppState::running : AppState::unavailable;
        app.message = current_ ? "" : message;
      }
    });
    return changed ? Result<void>() : Result<void>(changed.error());
  });
}

} // namespace pier::apps
