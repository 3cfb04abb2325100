#include "core/base/error.hpp"

#include "core/base/exit_code.hpp"

#include <cerrno>
#include <system_error>

namespace pier {

std::string Error::to_string() const {
  std::string text;
  for (auto it = context.rbegin(); it != context.rend(); ++it) {
    text += *it;
    text += ": ";
  }
  return text + message;
}

Error error_from_errno(int error_number, std::string_view doing) {
  auto kind = ErrorKind::io;
  switch (error_number) {
  case ENOENT:
  case ENOTDIR: kind = ErrorKind::not_found; break;
  case EEXIST: kind = ErrorKind::already_exists; break;
  case EACCES:
  case EPERM: kind = ErrorKind::permission_denied; break;
  default: break;
  }
  std::string reason = std::generic_category().message(error_number);
  if (!reason.empty() && reason.front() >= 'A' && reason.front() <= 'Z') {
    reason.front() = static_cast<char>(reason.front() - 'A' + 'a');
  }
  Error error{.kind = kind, .code = "PIER0102", .message = std::string(doing) + ": " + reason};
  if (error_number == ENOSPC) {
    error.code = "PIER0103";
    error.hint = "free some space; nothing was half-written";
  }
  return error;
}

ExitCode exit_code_of(ErrorKind kind) {
  switch (kind) {
  case ErrorKind::usage: return ExitCode::usage;
  case ErrorKind::permission_denied:
  case ErrorKind::unauthenticated: return ExitCode::denied;
  case ErrorKind::unavailable: return ExitCode::not_running;
  case ErrorKind::interrupted: return ExitCode::interrupted;
  case ErrorKind::internal: return ExitCode::bug;
  default: return ExitCode::failed;
  }
}

} // namespace pier
