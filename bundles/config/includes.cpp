#include "bundles/config/includes.hpp"

#include "bundles/config/root_file.hpp"
#include "bundles/yaml/reader.hpp"
#include "core/base/files.hpp"
#include "core/base/glob.hpp"

#include <algorithm>

namespace pier::bundles {
namespace {

std::vector<std::string> patterns_of(const std::filesystem::path& root) {
  std::vector<std::string> patterns;
  const auto path = find_root_file(root);
  const auto text = path ? read_file(*path, k_max_yaml_bytes) : Result<std::string>(path.error());
  if (!text) {
    return patterns;
  }
  Diagnostics told_before; // by the load of the bundle
  const std::string name = path->filename().string();
  const auto value = read_yaml(*text, &name, told_before);
  const auto* include = value ? value->find("include") : nullptr;
  if (include != nullptr && include->is_list()) {
    for (const auto& entry : include->as_list()) {
      if (entry.is_text()) {
        patterns.push_back(entry.as_text());
      }
    }
  }
  return patterns;
}

} // namespace

bool includes_file(const std::filesystem::path& root, const std::filesystem::path& file) {
  const auto name = file.lexically_normal().lexically_relative(root).generic_string();
  const auto patterns = patterns_of(root);
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    const auto files = glob_files(root, pattern);
    return std::find(files.begin(), files.end(), name) != files.end();
  });
}

} // namespace pier::bundles
