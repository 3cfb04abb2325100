#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

using Step = void (*)(Loading&);

/// How many targets the files have; before one is selected.
void tell_targets(const Loading& loading);

/// What the usage report says about the bundle as it is before this step (facts: the official CLI's bool_values).
void tell_usage(Step step, const Loading& loading);

} // namespace pier::bundles
