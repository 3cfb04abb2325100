#include "core/workspace_client/api_error.hpp"

#include "core/base/json.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace pier::workspace_client {
namespace {

constexpr std::size_t k_max_message = 4000;

ErrorKind kind_of_status(int status, std::string_view code) {
  switch (status) {
  case 400: return code == "INVALID_STATE" ? ErrorKind::invalid_state : ErrorKind::invalid_argument;
  case 401: return ErrorKind::unauthenticated;
  case 403: return ErrorKind::permission_denied;
  case 404: return ErrorKind::not_found;
  case 409:
    return code.find("ALREADY_EXISTS") != std::string_view::npos ? ErrorKind::already_exists : ErrorKind::conflict;
  case 413: return ErrorKind::too_large;
  case 429:
  case 502:
  case 503:
  case 504: return ErrorKind::unavailable;
  case 501: return ErrorKind::unsupported;
  default: return status >= 500 ? ErrorKind::io : ErrorKind::invalid_argument;
  }
}

std::string_view code_of_status(int status) {
  switch (status) {
  case 400: return "BAD_REQUEST";
  case 401: return "UNAUTHENTICATED";
  case 403: return "PERMISSION_DENIED";
  case 404: return "NOT_FOUND";
  case 409: return "CONFLICT";
  case 429: return "RESOURCE_EXHAUSTED";
  case 501: return "NOT_IMPLEMENTED";
  case 503: return "TEMPORARILY_UNAVAILABLE";
  default: return status >= 500 ? "INTERNAL_ERROR" : "HTTP_ERROR";
  }
}

std::string_view reason_of_status(int status) {
  switch (status) {
  case 400: return "Bad Request";
  case 401: return "Unauthorized";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 408: return "Request Timeout";
  case 409: return "Conflict";
  case 412: return "Precondition Failed";
  case 413: return "Request Entity Too Large";
  case 422: return "Unprocessable Entity";
  case 429: return "Too Many Requests";
  case 500: return "Internal Server Error";
  case 501: return "Not Implemented";
  case 502: return "Bad Gateway";
  case 503: return "Service Unavailable";
  case 504: return "Gateway Timeout";
  default: return "";
  }
}

bool is_error_code(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string html_text(std::string_view body) {
  const auto begin = body.find("<pre>");
  const auto end = body.find("</pre>");
  return begin != std::string_view::npos && end != std::string_view::npos && end > begin + 5
             ? std::string(trim(body.substr(begin + 5, end - begin - 5)))
             : std::string();
}

void read_json(const Json& body, Error& error) {
  error.code = body.get_string("error_code");
  error.message = body.get_string("message");
  if (error.message.empty()) {
    error.message = body.get_string("detail"); // SCIM
  }
  if (error.message.empty()) {
    error.message = body.get_string("error_description"); // OAuth
  }
  if (error.message.empty()) {
    error.message = body.get_string("error");
  }
}

/// The code of a JSON answer as the Go SDK tells it (apierr, "standardErrorParser"): one that is missing is "<nil>".
std::string told_code(const Json& body) {
  if (!body.get_string("detail").empty() && body.get_string("message").empty() && body.get_string("error").empty()) {
    return "SCIM_" + body.get_string("status");
  }
  const auto* code = body.find("error_code");
  if (code == nullptr || code->is_null()) {
    return "<nil>";
  }
  return code->is_string() ? code->as_string() : code->dump();
}

void read_text(std::string_view body, Error& error) {
  const auto text = trim(body);
  if (text.starts_with('<')) {
    error.message = html_text(text);
    return;
  }
  const auto colon = text.find(": ");
  if (colon != std::string_view::npos && is_error_code(text.substr(0, colon))) {
    error.code = text.substr(0, colon);
    error.message = text.substr(colon + 2);
    return;
  }
  error.message = text;
}

/// The items of `details` that tell what happened in a form for machines.
std::vector<Json> error_infos(std::string_view body) {
  std::vector<Json> infos;
  const auto json = Json::parse(body, 64);
  const auto* details = json && json->is_object() ? json->find("details") : nullptr;
  if (details != nullptr && details->is_array()) {
    std::copy_if(details->as_array().begin(), details->as_array().end(), std::back_inserter(infos),
                 [](const Json& detail) { return detail.is_object(); });
  }
  return infos;
}

bool is_managed_by_parent(std::string_view body) {
  const auto infos = error_infos(body);
  return std::any_of(infos.begin(), infos.end(), [](const Json& info) {
    const auto* context = info.find_path({"metadata", "declarative_context"});
    return context != nullptr && *context == Json("MANAGED_BY_PARENT");
  });
}

/// pier's own workspace says more than the documented body: its code (`pier explain`) and the remedy.
void read_own_details(std::string_view body, Error& error) {
  for (const auto& detail : error_infos(body)) {
    if (detail.get_string("domain") != "pier.local") {
      continue;
    }
    if (const auto reason = detail.get_string("reason"); reason.size() == 8 && reason.starts_with("PIER")) {
      error.code = reason;
    }
    if (const auto* hint = detail.find_path({"metadata", "hint"}); hint != nullptr && hint->is_string()) {
      error.hint = hint->as_string();
    }
  }
}

/// 400 answers that mean "is not there" (the SDKs' own exceptions to the rule).
bool is_hidden_not_found(std::string_view path, const Error& error) {
  if (error.code != "INVALID_PARAMETER_VALUE" && error.code != "INVALID_STATE") {
    return false;
  }
  const auto says = [&](std::string_view text) { return error.message.find(text) != std::string::npos; };
  const bool jobs = path.find("/jobs/") != std::string_view::npos;
  const bool clusters = path.find("/clusters/") != std::string_view::npos;
  return (jobs && (says("does not exist") || says("no longer exists"))) || (clusters && says("does not exist"));
}

/// As the official SDK tells it: it always gives calls without a body a query.
std::string endpoint_text(std::string_view method, std::string_view url) {
  const bool bare = (method == "GET" || method == "DELETE") && url.find('?') == std::string_view::npos;
  return std::string(method) + " " + std::string(url) + (bare ? "?" : "");
}

} // namespace

Error api_error(std::string_view method, std::string_view path, int status, std::string_view body,
                std::string_view url) {
  Error error;
  const auto json = Json::parse(body, 64);
  std::string told;
  if (json && json->is_object()) {
    read_json(*json, error);
    told = told_code(*json);
  } else {
    read_text(body, error);
    told = error.code.empty() && !body.empty() ? "UNKNOWN" : error.code;
  }
  RestAnswer answer{.endpoint = endpoint_text(method, url.empty() ? path : url),
                    .status = status,
                    .reason = std::string(reason_of_status(status)),
                    .error_code = std::move(told),
                    .message = error.message.empty() ? std::string(reason_of_status(status)) : error.message,
                    .managed_by_parent = is_managed_by_parent(body)};
  if (error.code.empty()) {
    error.code = code_of_status(status);
  }
  if (error.message.empty()) {
    error.message =
        std::string(method) + " " + std::string(path.substr(0, path.find('?'))) + " answers " + std::to_string(status);
  }
  if (error.message.size() > k_max_message) {
    error.message.resize(k_max_message);
  }
  error.answer = std::make_shared<const RestAnswer>(std::move(answer));
  error.kind = is_hidden_not_found(path, error) ? ErrorKind::not_found : kind_of_status(status, error.code);
  if (status == 401 || (status == 403 && error.message.find("Invalid access token") != std::string::npos)) {
    error.hint = "check the token of this workspace (DATABRICKS_TOKEN or the profile)";
  }
  read_own_details(body, error);
  return error;
}

bool is_retried_status(int status) {
  return status == 429 || status == 503;
}

} // namespace pier::workspace_client
