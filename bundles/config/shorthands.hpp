#pragma once

#include "bundles/yaml/value.hpp"

namespace pier::bundles {

/// A target may write `variables: {x: 5}` for `variables: {x: {default: 5}}`; this writes it out. A map
/// whose keys are exactly those of a definition is taken as one. Returns what stands where targets or variables should:
/// the official CLI refuses such a file.
const Value* rewrite_shorthands(Value& file);

} // namespace pier::bundles
