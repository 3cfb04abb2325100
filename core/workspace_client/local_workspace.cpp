#include "core/workspace_client/local_workspace.hpp"

#include "core/base/files.hpp"
#include "core/base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace fs = std::filesystem;

namespace pier::workspace_client {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Held while one caller starts the daemon; others wait for it instead of starting a second one.
Result<UniqueFd> hold_start_lock(const LocalPaths& paths) {
  PIER_TRY(make_directories(paths.home, 0700));
  const auto path = paths.home / ("start-" + paths.name + ".lock");
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) {
    return error_from_errno(errno, "cannot open " + path.string());
  }
  while (::flock(fd.get(), LOCK_EX) != 0) {
    if (errno != EINTR) {
      return error_from_errno(errno, "cannot lock " + path.string());
    }
  }
  return fd;
}

Result<fs::path> program_of(const StartOptions& options) {
  const auto program = options.program.empty() ? executable_path().parent_path() / "pierd" : options.program;
  if (::access(program.c_str(), X_OK) != 0) {
    return Error{.kind = ErrorKind::not_found,
                 .code = "PIER3002",
                 .message = "the program of the local workspace is missing: " + program.string(),
                 .hint = "install pierd beside pier"};
  }
  return program;
}

Error start_error(std::string message, const LocalPaths& paths) {
  return Error{.kind = ErrorKind::unavailable,
               .code = "PIER3003",
               .message = std::move(message),
               .hint = "see " + paths.log_file().string() + ", or run `pier local serve` to see it in the foreground"};
}

/// The first line that the daemon writes: its state, or why it cannot start.
Result<std::string> read_line(UniqueFd& fd, milliseconds limit, const LocalPaths& paths) {
  const auto deadline = steady_clock::now() + limit;
  std::string line;
  while (line.find('\n') == std::string::npos) {
    pollfd entry{fd.get(), POLLIN, 0};
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready == 0) {
      return start_error("the local workspace does not come up within " + std::to_string(limit.count() / 1000) + " s",
                         paths);
    }
    char bytes[4096];
    const auto count = ready < 0 ? -1 : ::read(fd.get(), bytes, sizeof bytes);
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      return start_error("the local workspace ends while it starts", paths);
    }
    line.append(bytes, static_cast<std::size_t>(count));
  }
  return line;
}

ErrorKind kind_of_number(std::int64_t number) {
  const bool known = number >= 0 && number <= static_cast<std::int64_t>(ErrorKind::internal);
  return known ? static_cast<ErrorKind>(number) : ErrorKind::internal;
}

/// {"error":{"kind","code","message","hint"}} is the daemon's own reason.
Result<void> check_started(std::string_view line) {
  PIER_TRY_ASSIGN(const auto json, Json::parse(line));
  if (const auto* error = json.find("error")) {
    return Error{.kind = kind_of_number(error->get_integer("kind")),
                 .code = error->get_string("code"),
                 .message = error->get_string("message"),
                 .hint = error->get_string("hint")};
  }
  return {};
}

Result<void> start_daemon(const Environment& env, const LocalPaths& paths, const StartOptions& options) {
  PIER_TRY_ASSIGN(const auto program, program_of(options));
  Command command;
  command.argv = {program.string(), "--daemon"};
  if (options.port) {
    command.argv.push_back("--port");
    command.argv.push_back(std::to_string(*options.port));
  }
  command.env = env;
  command.cwd = "/";
  command.standard_output = Command::Stream::pipe;
  PIER_TRY_ASSIGN(auto process, Process::start(command));
  PIER_TRY_ASSIGN(const auto line, read_line(process.output(), options.limit, paths));
  PIER_TRY(check_started(line));
  process.release();
  return {};
}

Result<bool> wait_for_end(int pidfd, milliseconds limit) {
  const auto deadline = steady_clock::now() + limit;
  while (true) {
    pollfd entry{pidfd, POLLIN, 0};
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready >= 0) {
      return ready > 0;
    }
    if (errno != EINTR) {
      return error_from_errno(errno, "cannot wait for the local workspace");
    }
  }
}

} // namespace

Result<LocalWorkspace> ensure_started(const Environment& env, const StartOptions& options) {
  PIER_TRY_ASSIGN(const auto paths, local_paths(env));
  PIER_TRY_ASSIGN(auto running, find_local(paths));
  if (running) {
    return std::move(*running);
  }
  PIER_TRY_ASSIGN(const auto held, hold_start_lock(paths));
  PIER_TRY_ASSIGN(running, find_local(paths));
  if (running) {
    return std::move(*running);
  }
  PIER_TRY(start_daemon(env, paths, options));
  PIER_TRY_ASSIGN(running, find_local(paths));
  if (!running) {
    return start_error("the local workspace ends right after its start", paths);
  }
  running->started = true;
  return std::move(*running);
}

Result<bool> stop_local(const LocalPaths& paths, milliseconds limit) {
  PIER_TRY_ASSIGN(const auto running, find_local(paths));
  if (!running) {
    return false;
  }
  const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, running->state.pid, 0)));
  if (!pidfd) {
    return false; // ended between the two looks
  }
  // The descriptor names the process, so a pid that was given away meanwhile is never hit.
  const auto send = [&](int number) { return ::syscall(SYS_pidfd_send_signal, pidfd.get(), number, nullptr, 0); };
  if (process_start_ticks(running->state.pid) != running->state.start_ticks) {
    return false;
  }
  if (send(SIGTERM) != 0 && errno != ESRCH) {
    return error_from_errno(errno, "cannot stop the local workspace (pid " + std::to_string(running->state.pid) + ")");
  }
  PIER_TRY_ASSIGN(const bool ended, wait_for_end(pidfd.get(), limit));
  if (ended) {
    return true;
  }
  send(SIGKILL);
  PIER_TRY_ASSIGN(const bool killed, wait_for_end(pidfd.get(), std::chrono::seconds(10)));
  if (!killed) {
    return Error{.kind = ErrorKind::unavailable,
                 .code = "PIER3005",
                 .message = "the local workspace (pid " + std::to_string(running->state.pid) + ") does not end"};
  }
  return true;
}

Result<void> remove_local(const LocalPaths& paths) {
  PIER_TRY_ASSIGN(const auto held, hold_start_lock(paths));
  PIER_TRY(stop_local(paths));
  return remove_tree(paths.folder);
}

} // namespace pier::workspace_client
