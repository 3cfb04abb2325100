#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// Reads the root file and what it includes into loading.config: each file is brought to the field table
/// first, then merged in order. `include` becomes the list of files.
void load_files(Loading& loading);

} // namespace pier::bundles
