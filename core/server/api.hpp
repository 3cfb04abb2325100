#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/http/server.hpp"
#include "core/identity/identity.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace pier::server {

/// One authenticated REST call as a route sees it.
struct ApiCall {
  const http::Request& request;
  std::map<std::string, std::string, std::less<>> path; ///< decoded `{name}` parts of the pattern
  identity::Caller caller;
  Json body; ///< parsed JSON object; `{}` for an empty body, null for other content types

  [[nodiscard]] const std::string& at(std::string_view name) const { return path.find(name)->second; }

  /// Member of the body that must be there and be a text. Error invalid_argument INVALID_PARAMETER_VALUE.
  [[nodiscard]] Result<std::string> required(std::string_view member) const;
};

using JsonRoute = std::function<Result<Json>(ApiCall&)>;          ///< 200 with this body
using RawRoute = std::function<Result<http::Response>(ApiCall&)>; ///< anything else
using PublicRoute = std::function<http::Response(const http::Request&)>;

/// The table of REST routes. Patterns: "/api/2.0/apps/{name}/start"; a last "{rest...}" takes slashes too.
/// Matching is on the raw path, then parts are decoded; "%2F" and "/" are the same inside "{rest...}".
/// Authenticates (401/403), parses JSON bodies, turns Errors into the documented error body, and answers
/// unknown routes with 404 ENDPOINT_NOT_FOUND. Every answer carries X-Databricks-Org-Id.
class ApiRouter {
 public:
  virtual ~ApiRouter() = default;
  virtual void json(std::string method, std::string pattern, JsonRoute route, http::Cost cost = http::Cost::quick) = 0;
  virtual void raw(std::string method, std::string pattern, RawRoute route, http::Cost cost = http::Cost::quick) = 0;
  /// Without authentication.
  virtual void open(std::string method, std::string pattern, PublicRoute route,
                    http::Cost cost = http::Cost::quick) = 0;
  /// Known remotely, not offered here: 501 NOT_IMPLEMENTED with this sentence, for every method below the prefix.
  virtual void not_offered(std::string prefix, std::string sentence) = 0;
};

/// The documented error body of an Error: {"error_code","message"}; status by kind, error_code by
/// Error::code when it is one of the API's (upper case with underscores), else by kind.
/// A hint and a PIER code stand in "details" as google.rpc.ErrorInfo of domain "pier.local".
http::Response error_response(const Error& error);
int http_status_of(ErrorKind kind);

} // namespace pier::server
