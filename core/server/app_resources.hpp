#pragma once

#include "core/apps/apps.hpp"

namespace pier::server {

struct Workspace;

/// What bound resources of apps need from secrets and Lakebase.
apps::ResourceProviders app_resource_providers(Workspace& workspace);

} // namespace pier::server
