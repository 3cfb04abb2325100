#pragma once

#include "bundles/loading.hpp"

namespace pier::bundles {

/// The version of the official CLI whose language this is.
inline constexpr std::string_view k_language_version = "1.13.0";

/// Holds bundle.databricks_cli_version (">= 0.229.0, <= 2.0.0") against k_language_version.
void check_version_constraint(Loading& loading);

} // namespace pier::bundles
