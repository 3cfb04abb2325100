#include "core/apps/gateway/gateway.hpp"

#include "core/apps/gateway/engine.hpp"
#include "core/base/log.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include <ctime>
#include <future>
#include <thread>
#include <vector>

namespace pier::apps {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto k_tick = std::chrono::milliseconds(250);
constexpr std::size_t k_workers = 4;

/// The listeners of one app: IPv4 loopback, and IPv6's where there is one.
struct Listener {
  std::shared_ptr<AppEntry> entry;                       // connections hold it too
  std::vector<std::shared_ptr<tcp::acceptor>> acceptors; // pending accepts hold them
};

Result<std::shared_ptr<tcp::acceptor>> listen(asio::io_context& io, const tcp::endpoint& endpoint) {
  auto acceptor = std::make_shared<tcp::acceptor>(io);
  error_code failed;
  acceptor->open(endpoint.protocol(), failed);
  if (!failed) {
    acceptor->set_option(tcp::acceptor::reuse_address(true), failed);
  }
  if (!failed) {
    acceptor->bind(endpoint, failed);
  }
  if (!failed) {
    acceptor->listen(asio::socket_base::max_listen_connections, failed);
  }
  if (failed) {
    return Error{.kind = failed == asio::error::address_in_use ? ErrorKind::conflict : ErrorKind::io,
                 .code = "PIER9010",
                 .message = "cannot listen on port " + std::to_string(endpoint.port()) + ": " + failed.message()};
  }
  return acceptor;
}

class AsioGateway final : public Gateway {
 public:
  AsioGateway(GatewayOptions options, GatewayHost& host, const Clock& clock)
      : workers_(k_workers),
        engine_{.io = io_,
                .workers = workers_,
                .host = host,
                .clock = clock,
                .options = std::move(options),
                .revoked = {},
                .known = {}},
        ticker_(io_) {
    engine_.revoked.insert(engine_.options.revoked_sessions.begin(), engine_.options.revoked_sessions.end());
    thread_ = std::jthread([this] { run(); });
  }

  AsioGateway(const AsioGateway&) = delete;
  AsioGateway& operator=(const AsioGateway&) = delete;

  ~AsioGateway() override {
    on_io([this] {
      for (auto& [name, listener] : listeners_) {
        shut(listener);
      }
      listeners_.clear();
      ticker_.cancel();
    });
    workers_.join();
    work_.reset();
    io_.stop();
  }

  Result<std::uint16_t> open(const std::string& app, std::uint16_t port) override {
    return on_io([&] { return open_on_io(app, port); });
  }

  void close(const std::string& app) override {
    on_io([&] {
      if (const auto found = listeners_.find(app); found != listeners_.end()) {
        shut(found->second);
        listeners_.erase(found);
      }
    });
  }

  void set_route(const std::string& app, Route route) override {
    on_io([&] {
      const auto found = listeners_.find(app);
      if (found == listeners_.end()) {
        return;
      }
      auto& entry = *found->second.entry;
      if (route.phase != Phase::running || route.upstream_port != entry.route.upstream_port) {
        ++entry.generation;
      }
      if (route.phase == Phase::running && entry.route.phase != Phase::running) {
        entry.touch();
      }
      entry.wake_asked = false;
      entry.route = route;
      for_each_connection(entry, [](Connection& connection) { connection.route_changed(); });
    });
  }

  Activity activity(const std::string& app) override {
    return on_io([&]() -> Activity {
      const auto found = listeners_.find(app);
      if (found == listeners_.end()) {
        return {};
      }
      const auto& entry = *found->second.entry;
      return {.in_flight = entry.in_flight,
              .open_streams = entry.open_streams,
              .waiting = entry.waiting,
              .quiet = std::chrono::milliseconds(boot_millis() - entry.last_use)};
    });
  }

  void close_streams(const std::string& app) override {
    on_io([&] {
      if (const auto found = listeners_.find(app); found != listeners_.end()) {
        for_each_connection(*found->second.entry, [](Connection& connection) { connection.end_stream(); });
      }
    });
  }

