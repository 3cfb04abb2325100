#include "core/apps/app_runtime.hpp"

#include "core/apps/build/build_environment.hpp"
#include "core/apps/guard/log_file.hpp"
#include "core/apps/guard/process_tree.hpp"
#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/base/tcp_port.hpp"
#include "core/base/text.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace fs = std::filesystem;

namespace pier::apps {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto k_look_at_ports = milliseconds(1'000);
constexpr auto k_longest_idle_check = milliseconds(5'000);

std::string ports_text(const std::vector<std::uint16_t>& ports) {
  std::vector<std::string> texts;
  for (const auto port : ports) {
    texts.push_back(std::to_string(port));
  }
  return (texts.size() == 1 ? "port " : "ports ") + join(texts, ", ");
}

} // namespace

AppRuntime::AppRuntime(Shared& shared, std::string name)
    : shared_(shared),
      name_(std::move(name)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this] { loop(); }) {}

AppRuntime::~AppRuntime() {
  post([this] { quit_ = true; });
  thread_.join();
}

void AppRuntime::post(std::function<void()> command) {
  commands_.lock()->push_back(std::move(command));
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto ignored = ::write(wake_fd_.get(), &one, sizeof one);
}

void AppRuntime::loop() {
  while (!quit_) {
    poll_once();
    run_commands();
    take_events();
    check_candidate();
    check_idle();
  }
  builder_.request_stop();
  current_.reset();
  candidate_.reset();
  retiring_.clear();
  if (builder_.joinable()) {
    builder_.join();
  }
  over_ = true;
}

void AppRuntime::poll_once() {
  std::vector<pollfd> polls = {{wake_fd_.get(), POLLIN, 0}};
  for (const auto* run : {&current_, &candidate_}) {
    if (run->has_value()) {
      polls.push_back({(*run)->process.event_fd(), POLLIN, 0});
    }
  }
  if (candidate_ && candidate_->probe.fd() >= 0) {
    polls.push_back({candidate_->probe.fd(), POLLIN, 0});
  }
  for (const auto& process : retiring_) {
    polls.push_back({process.event_fd(), POLLIN, 0});
  }
  ::poll(polls.data(), polls.size(), poll_timeout());
  std::uint64_t count = 0;
  [[maybe_unused]] const auto ignored = ::read(wake_fd_.get(), &count, sizeof count);
}

int AppRuntime::poll_timeout() const {
  auto next = Time::max();
  if (candidate_) {
    next = std::min({next, candidate_->deadline, candidate_->next_look, candidate_->probe.next_try()});
  }
  if (restart_at_) {
    next = std::min(next, *restart_at_);
  }
  if (current_ && idle_timeout_.count() > 0) {
    next = std::min(next, next_idle_check_);
  }
  if (next == Time::max()) {
    return -1;
  }
  const auto left = std::chrono::ceil<milliseconds>(next - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
}

void AppRuntime::run_commands() {
  std::deque<std::function<void()>> commands;
  commands.swap(*commands_.lock());
  for (const auto& command : commands) {
    command();
  }
}

void AppRuntime::take_events() {
  retiring_.remove_if([](GuardedProcess& process) { return process.poll_events(); });
  if (current_ && current_->process.poll_events()) {
    const auto message = explain_end(*current_);
    const auto deployment = current_->deployment;
    current_.reset();
    restart_deployment_ = deployment;
    crashed(message);
  }
  if (candidate_ && candidate_->process.poll_events()) {
    candidate_failed("APP_CRASHED", explain_end(*candidate_));
  }
  if (restart_at_ && steady_clock::now() >= *restart_at_) {
    restart_at_.reset();
    if (const auto started = launch(restart_deployment_, Why::restart); !started) {
      crashed(started.error().to_string());
    }
  }
}

std::string AppRuntime::explain_end(const Run& run) const {
  const auto& ended = *run.process.ended();
  return ended.failure.empty() ? "the app ended with " + ended.status.to_string() : ended.failure;
}

void AppRuntime::check_candidate() {
  if (!candidate_) {
    return;
  }
  const auto now = steady_clock::now();
  if (candidate_->probe.step(now)) {
    candidate_ready();
    return;
  }
  check_ports(*candidate_);
  const bool wrong_for_long =
      candidate_->wrong_since && now - *candidate_->wrong_since > shared_.options.timings.wrong_port_patience;
  if (wrong_for_long) {
    candidate_failed("APP_WRONG_PORT", "the app listens on " + ports_text(candidate_->wrong_ports) +
                                           ", not on $DATABRICKS_APP_PORT (" + std::to_string(candidate_->port) + ")");
  } else if (now >= candidate_->deadline) {
    candidate_failed("APP_NOT_LISTENING",
                     "the app did not answer on $DATABRICKS_APP_PORT (" + std::to_string(candidate_->port) +
                         ") within " + humanize(std::chrono::duration_cast<milliseconds>(now - candidate_->started)));
  }
}

void AppRuntime::check_ports(Run& run) {
  const auto now = steady_clock::now();
  if (now < run.next_look || run.process.pid() == 0) {
    return;
  }
  run.next_look = now + k_look_at_ports;
  run.wrong_ports = listening_ports(run.process.pid());
  const bool right = std::find(run.wrong_ports.begin(), run.wrong_ports.end(), run.port) != run.wrong_ports.end();
  if (run.wrong_ports.empty() || right) {
    run.wrong_since.reset();
  } else if (!run.wrong_since) {
    run.wrong_since = now;
  }
}

void AppRuntime::check_idle() {
  const auto now = steady_clock::now();
  if (!current_ || candidate_ || idle_timeout_.count() == 0 || now < next_idle_check_) {
    return;
  }
  next_idle_check_ = now + std::min<milliseconds>(idle_timeout_ / 4 + milliseconds(1), k_longest_idle_check);
  const auto activity = shared_.gateway->activity(name_);
  const auto limit =
      activity.open_streams > 0 ? std::max(idle_timeout_, shared_.options.timings.stream_idle_timeout) : idle_timeout_;
  if (activity.in_flight == 0 && activity.waiting == 0 && activity.quiet > limit && now - current_->started > limit) {
    sleep();
  }
}

void AppRuntime::settings_changed() {
  post([this] {
    const auto app = shared_.registry.app(name_);
    const auto standard = shared_.registry.setting("idle_timeout_ms");
    std::int64_t millis = shared_.options.timings.idle_timeout.count();
    if (standard && *standard) {
      parse_int64(**standard, millis);
    }
    idle_timeout_ = milliseconds(app && app->idle_timeout_ms ? *app->idle_timeout_ms : millis);
    next_idle_check_ = steady_clock::now();
  });
}

void AppRuntime::begin() {
  settings_changed();
  post([this] {
    const auto app = shared_.registry.app(name_);
    set_phase(app && app->compute == Compute::active ? Phase::not_deployed : Phase::stopped);
  });
}

void AppRuntime::resume() {
  settings_changed();
  post([this] {
    const auto app = shared_.registry.app(name_);
    if (!app) {
      return;
    }
    if (!app->last_deployment.empty()) {
      view_.lock()->log = shared_.log_of(name_, app->last_deployment);
    }
    if (!app->pending_deployment.empty()) {
      finish_deployment(app->pending_deployment, DeploymentState::failed, "the workspace was stopped while deploying");
    }
    if (app->compute != Compute::active) {
      set_phase(app->compute == Compute::deleting ? Phase::deleting : Phase::stopped);
    } else if (app->active_deployment.empty()) {
      set_phase(Phase::not_deployed);
      set_state(AppState::unavailable, app->message);
    } else if (app->state == AppState::asleep) {
      set_phase(Phase::asleep);
    } else {
      set_phase(Phase::starting);
      if (const auto started = launch(app->active_deployment, Why::restart); !started) {
        restart_deployment_ = app->active_deployment;
        crashed(started.error().to_string());
      }
    }
  });
}

void AppRuntime::deploy(std::string deployment_id) {
  post([this, id = std::move(deployment_id)] { begin_build(id); });
}

void AppRuntime::run_again() {
  set_phase(Phase::starting); // requests wait from now on
  post([this] {
    const auto app = shared_.registry.app(name_);
    if (!app || app->last_deployment.empty() || current_ || candidate_ || !building_.empty()) {
      set_phase(current_ ? Phase::running : Phase::not_deployed);
      return;
    }
    crashes_.clear();
    restart_at_.reset();
    set_phase(Phase::starting);
    set_state(AppState::deploying);
    if (const auto started = launch(app->last_deployment, Why::wake); !started) {
      give_up("APP_CRASHED", started.error().to_string());
    }
  });
}

void AppRuntime::wake() {
  post([this] {
    const auto app = shared_.registry.app(name_);
    if (!app || app->state != AppState::asleep || current_ || candidate_) {
      return;
    }
    set_phase(Phase::starting);
    if (const auto started = launch(app->active_deployment, Why::wake); !started) {
      restart_deployment_ = app->active_deployment;
      crashed(started.error().to_string());
    }
  });
}

void AppRuntime::stop() {
  set_phase(Phase::stopped);
  post([this] {
    stop_programs();
    set_phase(Phase::stopped);
  });
}

void AppRuntime::remove() {
  post([this] {
    set_phase(Phase::deleting);
    stop_programs();
    if (builder_.joinable()) {
      builder_.join();
    }
    retiring_.clear(); // waits for the last of them
    remove_all();
    quit_ = true;
  });
}

void AppRuntime::crashed(const std::string& message) {
  const auto now = steady_clock::now();
  const auto& timings = shared_.options.timings;
  while (!crashes_.empty() && now - crashes_.front() > timings.crash_window) {
    crashes_.pop_front();
  }
  crashes_.push_back(now);
  if (crashes_.size() >= timings.crashes_to_give_up) {
    give_up("APP_CRASHED", message + ", " + std::to_string(crashes_.size()) + " times");
    return;
  }
  auto pause = timings.first_backoff;
  for (std::size_t i = 1; i < crashes_.size() && pause < timings.last_backoff; ++i) {
    pause *= 2;
  }
  pause = std::min(pause, timings.last_backoff);
  restart_at_ = now + pause;
  log_system(restart_deployment_, message + "; starting again in " + humanize(pause));
  set_phase(Phase::starting, message);
  set_state(AppState::crashed, message + "; starting again");
}

void AppRuntime::give_up(std::string code, const std::string& message) {
  set_phase(Phase::crashed, message, std::move(code));
  set_state(AppState::crashed, message);
}

void AppRuntime::sleep() {
  log_system(current_->deployment, "Nobody uses the app: it goes to sleep until the next request");
  set_state(AppState::asleep);
  set_phase(Phase::asleep);
  shared_.gateway->close_streams(name_);
  retire(current_);
}

void AppRuntime::stop_programs() {
  const auto unfinished = !building_.empty() ? building_ : candidate_ ? candidate_->deployment : std::string();
  const bool deploying = !building_.empty() || (candidate_ && candidate_->why == Why::deployment);
  builder_.request_stop();
  building_.clear();
  restart_at_.reset();
  crashes_.clear();
  if (shared_.gateway) {
    shared_.gateway->close_streams(name_);
  }
  retire(candidate_);
  retire(current_);
  if (deploying) {
    finish_deployment(unfinished, DeploymentState::failed, "stopped while deploying");
  }
}

void AppRuntime::retire(std::optional<Run>& run) {
  if (run) {
    run->process.request_stop();
    retiring_.push_back(std::move(run->process));
    run.reset();
  }
}

void AppRuntime::remove_all() {
  shared_.gateway->close(name_);
  const auto app = shared_.registry.app(name_);
  if (!app) {
    return;
  }
  [[maybe_unused]] const auto folder = remove_tree(shared_.folder_of(name_));
  // One step: when the app cannot be found any more, its name is free.
  const auto removed = shared_.rooms.database.transaction([&]() -> Result<void> {
    PIER_TRY(shared_.rooms.identity.remove_principal(app->service_principal.id));
    PIER_TRY(shared_.rooms.permissions.remove_object({"apps", name_}));
    return shared_.registry.remove(name_);
  });
  if (!removed) {
    log::error("apps", "event=remove_failed app=" + name_ + " error=" + removed.error().to_string());
  }
}

} // namespace pier::apps
