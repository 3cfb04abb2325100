#pragma once

#include "core/base/result.hpp"
#include "core/deploy/artifacts.hpp"
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

/// Puts the places of the bundle's local libraries below `<artifact_path>/.internal` into its resources; a pattern
/// becomes one entry per file, of a wheel only the latest version, and a wheel that was patched gives way to its copy.
/// Returns these and the files of artifacts, by source. Errors PIER2050 for a path without a file, PIER2071 for two
/// files of one name, each told as a problem.
Result<std::vector<Library>> place_libraries(model::Bundle& bundle, const std::vector<ArtifactOutput>& artifacts,
                                             Observer& observer);

/// Uploads them. Clears what was there, without libraries only if `always_clear`.
Result<void> upload_libraries(const model::Bundle& bundle, const std::vector<Library>& libraries,
                              workspace_client::RestClient& client, Observer& observer, bool always_clear = false);

} // namespace pier::deploy
