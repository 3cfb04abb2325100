#pragma once

#include "core/base/environment.hpp"
#include "core/base/exit_code.hpp"

#include <string>
#include <vector>

namespace pier::server {

/// pierd: `pierd [--daemon] [--port N]`. The workspace is that of PIER_HOME and PIER_WORKSPACE. Runs until
/// SIGTERM, SIGINT or SIGHUP. With --daemon it leaves the terminal and tells its parent on stdout, in one line
/// of JSON, that it listens or why it cannot.
ExitCode run_daemon(const std::vector<std::string>& arguments, const Environment& env);

} // namespace pier::server
