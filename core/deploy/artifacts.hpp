#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"
#include "core/deploy/observer.hpp"
#include "core/model/bundle.hpp"

#include <stop_token>

namespace pier::deploy {

/// Runs the build command of each artifact, in the order of their names. Error PIER2049 with the output, in the words
/// of the official CLI if `compatible`.
Result<void> build_artifacts(const model::Bundle& bundle, const Environment& env, std::stop_token stop,
                             Observer& observer, bool compatible);

} // namespace pier::deploy
