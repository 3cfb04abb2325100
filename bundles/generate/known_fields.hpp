#pragma once

#include "bundles/schema/field_table.hpp"
#include "core/base/json.hpp"

namespace pier::bundles {

/// What of an answer of the REST API the field table knows, each value of the field's type: what the API sends as
/// null is an empty scalar or left out.
Json known_fields(const Json& answer, const Field& field);

} // namespace pier::bundles
