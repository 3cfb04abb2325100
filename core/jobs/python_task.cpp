#include "core/jobs/task_context.hpp"

#include "core/apps/build/build_environment.hpp"
#include "core/apps/build/preinstalled.hpp"
#include "core/apps/guard/guarded_process.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <poll.h>

#include <map>

namespace fs = std::filesystem;

namespace pier::jobs {
namespace {

constexpr std::chrono::seconds k_token_lifetime{24 * 3600};
constexpr std::size_t k_trace_lines = 40;

/// Dependencies of the task's environment, one requirement a line. Libraries that were uploaded with the bundle
/// ("/Workspace/….whl") are copied beside the source first.
Result<std::string> requirements_of(const TaskContext& context, const fs::path& folder) {
  const auto key = context.body.get_string("environment_key");
  const Json* environments = context.run.settings.find("environments");
  std::string requirements;
  if (environments == nullptr || !environments->is_array()) {
    return requirements;
  }
  for (const auto& environment : environments->as_array()) {
    const Json* spec = environment.find("spec");
    if (environment.get_string("environment_key") != key || spec == nullptr) {
      continue;
    }
    for (const auto& dependency : spec->get_strings("dependencies")) {
      if (dependency.starts_with("/Workspace/")) {
        PIER_TRY(context.shared.rooms.access.require(context.run_as, dependency, "CAN_READ"));
        PIER_TRY_ASSIGN(const auto bytes, context.shared.rooms.files.read(dependency));
        const auto local = folder / fs::path(dependency).filename();
        PIER_TRY(write_file_atomically(local, bytes, Durability::none));
        requirements += local.string() + "\n";
      } else {
        requirements += dependency + "\n";
      }
    }
  }
  return requirements;
}

apps::BuildContext build_context(const TaskContext& context) {
  const auto& options = context.shared.options;
  return {.guard_program = options.guard_program,
          .log_file = context.log_file(),
          .state_folder = options.state_folder,
          .writable = {options.folder.string()},
          .env = apps::build_environment(options.env),
          .stop = context.stop};
}

/// What the program sees: where the workspace is and a token of the one it runs as; nothing else of the daemon.
Result<std::map<std::string, std::string, std::less<>>>
environment_of(const TaskContext& context, const fs::path& virtual_env, const fs::path& folder) {
  PIER_TRY_ASSIGN(const auto token,
                  context.shared.rooms.identity.issue({.principal_id = context.run_as.principal.id,
                                                       .kind = identity::TokenKind::oauth,
                                                       .lifetime = k_token_lifetime,
                                                       .comment = "job run " + std::to_string(context.run.id)}));
  auto env = apps::build_environment(context.shared.options.env).all();
  env["DATABRICKS_HOST"] = context.shared.workspace_url;
  env["DATABRICKS_TOKEN"] = token.token.reveal();
  env["PYTHONUNBUFFERED"] = "1";
  env["VIRTUAL_ENV"] = virtual_env.string();
  env["HOME"] = folder.string();
  env["PATH"] = (virtual_env / "bin").string() + ":" + env["PATH"];
  return env;
}

/// Waits for the program's end; a stop ends it.
Result<void> wait_for(apps::GuardedProcess& process, const std::stop_token& stop) {
  const std::stop_callback on_stop(stop, [&process] { process.request_stop(); });
  while (!process.poll_events()) {
    pollfd entry{process.event_fd(), POLLIN, 0};
    ::poll(&entry, 1, -1);
  }
  if (stop.stop_requested()) {
    return Error{.kind = ErrorKind::interrupted, .code = "CANCELED", .message = "cancelled"};
  }
  return {};
}

std::string last_lines(const fs::path& log) {
  std::string trace;
  for (const auto& line : apps::read_last_lines(log, k_trace_lines, "APP")) {
    trace += line.message + "\n";
  }
  return trace;
}

Result<TaskOutcome> run_program(const TaskContext& context, const Json& spec, const fs::path& program,
                                const fs::path& virtual_env, const fs::path& folder) {
  apps::GuardSpec guard;
  guard.argv = {(virtual_env / "bin" / "python").string(), program.string()};
  for (const auto& parameter : spec.get_strings("parameters")) {
    guard.argv.push_back(parameter);
  }
  PIER_TRY_ASSIGN(guard.env, environment_of(context, virtual_env, folder));
  guard.cwd = program.parent_path().string();
  guard.log_file = context.log_file().string();
  guard.stop_grace = context.shared.options.stop_grace;
  guard.hidden = {context.shared.options.state_folder.string()};
  guard.readable = {virtual_env.string(), folder.string()};
  guard.writable = {folder.string()};
  PIER_TRY_ASSIGN(auto process, apps::GuardedProcess::start(context.shared.options.guard_program, guard));
  PIER_TRY(wait_for(process, context.stop));
  const auto& ended = process.ended();
  if (!ended->failure.empty()) {
    return TaskOutcome{.failure = ended->failure};
  }
  if (!ended->status.ok()) {
    return TaskOutcome{.error_trace = last_lines(context.log_file()),
                       .failure = "the program ended with " + ended->status.to_string()};
  }
  return TaskOutcome{};
}

} // namespace

Result<TaskOutcome> run_python_task(const TaskContext& context, const Json& spec) {
  if (spec.get_string("source") == "GIT") {
    return TaskOutcome{.failure = "the local workspace runs files of the workspace, not of a git source"};
  }
  const fs::path python_file = spec.get_string("python_file");
  auto& rooms = context.shared.rooms;
  PIER_TRY(rooms.access.require(context.run_as, python_file.string(), "CAN_READ"));
  const auto folder = context.work_folder();
  PIER_TRY(remove_tree(folder));
  PIER_TRY(make_directories(folder, 0700));
  PIER_TRY(make_directories(context.log_file().parent_path(), 0700));
  // With its neighbours, which it may import.
  PIER_TRY(rooms.files.materialize(python_file.parent_path().string(), folder / "source"));
  const auto program = folder / "source" / python_file.filename();
  PIER_TRY_ASSIGN(const auto requirements, requirements_of(context, folder));
  const auto preinstalled = apps::preinstalled_used_by(folder / "source", {}, requirements);
  PIER_TRY_ASSIGN(
      const auto virtual_env,
      context.shared.environments.ensure(build_context(context), {join(preinstalled, "\n"), requirements}, folder));
  auto outcome = run_program(context, spec, program, virtual_env, folder);
  PIER_TRY(remove_tree(folder));
  return outcome;
}

} // namespace pier::jobs
