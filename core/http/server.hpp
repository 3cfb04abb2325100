#pragma once

#include "core/base/result.hpp"
#include "core/http/message.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace pier::http {

/// One side of an accepted WebSocket; calls may come from any thread.
class WebSocket {
 public:
  virtual ~WebSocket() = default;
  virtual void send_text(std::string text) = 0;
  virtual void send_binary(std::string bytes) = 0;
  virtual void close(std::uint16_t code, std::string reason) = 0;
};

struct WebSocketHandler {
  std::function<void(std::shared_ptr<WebSocket>)> on_open;
  std::function<void(std::shared_ptr<WebSocket>, std::string message)> on_message;
  std::function<void()> on_close;
};

/// Whether a route may run on the server's own threads (microseconds, no waiting) or needs a worker.
enum class Cost { quick, slow };

/// What a server asks for each request.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  /// Decides by method and raw path, before the body is read.
  virtual Cost cost(const std::string& method, const std::string& path) const = 0;
  /// Must not throw for bad input. Slow ones run on worker threads.
  virtual Response handle(const Request& request) = 0;
  /// For `Upgrade: websocket`: the handler, or the response that refuses.
  virtual Result<WebSocketHandler> upgrade(const Request& request, Response& refusal);
  /// Asked with the head alone when the body is too large for memory: an answer that makes reading it needless.
  virtual std::optional<Response> refuse(const Request& head);
  /// The answer to a request that the server itself refuses (malformed, too large).
  virtual Response protocol_error(int status, const std::string& message);
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0; ///< 0: any free one
  unsigned threads = 1;
  unsigned workers = 16;                       ///< for Cost::slow
  std::uint64_t max_memory_body = 1ULL << 20U; ///< larger bodies go to a temporary file
  std::uint64_t max_body = 5ULL * 1024 * 1024 * 1024;
  std::string spool_folder;     ///< where large bodies go
  std::string certificate_file; ///< PEM; empty: plain HTTP
  std::string key_file;
  Headers common_headers;                          ///< on every response, also the server's own
  unsigned max_connections = 1024;                 ///< further ones wait in the backlog
  std::chrono::milliseconds head_timeout{10'000};  ///< from the first byte of a request to the end of its head
  std::chrono::milliseconds idle_timeout{75'000};  ///< between two requests
  std::chrono::milliseconds stall_timeout{60'000}; ///< a body that makes no progress, either way
};

/// An HTTP/1.1 server on loopback (RFC 9112): keep-alive, chunked bodies, WebSocket (RFC 6455), bounded
/// heads (64 KiB) and time-outs. Stops and joins its threads in the destructor.
class Server {
 public:
  /// Error `conflict` with the port when it is taken.
  static Result<std::unique_ptr<Server>> start(ServerOptions options, std::shared_ptr<Dispatcher> dispatcher);
  virtual ~Server() = default;
  [[nodiscard]] virtual std::uint16_t port() const = 0;
  virtual void stop() = 0;
};

} // namespace pier::http
