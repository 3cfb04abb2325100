#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pier::server {

/// The scope that a down-scoped token (apps' user_api_scopes) needs for this call, as people write it.
std::string_view needed_scope(std::string_view method, std::string_view path);

/// No scopes, or "all-apis": everything. `catalog.*:read` stands for every catalog scope.
bool scopes_allow(const std::vector<std::string>& scopes, std::string_view method, std::string_view path);

} // namespace pier::server
