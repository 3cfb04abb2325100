#include "core/apps/guard/guard.hpp"

#include "core/apps/guard/confinement.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/apps/guard/process_tree.hpp"
#include "core/base/fd.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

namespace pier::apps {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t k_max_spec = 4UL * 1024 * 1024;
constexpr rlim_t k_open_files = 65'536;

void tell(int events, const Json& event) {
  const auto line = event.dump() + "\n";
  // The owner may be gone; then the life line ends as well.
  [[maybe_unused]] const auto ignored = ::write(events, line.data(), line.size());
}

std::optional<std::string> read_spec_line(int fd) {
  std::string line;
  std::array<char, 4096> buffer{};
  while (line.find('\n') == std::string::npos && line.size() < k_max_spec) {
    const auto count = ::read(fd, buffer.data(), buffer.size());
    if (count <= 0) {
      return std::nullopt;
    }
    line.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return line;
}

void limit(int what, rlim_t value) {
  rlimit bounds{};
  ::getrlimit(static_cast<__rlimit_resource_t>(what), &bounds);
  bounds.rlim_cur = std::min(value, bounds.rlim_max);
  ::setrlimit(static_cast<__rlimit_resource_t>(what), &bounds);
}

class Guard {
 public:
  Guard(GuardSpec spec, LogFile log, int life_line, int events)
      : spec_(std::move(spec)),
        log_(std::move(log)),
        life_line_(life_line),
        events_(events) {}

  int run() {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (const auto started = start(); !started) {
      tell(events_, Json::object({{"event", "failed"}, {"message", started.error().message}}));
      return 1;
    }
    tell(events_, Json::object({{"event", "started"}, {"pid", static_cast<std::int64_t>(child_)}}));
    while (!ended_) {
      step();
    }
    sweep();
    drain(output_);
    finish_lines();
    const auto status = *ended_;
    tell(events_, Json::object({{"event", "ended"},
                                {"code", status.si_code == CLD_EXITED ? status.si_status : 0},
                                {"signal", status.si_code == CLD_EXITED ? 0 : status.si_status}}));
    return 0;
  }

 private:
  Result<void> start() {
    std::array<int, 2> output{};
    std::array<int, 2> report{};
    if (::pipe2(output.data(), O_CLOEXEC) != 0 || ::pipe2(report.data(), O_CLOEXEC) != 0) {
      return error_from_errno(errno, "cannot make a pipe");
    }
    output_ = UniqueFd(output[0]);
    UniqueFd output_write(output[1]);
    const UniqueFd report_read(report[0]);
    UniqueFd report_write(report[1]);
    ::fcntl(output_.get(), F_SETFL, O_NONBLOCK);
    child_ = ::fork();
    if (child_ < 0) {
      return error_from_errno(errno, "cannot start the program");
    }
    if (child_ == 0) {
      run_child(output_write.get(), report_write.get());
    }
    ::setpgid(child_, child_);
    output_write.reset();
    report_write.reset();
    child_fd_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, child_, 0)));
    std::array<char, 512> message{};
    const auto count = ::read(report_read.get(), message.data(), message.size());
    if (count > 0) {
      ::waitpid(child_, nullptr, 0);
      return Error{.kind = ErrorKind::io,
                   .code = "PIER9001",
                   .message = std::string(message.data(), static_cast<std::size_t>(count))};
    }
    return {};
  }

  /// In the child. The guardian has one thread, so allocations after fork are safe.
  [[noreturn]] void run_child(int output, int report) const {
    const auto fail = [report](const Error& error) {
      const auto text = error.to_string();
      [[maybe_unused]] const auto ignored = ::write(report, text.data(), text.size());
      ::_exit(127);
    };
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0) {
      fail(error_from_errno(errno, "cannot open /dev/null"));
    }
    ::dup2(null, STDIN_FILENO);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    limit(RLIMIT_NOFILE, k_open_files);
    limit(RLIMIT_CORE, 0);
    if (!spec_.cwd.empty() && ::chdir(spec_.cwd.c_str()) != 0) {
      fail(error_from_errno(errno, "cannot enter " + spec_.cwd));
    }
    if (const auto confined = confine({.hidden = spec_.hidden,
                                       .readable = spec_.readable,
                                       .writable = spec_.writable,
                                       .writes_anywhere = spec_.writes_anywhere});
        !confined) {
      fail(confined.error());
    }
    std::vector<char*> argv;
    for (const auto& argument : spec_.argv) {
      argv.push_back(const_cast<char*>(argument.c_str()));
    }
    argv.push_back(nullptr);
    std::vector<std::string> variables;
    for (const auto& [name, value] : spec_.env) {
      variables.push_back(name + "=" + value);
    }
    std::vector<char*> envp;
    for (auto& variable : variables) {
      envp.push_back(variable.data());
    }
    envp.push_back(nullptr);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    ::signal(SIGXFSZ, SIG_DFL);
    ::execve(argv.front(), argv.data(), envp.data());
    fail(error_from_errno(errno, "cannot start " + spec_.argv.front()));
    ::_exit(127);
  }

  void step() {
    std::array<pollfd, 3> polls = {pollfd{output_.get(), POLLIN, 0}, pollfd{child_fd_.get(), POLLIN, 0},
                                   pollfd{life_line_, POLLIN, 0}};
    if (::poll(polls.data(), polls.size(), timeout()) < 0 && errno != EINTR) {
      kill_all(SIGKILL);
    }
    if (polls[0].revents != 0) {
      drain(output_);
    }
    if (polls[2].revents != 0) {
      std::array<char, 64> command{};
      const auto count = ::read(life_line_, command.data(), command.size());
      if (count <= 0) {
        life_line_ = -1;
      }
      begin_stop();
    }
    if (kill_at_ && steady_clock::now() >= *kill_at_) {
      kill_all(SIGKILL);
      kill_at_ = steady_clock::now() + milliseconds(100);
    }
    if (polls[1].revents != 0) {
      siginfo_t info{};
      if (::waitid(P_PID, static_cast<id_t>(child_), &info, WEXITED) == 0) {
        ended_ = info;
      }
    }
  }

  [[nodiscard]] int timeout() const {
    if (!kill_at_) {
      return -1;
    }
    const auto left = std::chrono::ceil<milliseconds>(*kill_at_ - steady_clock::now()).count();
    return static_cast<int>(std::max<std::int64_t>(left, 0));
  }

  void begin_stop() {
    if (!kill_at_) {
      kill_all(SIGTERM);
      kill_at_ = steady_clock::now() + spec_.stop_grace;
    }
  }

  void kill_all(int signal) const {
    ::kill(-child_, signal);
    for (const pid_t pid : descendants_of(::getpid())) {
      if (::getpgid(pid) != child_) {
        ::kill(pid, signal);
      }
    }
  }

  /// The program is over: what it left behind goes too, and is reaped.
  void sweep() {
    if (!kill_at_) {
      kill_all(SIGTERM);
      kill_at_ = steady_clock::now() + std::min(spec_.stop_grace, milliseconds(2'000));
    }
    while (true) {
      pid_t reaped = 0;
      do {
        reaped = ::waitpid(-1, nullptr, WNOHANG);
      } while (reaped > 0);
      if (reaped < 0) {
        return;
      }
      if (steady_clock::now() >= *kill_at_) {
        kill_all(SIGKILL);
      }
      // Descendants have no common pidfd; their output pipe ends with the last of them.
      pollfd output{output_.get(), POLLIN, 0};
      ::poll(&output, 1, 10);
      drain(output_);
    }
  }

  void drain(UniqueFd& fd) {
    std::array<char, std::size_t{16} * 1024> buffer{};
    while (fd) {
      const auto count = ::read(fd.get(), buffer.data(), buffer.size());
      if (count > 0) {
        lines_.feed(std::string_view(buffer.data(), static_cast<std::size_t>(count)),
                    [&](std::string_view line) { log_.append(spec_.log_source, line, clock_.now()); });
        continue;
      }
      if (count == 0) {
        fd.reset();
      }
      if (count == 0 || errno != EINTR) {
        return;
      }
    }
  }

  void finish_lines() {
    lines_.finish([&](std::string_view line) { log_.append(spec_.log_source, line, clock_.now()); });
  }

  GuardSpec spec_;
  LogFile log_;
  int life_line_;
  int events_;
  SystemClock clock_;
  LineSplitter lines_;
  pid_t child_ = -1;
  UniqueFd child_fd_;
  UniqueFd output_;
  std::optional<siginfo_t> ended_;
  std::optional<steady_clock::time_point> kill_at_;
};

} // namespace

int run_guard(int life_line, int events) {
  ::signal(SIGPIPE, SIG_IGN);
  // Ctrl-C in the terminal of the daemon is the daemon's business.
  ::setsid();
  const auto line = read_spec_line(life_line);
  if (!line) {
    return 1;
  }
  auto spec = GuardSpec::parse(*line);
  if (!spec) {
    tell(events, Json::object({{"event", "failed"}, {"message", spec.error().message}}));
    return 1;
  }
  auto log = LogFile::open(spec->log_file, spec->log_limit);
  if (!log) {
    tell(events, Json::object({{"event", "failed"}, {"message", log.error().to_string()}}));
    return 1;
  }
  return Guard(std::move(*spec), std::move(*log), life_line, events).run();
}

} // namespace pier::apps
