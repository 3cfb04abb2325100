#include "cli/bundle/generate/generation.hpp"
#include "cli/console.hpp"
#include "core/base/encoding.hpp"
#include "core/workspace_client/workspace_client.hpp"

namespace pier::cli {
namespace {

constexpr const char* k_id_option = "existing-id";

Result<Json> get_alert(workspace_client::RestClient& client, const std::string& id) {
  auto alert = client.get("/api/2.0/alerts/" + workspace_client::encode_segment(id));
  if (!alert && alert.error().kind == ErrorKind::not_found) {
    return Error{.kind = ErrorKind::not_found, .code = "PIER0025", .message = "alert with ID " + id + " not found"};
  }
  return alert;
}

/// Its definition is a file beside it in the workspace.
Result<std::string> get_definition(workspace_client::RestClient& client, const Json& alert) {
  const auto folder = alert.get_string("parent_path");
  http::Query query;
  query.add("path", clean_path((folder.empty() ? std::string() : folder + "/") + alert.get_string("display_name") +
                               ".dbalert.json"));
  PIER_TRY_ASSIGN(const auto answer, client.get("/api/2.0/workspace/export", std::move(query)));
  return base64_decode(answer.get_string("content"));
}

Result<Report> generate(const Arguments& arguments, Context& context) {
  PIER_TRY(require_option(arguments, k_id_option));
  Generation generation(arguments, context);
  if (!generation.begin()) {
    return generation.flow().end();
  }
  PIER_TRY_ASSIGN(const auto alert, get_alert(generation.client(), arguments.get(k_id_option)));
  const auto key = generation.key_for(alert.get_string("display_name"));
  const auto config_dir = generation.folder_in_bundle("config-dir", "resources");
  const auto source_dir = generation.folder_in_bundle("source-dir", "src");
  const auto definition = clean_path(source_dir / (key + ".dbalert.json"));
  PIER_TRY_ASSIGN(const auto content, get_definition(generation.client(), alert));
  PIER_TRY(generation.write(definition, content, definition));
  PIER_TRY_ASSIGN(const auto relative, path_between(config_dir, definition));
  const auto file = clean_path(config_dir / (key + ".alert.yml"));
  PIER_TRY(generation.write_config(bundles::generate_alert(alert, relative), key, file, file));
  context.console.status("Alert configuration successfully saved to " + file);
  context.console.status("Serialized alert definition to " + definition);
  generation.warn_if_not_included(file);
  return generation.flow().end();
}

} // namespace

CommandSpec bundle_generate_alert_command() {
  return {.name = "bundle generate alert",
          .summary = "Write down an alert that exists, as `databricks bundle generate alert` does",
          .description = "Writes KEY.alert.yml and the definition, KEY.dbalert.json.",
          .options = {{.name = k_id_option, .value = "ID", .help = "the alert"},
                      key_option(),
                      folder_option("config-dir", 'd', "where the configuration goes", "resources"),
                      folder_option("source-dir", 's', "where the definition goes", "src"),
                      overwrite_option()},
          .examples = {"pier bundle generate alert --existing-id 7ab0 --key late_orders"},
          .run = generate};
}

} // namespace pier::cli
