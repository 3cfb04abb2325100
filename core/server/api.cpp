#include "core/server/api.hpp"

#include <algorithm>

namespace pier::server {
namespace {

/// "RESOURCE_DOES_NOT_EXIST": what the API itself calls an error; codes of ours have digits.
bool is_api_code(std::string_view code) {
  return code.find('_') != std::string_view::npos &&
         std::all_of(code.begin(), code.end(), [](char c) { return c == '_' || (c >= 'A' && c <= 'Z'); });
}

std::string_view api_code_of(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::invalid_argument:
  case ErrorKind::usage: return "INVALID_PARAMETER_VALUE";
  case ErrorKind::not_found: return "RESOURCE_DOES_NOT_EXIST";
  case ErrorKind::already_exists: return "RESOURCE_ALREADY_EXISTS";
  case ErrorKind::permission_denied: return "PERMISSION_DENIED";
  case ErrorKind::unauthenticated: return "UNAUTHENTICATED";
  case ErrorKind::conflict: return "ABORTED";
  case ErrorKind::invalid_state: return "INVALID_STATE";
  case ErrorKind::too_large: return "REQUEST_TOO_LARGE";
  case ErrorKind::unsupported: return "NOT_IMPLEMENTED";
  case ErrorKind::interrupted: return "CANCELLED";
  case ErrorKind::unavailable:
  case ErrorKind::io:
  case ErrorKind::internal: break;
  }
  return "INTERNAL_ERROR";
}

Json details_of(const Error& error, bool has_api_code) {
  auto metadata = Json::object();
  if (!error.hint.empty()) {
    metadata["hint"] = error.hint;
  }
  return Json::array({Json::object({{"@type", "type.googleapis.com/google.rpc.ErrorInfo"},
                                    {"reason", has_api_code || error.code.empty() ? std::string("PIER") : error.code},
                                    {"domain", "pier.local"},
                                    {"metadata", std::move(metadata)}})});
}

} // namespace

Result<std::string> ApiCall::required(std::string_view member) const {
  const auto* value = body.find(member);
  if (value == nullptr || !value->is_string() || value->as_string().empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "Missing required field: " + std::string(member)};
  }
  return value->as_string();
}

int http_status_of(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::invalid_argument:
  case ErrorKind::usage:
  case ErrorKind::invalid_state: return 400;
  case ErrorKind::not_found: return 404;
  case ErrorKind::already_exists:
  case ErrorKind::conflict: return 409;
  case ErrorKind::permission_denied: return 403;
  case ErrorKind::unauthenticated: return 401;
  case ErrorKind::too_large: return 413;
  case ErrorKind::unsupported: return 501;
  case ErrorKind::interrupted: return 499;
  // Not 503: clients would ask again for minutes.
  case ErrorKind::unavailable:
  case ErrorKind::io:
  case ErrorKind::internal: break;
  }
  return 500;
}

http::Response error_response(const Error& error) {
  const bool has_api_code = is_api_code(error.code);
  auto body = Json::object({{"error_code", has_api_code ? error.code : std::string(api_code_of(error.kind))},
                            {"message", error.to_string()}});
  if (!error.hint.empty() || (!has_api_code && !error.code.empty())) {
    body["details"] = details_of(error, has_api_code);
  }
  return http::Response::json(http_status_of(error.kind), body.dump());
}

} // namespace pier::server
