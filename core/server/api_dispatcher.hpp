#pragma once

#include "core/http/server.hpp"
#include "core/identity/identity.hpp"
#include "core/server/api.hpp"
#include "core/server/route_table.hpp"

#include <string>
#include <utility>
#include <vector>

namespace pier::server {

/// The REST API as the HTTP server sees it. Routes are added before the server starts, then it is only read.
class ApiDispatcher final : public ApiRouter, public http::Dispatcher {
 public:
  /// loopback_only: requests whose Host is a name that is not this machine's are refused (DNS rebinding).
  ApiDispatcher(identity::Identity& identity, bool loopback_only)
      : identity_(identity),
        loopback_only_(loopback_only) {}

  void json(std::string method, std::string pattern, JsonRoute route, http::Cost cost) override;
  void raw(std::string method, std::string pattern, RawRoute route, http::Cost cost) override;
  void open(std::string method, std::string pattern, PublicRoute route, http::Cost cost) override;
  void not_offered(std::string prefix, std::string sentence) override;

  http::Cost cost(const std::string& method, const std::string& path) const override;
  http::Response handle(const http::Request& request) override;
  std::optional<http::Response> refuse(const http::Request& head) override;
  http::Response protocol_error(int status, const std::string& message) override;

 private:
  Result<http::Response> answer(const http::Request& request);
  Result<http::Response> call(const RouteMatch& match, ApiCall& call) const;
  /// The route, or why there is none.
  Result<RouteMatch> find(const http::Request& request) const;
  Result<identity::Caller> authenticate(const http::Request& request) const;

  identity::Identity& identity_;
  bool loopback_only_;
  RouteTable table_;
  std::vector<std::pair<std::string, std::string>> not_offered_; ///< prefix, sentence
};

/// "127.0.0.1:80", "localhost", "x.localhost", "[::1]:1": names that a foreign web page cannot make its own.
bool is_loopback_name(std::string_view host);

} // namespace pier::server
