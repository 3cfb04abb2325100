#include "core/http/client_error.hpp"

#include <curl/curl.h>

namespace pier::http {

std::string authority_of(std::string_view url) {
  const auto begin = url.find("://");
  const auto rest = begin == std::string_view::npos ? url : url.substr(begin + 3);
  return std::string(rest.substr(0, rest.find_first_of("/?#")));
}

Error transfer_error(const TransferFacts& facts, const ClientRequest& request) {
  const auto host = authority_of(request.url);
  Error error{.kind = ErrorKind::unavailable, .code = "PIER0333", .message = {}};
  if (facts.proxy_status >= 400) {
    error.code = "PIER0339";
    error.message = "the proxy does not connect to " + host + ": status " + std::to_string(facts.proxy_status);
    error.hint = "check https_proxy, and no_proxy for hosts that are reached without it";
    return error;
  }
  switch (facts.code) {
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
    error.kind = ErrorKind::invalid_argument;
    error.code = "PIER0336";
    error.message = "'" + request.url + "' is no http or https address";
    return error;
  case CURLE_COULDNT_RESOLVE_HOST:
    error.code = "PIER0331";
    error.message = "the name of " + host + " cannot be resolved";
    error.hint = "check the spelling of the host and the network";
    return error;
  case CURLE_COULDNT_CONNECT:
    error.code = "PIER0330";
    error.message = "cannot connect to " + host;
    if (facts.system_error != 0) {
      error.message = error_from_errno(static_cast<int>(facts.system_error), error.message).message;
    }
    return error;
  case CURLE_OPERATION_TIMEDOUT:
    error.code = "PIER0332";
    error.message = host + " does not answer within " + std::to_string(request.timeout.count()) + " ms";
    return error;
  case CURLE_PEER_FAILED_VERIFICATION:
    error.kind = ErrorKind::permission_denied;
    error.code = "PIER0337";
    error.message = "the certificate of " + host + " is not trusted";
    error.hint = "add its authority to the system's, or set SSL_CERT_FILE";
    return error;
  default: error.message = "the exchange with " + host + " failed: " + facts.text; return error;
  }
}

} // namespace pier::http
