#pragma once

#include "core/base/diagnostics.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pier::migrate {

/// One statement of a file: from its first word to before its `;`.
struct SqlStatement {
  std::string text;
  std::size_t offset = 0; ///< bytes from the start of the file

  bool operator==(const SqlStatement&) const = default;
};

/// Cuts PostgreSQL's SQL at the semicolons that end statements: not those in quotes ('…', E'…', "…"), dollar
/// quotes, comments (nested), parentheses, or BEGIN ATOMIC … END of a function. Comments alone are no statement.
/// Reports, with place: what is never closed (PIER8401); psql's `\` commands, COPY from or to the client
/// (PIER8402); transaction control (PIER8403). `file` is shown in messages. Linear in the size of the text.
std::vector<SqlStatement> split_sql(std::string_view file, std::string_view text, Diagnostics& diagnostics);

/// The place of [offset, offset + length) of a text: line and column count from 1, columns in characters.
SourceSpan span_at(std::string_view file, std::string_view text, std::size_t offset, std::size_t length = 0);

} // namespace pier::migrate
