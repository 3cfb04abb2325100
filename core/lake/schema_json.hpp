#pragma once

#include "core/base/json.hpp"
#include "core/lake/data_type.hpp"

#include <vector>

namespace pier::lake {

/// Columns of Delta's schemaString, already parsed: {"type":"struct","fields":[…]}. Bounded depth.
Result<std::vector<Field>> fields_from_json(const Json& structure, int depth = 0);
Json fields_to_json(const std::vector<Field>& fields);

} // namespace pier::lake
