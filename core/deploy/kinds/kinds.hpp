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
std::vector<Kind> permissions(); ///< one for each kind that has a permissions list
std::vector<Kind> grants();      ///< one for each kind that has grants

} // namespace pier::deploy::kinds
