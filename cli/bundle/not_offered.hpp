#pragma once

#include "core/base/error.hpp"

#include <optional>
#include <span>
#include <string>

namespace pier::cli {

/// Commands of `databricks bundle` that pier knows and does not have: an error that says what to do instead.
/// Nothing for other words.
std::optional<Error> not_offered(std::span<const std::string> words);

} // namespace pier::cli
