#pragma once

#include "core/lake/column_batch.hpp"

#include <cstdint>
#include <string>

namespace pier::lake {

// Texts of values as the dialect writes them, appended to `out`.
void append_double(std::string& out, double value); ///< Java's Double.toString: "1.0", "1.0E10", "NaN", "Infinity"
void append_float(std::string& out, float value);
void append_decimal(std::string& out, Int128 scaled, unsigned scale);
void append_date(std::string& out, std::int32_t days); ///< 2024-01-31
/// "2024-01-31T10:00:00.000", six digits when there are microseconds.
void append_timestamp(std::string& out, std::int64_t micros);

} // namespace pier::lake
