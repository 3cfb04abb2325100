#pragma once

#include "core/apps/gateway/gateway.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace boost::asio {
class io_context;  // NOLINT(readability-identifier-naming)
class thread_pool; // NOLINT(readability-identifier-naming)
} // namespace boost::asio

namespace pier::apps {

using SteadyTime = std::chrono::steady_clock::time_point;

/// Milliseconds that go on while the machine is suspended (CLOCK_BOOTTIME).
std::int64_t boot_millis();

/// A connection as the gateway's ticker sees it. Used on the io thread only.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void tick(SteadyTime now) = 0; ///< deadlines, and whether the client is still there
  virtual void route_changed() = 0;      ///< wakes a wait for the app
  virtual void end_stream() = 0;         ///< closes politely if it is a stream
  virtual void abort() = 0;
};

struct UpstreamPool; // session.cpp

/// One app behind the gateway. Members without `atomic` belong to the io thread.
struct AppEntry {
  std::string name;
  std::uint16_t port = 0;
  Route route;
  std::uint64_t generation = 0; ///< counts upstreams: pooled connections of an older one are dropped
  bool wake_asked = false;
  bool open = true;
  std::size_t waiting_now = 0;
  std::set<Connection*> connections;
  std::shared_ptr<UpstreamPool> pool;

  std::atomic<std::size_t> in_flight{0};
  std::atomic<std::size_t> open_streams{0};
  std::atomic<std::size_t> waiting{0};
  std::atomic<std::int64_t> last_use{0}; ///< boot_millis

  void touch() { last_use.store(boot_millis(), std::memory_order_relaxed); }

  [[nodiscard]] bool accepts_host(std::string_view host) const;
  [[nodiscard]] bool accepts_origin(std::string_view origin) const;

  [[nodiscard]] std::string cookie_name() const { return std::string(k_cookie_prefix) + name; }
};

/// What the connections of one gateway share. Belongs to the io thread but for host and the contexts.
struct Engine {
  boost::asio::io_context& io;
  boost::asio::thread_pool& workers;
  GatewayHost& host;
  const Clock& clock;
  GatewayOptions options;
  std::set<std::string> revoked;

  struct Known {
    Visitor visitor;
    SteadyTime until;
  };

  std::map<std::string, Known> known; ///< credentials checked within the last second, by app and credential
};

/// Takes over an accepted client socket.
void start_session(Engine& engine, std::shared_ptr<AppEntry> app, int client, std::string peer);

/// Takes over both sides of a WebSocket after 101. `to_client` and `to_app` are bytes that were read already.
void start_tunnel(Engine& engine, std::shared_ptr<AppEntry> app, int client, int upstream, std::string to_client,
                  std::string to_app);

/// Takes over a client that asked for /logz/stream, after 101.
void start_log_stream(Engine& engine, std::shared_ptr<AppEntry> app, int client, std::string read_already);

/// The gateway's own endpoints: what to answer to /.pier/… and /logz.
struct OwnAnswer {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> fields;
};

/// What the sign-in endpoint was asked, copied from the head, for a worker.
struct OwnRequest {
  std::string method;
  std::string path;
  std::string query;
  std::string origin;
  std::string host;
  std::string session; ///< cookie
};

bool is_own_path(std::string_view path); ///< "/.pier/…"
OwnAnswer answer_own(Engine& engine, const AppEntry& app, const OwnRequest& request, std::set<std::string>& signed_out);

/// A path on this origin to go to after signing in: "/" for anything that could lead elsewhere.
std::string safe_return_path(std::string_view path);

} // namespace pier::apps
