#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pier {

/// The shell that runs scripts of a bundle.
struct Shell {
  std::filesystem::path program; ///< absolute
  bool is_bash = false;

  /// The command line that runs a script and stops at its first failure.
  [[nodiscard]] std::vector<std::string> call(const std::string& script) const;
};

/// bash if PATH has it, else sh, as the official CLI chooses; with a name, that one only.
/// Error PIER0023: there is none.
Result<Shell> find_shell(const Environment& env, std::string_view name = {});

} // namespace pier
