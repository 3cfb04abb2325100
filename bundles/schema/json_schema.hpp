#pragma once

#include "core/base/json.hpp"

namespace pier::bundles {

/// A JSON Schema (draft 7) of databricks.yml for editors, from the field table. Every field that is no
/// text also takes a reference `${…}`; fields that the server computes are left out.
Json json_schema();

} // namespace pier::bundles
