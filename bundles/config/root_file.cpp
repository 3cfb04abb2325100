#include "bundles/config/root_file.hpp"

#include <system_error>

namespace pier::bundles {
namespace {

namespace fs = std::filesystem;

bool is_there(const fs::path& path) {
  std::error_code code;
  return fs::exists(path, code);
}

Error not_found(const fs::path& cwd) {
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER1001",
               .message = "Unable to locate the bundle root: databricks.yml not found.",
               .hint = "no databricks.yml in " + cwd.string() +
                       " or above; make a project with 'pier init', or set DATABRICKS_BUNDLE_ROOT"};
}

Result<fs::path> root_from_environment(const std::string& value) {
  const fs::path path = fs::absolute(value).lexically_normal();
  std::error_code code;
  std::string reason;
  if (!fs::exists(path, code)) {
    reason = "stat " + value + ": no such file or directory";
  } else if (!fs::is_directory(path, code)) {
    reason = "not a directory";
  } else if (auto file = find_root_file(path); !file) {
    reason = file.error().message;
  } else {
    return path;
  }
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER1001",
               .message = "Invalid bundle root DATABRICKS_BUNDLE_ROOT=\"" + value + "\": " + reason,
               .hint = "point DATABRICKS_BUNDLE_ROOT at a folder that holds databricks.yml, or unset it"};
}

} // namespace

Result<fs::path> find_root_file(const fs::path& folder) {
  fs::path found;
  for (const auto name : k_root_file_names) {
    if (!is_there(folder / name)) {
      continue;
    }
    if (!found.empty()) {
      return Error{.kind = ErrorKind::invalid_argument,
                   .code = "PIER1002",
                   .message = "multiple bundle root configuration files found in " + folder.string(),
                   .hint = "keep one of " + found.filename().string() + " and " + std::string(name)};
    }
    found = folder / name;
  }
  if (found.empty()) {
    return Error{.kind = ErrorKind::not_found, .code = "PIER1001", .message = "databricks.yml not found"};
  }
  return found;
}

Result<fs::path> find_bundle_root(const fs::path& cwd, const Environment& env) {
  for (const auto* variable : {"DATABRICKS_BUNDLE_ROOT", "BUNDLE_ROOT"}) {
    if (const auto value = env.get(variable)) {
      return root_from_environment(*value);
    }
  }
  const auto start = fs::absolute(cwd).lexically_normal();
  for (const auto name : k_root_file_names) {
    for (auto folder = start;; folder = folder.parent_path()) {
      if (is_there(folder / name)) {
        return folder;
      }
      if (folder == folder.parent_path()) {
        break;
      }
    }
  }
  return not_found(cwd);
}

} // namespace pier::bundles
