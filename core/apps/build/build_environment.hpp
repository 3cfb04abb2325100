#pragma once

#include "core/base/environment.hpp"

namespace pier::apps {

/// What a build may see of the daemon's environment: where programs, caches, proxies and package registries
/// are. No credentials of Databricks or of a cloud.
Environment build_environment(const Environment& daemon);

} // namespace pier::apps
