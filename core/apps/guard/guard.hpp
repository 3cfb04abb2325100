#pragma once

#include "core/apps/guard/guard_spec.hpp"

namespace pier::apps {

/// The life of a guardian process: runs one program, writes its output to the log, and makes sure that nothing
/// of it outlives the guardian's owner (facts: gateway 7).
///
/// Reads the GuardSpec from `life_line` (one line). Afterwards the end of that stream, or "stop\n", stops the
/// program: SIGTERM to its group and descendants, SIGKILL after the grace time until none is left. Writes
/// {"event":"started","pid":n}, then {"event":"ended","code":n,"signal":n} (or {"event":"failed","message":…})
/// as lines to `events`. Being a subreaper, it also gets descendants that left the group.
/// Returns the guardian's exit code.
int run_guard(int life_line, int events);

} // namespace pier::apps
