#pragma once

#include "core/lake/lake_core.hpp"
#include "core/lake/sql/emitter.hpp"
#include "core/lake/sql/statement_ast.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pier::lake {

/// A table of a statement, found and allowed.
struct TargetTable {
  catalog::TableInfo info;
  std::shared_ptr<const delta::Snapshot> snapshot;
};

/// One statement from its text to its result: what names mean, what the caller may do, what is written.
/// Lives as long as the statement; not for two threads.
class StatementRun final : public sql::Relations {
 public:
  StatementRun(LakeCore& core, const StatementRequest& request);

  Result<StatementResult> run();

  Result<sql::Relation> table(const sql::FromItem& item) override;
  Result<sql::Relation> read_files(const sql::Expression& call) override;

 private:
  // queries (run_query.cpp, relations.cpp, file_sources.cpp)
  Result<StatementResult> query(const sql::Query& query);
  Result<sql::Relation> view(const catalog::TableInfo& info);
  Result<sql::Relation> delta_relation(const delta::Snapshot& snapshot, sql::NameParts full_name);
  Result<sql::Relation> path_table(const sql::FromItem& item);
  Result<std::shared_ptr<const delta::Snapshot>> snapshot_of(const std::filesystem::path& root,
                                                             const sql::TableVersion& version);
  Result<sql::Relation> files_relation(std::string format, const std::vector<std::string>& files,
                                       const std::map<std::string, std::string>& options);
  Result<sql::Relation> csv_relation(const std::string& list, const std::map<std::string, std::string>& options);
  Result<std::vector<std::string>> list_files(const std::string& location);

  /// A path in SQL as a folder or file of this machine that the caller may read (or write).
  Result<std::filesystem::path> resolve_path(const std::string& location, bool write);
  /// A constant expression as text.
  Result<std::string> constant(const sql::Expression& expression);

  // definitions (run_ddl.cpp)
  Result<StatementResult> create_schema(const sql::CreateSchema& statement);
  Result<StatementResult> create_table(const sql::CreateTable& statement);
  Result<StatementResult> create_view(const sql::CreateView& statement);
  Result<StatementResult> drop(const sql::Drop& statement);
  Result<StatementResult> alter(const sql::AlterTable& statement);
  Result<StatementResult> use(const sql::Use& statement);
  Result<StatementResult> grant(const sql::GrantStatement& statement);

  // changes of rows (run_insert.cpp, run_rewrite.cpp, run_merge.cpp)
  Result<StatementResult> insert(const sql::Insert& statement);
  Result<StatementResult> remove(const sql::Delete& statement);
  Result<StatementResult> update(const sql::Update& statement);
  Result<StatementResult> merge(const sql::Merge& statement);

  // information (run_info.cpp)
  Result<StatementResult> describe(const sql::Describe& statement);
  Result<StatementResult> describe_history(const sql::Describe& statement);
  Result<StatementResult> show(const sql::Show& statement);

  Result<model::TableName> full_name(const sql::NameParts& parts) const;
  Result<std::pair<std::string, std::string>> schema_name(const sql::NameParts& parts) const;
  Result<TargetTable> target(const sql::NameParts& name, std::string_view privilege);
  sql::Emitter emitter();
  Result<EngineSession*> session();
  Result<Engine*> engine_for(const std::filesystem::path& folder);

  friend class TableRewrite;

  LakeCore& core_;
  const StatementRequest& request_;
  identity::Caller caller_; ///< whose rights hold: the request's caller, the owner inside a view
  std::string catalog_;
  std::string schema_;
  std::shared_ptr<Engine> engine_;
  std::unique_ptr<EngineSession> session_;
  std::vector<std::shared_ptr<const void>> keep_; ///< deletion vectors and hot tables that the SQL refers to
  std::string reads_ = "delta";                   ///< which snapshots the SQL reads; empty: files, too, that may change
  int view_depth_ = 0;
  bool restart_ = false; ///< the engine had to be replaced in the middle: once more from the start
};

/// An error of the catalog in the words of SQL.
Error sql_error(Error error);

/// Result of a change: num_affected_rows and its parts.
StatementResult change_result(std::vector<std::pair<std::string, std::int64_t>> counts);

} // namespace pier::lake
