#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// Durations ("300s") and times (RFC 3339) of one file, which the official CLI parses while it loads.
void check_times(Loading& loading, Value& file, const std::string& name);

} // namespace pier::bundles
