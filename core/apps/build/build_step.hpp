#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"

#include <chrono>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace pier::apps {

/// What all steps of one build share.
struct BuildContext {
  std::filesystem::path guard_program;
  std::filesystem::path log_file;     ///< of the deployment or run; gets SYSTEM lines
  std::filesystem::path state_folder; ///< hidden from what is built; empty: nothing is hidden
  std::vector<std::string> writable;  ///< exceptions of it
  Environment env;
  std::chrono::milliseconds timeout{std::chrono::minutes(10)};
  std::stop_token stop;
};

/// Runs one program of a build under a guardian. Errors: invalid_state with the last lines when it fails,
/// interrupted, unavailable after the time-out.
Result<void> run_build_step(const BuildContext& context, const std::vector<std::string>& argv,
                            const std::filesystem::path& cwd);

/// A SYSTEM line in the log.
void log_system(const BuildContext& context, std::string_view line);

} // namespace pier::apps
