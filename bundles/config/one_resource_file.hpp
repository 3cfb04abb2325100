#pragma once

#include "bundles/loading.hpp"

#include <string>

namespace pier::bundles {

/// Recommends (PIER1012) that a file named `x.job.yml` holds one job and nothing else.
void check_one_resource_file(Loading& loading, const Value& file, const std::string& name);

} // namespace pier::bundles
