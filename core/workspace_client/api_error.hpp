#pragma once

#include "core/base/error.hpp"

#include <string_view>

namespace pier::workspace_client {

/// Error of an answer with a status of 400 and above: kind by status, code = the API's error_code,
/// message as the workspace gave it. Understands the REST, SCIM and OAuth bodies, `CODE: text`, HTML
/// and plain text (facts: workspace-api 0). Jobs and clusters that do not exist are 400 remotely;
/// they become not_found as in the official SDKs.
/// `url` is what was called, with its query.
Error api_error(std::string_view method, std::string_view path, int status, std::string_view body,
                std::string_view url = {});

/// True for the statuses that the SDKs try again: 429 and 503.
bool is_retried_status(int status);

} // namespace pier::workspace_client
