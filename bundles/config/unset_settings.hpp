#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// What the official CLI forgets when it reads files into its structures is dropped here, before targets, presets and
/// defaults look at it: members that are null or zero where that cannot be told from a missing one. Facts of the
/// fields: model::Field::remembered and its neighbours.
void forget_unset_members(Loading& loading);

/// The same outside of resources and targets, for what was merged or resolved since.
void drop_unset_settings(Loading& loading);

} // namespace pier::bundles
