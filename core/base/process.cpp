#include "core/base/process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <linux/close_range.h>
#include <poll.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace fs = std::filesystem;

namespace pier {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return error_from_errno(errno, "cannot make a pipe");
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// Everything the child needs, made before fork: after it only async-signal-safe calls are allowed.
struct Prepared {
  std::string program;
  std::vector<char*> argv;
  std::vector<std::string> env_storage;
  std::vector<char*> envp;
  std::string cwd;
  int standard_input = -1;
  int standard_output = -1;
  int standard_error = -1;
  uid_t uid = 0;
  gid_t gid = 0;
  std::string user;
  bool new_process_group = false;
  bool die_with_parent = false;
  int death_signal = SIGKILL;
};

[[noreturn]] void report_and_exit(int report) {
  const int code = errno;
  [[maybe_unused]] const auto ignored = ::write(report, &code, sizeof code);
  ::_exit(127);
}

void put_at(int fd, int target) {
  if (fd >= 0) {
    ::dup2(fd, target);
  }
}

[[noreturn]] void run_child(const Prepared& prepared, int report) {
  if (prepared.new_process_group) {
    ::setpgid(0, 0);
  }
  if (!prepared.user.empty() && (::initgroups(prepared.user.c_str(), prepared.gid) != 0 ||
                                 ::setgid(prepared.gid) != 0 || ::setuid(prepared.uid) != 0)) {
    report_and_exit(report);
  }
  if (prepared.die_with_parent) {
    ::prctl(PR_SET_PDEATHSIG, prepared.death_signal);
  }
  put_at(prepared.standard_input, STDIN_FILENO);
  put_at(prepared.standard_output, STDOUT_FILENO);
  put_at(prepared.standard_error, STDERR_FILENO);
  if (!prepared.cwd.empty() && ::chdir(prepared.cwd.c_str()) != 0) {
    report_and_exit(report);
  }
  // Libraries open descriptors without CLOEXEC (Asio's sockets): a child would keep our ports open.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
  ::execve(prepared.program.c_str(), prepared.argv.data(), prepared.envp.data());
  report_and_exit(report);
}

Error cannot_start(const std::string& program, int error_number) {
  auto error = error_from_errno(error_number, "cannot start " + program);
  if (error.kind == ErrorKind::not_found) {
    error.code = "PIER0110";
    error.hint = "install " + program + " or put it on PATH";
  }
  return error;
}

Result<Prepared> prepare(const Command& command) {
  Prepared prepared;
  if (command.argv.empty()) {
    return Error{.kind = ErrorKind::internal, .code = "PIER0110", .message = "no program to start"};
  }
  const auto env = command.env ? *command.env : Environment::of_process();
  const auto program = find_program(command.argv.front(), env);
  if (!program) {
    return cannot_start(command.argv.front(), ENOENT);
  }
  prepared.program = program->string();
  for (const auto& argument : command.argv) {
    prepared.argv.push_back(const_cast<char*>(argument.c_str()));
  }
  prepared.argv.push_back(nullptr);
  for (const auto& [name, value] : env.all()) {
    prepared.env_storage.push_back(name + "=" + value);
  }
  for (auto& entry : prepared.env_storage) {
    prepared.envp.push_back(entry.data());
  }
  prepared.envp.push_back(nullptr);
  prepared.cwd = command.cwd.string();
  prepared.new_process_group = command.new_process_group;
  prepared.die_with_parent = command.die_with_parent;
  prepared.death_signal = command.death_signal;
  if (!command.user.empty()) {
    const passwd* entry = ::getpwnam(command.user.c_str()); // NOLINT(concurrency-mt-unsafe)
    if (entry == nullptr) {
      return Error{.kind = ErrorKind::not_found,
                   .code = "PIER0110",
                   .message = "there is no user " + command.user + " on this machine"};
    }
    prepared.user = command.user;
    prepared.uid = entry->pw_uid;
    prepared.gid = entry->pw_gid;
  }
  return prepared;
}

ExitStatus decode(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED) {
    return {.code = info.si_status, .signal = 0};
  }
  return {.code = 0, .signal = info.si_status};
}

} // namespace

std::string ExitStatus::to_string() const {
  if (signal == 0) {
    return "exit code " + std::to_string(code);
  }
  const char* name = ::sigabbrev_np(signal);
  return "signal " + std::to_string(signal) + (name != nullptr ? " (SIG" + std::string(name) + ")" : "");
}

