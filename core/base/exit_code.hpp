#pragma once

#include "core/base/error.hpp"

namespace pier {

/// Exit codes of the top-level verbs (`pier bundle …` uses 0 and 1 only).
enum class ExitCode : int {
  ok = 0,
  failed = 1,
  usage = 2,
  differences = 3,
  denied = 4,
  not_running = 5,
  bug = 70,
  interrupted = 130,
};

ExitCode exit_code_of(ErrorKind kind);

} // namespace pier
