#include "core/deploy/retry.hpp"

#include "core/base/text.hpp"
#include "core/workspace_client/api_error.hpp"

namespace pier::deploy {
namespace {

constexpr std::chrono::milliseconds k_interval{15'000};
constexpr std::string_view k_interval_variable = "DATABRICKS_BUNDLE_RETRY_INTERVAL_MS";

std::chrono::milliseconds interval(const Environment& env) {
  std::int64_t milliseconds = 0;
  const auto text = env.get(k_interval_variable);
  return text && parse_int64(*text, milliseconds) ? std::chrono::milliseconds(milliseconds) : k_interval;
}

/// "PUT /api/2.0/apps/x" of "PUT https://host/api/2.0/apps/x?y=z".
std::string without_host(const std::string& endpoint) {
  const auto method = endpoint.substr(0, endpoint.find(' '));
  const auto scheme = endpoint.find("://");
  const auto path = scheme == std::string::npos ? scheme : endpoint.find('/', scheme + 3);
  return path == std::string::npos ? endpoint : method + " " + endpoint.substr(path, endpoint.find('?', path) - path);
}

} // namespace

bool Retry::may_pass(const Error& error) {
  return error.answer && !workspace_client::is_retried_status(error.answer->status) &&
         (error.answer->status >= 500 || error.answer->status == 408);
}

Result<void> Retry::wait(const Error& error) const {
  const auto& answer = *error.answer;
  observer_.on_event(Event{.type = Event::Type::warning,
                           .text = doing_ + ": retrying after " + std::to_string(answer.status) + " " + answer.reason +
                                   " from " + without_host(answer.endpoint)});
  return client_.pause(interval(client_.env()));
}

} // namespace pier::deploy
