#pragma once

#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/migrate/connection.hpp"

#include <memory>
#include <optional>
#include <string>

namespace pier::migrate {

/// A fresh PostgreSQL on a unix socket in a temporary folder; gone with this.
class TempPostgres {
 public:
  TempPostgres();
  ~TempPostgres();
  TempPostgres(const TempPostgres&) = delete;
  TempPostgres& operator=(const TempPostgres&) = delete;

  [[nodiscard]] Connection connect(const std::string& user = "owner") const;
  [[nodiscard]] ConnectionParameters parameters(const std::string& user = "owner") const;

 private:
  std::optional<TempDirectory> folder_;
  std::optional<Process> server_;
};

} // namespace pier::migrate
