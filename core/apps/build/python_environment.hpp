#pragma once

#include "core/apps/build/build_step.hpp"

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace pier::apps {

/// Virtual environments below one folder, each named by the hash of what is in it: equal requirements share
/// one, and a known one costs nothing. Safe for several builds at once.
class PythonEnvironments {
 public:
  explicit PythonEnvironments(std::filesystem::path folder)
      : folder_(std::move(folder)) {}

  /// Requirements are installed in the order of `layers`: a later layer may replace what an earlier one brought.
  /// Returns the environment's folder.
  Result<std::filesystem::path> ensure(const BuildContext& context, const std::vector<std::string>& layers,
                                       const std::filesystem::path& relative_to);

  /// The program `uv`: the machine's, else one installed here from PyPI.
  Result<std::filesystem::path> uv(const BuildContext& context);

 private:
  Result<std::filesystem::path> ensure_alone(const BuildContext& context, const std::filesystem::path& target,
                                             const std::vector<std::string>& layers,
                                             const std::filesystem::path& relative_to);
  Result<void> create(const BuildContext& context, const std::filesystem::path& target,
                      const std::vector<std::string>& layers, const std::filesystem::path& relative_to);

  std::filesystem::path folder_;
  std::mutex mutex_;
  std::condition_variable_any free_;
  std::set<std::string> busy_; ///< keys being made now
};

} // namespace pier::apps
