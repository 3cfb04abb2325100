#include "core/model/wheel.hpp"

#include "core/base/text.hpp"

#include <algorithm>
#include <map>

namespace pier::model {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view k_suffix = ".whl";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Takes a run of digits or of anything else from the front.
std::string_view take_run(std::string_view& text) {
  const bool digits = is_digit(text.front());
  const auto end = std::find_if(text.begin(), text.end(), [&](char c) { return is_digit(c) != digits; });
  const auto run = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(run.size());
  return run;
}

int compare_runs(std::string_view a, std::string_view b) {
  std::int64_t x = 0;
  std::int64_t y = 0;
  if (parse_int64(a, x) && parse_int64(b, y)) {
    return x < y ? -1 : x > y ? 1 : 0;
  }
  return a.compare(b);
}

} // namespace

std::optional<WheelName> WheelName::parse(const fs::path& file) {
  const auto name = file.filename().string();
  const auto parts = split(name, '-');
  if (!name.ends_with(k_suffix) || parts.size() < 5 || parts.size() > 6) {
    return std::nullopt;
  }
  const auto tags = parts[0].size() + parts[1].size() + 2;
  return WheelName{parts[0], parts[1], name.substr(tags, name.size() - k_suffix.size() - tags)};
}

std::string WheelName::to_string() const {
  return distribution + "-" + version + "-" + tags + std::string(k_suffix);
}

int compare_versions(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    const auto left = take_run(a);
    if (const int order = compare_runs(left, take_run(b)); order != 0) {
      return order;
    }
  }
  return a.empty() && b.empty() ? 0 : a.empty() ? -1 : 1;
}

std::vector<fs::path> latest_wheels(const std::vector<fs::path>& files) {
  std::vector<fs::path> chosen;
  std::map<std::string, std::pair<std::size_t, std::string>> best; ///< by distribution: place and version
  for (const auto& file : files) {
    const auto wheel = WheelName::parse(file);
    const auto found = wheel ? best.find(wheel->distribution) : best.end();
    if (found == best.end()) {
      if (wheel) {
        best.emplace(wheel->distribution, std::pair(chosen.size(), wheel->version));
      }
      chosen.push_back(file);
    } else if (compare_versions(found->second.second, wheel->version) < 0) {
      found->second.second = wheel->version;
      chosen[found->second.first] = file;
    }
  }
  return chosen;
}

std::pair<std::string, std::string> split_extras(const std::string& dependency) {
  const auto open = dependency.rfind('[');
  if (open == std::string::npos || !dependency.ends_with(']') || dependency.find(']', open) + 1 != dependency.size() ||
      !to_lower(dependency.substr(0, open)).ends_with(k_suffix)) {
    return {dependency, {}};
  }
  return {dependency.substr(0, open), dependency.substr(open)};
}

} // namespace pier::model
