#pragma once

#include "bundles/yaml/value.hpp"
#include "core/model/bundle.hpp"

#include <vector>

namespace pier::bundles {

std::vector<model::Artifact> lower_artifacts(const Value* section);

/// The fields of jobs and pipelines that name local files, in the order in which the official CLI looks at them.
std::vector<model::LocalLibrary> lower_libraries(Value& config);

/// The local code of AI runtime tasks, file or folder.
std::vector<model::LocalLibrary> lower_code_sources(Value& config);

} // namespace pier::bundles
