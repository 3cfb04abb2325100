#pragma once

#include "core/base/result.hpp"
#include "core/http/message.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace pier::http {

struct ClientRequest {
  std::string method = "GET";
  std::string url;
  Headers headers;
  std::string body;
  std::filesystem::path body_file;   ///< streamed instead of body
  std::filesystem::path download_to; ///< the response's body goes there (replaced as one step)
  std::chrono::milliseconds timeout{60'000};
  std::stop_token stop;
};

struct ClientOptions {
  bool verify_tls = true;
  std::string ca_file; ///< in addition to the system's
  std::string user_agent;
};

/// HTTP client over libcurl, loaded on first use. Thread-safe; keeps connections. Does not retry and
/// does not follow redirects: that is the caller's business.
class Client {
 public:
  static std::unique_ptr<Client> create(ClientOptions options = {});
  virtual ~Client() = default;
  /// Any HTTP status is a response. Errors: `unavailable` (refused, reset, time-out), `interrupted`.
  virtual Result<Response> send(const ClientRequest& request) = 0;
};

/// To be called before there are threads. libcurl, which the first request loads, brings GnuTLS along, which nothing
/// here uses: it shall not set itself up.
void forbid_unused_tls();

/// A WebSocket client (RFC 6455): calls on_text for each text frame until the peer closes or stop.
/// Returns the close code.
Result<std::uint16_t> run_websocket(const std::string& url, const Headers& headers, const std::string& first_text,
                                    const std::function<void(std::string_view)>& on_text, std::stop_token stop);

} // namespace pier::http
