#include "core/workspace_client/rest_client.hpp"

#include "core/base/guarded.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/api_error.hpp"
#include "core/workspace_client/config_file.hpp"
#include "core/workspace_client/host_metadata.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

namespace pier::workspace_client {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr double k_default_rate = 15.0; // the SDKs' own limit, requests per second
constexpr auto k_max_backoff = std::chrono::milliseconds(10'000);
constexpr auto k_lost_connection_local = std::chrono::seconds(2);
constexpr auto k_lost_connection_remote = std::chrono::seconds(60);

std::chrono::milliseconds backoff(int attempt, bool loopback) {
  const auto step = std::chrono::milliseconds(loopback ? 50 : 1000);
  return std::min(k_max_backoff, step * std::max(attempt, 1));
}

std::optional<std::chrono::milliseconds> retry_after(const http::Response& response) {
  std::int64_t seconds = 0;
  const auto header = response.headers.get("Retry-After");
  if (!header || !parse_int64(trim(*header), seconds) || seconds < 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(std::min<std::int64_t>(seconds, 300));
}

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

/// Only what may change by itself is tried again: nobody listens yet, or the connection broke. What may
/// have arrived is repeated only when twice does no harm. Codes of core/http.
bool may_repeat(std::string_view method, const Error& error) {
  return error.code == "PIER0330" || (error.code == "PIER0333" && is_idempotent(method));
}

} // namespace

struct RestClient::State {
  Connection connection;
  RestOptions options;
  std::unique_ptr<http::Client> transport;
  SystemClock clock;
  std::once_flag first_call;
  std::unique_ptr<Credentials> credentials; ///< from the first call on
  bool loopback = false;
  std::atomic<std::size_t> requests{0};
  Guarded<std::string> workspace_id;
  Guarded<SteadyClock::time_point> next_slot;

  Credentials& signer() {
    std::call_once(first_call, [this] {
      std::string oidc;
      if (options.ask_host) {
        const auto found =
            find_host_metadata(*transport, connection.host, options.env, clock, options.stop, options.on_remark);
        oidc = found ? found->oidc_endpoint : std::string();
        if (found && connection.workspace_id.empty()) {
          *workspace_id.lock() = found->workspace_id;
        }
      }
      // "{account_id}" stands for something that only accounts have.
      credentials = make_credentials(connection, *transport, options.env, clock,
                                     oidc.find('{') == std::string::npos ? oidc : std::string());
    });
    return *credentials;
  }
};

RestClient::RestClient(Connection connection, RestOptions options)
    : RestClient(std::move(connection), options, nullptr) {}

RestClient::RestClient(Connection connection, RestOptions options, std::unique_ptr<http::Client> transport)
    : state_(std::make_unique<State>()) {
  state_->connection = std::move(connection);
  state_->options = std::move(options);
  state_->loopback = is_loopback_host(state_->connection.host);
  if (!transport) {
    http::ClientOptions settings;
    settings.verify_tls = state_->connection.verify_tls;
    settings.user_agent = state_->options.user_agent;
    transport = http::Client::create(settings);
  }
  state_->transport = std::move(transport);
  *state_->workspace_id.lock() = state_->connection.workspace_id;
}

RestClient::~RestClient() = default;

const Connection& RestClient::connection() const {
  return state_->connection;
}

bool RestClient::is_loopback() const {
  return state_->loopback;
}

std::string RestClient::workspace_id() const {
  return *state_->workspace_id.lock();
}

std::stop_token RestClient::stop_token() const {
  return state_->options.stop;
}

const Environment& RestClient::env() const {
  return state_->options.env;
}

std::unique_ptr<RestClient> RestClient::with_stop(std::stop_token stop) const {
  auto options = state_->options;
  options.stop = std::move(stop);
  return std::make_unique<RestClient>(state_->connection, std::move(options));
}

std::unique_ptr<RestClient> RestClient::for_cleanup() const {
  auto options = state_->options;
  options.stop = {};
  auto connection = state_->connection;
  connection.retry_timeout = std::chrono::seconds(10);
  return std::make_unique<RestClient>(std::move(connection), std::move(options));
}

Result<std::string> RestClient::bearer_token() {
  return state_->signer().token(state_->options.stop);
}

std::size_t RestClient::requests_sent() const {
  return state_->requests.load();
}

Result<void> RestClient::pause(std::chrono::milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, state_->options.stop, duration, [] { return false; });
  if (state_->options.stop.stop_requested()) {
    return Error{.kind = ErrorKind::interrupted, .code = "PIER2009", .message = "interrupted"};
  }
  return {};
}

namespace {

/// Waits for this call's place in the rate limit; nothing to wait for on a loopback host without a limit.
std::chrono::milliseconds reserve_slot(Guarded<SteadyClock::time_point>& next, double per_second) {
  const auto gap = std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(1.0 / per_second));
  auto slot = next.lock();
  const auto now = SteadyClock::now();
  const auto mine = std::max(*slot, now);
  *slot = mine + gap;
  return std::chrono::duration_cast<std::chrono::milliseconds>(mine - now);
}

http::ClientRequest to_transport(const RestRequest& request, const Connection& connection, std::stop_token stop) {
  http::ClientRequest out;
  out.method = request.method;
  out.url = connection.host + request.path;
  if (!request.query.empty()) {
    out.url += (request.path.find('?') == std::string::npos ? "?" : "&") + request.query.to_string();
  }
  out.headers.set("Accept", "application/json");
  if (request.json) {
    out.headers.set("Content-Type", "application/json");
    out.body = request.json->dump();
  } else if (!request.body.empty() || !request.body_file.empty()) {
    out.headers.set("Content-Type", request.content_type.empty() ? "application/octet-stream" : request.content_type);
    out.body = request.body;
    out.body_file = request.body_file;
  }
  if (!connection.workspace_id.empty()) {
    out.headers.set("X-Databricks-Workspace-Id", connection.workspace_id);
  }
  out.download_to = request.download_to;
  out.timeout = request.timeout.value_or(connection.http_timeout);
  out.stop = stop;
  return out;
}

/// An exchange that failed, in the words of Go's net/http, which the official tools show.
Error lost(const http::ClientRequest& request, Error error) {
  if (error.kind == ErrorKind::interrupted) {
    return error;
  }
  auto reason = std::move(error.message);
  if (error.code == "PIER0332") {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(request.timeout).count();
    reason = "request timed out after " + std::to_string(seconds) + "s of inactivity";
  }
  auto method = to_lower(request.method);
  method.front() = request.method.front();
  error.message = method + " \"" + request.url + "\": " + reason;
  return error;
}

} // namespace

