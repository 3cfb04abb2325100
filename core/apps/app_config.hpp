#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace pier::apps {

/// "shop-2": 2 to 30 lower-case letters, digits and hyphens.
Result<void> check_app_name(std::string_view name);

/// The fields of an App request that describe what it is to be; unknown ones are refused by name, fields that
/// only the workspace sets are ignored (clients send back what they got).
Result<Json> config_of_request(const Json& request);

/// Fields of `change` named in `mask` (comma-separated; "*": all) over `config`; a named field that is absent
/// goes away. Error invalid_argument for a name that is no field.
Result<Json> apply_update(const Json& config, const Json& change, std::string_view mask);

/// True when the app gets user tokens (X-Forwarded-Access-Token).
std::vector<std::string> user_scopes(const Json& config);

} // namespace pier::apps
