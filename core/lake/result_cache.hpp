#pragma once

#include "core/base/guarded.hpp"
#include "core/lake/statement.hpp"

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace pier::lake {

/// Small results of queries, for the same query over the same state of its tables (as the product's warehouses do,
/// "query result cache"). The last used stay. Thread-safe.
class ResultCache {
 public:
  /// Null when there is none; always for an empty key.
  std::shared_ptr<const StatementResult> find(const std::string& key);
  /// Does nothing for an empty key or a large result.
  void keep(const std::string& key, const StatementResult& result);

 private:
  using Entries = std::list<std::pair<std::string, std::shared_ptr<const StatementResult>>>; ///< the last used first

  struct State {
    Entries entries;
    std::unordered_map<std::string_view, Entries::iterator> by_key; ///< keys live in the entries
    std::size_t bytes = 0;
  };

  Guarded<State> state_;
};

/// The key of a query's result: `engine_sql` is what the query became, `reads` names the states of what it reads, the
/// request limits its rows. Empty when the next run may have another result: files that may change, the time, random
/// values.
std::string result_key(std::string_view engine_sql, std::string_view reads, const StatementRequest& request);

} // namespace pier::lake
