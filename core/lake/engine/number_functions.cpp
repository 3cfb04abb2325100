#include "core/lake/engine/engine.hpp"

#include "core/lake/engine/duckdb_api.inc"
#include "core/lake/exact_numbers.hpp"

#include <cstring>
#include <string>

// Numbers as the platform computes them, to the last digit; the engine's own division of decimals is one of doubles.

namespace pier::lake {
namespace {

constexpr int k_max_scale = 38;

int scale_of(const DuckApi& api, duckdb_vector vector) {
  auto type = api.duckdb_vector_get_column_type(vector);
  const int scale = api.duckdb_decimal_scale(type);
  api.duckdb_destroy_logical_type(&type);
  return scale;
}

bool is_valid(const std::uint64_t* validity, idx_t row) {
  return validity == nullptr || ((validity[row / 64] >> (row % 64)) & 1U) != 0;
}

/// Calls `body` for each row without a NULL argument until one fails; the others become NULL.
template <class Body>
void for_each_row(const DuckApi& api, duckdb_data_chunk input, duckdb_vector output, const Body& body) {
  const auto* first = api.duckdb_vector_get_validity(api.duckdb_data_chunk_get_vector(input, 0));
  const auto* second = api.duckdb_vector_get_validity(api.duckdb_data_chunk_get_vector(input, 1));
  for (idx_t row = 0; row < api.duckdb_data_chunk_get_size(input); ++row) {
    if (!is_valid(first, row) || !is_valid(second, row)) {
      api.duckdb_vector_ensure_validity_writable(output);
      api.duckdb_validity_set_row_invalid(api.duckdb_vector_get_validity(output), row);
    } else if (!body(row)) {
      return;
    }
  }
}

/// pier_div_S(DECIMAL(38,a), DECIMAL(38,b)) -> DECIMAL(38,S)
void divide_decimals(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto& api = loaded_functions();
  auto* left = api.duckdb_data_chunk_get_vector(input, 0);
  auto* right = api.duckdb_data_chunk_get_vector(input, 1);
  const int shift = scale_of(api, output) - scale_of(api, left) + scale_of(api, right);
  const auto* values = static_cast<const char*>(api.duckdb_vector_get_data(left));
  const auto* divisors = static_cast<const char*>(api.duckdb_vector_get_data(right));
  auto* out = static_cast<char*>(api.duckdb_vector_get_data(output));
  for_each_row(api, input, output, [&](idx_t row) {
    Int128 value = 0; // the engine's memory is not aligned for it
    Int128 divisor = 0;
    std::memcpy(&value, values + row * sizeof value, sizeof value);
    std::memcpy(&divisor, divisors + row * sizeof divisor, sizeof divisor);
    if (divisor == 0) {
      api.duckdb_scalar_function_set_error(info, "[DIVIDE_BY_ZERO] Division by zero. Use `try_divide` to tolerate "
                                                 "divisor being 0 and return NULL instead.");
      return false;
    }
    const auto quotient = divide_decimal(value, divisor, shift);
    if (!quotient) {
      api.duckdb_scalar_function_set_error(info, "[NUMERIC_VALUE_OUT_OF_RANGE] A quotient has more than 38 digits.");
      return false;
    }
    std::memcpy(out + row * sizeof *quotient, &*quotient, sizeof *quotient);
    return true;
  });
}

/// pier_round(DOUBLE, INTEGER), pier_bround(DOUBLE, INTEGER) -> DOUBLE
template <Ties ties> void round_doubles(duckdb_function_info /*info*/, duckdb_data_chunk input, duckdb_vector output) {
  const auto& api = loaded_functions();
  const auto* values =
      static_cast<const double*>(api.duckdb_vector_get_data(api.duckdb_data_chunk_get_vector(input, 0)));
  const auto* digits =
      static_cast<const std::int32_t*>(api.duckdb_vector_get_data(api.duckdb_data_chunk_get_vector(input, 1)));
  auto* out = static_cast<double*>(api.duckdb_vector_get_data(output));
  for_each_row(api, input, output, [&](idx_t row) {
    out[row] = round_double(values[row], digits[row], ties);
    return true;
  });
}

} // namespace

Result<void> register_number_functions(const DuckApi& api, duckdb_connection connection) {
  for (const auto& [name, body] :
       {std::pair("pier_round", &round_doubles<Ties::up>), std::pair("pier_bround", &round_doubles<Ties::even>)}) {
    PIER_TRY(register_function(api, connection,
                               {.name = name,
                                .parameters = {DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_INTEGER},
                                .result = DUCKDB_TYPE_DOUBLE,
                                .body = body}));
  }
  for (int scale = 0; scale <= k_max_scale; ++scale) {
    const auto name = "pier_div_" + std::to_string(scale);
    PIER_TRY(register_function(api, connection,
                               {.name = name.c_str(),
                                .parameters = {DUCKDB_TYPE_ANY, DUCKDB_TYPE_ANY},
                                .result = DUCKDB_TYPE_DECIMAL,
                                .body = divide_decimals,
                                .scale = static_cast<std::uint8_t>(scale)}));
  }
  return {};
}

} // namespace pier::lake
