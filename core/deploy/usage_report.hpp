#pragma once

#include "core/base/json.hpp"
#include "core/model/bundle.hpp"
#include "core/model/usage.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <chrono>
#include <string>

namespace pier::deploy {

/// Who reports, and how its command went.
struct UsageSender {
  std::string version; ///< "pier 0.1.0"
  std::string command; ///< "bundle_deploy"
  std::chrono::milliseconds took{0};
  int exit_code = 0;
};

/// The event that the official CLI sends at the end of a deploy (libs/telemetry of its source), with what is known
/// of it: no texts, names or paths of the bundle.
Json usage_event(const model::Bundle& bundle, const model::Usage& usage, const UsageSender& sender);

/// Whether a person has switched it off (DATABRICKS_CLI_DISABLE_TELEMETRY) or gave it no readable time.
bool is_usage_report_off(const Environment& env);

/// Sends the event to the workspace, POST /telemetry-ext; silent, up to three times, for no longer than three seconds
/// (DATABRICKS_CLI_TELEMETRY_TIMEOUT) together.
void send_usage_report(const Json& event, workspace_client::RestClient& client);

} // namespace pier::deploy
