#pragma once

#include "core/base/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace pier::lakebase {

// PostgreSQL protocol, "Message Formats": request codes in place of a version.
inline constexpr std::uint32_t k_cancel_request = 80877102;
inline constexpr std::uint32_t k_ssl_request = 80877103;
inline constexpr std::uint32_t k_gssenc_request = 80877104;
inline constexpr std::size_t k_max_startup_packet = 10'000; ///< as the server's own limit
inline constexpr std::size_t k_max_password_packet = 64 * 1024;

std::uint32_t read_uint32(std::string_view bytes, std::size_t at); ///< big-endian; bytes must be there
void append_uint32(std::string& out, std::uint32_t value);

/// The StartupMessage of a client.
struct StartupPacket {
  std::uint32_t version = 0; ///< 196608 = 3.0
  std::map<std::string, std::string> parameters;

  [[nodiscard]] std::string user() const { return parameter("user"); }

  [[nodiscard]] std::string database() const { return parameter("database").empty() ? user() : parameter("database"); }

  [[nodiscard]] std::string parameter(const std::string& name) const;
  [[nodiscard]] bool wants_replication() const;

  /// The whole packet, length included. Error invalid_argument, code = SQLSTATE 08P01 or 28000.
  static Result<StartupPacket> parse(std::string_view packet);
};

/// What a client is told before it is connected.
struct ClientError {
  std::string sql_state; ///< "28P01"
  std::string message;
  std::string hint;
};

std::string error_response(const ClientError& error); ///< severity FATAL
std::string authentication_cleartext_password();
/// Password of a PasswordMessage's body (up to its NUL); error 08P01 when malformed.
Result<std::string> parse_password(std::string_view body);

/// Follows the framing of one direction of a started session: what was the status of the last
/// ReadyForQuery (`I` idle, `T` in a transaction, `E` failed transaction; 0: none yet)? Keeps no payload.
class ServerStreamTracker {
 public:
  void feed(std::string_view bytes);

  [[nodiscard]] char status() const { return status_; }

 private:
  std::string header_;          ///< bytes of an incomplete header
  std::uint64_t remaining_ = 0; ///< payload bytes still to come
  char type_ = 0;
  char status_ = 0;
};

} // namespace pier::lakebase
