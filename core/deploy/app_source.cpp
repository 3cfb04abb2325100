#include "core/deploy/app_source.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/files.hpp"
#include "core/deploy/state_store.hpp"

#include <algorithm>

namespace pier::deploy {
namespace {

std::filesystem::path record_file(const model::Bundle& bundle) {
  return bundle.local_dir / "app-sources.json";
}

/// The part of a workspace path below file_path, with a slash at the end; nothing for other paths.
std::optional<std::string> folder_of(const model::Bundle& bundle, const std::string& source_code_path) {
  if (source_code_path.empty()) {
    return std::nullopt;
  }
  if (source_code_path == bundle.paths.file_path) {
    return std::string();
  }
  const auto prefix = bundle.paths.file_path + "/";
  if (!source_code_path.starts_with(prefix)) {
    return std::nullopt;
  }
  auto folder = source_code_path.substr(prefix.size());
  return folder.ends_with('/') ? folder : folder + "/";
}

bool is_to_run(const PlanEntry& entry) {
  const auto* started = entry.desired.find_path({"lifecycle", "started"});
  return started != nullptr && started->is_bool() && started->as_bool();
}

} // namespace

AppSources AppSources::load(const model::Bundle& bundle) {
  AppSources sources;
  const auto text = read_file(record_file(bundle));
  const auto json = text ? Json::parse(*text) : Result<Json>(Json());
  if (json && json->is_object()) {
    for (const auto& [key, digest] : json->as_object()) {
      if (digest.is_string()) {
        sources.set(key, digest.as_string());
      }
    }
  }
  return sources;
}

Result<void> AppSources::save(const model::Bundle& bundle) const {
  auto json = Json::object();
  for (const auto& [key, digest] : digests_) {
    json[key] = digest;
  }
  return write_file_atomically(record_file(bundle), json.dump(1), Durability::none, 0600);
}

const std::string* AppSources::find(const std::string& key) const {
  const auto it = digests_.find(key);
  return it == digests_.end() ? nullptr : &it->second;
}

std::string source_digest(const model::Bundle& bundle, const std::string& source_code_path,
                          const std::vector<LocalFile>& files) {
  const auto folder = folder_of(bundle, source_code_path);
  if (!folder) {
    return {};
  }
  std::string lines;
  for (const auto& file : files) {
    if (file.path.starts_with(*folder)) {
      lines += file.path + " " + std::to_string(file.size) + " " + std::to_string(file.modified) + "\n";
    }
  }
  return hex_encode(sha256(lines));
}

std::vector<std::string> apps_with_new_code(const model::Bundle& bundle, const Plan& plan,
                                            const std::vector<LocalFile>& files,
                                            const std::vector<std::string>& uploaded) {
  const auto sources = AppSources::load(bundle);
  std::vector<std::string> keys;
  for (const auto& [key, entry] : plan.entries) {
    const bool app = key.starts_with("resources.apps.") && !key.ends_with(".permissions");
    if (!app || entry.action != Action::skip || !is_to_run(entry)) {
      continue;
    }
    const auto path = entry.desired.get_string("source_code_path");
    const auto folder = folder_of(bundle, path);
    if (!folder) {
      continue;
    }
    const auto* known = sources.find(key);
    const bool differs = known != nullptr && *known != source_digest(bundle, path, files);
    const bool sent = known == nullptr && std::any_of(uploaded.begin(), uploaded.end(), [&](const std::string& file) {
                        return file.starts_with(*folder);
                      });
    const bool none = !entry.remote.contains("active_deployment");
    if (differs || sent || none) {
      keys.push_back(key);
    }
  }
  return keys;
}

} // namespace pier::deploy
