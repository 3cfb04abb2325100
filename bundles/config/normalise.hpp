#pragma once

#include "bundles/config/path.hpp"
#include "bundles/yaml/value.hpp"
#include "core/base/diagnostics.hpp"
#include "core/model/field_table.hpp"

namespace pier::bundles {

/// Brings a tree to the kinds of the field table: converts what converts (numbers to texts, "yes" to
/// true), drops unknown fields and values of a wrong kind with a warning each. Pure references stay in
/// fields of any kind. False: the value itself does not fit and must be dropped.
bool normalise(Value& value, model::Field field, const PathNode& path, Diagnostics& diagnostics);

} // namespace pier::bundles
