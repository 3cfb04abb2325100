#pragma once

#include "core/base/environment.hpp"
#include "core/base/result.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pier::workspace_client {

/// A `~/.databrickscfg`: profiles (INI sections) with their attributes. The section `DEFAULT` is the
/// unnamed profile; `__settings__` holds the tool's own settings and is never a profile.
struct ConfigFile {
  using Attributes = std::map<std::string, std::string, std::less<>>;

  std::map<std::string, Attributes, std::less<>> profiles;
  std::vector<std::string> order; ///< profile names as they stand in the file
  Attributes settings;

  [[nodiscard]] const Attributes* find(std::string_view profile) const;

  /// `key = value` lines; `#` and `;` start comments at the line's begin or after a space. Error PIER2001.
  static Result<ConfigFile> parse(std::string_view text);
  /// A file that does not exist is an empty one.
  static Result<ConfigFile> load(const std::filesystem::path& path);
};

/// $DATABRICKS_CONFIG_FILE or ~/.databrickscfg.
std::filesystem::path config_file_path(const Environment& env);

/// "Example.cloud.test/path?o=1" → "https://example.cloud.test": scheme added, user, path and query dropped,
/// host in lower case.
std::string canonical_host(std::string_view host);

/// http(s)://127.…, [::1] or localhost.
bool is_loopback_host(std::string_view host);

} // namespace pier::workspace_client
