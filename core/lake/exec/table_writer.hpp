#pragma once

#include "core/lake/delta/commit.hpp"
#include "core/lake/delta/data_writer.hpp"
#include "core/lake/lake_core.hpp"

#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::lake {

/// What a new or replaced table shall be.
struct TableDefinition {
  model::TableName name;
  std::vector<Field> columns; ///< empty: those of the query
  std::vector<std::string> partition_columns;
  std::string comment;
  std::filesystem::path location; ///< empty: a managed folder
  std::map<std::string, std::string> properties;
};

/// Makes, replaces and fills tables. Data first, then the commit, then the catalog: a crash in between leaves
/// files that nothing names.
class TableWriter {
 public:
  TableWriter(LakeCore& core, Engine& engine, EngineSession& session, const identity::Caller& caller,
              std::stop_token stop)
      : core_(core),
        engine_(engine),
        session_(session),
        caller_(caller),
        stop_(std::move(stop)) {}

  /// `query` of the engine, empty: no rows.
  Result<void> create(TableDefinition definition, const std::string& query);
  Result<void> replace(const catalog::TableInfo& existing, TableDefinition definition, const std::string& query);
  /// Rows of a query, cast to the table's columns by position (query_columns empty) or by the names given.
  Result<std::int64_t> append(const catalog::TableInfo& table, const std::string& query,
                              const std::vector<std::string>& query_columns, bool overwrite);

  [[nodiscard]] std::int64_t rows() const { return rows_; }

 private:
  Result<void> complete(TableDefinition& definition, const std::string& query, std::string& cast_query);
  Result<delta::WriteResult> write(const std::filesystem::path& root, const TableDefinition& definition,
                                   const std::string& cast_query);
  Result<std::string> cast_to_table(const delta::Snapshot& snapshot, const std::string& query,
                                    const std::vector<std::string>& query_columns);
  delta::CommitRequest commit_request(const std::filesystem::path& root, std::string operation) const;

  LakeCore& core_;
  Engine& engine_;
  EngineSession& session_;
  const identity::Caller& caller_;
  std::stop_token stop_;
  std::int64_t rows_ = 0;
};

/// Delta's schemaString.
std::string schema_string(const std::vector<Field>& columns);
/// The protocol that holds for both: never lower than before.
delta::Protocol raised_protocol(const delta::Protocol& before, const std::vector<Field>& columns,
                                const std::map<std::string, std::string>& properties);
/// Refuses table properties whose promise this writer does not keep.
Result<void> check_properties(const std::map<std::string, std::string>& properties);

} // namespace pier::lake
