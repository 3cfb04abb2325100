#include "core/migrate/statement_error.hpp"

#include <algorithm>
#include <cctype>

namespace pier::migrate {

namespace {

/// PostgreSQL counts characters from 1.
std::size_t byte_offset(std::string_view text, std::size_t character) {
  std::size_t at = 0;
  for (std::size_t seen = 1; at < text.size() && seen < character; ++seen) {
    do {
      ++at;
    } while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  return at;
}

/// To the end of the word at `at`, at least one character.
std::size_t word_length(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '_' ||
                               text[end] == '.' || static_cast<unsigned char>(text[end]) >= 0x80)) {
    ++end;
  }
  return std::max<std::size_t>(end - at, 1);
}

std::string help_for(const ServerError& failure) {
  if (!failure.hint.empty()) {
    return failure.hint;
  }
  if (failure.sqlstate == "55P03") {
    return "somebody holds a lock on the table: try again, or find them with: SELECT * FROM pg_stat_activity";
  }
  if (failure.sqlstate == "25001") {
    return "put it into a file of its own that begins with: -- pier:transaction off";
  }
  return {};
}

} // namespace

Diagnostic describe(const MigrationFile& file, const SqlStatement& statement, const ServerError& failure) {
  std::size_t at = 0;
  auto length = std::min(statement.text.find('\n'), statement.text.size());
  if (failure.position > 0) {
    at = byte_offset(statement.text, failure.position);
    length = word_length(statement.text, at);
  }
  Diagnostic out{.code = "PIER8420", .severity = Severity::error, .summary = failure.message};
  out.detail = "SQLSTATE " + failure.sqlstate + (failure.detail.empty() ? "" : ": " + failure.detail);
  out.help = help_for(failure);
  out.spans = {span_at(file.path, file.text, statement.offset + at, length)};
  if (at > 0) {
    out.related.push_back({span_at(file.path, file.text, statement.offset), "in the statement that begins here"});
  }
  return out;
}

} // namespace pier::migrate
