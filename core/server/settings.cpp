#include "core/server/settings.hpp"

#include "core/base/digest.hpp"
#include "core/base/text.hpp"

#include <array>

namespace pier::server {
namespace {

constexpr std::array k_schema = {
    std::string_view("CREATE TABLE server_settings(key TEXT PRIMARY KEY, value TEXT NOT NULL);"),
};

} // namespace

Result<Settings> Settings::open(store::Database& database) {
  PIER_TRY(database.ensure_schema("server", k_schema));
  return Settings(database);
}

Result<std::optional<std::string>> Settings::get(std::string_view key) const {
  PIER_TRY_ASSIGN(const auto rows,
                  database_->query("SELECT value FROM server_settings WHERE key = ?", {std::string(key)}));
  return rows.empty() ? std::optional<std::string>() : rows.front().text(0);
}

Result<void> Settings::set(std::string_view key, std::string_view value) const {
  PIER_TRY(database_->execute("INSERT INTO server_settings(key, value) VALUES (?, ?) "
                              "ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                              {std::string(key), std::string(value)}));
  return {};
}

Result<void> Settings::unset(std::string_view key) const {
  PIER_TRY(database_->execute("DELETE FROM server_settings WHERE key = ?", {std::string(key)}));
  return {};
}

Result<std::int64_t> Settings::workspace_id() const {
  PIER_TRY_ASSIGN(const auto known, get("workspace_id"));
  std::int64_t id = 0;
  if (known && parse_int64(*known, id)) {
    return id;
  }
  for (const char byte : random_bytes(6)) {
    id = id * 256 + static_cast<unsigned char>(byte);
  }
  id += 1'000'000'000'000'000; // 16 digits, as remotely
  PIER_TRY(set("workspace_id", std::to_string(id)));
  return id;
}

Result<std::uint16_t> Settings::port(std::string_view purpose) const {
  PIER_TRY_ASSIGN(const auto known, get("port:" + std::string(purpose)));
  std::int64_t port = 0;
  if (!known || !parse_int64(*known, port) || port < 1 || port > 65'535) {
    return std::uint16_t{0};
  }
  return static_cast<std::uint16_t>(port);
}

Result<void> Settings::set_port(std::string_view purpose, std::uint16_t port) const {
  return set("port:" + std::string(purpose), std::to_string(port));
}

} // namespace pier::server
