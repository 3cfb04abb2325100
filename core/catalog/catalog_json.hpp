#pragma once

#include "core/catalog/catalog.hpp"

#include <string>

namespace pier::catalog {

/// Objects as the Unity Catalog API shows them (facts: workspace-api 3.6). Config members only if they were given.
Json to_json(const SecurableInfo& info, const std::string& metastore_id);
Json to_json(const TableInfo& table, const std::string& metastore_id);

Json grants_json(const std::vector<Grant>& grants);
Json effective_grants_json(const std::vector<EffectiveGrant>& grants);

/// Columns of a request body.
std::vector<ColumnInfo> columns_of_json(const Json& columns);

/// "file:///data" or "/data" → "/data"; empty for other schemes.
std::string folder_of_url(std::string_view url);
std::string url_of_folder(std::string_view folder);

} // namespace pier::catalog
