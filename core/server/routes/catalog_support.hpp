#pragma once

#include "core/catalog/catalog_json.hpp"
#include "core/server/routes.hpp"

namespace pier::server {

inline constexpr std::string_view k_unity = "/api/2.1/unity-catalog";

/// Shown only to those who may see it: ownership, BROWSE or any privilege. Error permission_denied.
Result<void> require_visible(Workspace& workspace, const identity::Caller& caller, const catalog::Securable& securable);

/// A list of objects with `max_results` and `page_token` (0 or absent: all at once), as {"<member>": […]}.
Result<Json> page_of(const ApiCall& call, std::string_view member, Json::Array items);

/// The visible ones of a type in a container, as the API shows them.
Result<Json> list_children(Workspace& workspace, const ApiCall& call, catalog::SecurableType type,
                           std::string_view parent, std::string_view member);

/// Full name of a schema from query or body members catalog_name and schema_name.
Result<std::string> schema_of(const std::string& catalog, const std::string& schema);

std::optional<std::string> optional_text(const Json& body, std::string_view member);
/// Members of `names` that the body has, as an object: what is kept and shown as it was sent.
Json kept_members(const Json& body, std::initializer_list<std::string_view> names);
/// name, comment and properties of a POST.
catalog::NewSecurable new_securable(catalog::SecurableType type, std::string parent, const Json& body);
/// new_name, owner, comment and properties of a PATCH.
catalog::SecurableUpdate update_of(const Json& body);

} // namespace pier::server
