#include "core/migrate/ledger.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::migrate {

namespace {

std::string_view kind_text(MigrationKind kind) {
  return kind == MigrationKind::versioned ? "versioned" : "repeatable";
}

Result<bool> ledger_exists(Connection& connection) {
  PIER_TRY_ASSIGN(const auto rows, connection.query("SELECT 1 FROM pg_catalog.pg_class c "
                                                    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                                                    "WHERE n.nspname = 'pier' AND c.relname = 'migration'"));
  return !rows.empty();
}

} // namespace

Result<std::vector<LedgerEntry>> read_ledger(Connection& connection) {
  std::vector<LedgerEntry> out;
  PIER_TRY_ASSIGN(const bool there, ledger_exists(connection));
  if (!there) {
    return out;
  }
  PIER_TRY_ASSIGN(
      const auto rows,
      connection.query("SELECT kind, version, name, sha256, state, statements_done, coalesce(done_sha256, ''), "
                       "to_char(finished_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), actor "
                       "FROM pier.migration ORDER BY finished_at, version"));
  for (const auto& row : rows) {
    const auto text = [&row](std::size_t column) { return row[column].value_or(""); };
    std::int64_t done = 0;
    (void)parse_int64(text(5), done);
    out.push_back({.kind = text(0) == "versioned" ? MigrationKind::versioned : MigrationKind::repeatable,
                   .version = text(1),
                   .name = text(2),
                   .sha256 = text(3),
                   .complete = text(4) == "applied",
                   .statements_done = static_cast<std::size_t>(std::max<std::int64_t>(done, 0)),
                   .done_sha256 = text(6),
                   .applied_at = text(7),
                   .actor = text(8)});
  }
  return out;
}

Result<void> ensure_ledger(Connection& connection) {
  PIER_TRY_ASSIGN(const bool there, ledger_exists(connection));
  if (there) {
    return {};
  }
  PIER_TRY_ASSIGN(const auto schema, connection.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'pier'"));
  if (schema.empty()) {
    PIER_TRY(connection.query("CREATE SCHEMA pier"));
  }
  PIER_TRY(connection.query(R"(CREATE TABLE pier.migration (
    kind text NOT NULL CHECK (kind IN ('versioned', 'repeatable')),
    version text NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    state text NOT NULL CHECK (state IN ('applied', 'partial')),
    statements_total integer NOT NULL,
    statements_done integer NOT NULL,
    done_sha256 text,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL DEFAULT current_user,
    PRIMARY KEY (kind, version)))"));
  PIER_TRY(connection.query("COMMENT ON TABLE pier.migration IS 'Migrations that pier has applied to this database'"));
  return {};
}

Result<void> record(Connection& connection, const MigrationFile& file, std::size_t done) {
  const bool complete = done == file.statements.size();
  PIER_TRY(connection.query(
      "INSERT INTO pier.migration (kind, version, name, sha256, state, statements_total, statements_done, done_sha256, "
      "finished_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, clock_timestamp()) ON CONFLICT (kind, version) DO UPDATE "
      "SET name = EXCLUDED.name, sha256 = EXCLUDED.sha256, state = EXCLUDED.state, statements_total = "
      "EXCLUDED.statements_total, statements_done = EXCLUDED.statements_done, done_sha256 = EXCLUDED.done_sha256, "
      "finished_at = EXCLUDED.finished_at, actor = current_user",
      {std::string(kind_text(file.kind)), file.version, file.name, file.sha256,
       std::string(complete ? "applied" : "partial"), std::to_string(file.statements.size()), std::to_string(done),
       complete ? std::optional<std::string>() : digest_of_first(file, done)}));
  return {};
}

std::string digest_of_first(const MigrationFile& file, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < std::min(count, file.statements.size()); ++i) {
    all += file.statements[i].text;
    all += '\0';
  }
  return hex_encode(sha256(all));
}

} // namespace pier::migrate
