#include "cli/bundle/generate/definition.hpp"
#include "core/base/clock.hpp"
#include "core/base/text.hpp"
#include "core/workspace_client/workspace_client.hpp"
#include "core/workspace_client/workspace_objects.hpp"

namespace pier::cli {
namespace {

const std::vector<std::string> k_lookups = {"existing-path", "existing-id", "resource"};
constexpr std::chrono::seconds k_pause{1};

Result<Json> get_dashboard(workspace_client::RestClient& client, const std::string& id) {
  return client.get("/api/2.0/lakeview/dashboards/" + workspace_client::encode_segment(id));
}

/// The state of a file tells of a change without the whole content.
Result<bool> wait_for_change(Generation& generation, const Json& written, const std::filesystem::path& /*file*/) {
  PIER_TRY_ASSIGN(const auto last, parse_rfc3339(written.get_string("update_time")));
  workspace_client::WorkspaceObjects remote(generation.client());
  while (true) {
    PIER_TRY_ASSIGN(const auto status, remote.find(written.get_string("path")));
    if (from_epoch_millis(status.modified_at) > last) {
      break;
    }
    PIER_TRY(generation.client().pause(k_pause));
  }
  PIER_TRY_ASSIGN(const auto now, get_dashboard(generation.client(), written.get_string("dashboard_id")));
  return now.get_string("etag") != written.get_string("etag");
}

constexpr DefinitionKind k_dashboards{.title = "dashboard",
                                      .kind = "dashboards",
                                      .sort = "dashboard",
                                      .suffix = ".lvdash.json",
                                      .content_field = "serialized_dashboard",
                                      .name_field = "display_name",
                                      .folder_option = "dashboard-dir",
                                      .generate = bundles::generate_dashboard,
                                      .get = get_dashboard,
                                      .wait_for_change = wait_for_change};

Error problem(std::string message, ErrorKind kind = ErrorKind::not_found) {
  return Error{.kind = kind, .code = "PIER0025", .message = std::move(message)};
}

/// Dashboards of before AI/BI cannot be part of a bundle; the workspace has no status for them.
Diagnostic legacy_dashboard(const std::string& name) {
  Diagnostic legacy;
  legacy.code = "PIER0025";
  legacy.summary = "dashboard " + name + " is a legacy dashboard";
  legacy.detail = "Declarative Automation Bundles work exclusively with AI/BI dashboards.\n\n"
                  "Instructions on how to convert a legacy dashboard to an AI/BI dashboard\n"
                  "can be found at: https://docs.databricks.com/en/dashboards/clone-legacy-to-aibi.html.";
  return legacy;
}

Result<std::string> id_at_path(Generation& generation, const std::string& path) {
  const auto status = workspace_client::WorkspaceObjects(generation.client()).find(path);
  const auto name = Json(path.substr(path.rfind('/') + 1)).dump();
  if (!status) {
    return status.error().kind == ErrorKind::not_found ? problem("dashboard " + name + " not found") : status.error();
  }
  if (status->type != "DASHBOARD") {
    return problem("expected a dashboard, found a " + to_lower(status->type), ErrorKind::invalid_argument);
  }
  return status->resource_id.empty() ? problem("expected a non-empty dashboard resource ID")
                                     : Result<std::string>(status->resource_id);
}

Result<std::string> checked_id(Generation& generation, const std::string& id) {
  const auto found = get_dashboard(generation.client(), id);
  if (!found) {
    return found.error().kind == ErrorKind::not_found ? problem("dashboard with ID " + id + " not found")
                                                      : found.error();
  }
  return found->get_string("dashboard_id");
}

Result<std::string> find_id(Generation& generation) {
  const auto& arguments = generation.arguments();
  if (const auto path = arguments.get("existing-path"); !path.empty()) {
    return id_at_path(generation, path);
  }
  if (const auto id = arguments.get("existing-id"); !id.empty()) {
    return checked_id(generation, id);
  }
  return problem("expected one of --existing-path, --existing-id", ErrorKind::usage);
}

Result<Report> write_existing(Generation& generation) {
  const auto id = find_id(generation);
  if (id) {
    return generate_existing(generation, k_dashboards, *id);
  }
  const auto path = generation.arguments().get("existing-path");
  const bool legacy = id.error().answer != nullptr && id.error().answer->message.starts_with("dbsqlDashboard ");
  if (legacy) {
    generation.flow().report(legacy_dashboard(Json(path.substr(path.rfind('/') + 1)).dump()));
    return generation.flow().end();
  }
  return generation.flow().failed(id.error());
}

Result<Report> generate(const Arguments& arguments, Context& context) {
  PIER_TRY(require_one_of(arguments, k_lookups));
  PIER_TRY(allow_one_of(arguments, k_lookups));
  PIER_TRY(allow_one_of(arguments, {"watch", "existing-path"}));
  PIER_TRY(allow_one_of(arguments, {"watch", "existing-id"}));
  PIER_TRY(allow_one_of(arguments, {"bind", "resource"}));
  Generation generation(arguments, context);
  return generate_definition(generation, k_dashboards, write_existing);
}

} // namespace

CommandSpec bundle_generate_dashboard_command() {
  return {.name = "bundle generate dashboard",
          .summary = "Write down a dashboard that exists, as `databricks bundle generate dashboard` does",
          .description = "Writes KEY.dashboard.yml and the content, KEY.lvdash.json. With --resource it brings the\n"
                         "content of a deployed dashboard back into its file.",
          .options = definition_options(
              k_dashboards,
              {{.name = "existing-path", .value = "PATH", .help = "the dashboard at this path of the workspace"},
               {.name = "existing-id", .value = "ID", .help = "the dashboard with this id"}}),
          .examples = {"pier bundle generate dashboard --existing-path /Users/me@example.test/sales",
                       "pier bundle generate dashboard --resource sales --watch --force"},
          .run = generate};
}

} // namespace pier::cli