Result<Process> Process::start(const Command& command) {
  PIER_TRY_ASSIGN(auto prepared, prepare(command));
  PIER_TRY_ASSIGN(auto report, make_pipe());
  Process process;
  UniqueFd null;
  std::array<UniqueFd, 3> child_ends;
  const auto connect = [&](Command::Stream stream, bool is_input, UniqueFd& ours, UniqueFd& theirs,
                           int& target) -> Result<void> {
    if (stream == Command::Stream::null) {
      theirs = UniqueFd(::open("/dev/null", (is_input ? O_RDONLY : O_WRONLY) | O_CLOEXEC));
    } else if (stream == Command::Stream::pipe) {
      PIER_TRY_ASSIGN(auto pipe, make_pipe());
      ours = std::move(is_input ? pipe.write : pipe.read);
      theirs = std::move(is_input ? pipe.read : pipe.write);
    }
    target = theirs.get();
    return {};
  };
  PIER_TRY(connect(command.standard_input, true, process.input_, child_ends[0], prepared.standard_input));
  if (command.output_fd) {
    prepared.standard_output = *command.output_fd;
    prepared.standard_error = *command.output_fd;
  } else {
    PIER_TRY(connect(command.standard_output, false, process.output_, child_ends[1], prepared.standard_output));
    PIER_TRY(connect(command.standard_error, false, process.error_, child_ends[2], prepared.standard_error));
    if (command.standard_error == Command::Stream::merge_to_stdout) {
      prepared.standard_error = prepared.standard_output;
    }
  }
  const pid_t pid = ::fork();
  if (pid < 0) {
    return error_from_errno(errno, "cannot start " + command.argv.front());
  }
  if (pid == 0) {
    run_child(prepared, report.write.get());
  }
  if (command.new_process_group) {
    ::setpgid(pid, pid);
  }
  process.pid_ = pid;
  process.pidfd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  report.write.reset();
  int code = 0;
  if (::read(report.read.get(), &code, sizeof code) == static_cast<ssize_t>(sizeof code)) {
    PIER_TRY(process.wait());
    return cannot_start(command.argv.front(), code);
  }
  return process;
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      input_(std::move(other.input_)),
      output_(std::move(other.output_)),
      error_(std::move(other.error_)) {}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(input_, other.input_);
  std::swap(output_, other.output_);
  std::swap(error_, other.error_);
  return *this;
}

Process::~Process() {
  if (pid_ > 0) {
    signal_group(SIGKILL);
    signal(SIGKILL);
    [[maybe_unused]] const auto ignored = wait();
  }
}

void Process::signal(int number) const {
  if (pid_ > 0) {
    ::kill(pid_, number);
  }
}

void Process::signal_group(int number) const {
  // Only a group that the child leads: never our own.
  if (pid_ > 0 && ::getpgid(pid_) == pid_) {
    ::kill(-pid_, number);
  }
}

Result<ExitStatus> Process::wait() {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0) {
    if (errno != EINTR) {
      return error_from_errno(errno, "cannot wait for a child");
    }
  }
  pid_ = -1;
  return decode(info);
}

Result<std::optional<ExitStatus>> Process::wait_for(milliseconds timeout) {
  pollfd poll_entry{pidfd_.get(), POLLIN, 0};
  const auto deadline = steady_clock::now() + timeout;
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    const int ready = ::poll(&poll_entry, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) {
      PIER_TRY_ASSIGN(const auto status, wait());
      return std::optional<ExitStatus>(status);
    }
    if (ready == 0) {
      return std::optional<ExitStatus>();
    }
    if (errno != EINTR) {
      return error_from_errno(errno, "cannot wait for a child");
    }
  }
}

pid_t Process::release() {
  return std::exchange(pid_, -1);
}

std::optional<fs::path> find_program(std::string_view name, const Environment& env) {
  const auto runnable = [](const fs::path& path) {
    std::error_code code;
    return fs::is_regular_file(path, code) && ::access(path.c_str(), X_OK) == 0;
  };
  if (name.find('/') != std::string_view::npos) {
    return runnable(fs::path(name)) ? std::optional<fs::path>(name) : std::nullopt;
  }
  std::string path = env.get("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  path += ':';
  std::size_t begin = 0;
  for (std::size_t end = path.find(':'); end != std::string::npos; begin = end + 1, end = path.find(':', begin)) {
    auto candidate = fs::path(path.substr(begin, end - begin)) / name;
    if (end > begin && runnable(candidate)) {
      return candidate;
    }
  }
  return std::nullopt;
}

fs::path executable_path() {
  std::error_code code;
  return fs::read_symlink("/proc/self/exe", code);
}

} // namespace pier
