#include "core/workspace_client/config_edit.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>
#include <system_error>

namespace fs = std::filesystem;

namespace pier::workspace_client {
namespace {

/// The name in a line `[name]`; nothing for other lines.
std::string_view section_of(std::string_view line) {
  line = trim(line);
  const auto end = line.find(']');
  if (!line.starts_with('[') || end == std::string_view::npos) {
    return {};
  }
  return trim(line.substr(1, end - 1));
}

/// Begin and end of the profile's section; the blank lines and comments before the next one belong to that.
std::pair<std::size_t, std::size_t> find_section(std::string_view text, std::string_view profile) {
  std::size_t begin = std::string_view::npos;
  std::size_t last_own = 0; // end of the section's last line with an attribute
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find('\n', at), text.size() - 1) + 1;
    const auto line = trim(text.substr(at, end - at));
    const auto name = section_of(line);
    if (begin != std::string_view::npos && !name.empty()) {
      return {begin, last_own};
    }
    if (begin == std::string_view::npos && name == profile) {
      begin = at;
      last_own = end;
    } else if (begin != std::string_view::npos && !line.empty() && line.front() != '#' && line.front() != ';') {
      last_own = end;
    }
    at = end;
  }
  return {begin, last_own};
}

} // namespace

std::string with_profile(std::string_view text, std::string_view profile,
                         const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::size_t width = 0;
  for (const auto& [key, value] : attributes) {
    width = std::max(width, key.size());
  }
  std::string section = "[" + std::string(profile) + "]\n";
  for (const auto& [key, value] : attributes) {
    section += key + std::string(width - key.size(), ' ') + " = " + value + "\n";
  }
  const auto [begin, end] = find_section(text, profile);
  if (begin != std::string_view::npos) {
    return std::string(text.substr(0, begin)) + section + std::string(text.substr(end));
  }
  std::string result(text);
  if (!result.empty() && !result.ends_with('\n')) {
    result += '\n';
  }
  if (!result.empty()) {
    result += '\n';
  }
  return result + section;
}

Result<void> write_profile(const fs::path& path, std::string_view profile,
                           const std::vector<std::pair<std::string, std::string>>& attributes) {
  std::error_code code;
  const auto real = fs::is_symlink(path, code) ? fs::weakly_canonical(path, code) : path;
  auto text = read_file(real);
  if (!text && text.error().kind != ErrorKind::not_found) {
    return std::move(text).error();
  }
  if (real.has_parent_path()) {
    PIER_TRY(make_directories(real.parent_path(), 0700));
  }
  return write_file_atomically(real, with_profile(text ? *text : std::string(), profile, attributes), Durability::fsync,
                               0600);
}

} // namespace pier::workspace_client
