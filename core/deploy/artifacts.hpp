#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/deploy/observer.hpp"
#include "core/model/bundle.hpp"

#include <filesystem>
#include <stop_token>
#include <vector>

namespace pier::deploy {

/// A file of an artifact, absolute.
struct ArtifactOutput {
  std::filesystem::path source;
  std::filesystem::path patched; ///< the wheel with a version of its own that goes up instead; empty: none
};

/// Runs the build command of each artifact, in the order of their names, and finds what it made; of a wheel the latest
/// version. Wheels with a dynamic version are copied below the bundle's local folder under that version. Error
/// PIER2049 with the output, in the words of the official CLI if `compatible`.
Result<std::vector<ArtifactOutput>> build_artifacts(const model::Bundle& bundle, const Environment& env,
                                                    std::stop_token stop, Observer& observer, bool compatible);

/// What earlier builds left.
std::vector<ArtifactOutput> find_artifacts(const model::Bundle& bundle, Observer& observer);

} // namespace pier::deploy
