#include "cli/run.hpp"

#include <cstdlib>

int main(int argc, char** argv) {
  const int code = pier::cli::run_process(argc, argv);
#ifdef NDEBUG
  // All is written and every thread has ended; the exit handlers of loaded libraries only cost half a millisecond.
  // Debug builds run them: leak checks and coverage counters live there.
  std::_Exit(code);
#else
  return code;
#endif
}
