#include "core/apps/local_apps.hpp"

#include "core/base/digest.hpp"
#include "core/base/text.hpp"

#include <algorithm>

namespace pier::apps {
namespace {

constexpr std::int64_t k_default_page = 100;

identity::ObjectRef object(std::string_view name) {
  return {"apps", std::string(name)};
}

Error invalid(std::string message) {
  return {.kind = ErrorKind::invalid_argument, .code = "INVALID_PARAMETER_VALUE", .message = std::move(message)};
}

} // namespace

Result<Page> page_of(std::vector<Json> items, std::int64_t size, std::string_view token) {
  std::int64_t begin = 0;
  if (!token.empty() && (!parse_int64(token, begin) || begin < 0)) {
    return invalid("page_token is not one that this list gave");
  }
  const auto count = static_cast<std::int64_t>(items.size());
  begin = std::min(begin, count);
  const auto end = std::min(count, begin + (size > 0 ? size : k_default_page));
  Page page;
  page.items.assign(items.begin() + begin, items.begin() + end);
  if (end < count) {
    page.next_page_token = std::to_string(end);
  }
  return page;
}

Result<Json> LocalApps::deploy(const identity::Caller& caller, std::string_view name, const Json& request) {
  PIER_TRY_ASSIGN(const auto app, active(caller, name));
  if (request.contains("git_source")) {
    return Error{.kind = ErrorKind::unsupported,
                 .code = "NOT_IMPLEMENTED",
                 .message = "deploying from a git source is not offered by the local workspace",
                 .hint = "deploy a workspace folder: source_code_path"};
  }
  DeploymentRecord record{.id = request.get_string("deployment_id"), .app = app.name, .request = Json::object()};
  if (record.id.empty()) {
    record.id = replace_all(random_uuid(), "-", "");
  }
  const bool plain_id =
      record.id.size() <= 64 && std::all_of(record.id.begin(), record.id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
      });
  if (!plain_id) {
    return invalid("deployment_id may hold letters, digits, - and _ only");
  }
  record.mode = request.get_string("mode", "SNAPSHOT");
  if (record.mode != "SNAPSHOT" && record.mode != "AUTO_SYNC") {
    return invalid("mode must be SNAPSHOT or AUTO_SYNC");
  }
  record.source_code_path = request.get_string("source_code_path", app.config.get_string("default_source_code_path"));
  if (record.source_code_path.empty() && !app.last_deployment.empty()) {
    PIER_TRY_ASSIGN(const auto last, shared_.registry.deployment(name, app.last_deployment));
    record.source_code_path = last.source_code_path;
  }
  if (record.source_code_path.empty()) {
    return invalid("source_code_path is needed for the first deployment");
  }
  if (shared_.rooms.file_access != nullptr) {
    PIER_TRY(shared_.rooms.file_access->require(caller, record.source_code_path, "CAN_READ"));
  }
  PIER_TRY_ASSIGN(const auto folder, shared_.rooms.files.status(record.source_code_path));
  if (folder.type != files::ObjectType::directory) {
    return invalid("source_code_path must be a folder: " + record.source_code_path);
  }
  for (const char* field : {"command", "env_vars"}) {
    if (const Json* value = request.find(field); value != nullptr && !value->is_null()) {
      record.request[field] = *value;
    }
  }
  record.creator = caller.principal.name;
  record.created_at = record.updated_at = now();
  record.message = "Deployment is in progress";
  const auto enqueue = [&]() -> Result<void> {
    PIER_TRY_ASSIGN(const auto current, shared_.registry.app(name));
    if (!current.pending_deployment.empty()) {
      return Error{.kind = ErrorKind::conflict,
                   .code = "RESOURCE_CONFLICT",
                   .message = "Cannot deploy app " + app.name + " as there is an active deployment in progress."};
    }
    PIER_TRY(shared_.registry.insert(record));
    PIER_TRY(shared_.registry.change(name, [&](AppRecord& one) {
      one.pending_deployment = record.id;
      if (one.active_deployment.empty()) {
        one.state = AppState::deploying;
        one.message.clear();
      }
    }));
    return {};
  };
  PIER_TRY(shared_.rooms.database.transaction(enqueue));
  if (const auto found = runtime(name)) {
    found->deploy(record.id);
  }
  return deployment_document(record);
}

Result<Json> LocalApps::deployment(const identity::Caller& caller, std::string_view name, std::string_view id) {
  PIER_TRY(shared_.registry.app(name));
  PIER_TRY(shared_.rooms.permissions.require(caller, object(name), "CAN_USE"));
  PIER_TRY_ASSIGN(const auto record, shared_.registry.deployment(name, id));
  return deployment_document(record);
}

Result<Page> LocalApps::deployments(const identity::Caller& caller, std::string_view name, std::int64_t page_size,
                                    std::string_view page_token) {
  PIER_TRY(shared_.registry.app(name));
  PIER_TRY(shared_.rooms.permissions.require(caller, object(name), "CAN_USE"));
  PIER_TRY_ASSIGN(const auto records, shared_.registry.deployments(name));
  std::vector<Json> items;
  for (const auto& record : records) {
    items.push_back(deployment_document(record));
  }
  return page_of(std::move(items), page_size, page_token);
}

} // namespace pier::apps
