#pragma once

#include "bundles/yaml/value.hpp"
#include "core/base/diagnostics.hpp"

#include <string>

namespace pier::bundles {

/// The generic merge of the language, `over` into `into`: nil against X is X, maps merge deeply, lists
/// concatenate, of scalars the later wins (its place first, the older kept). Where the kinds differ `into`
/// keeps its value and PIER1030 is reported, with `context` in front ("failed to merge …: ").
void merge_values(Value& into, Value over, const std::string& context, Diagnostics& diagnostics);

} // namespace pier::bundles
