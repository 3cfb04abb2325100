#include "core/workspace_client/workspace_objects.hpp"

namespace pier::workspace_client {
namespace {

constexpr const char* k_status = "/api/2.0/workspace/get-status";
constexpr const char* k_list = "/api/2.0/workspace/list";
constexpr const char* k_export = "/api/2.0/workspace/export";

http::Query path_query(const std::string& path) {
  http::Query query;
  query.add("path", path);
  return query;
}

WorkspaceObject object_of(const Json& answer) {
  return {.path = answer.get_string("path"),
          .type = answer.get_string("object_type"),
          .language = answer.get_string("language"),
          .export_format = answer.get_string("repos_export_format"),
          .resource_id = answer.get_string("resource_id"),
          .modified_at = answer.get_integer("modified_at")};
}

} // namespace

Result<WorkspaceObject> WorkspaceObjects::find(const std::string& path, bool with_export) {
  auto query = path_query(path);
  if (with_export) {
    query.add("return_export_info", "true");
  }
  PIER_TRY_ASSIGN(const auto answer, client_.get(k_status, std::move(query)));
  return object_of(answer);
}

Result<std::vector<WorkspaceObject>> WorkspaceObjects::list(const std::string& folder) {
  PIER_TRY_ASSIGN(const auto answer, client_.get(k_list, path_query(folder)));
  std::vector<WorkspaceObject> objects;
  if (const auto* found = answer.find("objects"); found != nullptr && found->is_array()) {
    for (const auto& object : found->as_array()) {
      objects.push_back(object_of(object));
    }
  }
  return objects;
}

Result<std::string> WorkspaceObjects::download(const std::string& path, const std::string& format) {
  auto query = path_query(path);
  query.add("direct_download", "true");
  query.add("format", format);
  PIER_TRY_ASSIGN(auto response, client_.send(RestRequest{.path = k_export, .query = std::move(query)}));
  return std::move(response.body);
}

} // namespace pier::workspace_client
