#include "core/server/daemon.hpp"

#include "core/base/fd.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/http/server.hpp"
#include "core/server/api_dispatcher.hpp"
#include "core/server/routes.hpp"
#include "core/server/workspace.hpp"
#include "core/workspace_client/local_workspace.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <thread>

namespace pier::server {
namespace {

using workspace_client::DaemonState;
using workspace_client::LocalPaths;

struct Settled {
  bool daemon = false;
  std::optional<std::uint16_t> port;
};

Result<Settled> parse_arguments(const std::vector<std::string>& arguments) {
  Settled settled;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& argument = arguments[i];
    if (argument == "--daemon") {
      settled.daemon = true;
      continue;
    }
    std::int64_t port = 0;
    if (argument == "--port" && i + 1 < arguments.size() && parse_int64(arguments[i + 1], port) && port > 0 &&
        port < 65'536) {
      settled.port = static_cast<std::uint16_t>(port);
      ++i;
      continue;
    }
    return Error{.kind = ErrorKind::usage,
                 .code = "PIER0001",
                 .message = "'" + argument + "' is not understood",
                 .hint = "usage: pierd [--daemon] [--port N]"};
  }
  return settled;
}

/// Signals that end the daemon are blocked in every thread and taken by wait_for_end.
sigset_t block_signals() {
  sigset_t ending;
  ::sigemptyset(&ending);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
    ::sigaddset(&ending, number);
  }
  ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &ignore, nullptr);
  ::sigaction(SIGXFSZ, &ignore, nullptr); // a write past the limit (ulimit -f) fails like one on a full disk
  return ending;
}

void wait_for_end(const sigset_t& ending) {
  int number = 0;
  while (::sigwait(&ending, &number) != 0) {
  }
  log::info("server", "event=stopping signal=" + std::to_string(number));
}

