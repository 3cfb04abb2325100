#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pier {

/// What sort of failure it is; decides exit code and HTTP status (see to_http_status).
enum class ErrorKind {
  invalid_argument,  ///< the input is wrong: 400, exit 1
  not_found,         ///< 404
  already_exists,    ///< 409
  permission_denied, ///< 403, exit 4
  unauthenticated,   ///< 401, exit 4
  conflict,          ///< somebody else was first, a retry may succeed: 409
  invalid_state,     ///< not possible now: 400
  too_large,         ///< a stated limit is exceeded: 413
  unsupported,       ///< known, but not offered here: 501
  unavailable,       ///< the other side does not answer, exit 5 when it is the local workspace
  usage,             ///< the command line is wrong: exit 2
  io,                ///< file system, disk full, broken pipe
  interrupted,       ///< a stop was asked for: exit 130
  internal,          ///< a bug in pier: 500, exit 70
};

/// What the other side of a REST call answered, word for word.
struct RestAnswer {
  std::string endpoint;           ///< "POST http://host/api/2.2/jobs/create"
  int status = 0;                 ///< 400
  std::string reason;             ///< "Bad Request"
  std::string error_code;         ///< of the API; may be empty
  std::string message;            ///< of the API
  bool managed_by_parent = false; ///< it cannot be removed by itself, only with what it belongs to

  bool operator==(const RestAnswer&) const = default;
};

/// An expected failure: what happened, why, and how to go on. Not for bugs (those throw).
/// Messages are present tense, lower case, without a full stop, and never contain secrets.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string code;                         ///< "PIER3001" (`pier explain`), or a REST error_code
  std::string message;                      ///< what happened
  std::string hint;                         ///< how to fix it: a command or an edit; may be empty
  std::vector<std::string> context;         ///< what was being done, innermost first
  std::shared_ptr<const RestAnswer> answer; ///< shared since errors are copied; null: no REST call failed

  /// Adds what was being done on the way up: `reading app.yaml`.
  [[nodiscard]] Error with_context(std::string what) && {
    context.push_back(std::move(what));
    return std::move(*this);
  }

  /// "outer: inner: message"
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Error&) const = default;
};

/// Error from errno: kind by its value (ENOENT → not_found, EACCES → permission_denied, else io).
[[nodiscard]] Error error_from_errno(int error_number, std::string_view doing);

} // namespace pier
