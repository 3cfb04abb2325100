#include "core/base/text.hpp"
#include "core/server/routes.hpp"

namespace pier::server {
namespace {

using http::Request;
using http::Response;

/// Host metadata (facts: workspace-api 1.2); the origin is the one that was asked, so that every name of this
/// machine works. Never with account_id: that would make the profile an account's.
Response host_metadata(const Request& request, const Workspace& workspace) {
  return Response::json(200, Json::object({{"oidc_endpoint", request.origin() + "/oidc"},
                                           {"workspace_id", std::to_string(workspace.id)},
                                           {"cloud", "AWS"},
                                           {"host_type", "WORKSPACE_HOST"}})
                                 .dump());
}

/// Clients count on the acknowledgement and fail or wait without it; nothing is kept.
Response telemetry(const Request& request) {
  std::int64_t count = 0;
  if (const auto body = Json::parse(request.body)) {
    const auto* logs = body->find("protoLogs");
    count = logs != nullptr ? static_cast<std::int64_t>(logs->size()) : 0;
  }
  return Response::json(200, Json::object({{"errors", Json::array()}, {"numProtoSuccess", count}}).dump());
}

Result<Json> get_conf(const ApiCall& call, const Settings& settings) {
  const auto keys = call.request.query.get("keys").value_or("");
  if (keys.empty()) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "Missing required field: keys"};
  }
  auto answer = Json::object();
  for (const auto& key : split(keys, ',')) {
    PIER_TRY_ASSIGN(const auto value, settings.get("conf:" + key));
    answer[key] = value ? Json(*value) : Json();
  }
  return answer;
}

Result<Json> set_conf(const ApiCall& call, store::Database& database, const Settings& settings) {
  if (!call.caller.is_admin) {
    return Error{.kind = ErrorKind::permission_denied,
                 .code = "PERMISSION_DENIED",
                 .message = "Only an admin may change the workspace's settings."};
  }
  const auto stored = database.transaction([&]() -> Result<void> {
    for (const auto& [key, value] : call.body.as_object()) {
      if (value.is_null()) {
        PIER_TRY(settings.unset("conf:" + key));
        continue;
      }
      if (!value.is_string()) {
        return Error{.kind = ErrorKind::invalid_argument,
                     .code = "INVALID_PARAMETER_VALUE",
                     .message = "The value of " + key + " must be a string."};
      }
      PIER_TRY(settings.set("conf:" + key, value.as_string()));
    }
    return {};
  });
  if (!stored) {
    return stored.error();
  }
  return Json::object();
}

/// What a person sees who opens the address in a browser.
Response start_page(const Workspace& workspace) {
  const auto& name = workspace.options.name; // letters, digits, - _ . only
  return Response::html(200, "<!doctype html><html lang=en><meta charset=utf-8><title>pier: " + name +
                                 "</title><style>body{font:16px/1.5 system-ui;max-width:40em;margin:4em auto;"
                                 "padding:0 1em}code{background:#eee;padding:.1em .3em}</style><h1>pier</h1>"
                                 "<p>The local workspace <b>" +
                                 name +
                                 "</b> runs here and speaks the Databricks REST API.</p>"
                                 "<p>Open an app with <code>pier open APP</code>, look around with "
                                 "<code>pier status</code>, let official tools in with "
                                 "<code>pier local connect</code>.</p></html>\n");
}

} // namespace

void register_workspace_routes(ApiRouter& router, Workspace& workspace) {
  router.open("GET", "/", [&](const Request&) { return start_page(workspace); });
  router.open("GET", "/.well-known/databricks-config",
              [&](const Request& request) { return host_metadata(request, workspace); });
  router.open("POST", "/telemetry-ext", telemetry);
  router.open("POST", "/telemetry-unauth", telemetry);
  // The SQL connector waits for this inside connect.
  router.json("GET", "/api/2.0/connector-service/feature-flags/{client}/{version}",
              [](ApiCall&) -> Result<Json> { return Json::object({{"flags", Json::array()}, {"ttl_seconds", 900}}); });
  router.json("GET", "/api/2.0/workspace-conf", [&](ApiCall& call) { return get_conf(call, *workspace.settings); });
  router.json("PATCH", "/api/2.0/workspace-conf",
              [&](ApiCall& call) { return set_conf(call, *workspace.database, *workspace.settings); });
}

} // namespace pier::server
