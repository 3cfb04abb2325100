#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// Old spellings (`environments`, `compute_id`) become the new ones; without targets there is `default`.
void upgrade_old_spellings(Loading& loading);

/// Every key names one resource or script of the bundle, and holds no reference.
void check_resource_keys(Loading& loading);

/// Picks the target (-t, environment, the only one, the default one) and merges it over the top level.
/// False: there is none to go on with.
bool select_target(Loading& loading);

} // namespace pier::bundles
