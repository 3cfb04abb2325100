#include "core/server/daemon.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return static_cast<int>(pier::server::run_daemon(arguments, pier::Environment::of_process()));
  } catch (const std::exception& exception) {
    std::fprintf(stderr, "pierd: bug: %s\n", exception.what());
    return static_cast<int>(pier::ExitCode::bug);
  }
}
