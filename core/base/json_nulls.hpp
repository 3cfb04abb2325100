#pragma once

#include "core/base/json.hpp"

namespace pier {

/// Removes members that are null, at every depth; items of lists stay. In a request such members say nothing.
void drop_null_members(Json& json);

} // namespace pier
