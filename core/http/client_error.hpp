#pragma once

#include "core/base/result.hpp"
#include "core/http/client.hpp"

#include <string>
#include <string_view>

namespace pier::http {

/// "http://127.0.0.1:80/x" → "127.0.0.1:80".
std::string authority_of(std::string_view url);

/// What libcurl tells of a transfer that failed.
struct TransferFacts {
  int code = 0;          ///< CURLcode
  const char* text = ""; ///< of the code
  long system_error = 0; ///< errno of a failed connect
  long proxy_status = 0; ///< what a proxy answered to CONNECT
};

/// The error of such a transfer.
Error transfer_error(const TransferFacts& facts, const ClientRequest& request);

} // namespace pier::http
