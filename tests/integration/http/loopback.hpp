#pragma once

#include "core/base/fd.hpp"
#include "core/http/server.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace pier::http::testing {

/// A dispatcher made of functions.
class Routes final : public Dispatcher {
 public:
  using Route = std::function<Response(const Request&)>;

  void add(std::string path, Route route, Cost cost = Cost::quick) {
    routes_[std::move(path)] = {std::move(route), cost};
  }

  Cost cost(const std::string& /*method*/, const std::string& path) const override {
    const auto found = routes_.find(path);
    return found == routes_.end() ? Cost::quick : found->second.second;
  }

  Response handle(const Request& request) override {
    const auto found = routes_.find(request.path);
    return found == routes_.end() ? Response::text(404, "nothing here") : found->second.first(request);
  }

  Result<WebSocketHandler> upgrade(const Request& request, Response& refusal) override {
    return on_upgrade ? on_upgrade(request, refusal) : Dispatcher::upgrade(request, refusal);
  }

  std::optional<Response> refuse(const Request& head) override { return on_refuse ? on_refuse(head) : std::nullopt; }

  std::function<Result<WebSocketHandler>(const Request&, Response&)> on_upgrade;
  std::function<std::optional<Response>(const Request&)> on_refuse;

 private:
  std::map<std::string, std::pair<Route, Cost>, std::less<>> routes_;
};

struct RawResponse {
  int status = 0;
  std::string head;
  std::string body;
};

/// A TCP connection to loopback that sends what it is told, byte for byte.
class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port);

  void send(std::string_view bytes);
  void end_sending();
  /// One response with Content-Length (or none for HEAD); status 0 when the connection ended first.
  RawResponse receive(bool is_head = false);
  /// Everything until the peer closes.
  std::string receive_all();
  RawResponse request(std::string_view bytes);

 private:
  bool fill();

  UniqueFd fd_;
  std::string buffer_;
};

inline std::string get(std::string_view path, std::string_view fields = {}) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

inline std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

} // namespace pier::http::testing
