#pragma once

#include "core/apps/gateway/identity_fields.hpp"
#include "core/apps/gateway/pages.hpp"
#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pier::apps {

/// How requests for an app are to be treated just now.
enum class Phase {
  not_deployed,
  building, ///< the first deployment, nothing to serve yet
  starting,
  running,
  asleep, ///< a request wakes it
  crashed,
  stopped, ///< a request does not wake it
  deleting,
};

struct Route {
  Phase phase = Phase::starting;   ///< until it is told, requests wait
  std::uint16_t upstream_port = 0; ///< on loopback; when running
};

/// What the gateway asks of its owner. All but wake() and log_file() are called on workers and may take a while.
class GatewayHost {
 public:
  virtual ~GatewayHost() = default;
  /// Errors: unauthenticated, permission_denied (the level CAN_USE is missing).
  virtual Result<Visitor> visitor_by_token(const std::string& app, const std::string& token) = 0;
  virtual Result<Visitor> visitor_by_id(const std::string& app, std::int64_t principal_id) = 0;
  /// A one-time token of a sign-in link becomes the id of its principal.
  virtual Result<std::int64_t> redeem_sign_in(const std::string& token) = 0;
  /// Remembers that this session was signed out (until it would have ended).
  virtual void revoke_session(const std::string& session_id, TimePoint expires) = 0;
  /// Starts a sleeping app; returns at once, a new Route follows. Called once per sleep.
  virtual void wake(const std::string& app) = 0;
  /// What is the matter with an app that does not serve.
  virtual GatewayPage describe(const std::string& app) = 0;
  virtual std::filesystem::path log_file(const std::string& app) = 0;
};

struct GatewayOptions {
  Secret session_key;                        ///< signs cookies
  std::vector<std::string> revoked_sessions; ///< ids
  std::chrono::seconds session_lifetime{std::chrono::hours(12)};
  std::chrono::milliseconds wake_timeout{std::chrono::seconds(60)}; ///< then a waiting call gets 503
  std::chrono::milliseconds page_after{std::chrono::seconds(3)};    ///< then a waiting navigation gets a page
  std::size_t max_waiting = 100;
  std::size_t max_connections = 1024; ///< per app
  std::chrono::milliseconds head_timeout{std::chrono::seconds(10)};
  std::chrono::milliseconds idle_timeout{std::chrono::seconds(75)};
};

/// How much an app is used, for scale to zero.
struct Activity {
  std::size_t in_flight = 0;          ///< requests, without streams
  std::size_t open_streams = 0;       ///< WebSockets and event streams
  std::size_t waiting = 0;            ///< requests that wait for a wake
  std::chrono::milliseconds quiet{0}; ///< since the last request ended or the last data frame passed
};

/// The door in front of all apps (facts: gateway 3, apps-runtime 3): an own origin per app on loopback, sign-in
/// by cookie or bearer token, identity fields, streaming both ways, WebSockets. One thread of its own moves
/// bytes, a few workers ask the host. Thread-safe.
class Gateway {
 public:
  static Result<std::unique_ptr<Gateway>> start(GatewayOptions options, GatewayHost& host, const Clock& clock);
  virtual ~Gateway() = default; ///< closes everything and joins

  /// Listens for an app. `port` 0: any free one. Error conflict when it is taken. Returns the port.
  virtual Result<std::uint16_t> open(const std::string& app, std::uint16_t port) = 0;
  virtual void close(const std::string& app) = 0;
  virtual void set_route(const std::string& app, Route route) = 0;
  [[nodiscard]] virtual Activity activity(const std::string& app) = 0;
  /// Ends open streams politely (WebSocket close 1001): the app goes to sleep or stops.
  virtual void close_streams(const std::string& app) = 0;
};

} // namespace pier::apps
