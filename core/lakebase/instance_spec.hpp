#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace pier::lakebase {

/// custom_tags key that sets an instance's idle time-out: {"key": "pier_idle_timeout", "value": "60s"}; "0s": never.
inline constexpr std::string_view k_idle_timeout_tag = "pier_idle_timeout";

/// Checks the fields of a DatabaseInstance that a client sends (facts: workspace-api 3.4) and returns only those:
/// fields that the service computes are dropped, unknown and unsupported ones are refused.
Result<Json> check_instance_spec(const Json& sent);

/// The spec after an update: the members named by the mask ("*": every one that is sent) replaced.
Result<Json> merge_instance_spec(const Json& current, const Json& sent, std::string_view update_mask);

/// Nothing when the tag is not there.
Result<std::optional<std::chrono::seconds>> idle_timeout_of(const Json& spec);

/// 1-63 letters, digits, hyphens; starts with a letter and does not end with a hyphen.
Result<void> check_instance_name(std::string_view name);

} // namespace pier::lakebase
