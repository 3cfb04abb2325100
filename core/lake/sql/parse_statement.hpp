#pragma once

#include "core/lake/sql/parser.hpp"
#include "core/lake/sql/statement_ast.hpp"

/// Parts of the statement grammar; `parse_statement` puts them together.
namespace pier::lake::sql {

Result<Statement> parse_create(Parser& parser); ///< after CREATE
Result<Statement> parse_drop(Parser& parser);   ///< after DROP
Result<Statement> parse_alter(Parser& parser);  ///< after ALTER
Result<Statement> parse_insert(Parser& parser); ///< after INSERT
Result<Statement> parse_delete(Parser& parser); ///< after DELETE
Result<Statement> parse_truncate(Parser& parser);
Result<Statement> parse_update(Parser& parser); ///< after UPDATE
Result<Statement> parse_merge(Parser& parser);  ///< after MERGE
Result<Statement> parse_describe(Parser& parser);
Result<Statement> parse_show(Parser& parser);
Result<Statement> parse_use(Parser& parser);
Result<Statement> parse_grant(Parser& parser, bool revoke);

Result<std::string> parse_text(Parser& parser); ///< a string literal
/// ('key' = 'value', key.with.dots = value)
Result<std::map<std::string, std::string>> parse_properties(Parser& parser);
/// (name type [NOT NULL] [COMMENT 'x'], …)
Result<std::vector<Field>> parse_columns(Parser& parser, std::vector<std::string>* primary_key);
Result<std::vector<Assignment>> parse_assignments(Parser& parser);

} // namespace pier::lake::sql
