#pragma once

#include "core/http/request_head.hpp"
#include "core/http/response_head.hpp"
#include "core/http/server.hpp"
#include "core/http/worker_pool.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <unordered_set>

namespace boost::asio {
class io_context;

namespace ssl {
class context;
}
} // namespace boost::asio

namespace pier::http {

/// What a loop may ask of each of its connections; only on the loop's thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void check(std::chrono::steady_clock::time_point now) = 0; ///< ends it when its deadline has passed
  virtual void drain() = 0;                                          ///< no further requests: end when idle
  virtual void abort() = 0;                                          ///< close the socket now
};

/// The connections of one loop, touched only on its thread.
class Connections {
 public:
  /// `open` counts the connections of all loops.
  explicit Connections(std::atomic<unsigned>& open)
      : open_(open) {}

  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;
  virtual ~Connections() = default;

  void add(Connection& connection);
  void remove(Connection& connection);
  void check_all(std::chrono::steady_clock::time_point now);
  void drain_all();
  void abort_all();

  [[nodiscard]] bool empty() const { return all_.empty(); }

  [[nodiscard]] bool draining() const { return draining_; }

  DateField date;

 private:
  virtual void on_first() = 0;     ///< there was none, now there is one
  virtual void on_all_ended() = 0; ///< the last has ended after drain_all
  template <class Visit> void for_each(const Visit& visit);

  std::atomic<unsigned>& open_;
  std::unordered_set<Connection*> all_;
  bool draining_ = false;
};

/// What all connections of a server share.
struct Service {
  ServerOptions options;
  std::shared_ptr<Dispatcher> dispatcher;
  std::atomic<unsigned> open_connections{0};
  WorkerPool workers; ///< last: its threads use the members above
};

/// Runs a route; one that throws (a bug) is answered with 500.
Response handle_safely(Dispatcher& dispatcher, const Request& request);

/// The head's parts as a route sees them; leaves the framing in `head`.
Request take_request(RequestHead& head, const std::string& peer, bool secure);

/// The answer to a body that could not be received.
Response body_refusal(Dispatcher& dispatcher, const Error& error);

/// Serves an accepted socket until it ends; must be called on the loop's thread. Takes the descriptor.
void serve_connection(boost::asio::io_context& loop, int socket, bool is_v6, std::string peer, Service& service,
                      Connections& connections, boost::asio::ssl::context* tls);

/// Goes on with a connection as WebSocket (RFC 6455). `head` is the request's head as it came. Stream is one
/// of the two that session.cpp uses.
template <class Stream>
void serve_websocket(Stream stream, std::string head, WebSocketHandler handler, Service& service,
                     Connections& connections);

} // namespace pier::http
