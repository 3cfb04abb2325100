#include "core/workspace_client/workspace_client.hpp"

#include "core/base/text.hpp"

#include <algorithm>

namespace pier::workspace_client {
namespace {

constexpr auto k_wait_limit = std::chrono::minutes(20);   // as the SDKs' waiters
constexpr auto k_run_wait_limit = std::chrono::hours(24); // as `bundle run`

std::string app_path(const std::string& name, std::string_view rest = {}) {
  return "/api/2.0/apps/" + encode_segment(name) + std::string(rest);
}

std::string nested_string(const Json& json, std::string_view outer, std::string_view inner) {
  const auto* found = json.find_path({outer, inner});
  return found != nullptr && found->is_string() ? found->as_string() : std::string();
}

} // namespace

Result<Json> Apps::get(const std::string& name) {
  return client_.get(app_path(name));
}

Result<std::vector<Json>> Apps::list() {
  return client_.list("/api/2.0/apps", "apps");
}

Result<void> Apps::start(const std::string& name) {
  PIER_TRY(client_.post(app_path(name, "/start"), Json::object()));
  return {};
}

Result<void> Apps::stop(const std::string& name) {
  PIER_TRY(client_.post(app_path(name, "/stop"), Json::object()));
  return {};
}

Result<Json> Apps::wait_for_compute(const std::string& name, const std::vector<std::string>& states) {
  return poll_until(client_, k_wait_limit, "the compute of app " + name, [&]() -> Result<std::optional<Json>> {
    PIER_TRY_ASSIGN(auto app, get(name));
    const auto state = nested_string(app, "compute_status", "state");
    if (std::find(states.begin(), states.end(), state) != states.end()) {
      return std::optional(std::move(app));
    }
    if (state == "ERROR") {
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "PIER2011",
                   .message = "failed to reach " + states.front() + ", got " + state + ": " +
                              nested_string(app, "compute_status", "message"),
                   .hint = "`pier logs " + name + "` shows what the app printed"};
    }
    return std::optional<Json>();
  });
}

Result<Json> Apps::deploy(const std::string& name, const Json& deployment) {
  return client_.post(app_path(name, "/deployments"), deployment);
}

Result<Json> Apps::wait_for_deployment(const std::string& name, const std::string& deployment_id,
                                       const std::function<void(std::string_view)>& on_message) {
  std::string last;
  const auto path = app_path(name, "/deployments/" + encode_segment(deployment_id));
  return poll_until(client_, k_wait_limit, "the deployment of app " + name, [&]() -> Result<std::optional<Json>> {
    PIER_TRY_ASSIGN(auto deployment, client_.get(path));
    const auto message = nested_string(deployment, "status", "message");
    if (on_message && !message.empty() && message != last) {
      last = message;
      on_message(message);
    }
    const auto state = nested_string(deployment, "status", "state");
    if (state == "SUCCEEDED") {
      return std::optional(std::move(deployment));
    }
    if (state == "FAILED" || state == "CANCELLED") {
      return Error{.kind = ErrorKind::invalid_state,
                   .code = "PIER2011",
                   .message = "the deployment of app " + name + " ends " + state + ": " + message,
                   .hint = "`pier logs " + name + "` shows build and start"};
    }
    return std::optional<Json>();
  });
}

Result<Json> Jobs::get(std::int64_t job_id) {
  Json merged;
  std::string token;
  do {
    http::Query query;
    query.add("job_id", std::to_string(job_id));
    if (!token.empty()) {
      query.add("page_token", token);
    }
    PIER_TRY_ASSIGN(auto page, client_.get("/api/2.2/jobs/get", std::move(query)));
    token = page.get_string("next_page_token");
    if (merged.is_null()) {
      merged = std::move(page);
      continue;
    }
    for (const auto* list : {"tasks", "job_clusters", "parameters", "environments"}) {
      if (const auto* items = page.find_path({"settings", list}); items != nullptr && items->is_array()) {
        for (const auto& item : items->as_array()) {
          merged["settings"][list].push_back(item);
        }
      }
    }
  } while (!token.empty());
  merged.erase("next_page_token");
  return merged;
}

Result<std::int64_t> Jobs::run_now(const Json& request) {
  PIER_TRY_ASSIGN(const auto answer, client_.post("/api/2.2/jobs/run-now", request));
  return answer.get_integer("run_id");
}

Result<Json> Jobs::get_run(std::int64_t run_id) {
  http::Query query;
  query.add("run_id", std::to_string(run_id));
  return client_.get("/api/2.2/jobs/runs/get", std::move(query));
}

Result<Json> Jobs::get_output(std::int64_t task_run_id) {
  http::Query query;
  query.add("run_id", std::to_string(task_run_id));
  return client_.get("/api/2.2/jobs/runs/get-output", std::move(query));
}

Result<std::vector<Json>> Jobs::list_runs(std::int64_t job_id, bool active_only, int limit) {
  http::Query query;
  query.add("job_id", std::to_string(job_id));
  if (active_only) {
    query.add("active_only", "true");
  }
  query.add("limit", std::to_string(limit));
  PIER_TRY_ASSIGN(const auto answer, client_.get("/api/2.2/jobs/runs/list", std::move(query)));
  const auto* runs = answer.find("runs");
  return runs != nullptr && runs->is_array() ? runs->as_array() : std::vector<Json>();
}

Result<void> Jobs::cancel(std::int64_t run_id) {
  PIER_TRY(client_.post("/api/2.2/jobs/runs/cancel", Json::object({{"run_id", run_id}})));
  return {};
}

Result<Json> Jobs::wait_for_run(std::int64_t run_id, const std::function<void(const Json& run)>& on_state) {
  Json last;
  return poll_until(client_, k_run_wait_limit, "run " + std::to_string(run_id), [&]() -> Result<std::optional<Json>> {
    PIER_TRY_ASSIGN(auto run, get_run(run_id));
    if (on_state && run != last) {
      on_state(run);
      last = run;
    }
    if (is_terminal_run_state(nested_string(run, "state", "life_cycle_state"))) {
      return std::optional(std::move(run));
    }
    return std::optional<Json>();
  });
}

bool is_terminal_run_state(std::string_view life_cycle_state) {
  return life_cycle_state == "TERMINATED" || life_cycle_state == "SKIPPED" || life_cycle_state == "INTERNAL_ERROR";
}

std::string run_page(const std::string& url) {
  const auto hash = url.find('#');
  const auto parts = hash == std::string::npos ? std::vector<std::string>() : split(url.substr(hash + 1), '/');
  if (parts.size() != 4 || parts[0] != "job" || parts[2] != "run" || parts[1].empty() || parts[3].empty()) {
    return url;
  }
  const auto base = url.substr(0, hash);
  const auto query = base.find('?');
  const auto scheme = base.find("://");
  const auto path = base.find('/', scheme == std::string::npos ? 0 : scheme + 3);
  return base.substr(0, std::min(path, query)) + "/jobs/" + parts[1] + "/runs/" + parts[3] +
         (query == std::string::npos ? "" : base.substr(query));
}

} // namespace pier::workspace_client
