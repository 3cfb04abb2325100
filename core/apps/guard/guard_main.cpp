#include "core/apps/guard/guard.hpp"

#include <unistd.h>

/// pier-guard: started by the local workspace, one per running app or task. Not for people.
int main() {
  return pier::apps::run_guard(STDIN_FILENO, STDOUT_FILENO);
}
