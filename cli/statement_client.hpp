#pragma once

#include "core/workspace_client/rest_client.hpp"

#include <functional>
#include <string>
#include <vector>

namespace pier::cli {

struct SqlColumn {
  std::string name;
  std::string type; ///< "DECIMAL(10,2)"
};

struct SqlStatement {
  std::string sql;
  std::string warehouse;
  std::string catalog;
  std::string schema;
  std::vector<std::pair<std::string, std::string>> parameters; ///< texts
};

/// Gets the columns once, then the rows chunk by chunk (arrays of texts and nulls).
struct SqlReader {
  std::function<void(const std::vector<SqlColumn>&)> on_columns;
  std::function<void(const Json& rows)> on_rows;
};

/// Runs one statement through the Statement Execution API and reads its whole result page by page. A stop
/// cancels it. Error PIER0031 with the warehouse's message when it fails.
Result<void> run_sql(workspace_client::RestClient& client, const SqlStatement& statement, const SqlReader& reader);

/// `wanted`, or the first warehouse that the caller may use, running ones first. Error PIER0032.
Result<std::string> find_warehouse(workspace_client::RestClient& client, const std::string& wanted);

} // namespace pier::cli
