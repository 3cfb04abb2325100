#include "core/server/api_dispatcher.hpp"

#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/base/log.hpp"
#include "core/base/text.hpp"
#include "core/server/token_scopes.hpp"

namespace pier::server {
namespace {

constexpr std::uint64_t k_max_json = 64ULL * 1024 * 1024; ///< workspace/import carries files as base64

Error malformed(const std::string& why) {
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "MALFORMED_REQUEST",
               .message = "Could not parse request object: " + why};
}

/// An empty body is an empty object.
Result<Json> parse_body(const http::Request& request) {
  if (request.body.empty() && request.body_file.empty()) {
    return Json::object();
  }
  std::string from_file;
  if (!request.body_file.empty()) {
    PIER_TRY_ASSIGN(from_file, read_file(request.body_file, k_max_json));
  }
  auto parsed = Json::parse(request.body_file.empty() ? request.body : from_file);
  if (!parsed) {
    return malformed(parsed.error().message);
  }
  if (!parsed->is_object()) {
    return malformed("expected a JSON object");
  }
  return parsed;
}

/// For routes that take any content: JSON when it says so and is, else null.
Json parse_if_json(const http::Request& request) {
  const auto type = to_lower(request.headers.get("Content-Type").value_or(""));
  if (request.body.empty() && request.body_file.empty()) {
    return Json::object();
  }
  if (!type.starts_with("application/json") && !type.starts_with("application/scim+json")) {
    return {};
  }
  auto parsed = parse_body(request);
  return parsed ? std::move(parsed).value() : Json();
}

Result<std::map<std::string, std::string, std::less<>>> decode_values(const RouteMatch& match) {
  std::map<std::string, std::string, std::less<>> values;
  for (std::size_t i = 0; i < match.values.size(); ++i) {
    auto decoded = percent_decode(match.values[i]);
    if (!decoded) {
      return malformed("the path has a broken escape");
    }
    values.insert_or_assign(match.route->names[i], std::move(decoded).value());
  }
  return values;
}

std::string bearer_token(const http::Request& request) {
  constexpr std::string_view k_scheme = "bearer ";
  const auto value = request.headers.get("Authorization").value_or("");
  if (value.size() <= k_scheme.size() ||
      !equals_ignore_case(std::string_view(value).substr(0, k_scheme.size()), k_scheme)) {
    return {};
  }
  return std::string(trim(std::string_view(value).substr(k_scheme.size())));
}

bool is_below(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

} // namespace

bool is_loopback_name(std::string_view host) {
  if (host.starts_with('[')) {
    return host.starts_with("[::1]");
  }
  const auto name = to_lower(host.substr(0, host.find(':')));
  if (name == "localhost" || name.ends_with(".localhost")) {
    return true;
  }
  return name.starts_with("127.") && name.find_first_not_of("0123456789.") == std::string::npos;
}

void ApiDispatcher::json(std::string method, std::string pattern, JsonRoute route, http::Cost cost) {
  table_.add(method, pattern, {.action = std::move(route), .cost = cost, .names = {}});
}

void ApiDispatcher::raw(std::string method, std::string pattern, RawRoute route, http::Cost cost) {
  table_.add(method, pattern, {.action = std::move(route), .cost = cost, .names = {}});
}

void ApiDispatcher::open(std::string method, std::string pattern, PublicRoute route, http::Cost cost) {
  table_.add(method, pattern, {.action = std::move(route), .cost = cost, .names = {}});
}

void ApiDispatcher::not_offered(std::string prefix, std::string sentence) {
  not_offered_.emplace_back(std::move(prefix), std::move(sentence));
}

http::Cost ApiDispatcher::cost(const std::string& method, const std::string& path) const {
  const auto match = table_.find(method, path);
  return match ? match->route->cost : http::Cost::quick;
}

http::Response ApiDispatcher::handle(const http::Request& request) {
  auto result = answer(request);
  auto response = result ? std::move(result).value() : error_response(result.error());
  if (log::enabled(log::Level::debug)) {
    log::debug("http", "event=answered method=" + request.method + " path=" + request.path +
                           " status=" + std::to_string(response.status));
  }
  return response;
}

Result<RouteMatch> ApiDispatcher::find(const http::Request& request) const {
  if (loopback_only_ && !is_loopback_name(request.headers.get("Host").value_or("localhost"))) {
    return Error{.kind = ErrorKind::permission_denied,
                 .code = "PIER3009",
                 .message = "the Host of this request is not this machine",
                 .hint = "ask 127.0.0.1 or localhost"};
  }
  if (auto match = table_.find(request.method, request.path)) {
    return std::move(*match);
  }
  for (const auto& [prefix, sentence] : not_offered_) {
    if (is_below(request.path, prefix)) {
      return Error{.kind = ErrorKind::unsupported, .code = "NOT_IMPLEMENTED", .message = sentence};
    }
  }
  return Error{.kind = ErrorKind::not_found,
               .code = "ENDPOINT_NOT_FOUND",
               .message = "No API found for '" + request.method + " " + request.path + "'"};
}

Result<identity::Caller> ApiDispatcher::authenticate(const http::Request& request) const {
  const auto token = bearer_token(request);
  if (token.empty()) {
    return Error{.kind = ErrorKind::unauthenticated,
                 .code = "UNAUTHENTICATED",
                 .message = "Credential was not sent or was of an unsupported type for this API.",
                 .hint = "send the header `Authorization: Bearer TOKEN`; `pier local token` prints one"};
  }
  auto caller = identity_.authenticate(token);
  if (!caller) {
    if (caller.error().kind != ErrorKind::unauthenticated) {
      return std::move(caller).error();
    }
    // The service answers an unknown token with 403 (facts: workspace-api 1.2).
    return Error{
        .kind = ErrorKind::permission_denied,
        .code = "PERMISSION_DENIED",
        .message = "Invalid access token.",
        .hint = "put `pier local token` into DATABRICKS_TOKEN, or run `pier local connect` for the profile pier-local"};
  }
  if (!scopes_allow(caller->scopes, request.method, request.path)) {
    return Error{.kind = ErrorKind::permission_denied,
                 .code = "PERMISSION_DENIED",
                 .message = "The access token lacks the scope '" +
                            std::string(needed_scope(request.method, request.path)) + "' that " + request.method + " " +
                            request.path + " needs."};
  }
  return caller;
}

Result<http::Response> ApiDispatcher::answer(const http::Request& request) {
  PIER_TRY_ASSIGN(const auto match, find(request));
  if (const auto* route = std::get_if<PublicRoute>(&match.route->action)) {
    return (*route)(request);
  }
  PIER_TRY_ASSIGN(auto caller, authenticate(request));
  PIER_TRY_ASSIGN(auto values, decode_values(match));
  ApiCall api_call{.request = request, .path = std::move(values), .caller = std::move(caller), .body = {}};
  return call(match, api_call);
}

Result<http::Response> ApiDispatcher::call(const RouteMatch& match, ApiCall& call) const {
  if (const auto* route = std::get_if<RawRoute>(&match.route->action)) {
    call.body = parse_if_json(call.request);
    return (*route)(call);
  }
  PIER_TRY_ASSIGN(call.body, parse_body(call.request));
  PIER_TRY_ASSIGN(const auto body, std::get<JsonRoute>(match.route->action)(call));
  return http::Response::json(200, body.dump());
}

std::optional<http::Response> ApiDispatcher::refuse(const http::Request& head) {
  const auto match = find(head);
  if (!match) {
    return error_response(match.error());
  }
  if (std::holds_alternative<PublicRoute>(match->route->action)) {
    return error_response(Error{.kind = ErrorKind::too_large,
                                .code = "REQUEST_TOO_LARGE",
                                .message = "The body is too large for a call without a credential."});
  }
  if (const auto caller = authenticate(head); !caller) {
    return error_response(caller.error());
  }
  return std::nullopt;
}

http::Response ApiDispatcher::protocol_error(int status, const std::string& message) {
  const auto* code = status >= 500 ? "INTERNAL_ERROR" : status == 413 ? "REQUEST_TOO_LARGE" : "BAD_REQUEST";
  return http::Response::json(status, Json::object({{"error_code", code}, {"message", message}}).dump());
}

} // namespace pier::server
