#include "cli/known_users.hpp"

#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/workspace_client/connection.hpp"
#include "core/workspace_client/local_workspace.hpp"

namespace pier::cli {
namespace {

std::filesystem::path cache_file(const Environment& env) {
  if (const auto cache = env.get("XDG_CACHE_HOME")) {
    return std::filesystem::path(*cache) / "pier" / "users.json";
  }
  const auto home = env.get("HOME");
  return home ? std::filesystem::path(*home) / ".cache" / "pier" / "users.json" : std::filesystem::path();
}

Json read_cache(const std::filesystem::path& file) {
  const auto text = file.empty() ? Result<std::string>(std::string()) : read_file(file);
  auto cache = text ? Json::parse(*text) : Result<Json>(Json::object());
  return cache && cache->is_object() ? *std::move(cache) : Json::object();
}

Json to_json(const model::CurrentUser& user) {
  return Json::object({{"id", user.id},
                       {"user_name", user.user_name},
                       {"display_name", user.display_name},
                       {"is_service_principal", user.is_service_principal}});
}

} // namespace

KnownUsers::KnownUsers(const Environment& env)
    : file_(cache_file(env)) {}

std::optional<model::CurrentUser> KnownUsers::find(const std::string& workspace) const {
  const auto cache = read_cache(file_);
  const auto* entry = cache.find(workspace);
  if (entry == nullptr || entry->get_string("user_name").empty()) {
    return std::nullopt;
  }
  return model::CurrentUser{.id = entry->get_string("id"),
                            .user_name = entry->get_string("user_name"),
                            .display_name = entry->get_string("display_name"),
                            .is_service_principal = entry->get_bool("is_service_principal")};
}

void KnownUsers::remember(const std::string& workspace, const model::CurrentUser& user) const {
  auto cache = read_cache(file_);
  const auto* known = cache.find(workspace);
  const auto entry = to_json(user);
  if (file_.empty() || (known != nullptr && *known == entry)) {
    return;
  }
  cache[workspace] = entry;
  if (make_directories(file_.parent_path(), 0700)) {
    // A cache that could not be written is as good as none.
    [[maybe_unused]] const auto written = write_file_atomically(file_, cache.dump(2) + "\n", Durability::none, 0600);
  }
}

std::string workspace_of(const model::WorkspaceSettings& bundle, bool local, const Environment& env) {
  const workspace_client::ConnectionRequest request{.profile = {}, .bundle = bundle, .local = local};
  const auto chosen = workspace_client::choose_workspace(request, env);
  if (!chosen) {
    return bundle.host;
  }
  if (*chosen) {
    const auto& connection = **chosen;
    return connection.profile.empty() ? connection.host : connection.host + " as " + connection.profile;
  }
  const auto paths = workspace_client::local_paths(env);
  return paths ? paths->folder.string() : std::string();
}

} // namespace pier::cli
