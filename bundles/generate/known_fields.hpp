#pragma once

#include "core/base/json.hpp"
#include "core/model/field_table.hpp"

namespace pier::bundles {

/// What of an answer of the REST API the field table knows, each value of the field's type: what the API sends as
/// null is an empty scalar or left out.
Json known_fields(const Json& answer, const model::Field& field);

} // namespace pier::bundles
