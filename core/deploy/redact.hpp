#pragma once

#include "core/base/json.hpp"

#include <string_view>

namespace pier::deploy {

inline constexpr std::string_view k_redacted = "[redacted]";

/// The configuration of a bundle for eyes: what is sensitive in its resources is hidden and, when there is such
/// a resource, the values of all variables too: secrets come in through them.
Json redacted_config(Json config);

} // namespace pier::deploy
