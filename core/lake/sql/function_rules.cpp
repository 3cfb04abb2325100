#include "core/lake/sql/function_rules.hpp"

// Only functions whose answers were compared with Spark's (facts: sql.md) or whose meaning is the same by
// definition stand here; what is not listed is refused by name. pier_… are macros of engine/prelude.cpp.

namespace pier::lake::sql {
namespace {

constexpr auto k_aggregate = FunctionRule::Kind::aggregate;
constexpr auto k_window = FunctionRule::Kind::window;

constexpr std::array k_aggregates{
    FunctionRule{"count", 1, -1, "count($*)", k_aggregate},
    FunctionRule{"sum", 1, 1, "sum($1)", k_aggregate},
    FunctionRule{"avg", 1, 1, "avg($1)", k_aggregate},
    FunctionRule{"mean", 1, 1, "avg($1)", k_aggregate},
    FunctionRule{"min", 1, 1, "min($1)", k_aggregate},
    FunctionRule{"max", 1, 1, "max($1)", k_aggregate},
    FunctionRule{"any_value", 1, 1, "first($1)", k_aggregate},
    FunctionRule{"first", 1, 1, "first($1)", k_aggregate},
    FunctionRule{"last", 1, 1, "last($1)", k_aggregate},
    FunctionRule{"stddev", 1, 1, "stddev_samp($1)", k_aggregate},
    FunctionRule{"std", 1, 1, "stddev_samp($1)", k_aggregate},
    FunctionRule{"stddev_samp", 1, 1, "stddev_samp($1)", k_aggregate},
    FunctionRule{"stddev_pop", 1, 1, "stddev_pop($1)", k_aggregate},
    FunctionRule{"variance", 1, 1, "var_samp($1)", k_aggregate},
    FunctionRule{"var_samp", 1, 1, "var_samp($1)", k_aggregate},
    FunctionRule{"var_pop", 1, 1, "var_pop($1)", k_aggregate},
    FunctionRule{"corr", 2, 2, "corr($1, $2)", k_aggregate},
    FunctionRule{"covar_pop", 2, 2, "covar_pop($1, $2)", k_aggregate},
    FunctionRule{"covar_samp", 2, 2, "covar_samp($1, $2)", k_aggregate},
    FunctionRule{"count_if", 1, 1, "count_if($1)", k_aggregate},
    FunctionRule{"bool_and", 1, 1, "bool_and($1)", k_aggregate},
    FunctionRule{"every", 1, 1, "bool_and($1)", k_aggregate},
    FunctionRule{"bool_or", 1, 1, "bool_or($1)", k_aggregate},
    FunctionRule{"any", 1, 1, "bool_or($1)", k_aggregate},
    FunctionRule{"some", 1, 1, "bool_or($1)", k_aggregate},
    FunctionRule{"max_by", 2, 2, "arg_max($1, $2)", k_aggregate},
    FunctionRule{"min_by", 2, 2, "arg_min($1, $2)", k_aggregate},
    FunctionRule{"median", 1, 1, "median(CAST($1 AS DOUBLE))", k_aggregate},
    FunctionRule{"percentile", 2, 2, "quantile_cont(CAST($1 AS DOUBLE), $2)", k_aggregate},
    FunctionRule{"percentile_approx", 2, 3, "quantile_disc($1, $2)", k_aggregate},
    FunctionRule{"approx_percentile", 2, 3, "quantile_disc($1, $2)", k_aggregate},
    FunctionRule{"approx_count_distinct", 1, 2, "count(DISTINCT $1)", k_aggregate},
    FunctionRule{"string_agg", 1, 2, "string_agg($*)", k_aggregate},
    FunctionRule{"listagg", 1, 2, "string_agg($*)", k_aggregate},
    FunctionRule{"collect_list", 1, 1, "list($1)", k_aggregate},
    FunctionRule{"array_agg", 1, 1, "list($1)", k_aggregate},
    FunctionRule{"collect_set", 1, 1, "list(DISTINCT $1)", k_aggregate},
    FunctionRule{"grouping", 1, 1, "grouping($1)", k_aggregate},
    FunctionRule{"row_number", 0, 0, "row_number()", k_window},
    FunctionRule{"rank", 0, 0, "rank()", k_window},
    FunctionRule{"dense_rank", 0, 0, "dense_rank()", k_window},
    FunctionRule{"percent_rank", 0, 0, "percent_rank()", k_window},
    FunctionRule{"cume_dist", 0, 0, "cume_dist()", k_window},
    FunctionRule{"ntile", 1, 1, "ntile($1)", k_window},
    FunctionRule{"lag", 1, 3, "lag($*)", k_window},
    FunctionRule{"lead", 1, 3, "lead($*)", k_window},
    FunctionRule{"first_value", 1, 1, "first_value($1)", k_window},
    FunctionRule{"last_value", 1, 1, "last_value($1)", k_window},
    FunctionRule{"nth_value", 2, 2, "nth_value($1, $2)", k_window},
};

constexpr std::array k_numbers{
    FunctionRule{"coalesce", 1, -1, "coalesce($*)"},
    FunctionRule{"nvl", 2, 2, "coalesce($1, $2)"},
    FunctionRule{"ifnull", 2, 2, "coalesce($1, $2)"},
    FunctionRule{"nullif", 2, 2, "nullif($1, $2)"},
    FunctionRule{"nvl2", 3, 3, "CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END"},
    FunctionRule{"if", 3, 3, "CASE WHEN $1 THEN $2 ELSE $3 END"},
    FunctionRule{"iff", 3, 3, "CASE WHEN $1 THEN $2 ELSE $3 END"},
    FunctionRule{"isnull", 1, 1, "($1 IS NULL)"},
    FunctionRule{"isnotnull", 1, 1, "($1 IS NOT NULL)"},
    FunctionRule{"isnan", 1, 1, "coalesce(isnan($1), false)"},
    FunctionRule{"nanvl", 2, 2, "CASE WHEN isnan($1) THEN $2 ELSE $1 END"},
    FunctionRule{"zeroifnull", 1, 1, "coalesce($1, 0)"},
    FunctionRule{"nullifzero", 1, 1, "nullif($1, 0)"},
    FunctionRule{"equal_null", 2, 2, "($1 IS NOT DISTINCT FROM $2)"},
    FunctionRule{"greatest", 2, -1, "greatest($*)"},
    FunctionRule{"least", 2, -1, "least($*)"},
    FunctionRule{"abs", 1, 1, "abs($1)"},
    FunctionRule{"ceil", 1, 1, "CAST(ceil($1) AS BIGINT)"},
    FunctionRule{"ceiling", 1, 1, "CAST(ceil($1) AS BIGINT)"},
    FunctionRule{"floor", 1, 1, "CAST(floor($1) AS BIGINT)"},
    FunctionRule{"round", 1, 2, "round($*)"}, // emit_number.cpp
    FunctionRule{"bround", 1, 2, "round($*)"},
    FunctionRule{"sqrt", 1, 1, "CASE WHEN $1 < 0 THEN 'nan'::DOUBLE ELSE sqrt($1) END"},
    FunctionRule{"cbrt", 1, 1, "cbrt($1)"},
    FunctionRule{"exp", 1, 1, "exp($1)"},
    FunctionRule{"ln", 1, 1, "CASE WHEN $1 > 0 THEN ln($1) END"},
    FunctionRule{"log", 1, 1, "CASE WHEN $1 > 0 THEN ln($1) END"},
    FunctionRule{"log", 2, 2, "CASE WHEN $1 > 0 AND $2 > 0 THEN ln($2) / ln($1) END"},
    FunctionRule{"log2", 1, 1, "CASE WHEN $1 > 0 THEN log2($1) END"},
    FunctionRule{"log10", 1, 1, "CASE WHEN $1 > 0 THEN log10($1) END"},
    FunctionRule{"power", 2, 2, "pow(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))"},
    FunctionRule{"pow", 2, 2, "pow(CAST($1 AS DOUBLE), CAST($2 AS DOUBLE))"},
    FunctionRule{"mod", 2, 2, "($1 % pier_nonzero($2))"},
    FunctionRule{"pmod", 2, 2, "((($1 % pier_nonzero($2)) + $2) % $2)"},
    FunctionRule{"sign", 1, 1, "CAST(sign($1) AS DOUBLE)"},
    FunctionRule{"signum", 1, 1, "CAST(sign($1) AS DOUBLE)"},
    FunctionRule{"sin", 1, 1, "sin($1)"},
    FunctionRule{"cos", 1, 1, "cos($1)"},
    FunctionRule{"tan", 1, 1, "tan($1)"},
    FunctionRule{"atan", 1, 1, "atan($1)"},
    FunctionRule{"atan2", 2, 2, "atan2($1, $2)"},
    FunctionRule{"degrees", 1, 1, "degrees($1)"},
    FunctionRule{"radians", 1, 1, "radians($1)"},
    FunctionRule{"pi", 0, 0, "pi()"},
    FunctionRule{"rand", 0, 0, "random()"},
    FunctionRule{"random", 0, 0, "random()"},
    FunctionRule{"try_divide", 2, 2, "($1 / nullif($2, 0))"},
    FunctionRule{"try_add", 2, 2, "TRY($1 + $2)"},
    FunctionRule{"try_subtract", 2, 2, "TRY($1 - $2)"},
    FunctionRule{"try_multiply", 2, 2, "TRY($1 * $2)"},
    FunctionRule{"negative", 1, 1, "(- $1)"},
    FunctionRule{"positive", 1, 1, "(+ $1)"},
    FunctionRule{"bit_count", 1, 1, "CAST(bit_count($1) AS INTEGER)"},
    FunctionRule{"uuid", 0, 0, "CAST(uuid() AS VARCHAR)"},
    FunctionRule{"raise_error", 1, 1, "error('[USER_RAISED_EXCEPTION] ' || $1)"},
    // Casts by name.
    FunctionRule{"int", 1, 1, "CAST(pier_whole($1) AS INTEGER)"},
    FunctionRule{"bigint", 1, 1, "CAST(pier_whole($1) AS BIGINT)"},
    FunctionRule{"double", 1, 1, "CAST($1 AS DOUBLE)"},
    FunctionRule{"float", 1, 1, "CAST($1 AS FLOAT)"},
    FunctionRule{"boolean", 1, 1, "CAST($1 AS BOOLEAN)"},
    FunctionRule{"string", 1, 1, "pier_text($1)"},
};

constexpr std::array k_nested{
    FunctionRule{"array", 0, -1, "[$*]"},
    FunctionRule{"size", 1, 1, "CAST(len($1) AS INTEGER)"},
    FunctionRule{"array_size", 1, 1, "CAST(len($1) AS INTEGER)"},
    FunctionRule{"cardinality", 1, 1, "CAST(len($1) AS INTEGER)"},
    FunctionRule{"array_max", 1, 1, "list_max($1)"},
    FunctionRule{"array_min", 1, 1, "list_min($1)"},
    FunctionRule{"array_join", 2, 2, "array_to_string($1, $2)"},
    FunctionRule{"get", 2, 2, "CASE WHEN $2 >= 0 THEN ($1)[$2 + 1] END"},
    FunctionRule{"transform", 2, 2, "list_transform($1, $2)"},
    FunctionRule{"filter", 2, 2, "list_filter($1, $2)"},
    FunctionRule{"sequence", 2, 3, "generate_series($*)"},
    FunctionRule{"map_keys", 1, 1, "map_keys($1)"},
    FunctionRule{"map_values", 1, 1, "map_values($1)"},
    FunctionRule{"get_json_object", 2, 2, "CASE WHEN json_valid($1) THEN json_extract_string($1, $2) END"},
    FunctionRule{"explode", 1, 1, "unnest($1)"},
};

} // namespace

std::span<const FunctionRule> aggregate_rules() {
  return k_aggregates;
}

std::span<const FunctionRule> number_rules() {
  return k_numbers;
}

std::span<const FunctionRule> nested_rules() {
  return k_nested;
}

} // namespace pier::lake::sql