/// An own session, and no word to the terminal from here on.
Result<void> leave_terminal(const LocalPaths& paths) {
  ::setsid();
  const UniqueFd log(::open(paths.log_file().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!log) {
    return error_from_errno(errno, "cannot open " + paths.log_file().string());
  }
  ::dup2(log.get(), STDERR_FILENO);
  return {};
}

void tell_parent(const Json& line) {
  const auto text = line.dump() + "\n";
  [[maybe_unused]] const auto ignored = ::write(STDOUT_FILENO, text.data(), text.size());
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::dup2(null.get(), STDOUT_FILENO);
}

Json error_line(const Error& error) {
  return Json::object({{"error", Json::object({{"kind", static_cast<int>(error.kind)},
                                               {"code", error.code},
                                               {"message", error.to_string()},
                                               {"hint", error.hint}})}});
}

Error runs_already(const LocalPaths& paths, const std::optional<workspace_client::LocalWorkspace>& running) {
  return Error{.kind = ErrorKind::conflict,
               .code = "PIER3001",
               .message = "the local workspace '" + paths.name + "' runs already" +
                          (running ? " (pid " + std::to_string(running->state.pid) + ", " + running->url + ")" : ""),
               .hint = "`pier local status` shows it, `pier local stop` ends it"};
}

/// A daemon that was killed keeps its lock until the last of its threads is gone, which may be after its process no
/// longer counts as running: that moment is waited for.
Result<FileLock> lock_workspace(const LocalPaths& paths) {
  constexpr auto k_patience = std::chrono::seconds(3);
  constexpr auto k_between = std::chrono::milliseconds(5);
  const auto deadline = std::chrono::steady_clock::now() + k_patience;
  while (true) {
    auto lock = FileLock::try_acquire(paths.lock_file());
    if (lock || lock.error().kind != ErrorKind::conflict) {
      return lock;
    }
    PIER_TRY_ASSIGN(const auto running, workspace_client::find_local(paths));
    if (running || std::chrono::steady_clock::now() >= deadline) {
      return runs_already(paths, running);
    }
    std::this_thread::sleep_for(k_between);
  }
}

/// The owner's token for `pier`: the one of the last run while it is still good.
Result<void> write_token(const LocalPaths& paths, Workspace& workspace) {
  if (const auto kept = read_file(paths.token_file(), 4096)) {
    if (workspace.identity->authenticate(trim(*kept))) {
      return {};
    }
  }
  PIER_TRY_ASSIGN(const auto owner, workspace.identity->owner());
  PIER_TRY_ASSIGN(const auto issued, workspace.identity->issue({.principal_id = owner.principal.id,
                                                                .kind = identity::TokenKind::personal,
                                                                .lifetime = std::chrono::seconds(0),
                                                                .scopes = {},
                                                                .instances = {},
                                                                .comment = "pier local"}));
  return write_file_atomically(paths.token_file(), issued.token.reveal() + "\n", Durability::none, 0600);
}

Result<std::unique_ptr<http::Server>> listen(const Settled& settled, const Workspace& workspace,
                                             const std::shared_ptr<http::Dispatcher>& dispatcher) {
  http::ServerOptions options;
  options.spool_folder = workspace.spool_folder();
  options.common_headers = {{"X-Databricks-Org-Id", std::to_string(workspace.id)}};
  PIER_TRY_ASSIGN(const auto last, workspace.settings->port("rest"));
  options.port = settled.port.value_or(last);
  auto server = http::Server::start(options, dispatcher);
  if (!server && server.error().kind == ErrorKind::conflict) {
    if (settled.port) {
      return Error{.kind = ErrorKind::conflict,
                   .code = "PIER3007",
                   .message = server.error().message,
                   .hint = "choose another port, or leave --port out: a free one is found"};
    }
    log::warn("server", "event=port_taken port=" + std::to_string(last));
    options.port = 0;
    server = http::Server::start(options, dispatcher);
  }
  if (server && (*server)->port() != last) {
    PIER_TRY(workspace.settings->set_port("rest", (*server)->port()));
  }
  return server;
}

DaemonState describe(const LocalPaths& paths, const Workspace& workspace, std::uint16_t port) {
  DaemonState state;
  state.name = paths.name;
  state.pid = ::getpid();
  state.start_ticks = workspace_client::process_start_ticks(state.pid).value_or(0);
  state.port = port;
  state.url = "http://127.0.0.1:" + std::to_string(port);
  state.version = workspace.options.version;
  state.started_at = to_rfc3339(workspace.clock.now());
  return state;
}

/// Everything between the lock and the end. Destruction in reverse: server, then modules, then the lock.
Result<void> serve(const Settled& settled, const LocalPaths& paths, const Environment& env, const sigset_t& ending) {
  PIER_TRY(make_directories(paths.run(), 0700));
  PIER_TRY(make_directories(paths.log_file().parent_path(), 0700));
  PIER_TRY_ASSIGN(const auto lock, lock_workspace(paths));
  if (settled.daemon) {
    PIER_TRY(leave_terminal(paths));
  }
  WorkspaceOptions options{.name = paths.name, .folder = paths.folder, .version = PIER_VERSION};
  options.env = env;
  options.owner = env.get("PIER_OWNER").value_or(options.owner);
  PIER_TRY_ASSIGN(const auto workspace, Workspace::open(std::move(options)));
  const auto dispatcher = std::make_shared<ApiDispatcher>(*workspace->identity, true);
  register_routes(*dispatcher, *workspace);
  PIER_TRY(write_token(paths, *workspace));
  PIER_TRY_ASSIGN(const auto server, listen(settled, *workspace, dispatcher));
  const auto state = describe(paths, *workspace, server->port());
  PIER_TRY(write_file_atomically(paths.state_file(), state.to_json().dump(2) + "\n", Durability::none, 0600));
  if (settled.daemon) {
    tell_parent(state.to_json());
  } else {
    std::printf("local workspace '%s' listens on %s\n", paths.name.c_str(), state.url.c_str());
    std::fflush(stdout);
  }
  log::info("server", "event=listening url=" + state.url + " pid=" + std::to_string(state.pid));
  if (auto started = workspace->start(state.url); !started) {
    log::error("server", "event=start_failed error=" + started.error().to_string());
  }
  wait_for_end(ending);
  ::unlink(paths.state_file().c_str());
  workspace->begin_shutdown();
  server->stop();
  return {};
}

} // namespace

ExitCode run_daemon(const std::vector<std::string>& arguments, const Environment& env) {
  ::umask(0077);
  const auto ending = block_signals();
  [[maybe_unused]] const auto to_stderr = log::configure({.level = env.get("PIER_LOG").value_or("off")});
  const auto settled = parse_arguments(arguments);
  const auto paths = workspace_client::local_paths(env);
  auto outcome = !settled ? Result<void>(settled.error())
                 : !paths ? Result<void>(paths.error())
                          : serve(*settled, *paths, env, ending);
  if (outcome) {
    return ExitCode::ok;
  }
  const auto& error = outcome.error();
  if (settled && settled->daemon) {
    tell_parent(error_line(error));
  }
  std::fprintf(stderr, "pierd: %s\n", error.to_string().c_str());
  if (!error.hint.empty()) {
    std::fprintf(stderr, "  %s\n", error.hint.c_str());
  }
  return exit_code_of(error.kind);
}

} // namespace pier::server
