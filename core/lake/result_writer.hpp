#pragma once

#include "core/lake/engine/engine.hpp"
#include "core/lake/statement.hpp"

#include <optional>
#include <stop_token>
#include <string>

namespace pier::lake {

struct ResultLimits {
  std::optional<std::int64_t> rows;
  std::optional<std::int64_t> bytes; ///< of JSON text: cuts the result
};

/// Runs a query of the engine and collects its rows as JSON chunks. Nested values become JSON text, the
/// engine's own types those of the dialect. `reads`: see EngineSession::prepare. Error INLINE_RESULT_TOO_LARGE above 25
/// MiB without a limit.
Result<StatementResult> collect_result(EngineSession& session, const std::string& query, const ResultLimits& limits,
                                       std::stop_token stop, std::string_view reads = {});

/// The query with each column as Delta and JSON readers need it: casts for types that only the engine has;
/// nested ones as JSON text when `nested_as_json`. `columns` are those of the query.
std::string normalised_query(const std::string& query, std::span<const EngineColumn> columns, bool nested_as_json);

/// A small result made here: texts row by row.
StatementResult make_result(std::vector<ResultColumn> columns,
                            const std::vector<std::vector<std::optional<std::string>>>& rows);

} // namespace pier::lake
