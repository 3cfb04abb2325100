#include "core/store/readers.hpp"

#include <sqlite3.h>

namespace pier::store {

Result<Rows> Readers::query(std::string_view sql, const std::vector<Value>& arguments) {
  std::unique_ptr<Connection> connection;
  if (auto idle = idle_.lock(); !idle->empty()) {
    connection = std::move(idle->back());
    idle->pop_back();
  }
  if (connection == nullptr) {
    PIER_TRY_ASSIGN(connection, Connection::open(file_.string(), SQLITE_OPEN_READONLY));
  }
  auto rows = connection->run(sql, arguments);
  if (auto idle = idle_.lock(); idle->size() < k_kept) {
    idle->push_back(std::move(connection));
  }
  return rows;
}

} // namespace pier::store
