#pragma once

#include "core/base/result.hpp"
#include "core/deploy/observer.hpp"
#include "core/model/bundle.hpp"
#include "core/workspace_client/rest_client.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pier::deploy {

/// A local library and where it goes in the workspace.
struct Library {
  std::filesystem::path source;
  std::string remote;
};

/// Finds the local libraries that tasks and environments of jobs and pipelines name and puts their places below
/// `<artifact_path>/.internal` into the bundle; a pattern becomes one entry per file, of a wheel only the latest
/// version. Error PIER2050 for a path without a file.
Result<std::vector<Library>> place_libraries(model::Bundle& bundle);

/// Uploads them. Clears what was there, without libraries only if `always_clear`.
Result<void> upload_libraries(const model::Bundle& bundle, const std::vector<Library>& libraries,
                              workspace_client::RestClient& client, Observer& observer, bool always_clear = false);

/// Files that match a shell pattern with `*`, `?`, `[…]` in its segments, sorted.
std::vector<std::filesystem::path> expand_pattern(const std::filesystem::path& pattern);

/// True for a library that is a file of this machine: "dist/x.whl", "./x.jar", not "/Workspace/…", "dbfs:/…".
bool is_local_library(std::string_view text);

} // namespace pier::deploy
