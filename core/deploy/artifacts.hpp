#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/deploy/observer.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::deploy {

/// Runs the build command of each artifact, in the order of their names. Error PIER2049 with the output.
Result<void> build_artifacts(const model::Bundle& bundle, const Environment& env, std::stop_token stop,
                             Observer& observer);

/// A local library and where it goes in the workspace.
struct Library {
  std::filesystem::path source;
  std::string remote;
};

/// Finds the local libraries that tasks and environments name (patterns are expanded) and puts their places
/// below `<artifact_path>/.internal` into the bundle. Error PIER2050 for a pattern without a match.
Result<std::vector<Library>> place_libraries(model::Bundle& bundle);

/// Uploads them. Clears what was there, without libraries only if `always_clear`.
Result<void> upload_libraries(const model::Bundle& bundle, const std::vector<Library>& libraries,
                              workspace_client::RestClient& client, Observer& observer, bool always_clear = false);

/// Runs a hook of `experimental.scripts` ("predeploy") with bash in the bundle's folder. Error PIER2051.
Result<void> run_hook(const model::Bundle& bundle, const std::string& name, const Environment& env,
                      std::stop_token stop, Observer& observer);

/// Files that match a shell pattern with `*`, `?`, `[…]` in its segments, sorted.
std::vector<std::filesystem::path> expand_pattern(const std::filesystem::path& pattern);

/// True for a library that is a file of this machine: "dist/x.whl", "./x.jar", not "/Workspace/…", "dbfs:/…".
bool is_local_library(std::string_view text);

} // namespace pier::deploy
