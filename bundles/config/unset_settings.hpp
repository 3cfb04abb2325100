#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// Of resources, also those of targets: the structures of the REST API do not remember every null and every zero; what
/// the official CLI forgets when it reads them is dropped here, before targets, presets and defaults look at it.
void forget_unset_members(Loading& loading);

/// Outside of resources a setting that says nothing (null, empty text, false, 0) is the same as none, and
/// goes. An empty variable or script is an empty definition.
void drop_unset_settings(Loading& loading);

} // namespace pier::bundles
