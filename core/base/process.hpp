#pragma once

#include "core/base/environment.hpp"
#include "core/base/fd.hpp"
#include "core/base/result.hpp"

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace pier {

/// How a child ended: its exit code, or the signal that killed it.
struct ExitStatus {
  int code = 0;
  int signal = 0;

  [[nodiscard]] bool ok() const { return code == 0 && signal == 0; }

  [[nodiscard]] std::string to_string() const; ///< "exit code 3", "signal 9 (SIGKILL)"
};

/// What to start. argv[0] is looked up in PATH of `env`. Never a shell string.
struct Command {
  enum class Stream { inherit, null, pipe, merge_to_stdout };
  std::vector<std::string> argv;
  std::optional<Environment> env; ///< default: that of this process
  std::filesystem::path cwd;      ///< empty: the current one
  Stream standard_input = Stream::null;
  Stream standard_output = Stream::inherit;
  Stream standard_error = Stream::inherit;
  std::optional<int> output_fd;   ///< stdout and stderr go here instead
  bool new_process_group = false; ///< own group, so that signal_group reaches descendants
  /// PR_SET_PDEATHSIG. Bound to the *thread* that starts the child: only for threads that live on.
  bool die_with_parent = false;
  int death_signal = SIGKILL; ///< what die_with_parent sends
  std::string user;           ///< switch to this user first (needs root)
};

/// A running child. Waits in the destructor after killing it, unless it was waited for or released.
class Process {
 public:
  static Result<Process> start(const Command& command);

  Process(Process&&) noexcept;
  Process& operator=(Process&&) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  [[nodiscard]] pid_t pid() const { return pid_; }

  [[nodiscard]] UniqueFd& input() { return input_; }

  [[nodiscard]] UniqueFd& output() { return output_; }

  [[nodiscard]] UniqueFd& error() { return error_; }

  [[nodiscard]] int pidfd() const { return pidfd_.get(); } ///< readable when it has ended

  void signal(int number) const;
  void signal_group(int number) const;
  Result<ExitStatus> wait();
  /// Nothing if it still runs at the deadline.
  Result<std::optional<ExitStatus>> wait_for(std::chrono::milliseconds timeout);
  pid_t release(); ///< let it live on, unwatched

 private:
  Process() = default;
  pid_t pid_ = -1;
  UniqueFd pidfd_;
  UniqueFd input_, output_, error_;
};

struct CapturedOutput {
  ExitStatus status;
  std::string standard_output;
  std::string standard_error;
};

struct RunOptions {
  std::string input;
  std::chrono::milliseconds timeout{60'000}; ///< then the group is killed and the error is `unavailable`
  std::size_t max_output = std::size_t{16} * 1024 * 1024;
  std::stop_token stop;
  std::function<void(std::string_view line)> on_line; ///< each line of both streams as it comes
};

/// Runs to the end and collects both streams. A non-zero exit is no error of this function.
Result<CapturedOutput> run_captured(Command command, const RunOptions& options = {});

/// Absolute path of a program on PATH, or nothing.
std::optional<std::filesystem::path> find_program(std::string_view name, const Environment& env);

/// Path of the running executable.
std::filesystem::path executable_path();

} // namespace pier
