#pragma once

#include "core/base/result.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <string>

namespace pier::workspace_client {

/// The id of a workspace object by its name, for `lookup` variables: kind "warehouse", "cluster", "job",
/// "service_principal" … Errors PIER2013 (none), PIER2014 (several), PIER2015 (unknown kind).
Result<std::string> look_up_id(RestClient& client, const std::string& kind, const std::string& name);

} // namespace pier::workspace_client
