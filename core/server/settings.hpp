#pragma once

#include "core/base/result.hpp"
#include "core/store/database.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pier::server {

/// Small values that the workspace keeps (SQLite table `server_settings`): its id, its port, workspace-conf.
class Settings {
 public:
  static Result<Settings> open(store::Database& database);

  Result<std::optional<std::string>> get(std::string_view key) const;
  Result<void> set(std::string_view key, std::string_view value) const;
  Result<void> unset(std::string_view key) const;

  /// A random positive number below 2^53, made once (clients read it as a double).
  Result<std::int64_t> workspace_id() const;

  /// The port that `purpose` had last; 0 when it had none.
  Result<std::uint16_t> port(std::string_view purpose) const;
  Result<void> set_port(std::string_view purpose, std::uint16_t port) const;

 private:
  explicit Settings(store::Database& database)
      : database_(&database) {}

  store::Database* database_;
};

} // namespace pier::server
