#pragma once

#include "core/base/guarded.hpp"
#include "core/store/connection.hpp"

#include <filesystem>

namespace pier::store {

/// Connections that only read, made when they are first needed: they see what is committed and wait for no writer
/// (SQLite, "Write-Ahead Logging"). Thread-safe; private to this room.
class Readers {
 public:
  explicit Readers(std::filesystem::path file)
      : file_(std::move(file)) {}

  Result<Rows> query(std::string_view sql, const std::vector<Value>& arguments);

 private:
  static constexpr std::size_t k_kept = 16;

  std::filesystem::path file_;
  Guarded<std::vector<std::unique_ptr<Connection>>> idle_;
};

} // namespace pier::store
