#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pier::bundles {

/// "https:", "dbfs:", "s3:" …: what Go's URL parser takes for a scheme; empty without one.
std::string_view url_scheme(std::string_view text);

/// A path on this machine: no scheme of a remote storage, not absolute.
bool is_local_path(std::string_view text);

/// A dependency of an environment that is a local file, not a package of an index: "./dist/x.whl".
bool is_local_library(std::string_view dependency);

/// "-r requirements.txt" with a local path: flag and path.
struct PipFlag {
  std::string flag;
  std::string path;
};

std::optional<PipFlag> local_pip_flag(std::string_view dependency);

} // namespace pier::bundles
