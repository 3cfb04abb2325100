#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/sync/registry.hpp"

namespace pier::sync {

/// A SyncedDatabaseTable as a client sends it (facts: workspace-api 3.4), checked as far as its own text goes. What
/// would be ignored is refused. `table` has no id, state or creator yet; instance and database are empty when only
/// the catalog can tell them.
struct TableRequest {
  SyncedTable table;
  bool create_database_objects = false;

  static Result<TableRequest> parse(const Json& body);
};

/// A DatabaseCatalog as a client sends it.
Result<DatabaseCatalog> parse_catalog_request(const Json& body);

} // namespace pier::sync
