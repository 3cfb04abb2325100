#pragma once

#include "core/base/result.hpp"
#include "core/base/secret.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace pier::migrate {

/// Where and as whom. The caller gets host and token from the workspace.
struct ConnectionParameters {
  std::string host; ///< name, address or the folder of a unix socket
  std::uint16_t port = 5432;
  std::string user;
  Secret password; ///< a short-lived token
  std::string database;
  std::string sslmode = "require";
  std::string sslrootcert; ///< file of the CA, for verify-full; empty: none
  std::chrono::seconds connect_timeout{30};
};

/// What PostgreSQL says about a failed statement (its protocol: "Error and Notice Message Fields").
struct ServerError {
  std::string sqlstate;
  std::string message;
  std::string detail;
  std::string hint;
  std::size_t position = 0; ///< characters from 1 in the statement; 0: unknown
};

using Rows = std::vector<std::vector<std::optional<std::string>>>;

/// One connection through libpq, which is loaded on first use. Error unavailable (PIER8410) when it is missing or
/// nobody answers, unauthenticated (PIER8411) when the login is refused. Not thread-safe.
class Connection {
 public:
  static Result<Connection> open(const ConnectionParameters& parameters);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  /// One statement with parameters as text. A stop cancels it.
  std::variant<Rows, ServerError> run(const std::string& statement,
                                      const std::vector<std::optional<std::string>>& parameters = {},
                                      const std::stop_token& stop = {});

  /// The same for statements of pier's own: a failure becomes an Error PIER8412.
  Result<Rows> query(const std::string& statement, const std::vector<std::optional<std::string>>& parameters = {});

  [[nodiscard]] int server_version() const; ///< 150020
  [[nodiscard]] bool is_alive() const;      ///< false once the connection is lost

 private:
  struct Impl;
  explicit Connection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

std::string quote_identifier(std::string_view name);
std::string quote_literal(std::string_view text);

} // namespace pier::migrate
