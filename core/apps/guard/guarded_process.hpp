#pragma once

#include "core/apps/guard/guard_spec.hpp"
#include "core/base/process.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace pier::apps {

/// The owner's side of a guardian process. When this goes (or the owner dies, however), the program stops.
class GuardedProcess {
 public:
  struct Ended {
    ExitStatus status;
    std::string failure; ///< the program could not be started
  };

  GuardedProcess(GuardedProcess&&) noexcept = default;
  GuardedProcess& operator=(GuardedProcess&&) = delete;
  GuardedProcess(const GuardedProcess&) = delete;
  GuardedProcess& operator=(const GuardedProcess&) = delete;
  ~GuardedProcess(); ///< stops the program and waits, at most its grace time

  static Result<GuardedProcess> start(const std::filesystem::path& guard_program, const GuardSpec& spec);

  /// For poll: readable when poll_events may have something.
  [[nodiscard]] int event_fd() const { return guard_.output_fd; }

  /// Takes in what the guardian said. True when the program and all its descendants are gone.
  bool poll_events();

  /// Waits for the end, at most `timeout`.
  bool wait_ended(std::chrono::milliseconds timeout);

  [[nodiscard]] pid_t pid() const { return pid_; } ///< of the program; 0 until it has started

  [[nodiscard]] const std::optional<Ended>& ended() const { return ended_; }

  /// Asks the guardian to stop the program; the end comes as an event.
  void request_stop();

 private:
  struct Guardian {
    Process process;
    int output_fd = -1;
    std::chrono::milliseconds grace{};
  };

  explicit GuardedProcess(Guardian guard)
      : guard_(std::move(guard)) {}

  void take(const Json& event);

  Guardian guard_;
  std::string pending_;
  pid_t pid_ = 0;
  std::optional<Ended> ended_;
};

/// The program `name` beside this executable (pier-guard, pier-ports.so).
std::filesystem::path beside_executable(std::string_view name);

} // namespace pier::apps
