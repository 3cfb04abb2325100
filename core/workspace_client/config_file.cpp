#include "core/workspace_client/config_file.hpp"

#include "core/base/files.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::workspace_client {
namespace {

constexpr std::uint64_t k_max_config = 4 * 1024 * 1024;

std::string_view without_comment(std::string_view value) {
  for (std::size_t at = 1; at < value.size(); ++at) {
    if ((value[at] == '#' || value[at] == ';') && (value[at - 1] == ' ' || value[at - 1] == '\t')) {
      return trim(value.substr(0, at));
    }
  }
  return value;
}

} // namespace

const ConfigFile::Attributes* ConfigFile::find(std::string_view profile) const {
  const auto it = profiles.find(profile);
  return it == profiles.end() ? nullptr : &it->second;
}

Result<ConfigFile> ConfigFile::parse(std::string_view text) {
  ConfigFile file;
  std::string section = "DEFAULT";
  std::size_t number = 0;
  for (const auto& raw : split(text, '\n')) {
    ++number;
    const auto line = trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') {
      continue;
    }
    if (line.front() == '[') {
      const auto end = line.find(']');
      if (end == std::string_view::npos) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = "PIER2001",
                     .message =
                         "line " + std::to_string(number) + ": section '" + std::string(line) + "' is not closed",
                     .hint = "write [PROFILE]"};
      }
      section = trim(line.substr(1, end - 1));
      if (section != "__settings__" && !file.profiles.contains(section)) {
        file.order.push_back(section);
        file.profiles.try_emplace(section);
      }
      continue;
    }
    const auto equals = line.find('=');
    if (equals == std::string_view::npos) {
      continue; // a key without a value says nothing
    }
    const std::string key(trim(line.substr(0, equals)));
    const std::string value(without_comment(trim(line.substr(equals + 1))));
    if (section == "__settings__") {
      file.settings.insert_or_assign(key, value);
      continue;
    }
    if (!file.profiles.contains(section)) {
      file.order.push_back(section);
    }
    file.profiles[section].insert_or_assign(key, value);
  }
  return file;
}

Result<ConfigFile> ConfigFile::load(const std::filesystem::path& path) {
  auto text = read_file(path, k_max_config);
  if (!text) {
    if (text.error().kind == ErrorKind::not_found) {
      return ConfigFile();
    }
    return std::move(text).error();
  }
  return parse(*text).context("reading " + path.string());
}

std::filesystem::path config_file_path(const Environment& env) {
  if (const auto path = env.get("DATABRICKS_CONFIG_FILE")) {
    return *path;
  }
  return std::filesystem::path(env.get("HOME").value_or("/")) / ".databrickscfg";
}

std::string canonical_host(std::string_view host) {
  host = trim(host);
  std::string scheme = "https";
  if (const auto at = host.find("://"); at != std::string_view::npos) {
    scheme = to_lower(host.substr(0, at));
    host.remove_prefix(at + 3);
  }
  host = host.substr(0, host.find_first_of("/?#"));
  host.remove_prefix(host.rfind('@') + 1); // npos + 1 is 0
  return host.empty() ? std::string() : scheme + "://" + to_lower(host);
}

bool is_loopback_host(std::string_view host) {
  const auto at = host.find("://");
  auto name = at == std::string_view::npos ? host : host.substr(at + 3);
  if (name.starts_with("[::1]")) {
    return true;
  }
  name = name.substr(0, name.find_first_of(":/"));
  return name == "localhost" || name.starts_with("127.");
}

} // namespace pier::workspace_client
