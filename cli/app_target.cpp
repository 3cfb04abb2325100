#include "cli/app_target.hpp"

#include "bundles/load.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

/// Name of the app with this key, or with this name; as given when the bundle does not have it.
std::string name_in(const model::Bundle& bundle, const std::string& given) {
  for (const auto& key : bundle.graph.named(given)) {
    if (key.kind == "apps") {
      return bundle.graph.find(key)->config.get_string("name", given);
    }
  }
  return given;
}

Error no_such_app(const std::string& name, const std::vector<Json>& apps) {
  std::vector<std::string> names;
  for (const auto& app : apps) {
    names.push_back(app.get_string("name"));
  }
  const auto near = nearest(name, names);
  return Error{.kind = ErrorKind::not_found,
               .code = "PIER9020",
               .message = "the workspace has no app " + name,
               .hint = !near.empty()   ? "did you mean " + near + "?"
                       : names.empty() ? "deploy one: `pier deploy`"
                                       : "there are " + join(names, ", ")};
}

} // namespace

Result<std::unique_ptr<AppTarget>> find_app(const Arguments& arguments, Context& context, Report& report) {
  auto app = std::make_unique<AppTarget>();
  app->name = arguments.get("APP");
  if (bundles::find_bundle_root(context.cwd, context.env)) {
    PIER_TRY_ASSIGN(app->target, open_target(arguments, context, report));
    if (!app->target) {
      return std::unique_ptr<AppTarget>();
    }
    app->name = name_in(app->target->session->bundle, app->name);
  } else {
    PIER_TRY_ASSIGN(app->own, open_workspace(arguments, context));
  }
  auto& client = app->client();
  const auto document = client.get("/api/2.0/apps/" + workspace_client::encode_segment(app->name));
  if (!document && document.error().kind == ErrorKind::not_found) {
    PIER_TRY_ASSIGN(const auto apps, client.list("/api/2.0/apps", "apps"));
    return no_such_app(app->name, apps);
  }
  if (!document) {
    return document.error();
  }
  app->url = document->get_string("url");
  return app;
}

} // namespace pier::cli
