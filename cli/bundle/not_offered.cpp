#include "cli/bundle/not_offered.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace pier::cli {
namespace {

struct Known {
  std::string_view name; ///< behind "bundle"
  std::string_view instead;
};

constexpr std::array k_known = {
    Known{"debug", "use `pier validate`, `pier status` and --debug"},
    Known{"config-remote-sync", "use `pier bundle plan` to see what differs, and edit databricks.yml"},
};

} // namespace

std::optional<Error> not_offered(std::span<const std::string> words) {
  std::vector<std::string_view> plain;
  std::copy_if(words.begin(), words.end(), std::back_inserter(plain),
               [](const std::string& word) { return !word.starts_with('-'); });
  if (plain.size() < 2 || plain[0] != "bundle") {
    return std::nullopt;
  }
  const auto* known =
      std::find_if(k_known.begin(), k_known.end(), [&](const Known& one) { return one.name == plain[1]; });
  if (known == k_known.end()) {
    return std::nullopt;
  }
  return Error{.kind = ErrorKind::unsupported,
               .code = "PIER0028",
               .message =
                   "pier does not offer `bundle " + std::string(known->name) + "`: " + std::string(known->instead)};
}

} // namespace pier::cli
