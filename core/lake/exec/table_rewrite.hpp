#pragma once

#include "core/lake/delta/commit.hpp"
#include "core/lake/exec/statement_run.hpp"

#include <map>
#include <string>
#include <vector>

namespace pier::lake {

/// How rows of some files change, as SQL of the engine over the files' rows (alias given by the caller).
struct RewritePlan {
  std::string operation;      ///< "DELETE", "UPDATE", "MERGE"
  std::string parameters_key; ///< "predicate"
  std::string parameters_value;
  std::vector<std::shared_ptr<const delta::AddFile>> touched; ///< files that are replaced
  std::string survivors; ///< query: all rows that the touched files shall hold now, and new rows
  std::string changes;   ///< query: the table's columns and _change_type, for the change data feed
  std::map<std::string, std::int64_t> metrics;
};

/// Writes what a plan says as one commit: copy on write, with change files when the table has the feed on.
Result<void> commit_rewrite(LakeCore& core, Engine& engine, EngineSession& session, const identity::Caller& caller,
                            const TargetTable& table, const RewritePlan& plan, const std::stop_token& stop);

/// `"a", "b"` of a table's columns, each after a prefix ("t.").
std::string column_list(const std::vector<Field>& columns, const std::string& prefix);

/// Refuses tables that may only grow.
Result<void> check_may_change(const delta::Snapshot& snapshot);

/// The files whose paths a query lists.
Result<std::vector<std::shared_ptr<const delta::AddFile>>> files_named(EngineSession& session,
                                                                       const delta::Snapshot& snapshot,
                                                                       const std::string& query,
                                                                       const std::stop_token& stop);

/// A single number.
Result<std::int64_t> count_of(EngineSession& session, const std::string& query, const std::stop_token& stop);

} // namespace pier::lake
