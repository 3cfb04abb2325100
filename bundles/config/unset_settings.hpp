#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// Outside of resources a setting that says nothing (null, empty text, false, 0) is the same as none, and
/// goes. An empty variable or script is an empty definition.
void drop_unset_settings(Loading& loading);

} // namespace pier::bundles
