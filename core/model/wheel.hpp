#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pier::model {

/// The name of a wheel's file (PEP 491): "name-1.2.3-py3-none-any.whl", with an optional tag of the build.
struct WheelName {
  std::string distribution;
  std::string version;
  std::string tags; ///< "py3-none-any"

  static std::optional<WheelName> parse(const std::filesystem::path& file);

  [[nodiscard]] std::string to_string() const;
};

/// Compares versions by their runs of digits and other characters; negative: `a` is older. Enough for "1.2.10" and
/// "1.2.3+1741091696", not the whole of PEP 440.
int compare_versions(std::string_view a, std::string_view b);

/// Of several versions of a wheel the latest, at the place of the first; everything else stays.
std::vector<std::filesystem::path> latest_wheels(const std::vector<std::filesystem::path>& files);

/// "x.whl[dev]" → "x.whl" and "[dev]".
std::pair<std::string, std::string> split_extras(const std::string& dependency);

} // namespace pier::model
