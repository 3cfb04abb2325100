#pragma once

#include "core/base/error.hpp"

#include <string>

namespace pier {

/// As to_string; when a REST call failed with its answer: "message (400 CODE)", as the official CLI says it.
[[nodiscard]] std::string summary_of(const Error& error);

/// The lines about the REST call that failed (endpoint, status, code, message); empty when none did.
[[nodiscard]] std::string answer_of(const Error& error);

} // namespace pier
