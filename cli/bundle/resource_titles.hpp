#pragma once

#include "core/base/json.hpp"
#include "core/deploy/state.hpp"

#include <map>
#include <string>
#include <string_view>

namespace pier::cli {

/// How people meet resources of a kind: the heading of a list, and the page in the workspace.
struct ResourceTitle {
  std::string_view kind;    ///< "jobs"
  std::string_view heading; ///< "Jobs"
  std::string_view name;    ///< the member of the configuration that people know it by
  std::string_view page;    ///< "jobs/%s"; empty: none
  std::string_view id;      ///< the member that stands in the page; "id" is that of the deployment;
                            ///< empty: the shown name
  bool dotted = false;      ///< "a.b.c" is "a/b/c" in the page
};

/// Unknown kinds have their name as heading and no page.
ResourceTitle title_of(std::string_view kind);

/// The name of a resource as lists show it.
std::string shown_name(const ResourceTitle& title, const Json& config);

/// "https://host/jobs/1?w=123", or empty. `workspace_id` is left out when the host tells it already.
std::string page_of(const ResourceTitle& title, const Json& config, const std::string& host,
                    const std::string& workspace_id);

/// The resources of a bundle with what was deployed: `id`, `url` and `modified_status` in each, and those that
/// are deployed but no longer in the bundle. `deployed` by "jobs.x".
Json with_deployment(Json config, const std::map<std::string, deploy::DeployedResource>& deployed,
                     const std::string& host, const std::string& workspace_id);

} // namespace pier::cli
