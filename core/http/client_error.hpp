#pragma once

#include "core/base/result.hpp"
#include "core/http/client.hpp"

#include <string>
#include <string_view>

namespace pier::http {

/// "http://127.0.0.1:80/x" → "127.0.0.1:80".
std::string authority_of(std::string_view url);

/// The error of a transfer that ended with this CURLcode; system_error is the errno of a failed connect or 0.
Error transfer_error(int curl_code, long system_error, const ClientRequest& request, const char* curl_text);

} // namespace pier::http