 private:
  void run() { io_.run(); }

  /// Runs on the io thread and waits for the result.
  template <class Work> auto on_io(Work work) -> decltype(work()) {
    std::packaged_task<decltype(work())()> task(std::move(work));
    auto done = task.get_future();
    asio::post(io_, [&task] { task(); });
    return done.get();
  }

  /// A connection may leave the set while it is told something.
  template <class Tell> static void for_each_connection(AppEntry& entry, const Tell& tell) {
    for (auto it = entry.connections.begin(); it != entry.connections.end();) {
      Connection* connection = *it++;
      tell(*connection);
    }
  }

  Result<std::uint16_t> open_on_io(const std::string& app, std::uint16_t port) {
    if (listeners_.contains(app)) {
      return Error{.kind = ErrorKind::internal, .code = "PIER9010", .message = "app " + app + " is open already"};
    }
    PIER_TRY_ASSIGN(auto acceptor, listen(io_, tcp::endpoint(asio::ip::address_v4::loopback(), port)));
    Listener listener{.entry = std::make_shared<AppEntry>(), .acceptors = {acceptor}};
    listener.entry->name = app;
    listener.entry->port = acceptor->local_endpoint().port();
    listener.entry->touch();
    if (auto second = listen(io_, tcp::endpoint(asio::ip::address_v6::loopback(), listener.entry->port))) {
      listener.acceptors.push_back(*second);
    }
    for (const auto& one : listener.acceptors) {
      accept(listener.entry, one);
    }
    const auto chosen = listener.entry->port;
    listeners_.emplace(app, std::move(listener));
    return chosen;
  }

  void accept(const std::shared_ptr<AppEntry>& entry, const std::shared_ptr<tcp::acceptor>& acceptor) {
    acceptor->async_accept([this, entry, acceptor](error_code failed, tcp::socket socket) {
      if (failed == asio::error::operation_aborted || !entry->open) {
        return;
      }
      if (!failed && entry->connections.size() < engine_.options.max_connections) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        const auto peer = socket.remote_endpoint(ignored).address().to_string();
        start_session(engine_, entry, socket.release(ignored), peer);
        begin_ticking();
      } else if (!failed) {
        refuse(std::move(socket));
      }
      accept(entry, acceptor);
    });
  }

  static void refuse(tcp::socket socket) {
    constexpr std::string_view k_full = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
                                        "Connection: close\r\n\r\n";
    error_code ignored;
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(k_full), ignored);
  }

  static void shut(Listener& listener) {
    listener.entry->open = false;
    for (auto& acceptor : listener.acceptors) {
      error_code ignored;
      acceptor->close(ignored);
    }
    for_each_connection(*listener.entry, [](Connection& connection) { connection.abort(); });
  }

  /// While there is a connection: an idle gateway wakes nobody.
  void begin_ticking() {
    if (!ticking_) {
      ticking_ = true;
      tick();
    }
  }

  void tick() {
    ticker_.expires_after(k_tick);
    ticker_.async_wait([this](error_code failed) {
      if (failed) {
        return;
      }
      const auto now = std::chrono::steady_clock::now();
      bool any = false;
      for (auto& [name, listener] : listeners_) {
        any = any || !listener.entry->connections.empty();
        for_each_connection(*listener.entry, [now](Connection& connection) { connection.tick(now); });
      }
      ticking_ = any;
      if (any) {
        tick();
      }
    });
  }

  // The io context goes last but one: unfinished connections in it still use the engine. The thread first.
  std::map<std::string, Listener> listeners_;
  asio::thread_pool workers_;
  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  Engine engine_;
  asio::steady_timer ticker_;
  bool ticking_ = false; ///< on the io thread only
  std::jthread thread_;
};

} // namespace

std::int64_t boot_millis() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

Result<std::unique_ptr<Gateway>> Gateway::start(GatewayOptions options, GatewayHost& host, const Clock& clock) {
  return std::unique_ptr<Gateway>(std::make_unique<AsioGateway>(std::move(options), host, clock));
}

} // namespace pier::apps
