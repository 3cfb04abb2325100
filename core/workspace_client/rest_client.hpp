#pragma once

#include "core/base/clock.hpp"
#include "core/base/environment.hpp"
#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/http/client.hpp"
#include "core/workspace_client/connection.hpp"
#include "core/workspace_client/credentials.hpp"
#include "core/workspace_client/host_metadata.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::workspace_client {

/// One call. `path` is already percent-encoded ("/api/2.0/apps/x").
struct RestRequest {
  std::string method = "GET";
  std::string path;
  http::Query query;
  std::optional<Json> json;          ///< body as JSON
  std::string body;                  ///< or as octets
  std::string content_type{};        ///< of such a body; empty: octets
  std::filesystem::path body_file;   ///< or streamed from a file
  std::filesystem::path download_to; ///< the answer's body goes there
  std::optional<std::chrono::milliseconds> timeout;
  bool once = false; ///< not tried again: that is the caller's business
};

struct RestOptions {
  Environment env;
  std::stop_token stop;
  std::string user_agent = "pier";
  bool ask_host = false; ///< before the first call: what the host tells about itself (host_metadata)
  Remark on_remark{};    ///< hears that the host does not tell
};

/// Sends REST calls to one workspace, local or Databricks, the same way: signs them, keeps to the rate
/// limit, tries again as the official SDKs do (429 and 503 with Retry-After, lost connections), and turns
/// bad answers into Errors (see api_error). Thread-safe.
class RestClient {
 public:
  RestClient(Connection connection, RestOptions options);
  /// With another transport (tests).
  RestClient(Connection connection, RestOptions options, std::unique_ptr<http::Client> transport);
  ~RestClient();
  RestClient(const RestClient&) = delete;
  RestClient& operator=(const RestClient&) = delete;

  [[nodiscard]] const Connection& connection() const;

  [[nodiscard]] const std::string& host() const { return connection().host; }

  [[nodiscard]] bool is_loopback() const;

  /// The workspace's numeric id, as an answer told it; empty before the first answer.
  [[nodiscard]] std::string workspace_id() const;

  /// Any answer below 400 is a response.
  Result<http::Response> send(const RestRequest& request);

  /// An empty body is null.
  Result<Json> call(const RestRequest& request);
  Result<Json> get(std::string path, http::Query query = {});
  Result<Json> post(std::string path, Json body, http::Query query = {});
  Result<Json> put(std::string path, Json body, http::Query query = {});
  Result<Json> patch(std::string path, Json body, http::Query query = {});
  Result<Json> remove(std::string path, http::Query query = {});

  /// All items of a paged list (`next_page_token`); an empty page may be followed by others.
  Result<std::vector<Json>> list(const std::string& path, std::string_view items, http::Query query = {});

  /// Waits; error `interrupted` when the command is stopped.
  Result<void> pause(std::chrono::milliseconds duration);

  [[nodiscard]] std::stop_token stop_token() const;
  /// As it was given.
  [[nodiscard]] const Environment& env() const;
  /// The same workspace with another stop: for a wait that has a limit of its own.
  [[nodiscard]] std::unique_ptr<RestClient> with_stop(std::stop_token stop) const;
  /// The same workspace for what must still be done after a stop was asked for (releasing a lock).
  [[nodiscard]] std::unique_ptr<RestClient> for_cleanup() const;
  /// A valid token, for other protocols (PostgreSQL, WebSocket).
  Result<std::string> bearer_token();

  /// Requests sent so far, repeats included.
  [[nodiscard]] std::size_t requests_sent() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Calls `probe` until it has a value: at once, then after growing pauses (short on a loopback host,
/// up to 10 s remotely). Error `unavailable` PIER2010 when `timeout` has passed.
Result<Json> poll_until(RestClient& client, std::chrono::seconds timeout, std::string_view what,
                        const std::function<Result<std::optional<Json>>()>& probe);

} // namespace pier::workspace_client
