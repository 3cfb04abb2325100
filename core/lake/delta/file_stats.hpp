#pragma once

#include "core/lake/data_type.hpp"
#include "core/lake/engine/engine.hpp"

#include <string>
#include <vector>

namespace pier::lake::delta {

/// `stats` of an add action, as JSON text. A file that holds a value without a bound in JSON (NaN, infinity)
/// gets its number of rows only: readers (delta-rs) take a bound that is missing beside others for "no rows".
std::string file_stats(const WrittenFile& file, const std::vector<Field>& columns);

} // namespace pier::lake::delta
