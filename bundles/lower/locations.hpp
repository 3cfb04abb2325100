#pragma once

#include "bundles/yaml/value.hpp"

namespace pier::bundles {

/// `__locations` of `validate --include-locations`: the files, and for sections, kinds, resources and tasks
/// of jobs the list of [file index, line, column].
Json locations_of(const Value& config);

} // namespace pier::bundles
