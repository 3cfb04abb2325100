#include "core/apps/apps.hpp"
#include "core/base/text.hpp"
#include "core/server/routes.hpp"

// Apps (facts: workspace-api 3.3), and below /api/2.0/pier what only the local workspace has.
namespace pier::server {
namespace {

using apps::Apps;
using http::Cost;

std::int64_t page_size(const ApiCall& call) {
  std::int64_t size = 0;
  parse_int64(call.request.query.get("page_size").value_or(""), size);
  return size;
}

Result<Json> list_of(std::string_view member, Result<apps::Page> page) {
  if (!page) {
    return std::move(page).error();
  }
  Json out = Json::object();
  out[member] = Json(Json::Array(std::move(page->items)));
  if (!page->next_page_token.empty()) {
    out["next_page_token"] = page->next_page_token;
  }
  return out;
}

/// "900s" as in the API's durations; "0s" is never.
Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
  std::int64_t seconds = 0;
  if (!text.ends_with('s') || !parse_int64(std::string_view(text).substr(0, text.size() - 1), seconds) || seconds < 0) {
    return Error{.kind = ErrorKind::invalid_argument,
                 .code = "INVALID_PARAMETER_VALUE",
                 .message = "idle_timeout is a number of seconds such as \"900s\"; \"0s\" is never"};
  }
  return std::chrono::milliseconds(std::chrono::seconds(seconds));
}

Result<Json> set_idle_timeout(Apps& apps, const ApiCall& call, std::string_view name) {
  PIER_TRY_ASSIGN(const auto text, call.required("idle_timeout"));
  PIER_TRY_ASSIGN(const auto timeout, parse_duration(text));
  PIER_TRY(apps.set_idle_timeout(call.caller, name, timeout));
  return Json::object({{"idle_timeout", text}});
}

void register_deployments(ApiRouter& router, Apps& apps) {
  router.json(
      "POST", "/api/2.0/apps/{name}/deployments",
      [&apps](ApiCall& call) { return apps.deploy(call.caller, call.at("name"), call.body); }, Cost::slow);
  router.json("GET", "/api/2.0/apps/{name}/deployments", [&apps](ApiCall& call) {
    return list_of("app_deployments", apps.deployments(call.caller, call.at("name"), page_size(call),
                                                       call.request.query.get("page_token").value_or("")));
  });
  router.json("GET", "/api/2.0/apps/{name}/deployments/{id}",
              [&apps](ApiCall& call) { return apps.deployment(call.caller, call.at("name"), call.at("id")); });
}

void register_local_extras(ApiRouter& router, Apps& apps) {
  router.json(
      "POST", "/api/2.0/pier/apps/{name}/sign-in-link",
      [&apps](ApiCall& call) -> Result<Json> {
        PIER_TRY_ASSIGN(auto url, apps.sign_in_link(call.caller, call.at("name"), call.body.get_string("user")));
        return Json::object({{"url", std::move(url)}});
      },
      Cost::slow);
  router.json(
      "PATCH", "/api/2.0/pier/apps/{name}/settings",
      [&apps](ApiCall& call) { return set_idle_timeout(apps, call, call.at("name")); }, Cost::slow);
  router.json(
      "PATCH", "/api/2.0/pier/app-settings", [&apps](ApiCall& call) { return set_idle_timeout(apps, call, ""); },
      Cost::slow);
}

} // namespace

void register_apps_routes(ApiRouter& router, Workspace& workspace) {
  Apps& apps = *workspace.apps;
  router.json("GET", "/api/2.0/apps", [&apps](ApiCall& call) {
    return list_of("apps", apps.list(call.caller, page_size(call), call.request.query.get("page_token").value_or("")));
  });
  router.json(
      "POST", "/api/2.0/apps",
      [&apps](ApiCall& call) { return apps.create(call.caller, call.body, call.request.query.flag("no_compute")); },
      Cost::slow);
  router.json("GET", "/api/2.0/apps/{name}", [&apps](ApiCall& call) { return apps.get(call.caller, call.at("name")); });
  router.json(
      "PATCH", "/api/2.0/apps/{name}",
      [&apps](ApiCall& call) { return apps.patch(call.caller, call.at("name"), call.body); }, Cost::slow);
  router.json(
      "DELETE", "/api/2.0/apps/{name}", [&apps](ApiCall& call) { return apps.remove(call.caller, call.at("name")); },
      Cost::slow);
  router.json(
      "POST", "/api/2.0/apps/{name}/update",
      [&apps](ApiCall& call) { return apps.create_update(call.caller, call.at("name"), call.body); }, Cost::slow);
  router.json("GET", "/api/2.0/apps/{name}/update",
              [&apps](ApiCall& call) { return apps.get_update(call.caller, call.at("name")); });
  router.json(
      "POST", "/api/2.0/apps/{name}/start",
      [&apps](ApiCall& call) { return apps.start_app(call.caller, call.at("name")); }, Cost::slow);
  router.json(
      "POST", "/api/2.0/apps/{name}/stop",
      [&apps](ApiCall& call) { return apps.stop_app(call.caller, call.at("name")); }, Cost::slow);
  register_deployments(router, apps);
  register_local_extras(router, apps);
}

} // namespace pier::server
