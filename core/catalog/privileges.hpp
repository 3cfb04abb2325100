#pragma once

#include "core/base/result.hpp"
#include "core/catalog/securables.hpp"

#include <span>
#include <string>
#include <string_view>

namespace pier::catalog {

/// "use catalog" → "USE_CATALOG". Error INVALID_PARAMETER_VALUE for a word that is no privilege.
Result<std::string> parse_privilege(std::string_view text);

/// Privileges that may be granted on a type; a container also takes those of what it holds.
std::span<const std::string_view> privileges_of(SecurableType type);
bool applies_to(std::string_view privilege, SecurableType type);

/// ALL_PRIVILEGES stands for everything but these: MANAGE, EXTERNAL_USE_SCHEMA, EXTERNAL_USE_LOCATION.
bool is_in_all_privileges(std::string_view privilege);

/// The privilege that making one needs on its container, and the container's type.
std::string_view creation_privilege(SecurableType type);
SecurableType container_of(SecurableType type);

/// "USE_CATALOG" → "USE CATALOG": as SQL and messages say it.
std::string spoken(std::string_view privilege);

} // namespace pier::catalog