Result<http::Response> RestClient::send(const RestRequest& request) {
  auto& state = *state_;
  auto outgoing = to_transport(request, state.connection, state.options.stop);
  const auto begin = SteadyClock::now();
  const auto lost_budget = std::min<std::chrono::seconds>(
      state.connection.retry_timeout, state.loopback ? k_lost_connection_local : k_lost_connection_remote);
  const double rate = state.connection.requests_per_second.value_or(state.loopback ? 0.0 : k_default_rate);
  for (int attempt = 1;; ++attempt) {
    PIER_TRY_ASSIGN(const auto token, state.signer().token(state.options.stop));
    outgoing.headers.set("Authorization", "Bearer " + token);
    if (rate > 0.0) {
      if (const auto wait = reserve_slot(state.next_slot, rate); wait.count() > 0) {
        PIER_TRY(pause(wait));
      }
    }
    ++state.requests;
    auto response = state.transport->send(outgoing);
    const auto elapsed = SteadyClock::now() - begin;
    auto wait = backoff(attempt, state.loopback);
    if (response) {
      if (log::enabled(log::Level::debug)) {
        log::debug("rest", "method=" + request.method + " path=" + request.path +
                               " status=" + std::to_string(response->status));
      }
      if (const auto id = response->headers.get("X-Databricks-Org-Id")) {
        *state.workspace_id.lock() = *id;
      }
      if (response->status < 400) {
        return response;
      }
      if (request.once || !is_retried_status(response->status) || elapsed > state.connection.retry_timeout) {
        return api_error(request.method, request.path, response->status, response->body, outgoing.url);
      }
      wait = retry_after(*response).value_or(wait);
    } else {
      const bool retried = !request.once && elapsed < lost_budget && may_repeat(request.method, response.error());
      if (!retried || response.error().code == "PIER0332") {
        return lost(outgoing, std::move(response).error());
      }
    }
    PIER_TRY(pause(wait));
  }
}

Result<Json> RestClient::call(const RestRequest& request) {
  PIER_TRY_ASSIGN(const auto response, send(request));
  if (trim(response.body).empty()) {
    return Json();
  }
  return Json::parse(response.body).context("reading the answer of " + request.method + " " + request.path);
}

Result<Json> RestClient::get(std::string path, http::Query query) {
  return call(RestRequest{.path = std::move(path), .query = std::move(query)});
}

Result<Json> RestClient::post(std::string path, Json body, http::Query query) {
  return call(
      RestRequest{.method = "POST", .path = std::move(path), .query = std::move(query), .json = std::move(body)});
}

Result<Json> RestClient::put(std::string path, Json body, http::Query query) {
  return call(
      RestRequest{.method = "PUT", .path = std::move(path), .query = std::move(query), .json = std::move(body)});
}

Result<Json> RestClient::patch(std::string path, Json body, http::Query query) {
  return call(
      RestRequest{.method = "PATCH", .path = std::move(path), .query = std::move(query), .json = std::move(body)});
}

Result<Json> RestClient::remove(std::string path, http::Query query) {
  return call(RestRequest{.method = "DELETE", .path = std::move(path), .query = std::move(query)});
}

Result<std::vector<Json>> RestClient::list(const std::string& path, std::string_view items, http::Query query) {
  constexpr int k_max_pages = 10'000;
  std::vector<Json> all;
  std::string token;
  for (int page = 0; page < k_max_pages; ++page) {
    http::Query paged = query;
    if (!token.empty()) {
      paged.add("page_token", token);
    }
    PIER_TRY_ASSIGN(auto answer, get(path, std::move(paged)));
    if (auto* found = answer.find(items); found != nullptr && found->is_array()) {
      auto& entries = found->as_array();
      std::move(entries.begin(), entries.end(), std::back_inserter(all));
    }
    token = answer.get_string("next_page_token");
    if (token.empty()) {
      break;
    }
  }
  return all;
}

Result<Json> poll_until(RestClient& client, std::chrono::seconds timeout, std::string_view what,
                        const std::function<Result<std::optional<Json>>()>& probe) {
  const auto begin = SteadyClock::now();
  const auto longest = std::chrono::milliseconds(client.is_loopback() ? 500 : 10'000);
  auto wait = std::chrono::milliseconds(client.is_loopback() ? 20 : 500);
  while (true) {
    PIER_TRY_ASSIGN(auto value, probe());
    if (value) {
      return *std::move(value);
    }
    if (SteadyClock::now() - begin > timeout) {
      return Error{.kind = ErrorKind::unavailable,
                   .code = "PIER2010",
                   .message = std::string(what) + " takes longer than " + humanize(timeout),
                   .hint = "`pier status` tells how far it is; run the command again to go on"};
    }
    PIER_TRY(client.pause(wait));
    wait = std::min(longest, wait * 3 / 2);
  }
}

} // namespace pier::workspace_client
