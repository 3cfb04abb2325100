#pragma once

#include "core/deploy/kind.hpp"

#include <vector>

/// One function per kind; each has its own file.
namespace pier::deploy::kinds {

Kind apps();
Kind catalogs();
Kind database_catalogs();
Kind database_instances();
Kind job_runs();
Kind jobs();
Kind schemas();
Kind secret_scopes();
Kind secret_scope_permissions();
Kind sql_warehouses();
Kind synced_database_tables();
Kind volumes();
Kind alerts();
Kind clusters();
Kind dashboards();
Kind experiments();
Kind external_locations();
Kind genie_spaces();
Kind instance_pools();
Kind model_serving_endpoints();
Kind models();
Kind pipelines();
Kind quality_monitors();
Kind registered_models();
Kind secrets();
Kind vector_search_endpoints();
Kind vector_search_indexes();
std::vector<Kind> postgres();    ///< projects, branches, endpoints, databases, roles, catalogs, synced tables
std::vector<Kind> permissions(); ///< one for each kind that has a permissions list
std::vector<Kind> grants();      ///< one for each kind that has grants

} // namespace pier::deploy::kinds
