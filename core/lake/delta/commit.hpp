#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/lake/delta/snapshot.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pier::lake::delta {

/// What one commit changes, on top of the snapshot it was computed from.
struct CommitRequest {
  std::filesystem::path root;
  std::shared_ptr<const Snapshot> base; ///< null: the table is new
  std::vector<Action> actions;          ///< without commitInfo
  std::string operation;                ///< "WRITE", "DELETE", "CREATE OR REPLACE TABLE AS SELECT" …
  Json parameters = Json::object();     ///< values are texts
  std::map<std::string, std::int64_t> metrics;
  std::string user_name;
  bool blind_append = false; ///< read nothing: survives other commits
  std::int64_t now_millis = 0;
};

/// Makes the commit the next version of the log and returns it. Optimistic: when others were first, a blind
/// append moves behind them, unless they changed schema or protocol or ran the same application's transaction;
/// anything else gives ErrorKind::conflict DELTA_CONCURRENT_MODIFICATION and may be computed anew.
Result<std::int64_t> commit(const CommitRequest& request);

/// The action that takes a file out of the table.
RemoveFile remove_of(const AddFile& add, std::int64_t now_millis);

/// Protocol that a table needs with these columns and properties: the lowest that holds.
Protocol protocol_for(const std::vector<Field>& columns, const std::map<std::string, std::string>& properties);

} // namespace pier::lake::delta
