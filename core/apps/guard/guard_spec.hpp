#pragma once

#include "core/base/json.hpp"
#include "core/base/result.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace pier::apps {

/// What a guardian process runs and how it contains it. Travels as one JSON line over the guardian's standard
/// input, never in argv: the environment holds secrets.
struct GuardSpec {
  std::vector<std::string> argv; ///< argv[0] is an absolute path
  std::map<std::string, std::string, std::less<>> env;
  std::string cwd;
  std::string log_file; ///< JSON lines; rotated to .1, .2
  std::uint64_t log_limit = 10ULL * 1024 * 1024;
  std::chrono::milliseconds stop_grace{15'000}; ///< between SIGTERM and SIGKILL
  std::vector<std::string> hidden;              ///< folders that the program may not even read (Landlock)
  std::vector<std::string> readable;            ///< exceptions below hidden folders
  std::vector<std::string> writable;            ///< where it may write, also below hidden folders
  bool writes_anywhere = true;                  ///< else only below `writable` and in scratch folders
  std::string log_source = "APP";

  [[nodiscard]] std::string to_line() const; ///< with the newline
  static Result<GuardSpec> parse(std::string_view line);
};

} // namespace pier::apps
