#pragma once

#include "core/scaffold/evaluator.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pier::scaffold {

/// A SQL warehouse of the workspace.
struct Warehouse {
  std::string id;
  std::string name;
};

/// What templates may ask about the workspace, each answered on first use only: most templates ask nothing.
/// An unset entry is an error that says that a workspace is needed; an unset default_catalog is "".
struct WorkspaceFacts {
  std::function<Result<std::string>()> host;
  std::function<Result<std::string>()> user_name; ///< of a service principal: its application id
  std::function<Result<bool>()> is_service_principal;
  std::function<Result<std::string>()> default_catalog;
  std::function<Result<std::vector<Warehouse>>()> warehouses{}; ///< of SQL, best first; unset: templates ask people
  bool record_deployment_history = false;
};

/// The helpers of Databricks templates: fail, url, regexp, random_int, uuid, bundle_uuid, pair, map, lower, upper,
/// path_separator, workspace_host, user_name, short_name, default_catalog, smallest_node_type,
/// is_service_principal, record_deployment_history. `skip` belongs to the renderer.
void add_helper_functions(Functions& functions, const WorkspaceFacts& facts);

/// "ada.lovelace+x@example.test" → "ada_lovelace_x".
std::string short_user_name(std::string_view user_name);

} // namespace pier::scaffold
