#pragma once

#include "core/scaffold/template_schema.hpp"

#include <string>

namespace pier::scaffold {

/// In whose words problems with answers are told: pier's own, or those of the official CLI (for its drop-in command).
enum class Words { own, official };

/// Why a value that check_answer refuses does not fit, as the official CLI says it.
std::string official_problem(const Property& property, const Json& value);

} // namespace pier::scaffold
