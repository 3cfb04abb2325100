#pragma once

#include "core/apps/gateway/gateway.hpp"
#include "core/apps/guard/guarded_process.hpp"
#include "core/apps/launch.hpp"
#include "core/apps/readiness_probe.hpp"
#include "core/apps/shared.hpp"
#include "core/base/guarded.hpp"

#include <atomic>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <thread>

namespace pier::apps {

/// The life of one app: builds, starts, watches, restarts, puts to sleep and stops its program. All of it
/// happens on a thread of its own; the methods only ask. What must last is in the registry.
class AppRuntime {
 public:
  AppRuntime(Shared& shared, std::string name);
  AppRuntime(const AppRuntime&) = delete;
  AppRuntime& operator=(const AppRuntime&) = delete;
  ~AppRuntime(); ///< stops the program, waits

  void begin();  ///< of a new app
  void resume(); ///< after a start of the workspace: runs again what ran
  void deploy(std::string deployment_id);
  void run_again(); ///< the last deployment, after a stop
  void wake();
  void stop();
  void remove(); ///< stops, then removes everything of the app
  void settings_changed();

  [[nodiscard]] bool is_over() const { return over_; } ///< remove() has been done

  [[nodiscard]] GatewayPage describe(); ///< for people who meet it while it does not serve
  [[nodiscard]] std::filesystem::path log_file();

 private:
  using Time = std::chrono::steady_clock::time_point;
  enum class Why { deployment, restart, wake };

  /// One run of the program.
  struct Run {
    GuardedProcess process;
    std::string deployment;
    Why why;
    std::uint16_t port;
    ReadinessProbe probe;
    Time started;
    Time deadline;
    Time next_look;                  ///< at its ports
    std::optional<Time> wrong_since; ///< it listens, but not where it should
    std::vector<std::uint16_t> wrong_ports;
  };

  /// What describe() and log_file() need, from any thread.
  struct View {
    Phase phase = Phase::not_deployed;
    std::string message;
    std::string code; ///< of the page when crashed
    std::filesystem::path log;
  };

  void post(std::function<void()> command);
  void loop();
  void poll_once();
  [[nodiscard]] int poll_timeout() const;
  void run_commands();
  void take_events();
  void check_candidate();
  void check_ports(Run& run);
  void check_idle();

  void begin_build(const std::string& deployment_id);
  Result<BuiltApp> build(const std::string& deployment_id, std::stop_token stop);
  void built(const std::string& deployment_id, const Result<BuiltApp>& result);
  Result<void> launch(const std::string& deployment_id, Why why);
  void candidate_ready();
  void forget_old_sources(const std::string& active);
  void candidate_failed(std::string code, std::string message);
  void deployment_failed(const std::string& id, std::string code, const std::string& message);
  void crashed(const std::string& message);
  void give_up(std::string code, const std::string& message);
  void sleep();
  void stop_programs();
  void retire(std::optional<Run>& run);
  void finish_deployment(const std::string& id, DeploymentState state, const std::string& message);
  void set_phase(Phase phase, std::string message = {}, std::string code = {});
  void set_state(AppState state, const std::string& message = {});
  void log_system(const std::string& deployment_id, std::string_view line);
  void remove_all();
  [[nodiscard]] std::string explain_end(const Run& run) const;

  Shared& shared_;
  const std::string name_;
  Guarded<View> view_;
  Guarded<std::deque<std::function<void()>>> commands_;
  UniqueFd wake_fd_; ///< eventfd: there are commands
  std::atomic<bool> over_{false};

  // Below: the runtime's thread only.
  std::optional<Run> current_;   ///< serves
  std::optional<Run> candidate_; ///< starts; takes over when it answers
  std::list<GuardedProcess> retiring_;
  std::jthread builder_;
  std::string building_; ///< deployment that is being built
  Secret client_secret_;
  std::deque<Time> crashes_;
  std::optional<Time> restart_at_;
  std::string restart_deployment_;
  std::chrono::milliseconds idle_timeout_{0};
  Time next_idle_check_{};
  bool quit_ = false;
  std::jthread thread_;
};

} // namespace pier::apps
