#pragma once

#include "core/apps/app_file.hpp"
#include "core/apps/build/builder.hpp"
#include "core/apps/guard/guard_spec.hpp"
#include "core/apps/records.hpp"
#include "core/apps/resources.hpp"
#include "core/apps/settings.hpp"

#include <cstdint>
#include <string>

namespace pier::apps {

/// All that decides how an app's program is started.
struct LaunchInputs {
  const Options& options;
  const WorkspaceAddress& workspace;
  const AppRecord& app;
  const AppFile& file;
  const BuiltApp& built;
  const ResolvedResources& resources;
  Secret client_secret;
  std::uint16_t port = 0;
  std::filesystem::path source;
  std::filesystem::path home; ///< HOME and TMPDIR of the app
  std::filesystem::path log_file;
};

/// The environment of an app (facts: apps-runtime 1.3): platform, frameworks, Lakebase, then the author's entries.
/// Error invalid_argument when a valueFrom names no resource.
Result<std::map<std::string, std::string, std::less<>>> app_environment(const LaunchInputs& inputs);

/// What the guardian runs.
Result<GuardSpec> launch_spec(const LaunchInputs& inputs);

} // namespace pier::apps
