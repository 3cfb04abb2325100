#include "core/deploy/max_wait.hpp"

#include "core/base/text.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace pier::deploy {
namespace {

constexpr std::string_view k_variable = "DATABRICKS_BUNDLE_RESOURCE_MAX_WAIT";

/// "1h0m5s", as the official CLI shows durations.
std::string duration_text(std::chrono::seconds duration) {
  const auto seconds = duration.count();
  constexpr std::int64_t k_minute = 60;
  constexpr std::int64_t k_hour = 3600;
  std::string text;
  if (seconds >= k_hour) {
    text = std::to_string(seconds / k_hour) + "h";
  }
  if (seconds >= k_minute) {
    text += std::to_string(seconds % k_hour / k_minute) + "m";
  }
  return text + std::to_string(seconds % k_minute) + "s";
}

/// Asks to stop when the time is over or when the outer stop is asked for.
class Alarm {
 public:
  Alarm(std::chrono::seconds after, std::stop_token outer)
      : outer_(std::move(outer), [this] { source_.request_stop(); }),
        thread_([this, after](const std::stop_token& dismissed) { sleep(after, dismissed); }) {}

  [[nodiscard]] std::stop_token token() const { return source_.get_token(); }

  [[nodiscard]] bool rang() const { return rang_; }

 private:
  void sleep(std::chrono::seconds after, const std::stop_token& dismissed) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any nobody_wakes;
    nobody_wakes.wait_for(lock, dismissed, after, [] { return false; });
    if (!dismissed.stop_requested()) {
      rang_ = true;
      source_.request_stop();
    }
  }

  std::stop_source source_;
  std::atomic<bool> rang_{false};
  std::stop_callback<std::function<void()>> outer_;
  std::jthread thread_;
};

} // namespace

Result<std::optional<std::chrono::seconds>> resource_max_wait(const Environment& env) {
  const auto text = env.get(k_variable);
  if (!text) {
    return std::optional<std::chrono::seconds>();
  }
  std::int64_t seconds = 0;
  if (!parse_int64(*text, seconds) || seconds < 0) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "PIER2065",
                 .message = "invalid " + std::string(k_variable) + "=" + Json(*text).dump() +
                            ": expected a non-negative number of seconds"};
  }
  return std::optional(std::chrono::seconds(seconds));
}

Result<void> wait_at_most(std::optional<std::chrono::seconds> limit, const std::string& what, const std::string& doing,
                          Operation& operation, const std::function<Result<void>(Operation&)>& wait) {
  if (!limit) {
    return wait(operation);
  }
  const auto warn = [&](const std::string& text) {
    operation.observer.on_event(Event{.type = Event::Type::warning,
                                      .subject = operation.subject,
                                      .text = doing + ": " + text + "; it may still be in progress"});
  };
  if (limit->count() == 0) {
    warn("Not waiting for " + what + " (" + std::string(k_variable) + "=0)");
    return {};
  }
  const Alarm alarm(*limit, operation.client.stop_token());
  const auto client = operation.client.with_stop(alarm.token());
  Operation limited{.client = *client,
                    .observer = operation.observer,
                    .subject = operation.subject,
                    .compatible = operation.compatible,
                    .before_app_code = operation.before_app_code};
  auto result = wait(limited);
  if (!result && result.error().kind == ErrorKind::interrupted && alarm.rang() &&
      !operation.client.stop_token().stop_requested()) {
    warn("Stopped waiting for " + what + " after " + duration_text(*limit) + " (" + std::string(k_variable) + ")");
    return {};
  }
  return result;
}

} // namespace pier::deploy
