#include "core/http/client_error.hpp"

#include <curl/curl.h>

namespace pier::http {

std::string authority_of(std::string_view url) {
  const auto begin = url.find("://");
  const auto rest = begin == std::string_view::npos ? url : url.substr(begin + 3);
  return std::string(rest.substr(0, rest.find_first_of("/?#")));
}

Error transfer_error(int curl_code, long system_error, const ClientRequest& request, const char* curl_text) {
  const auto host = authority_of(request.url);
  Error error{.kind = ErrorKind::unavailable, .code = "PIER0333", .message = {}};
  switch (curl_code) {
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
    if (system_error != 0) {
      error.message = error_from_errno(static_cast<int>(system_error), error.message).message;
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
  default: error.message = "the exchange with " + host + " failed: " + curl_text; return error;
  }
}

} // namespace pier::http
