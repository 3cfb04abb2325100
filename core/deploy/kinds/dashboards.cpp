#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

#include <future>

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_dashboards = "/api/2.0/lakeview/dashboards";
constexpr std::string_view k_spaces = "/api/2.0/genie/spaces";

/// The service keeps its own form of the content; a tag tells whether somebody changed it.
void review_etag(const std::string& path, FieldChange& change, const Json&) {
  if (path == "etag") {
    change.action = same_value(change.before, change.remote) ? Action::skip : Action::update;
  }
}

Result<Json> read_dashboard(Operation& operation, const std::string& id) {
  const auto base = path_of(k_dashboards, id);
  auto answer = std::async(std::launch::async, [&] { return operation.client.get(base + "/published"); });
  auto found = operation.client.get(base);
  const auto published = answer.get();
  PIER_TRY_ASSIGN(auto remote, std::move(found));
  if (remote.get_string("lifecycle_state") == "TRASHED") {
    return Error{
        .kind = ErrorKind::not_found, .code = "RESOURCE_DOES_NOT_EXIST", .message = "the dashboard is trashed"};
  }
  remote["parent_path"] = with_workspace_prefix(remote.get_string("parent_path"));
  // RFC 3339 in UTC: the text order is the order in time.
  const auto updated = remote.get_string("update_time");
  const auto revision = published ? published->get_string("revision_create_time") : std::string();
  remote["published"] = published && (updated.empty() || revision.empty() || revision >= updated);
  remote["embed_credentials"] = published && published->get_bool("embed_credentials");
  return remote;
}

Json dashboard_body(const Json& state) {
  auto body = pick(state, {"display_name", "parent_path", "warehouse_id", "etag"});
  if (const auto* content = state.find("serialized_dashboard"); content != nullptr && !content->is_null()) {
    body["serialized_dashboard"] = content->is_string() ? content->as_string() : content->dump();
  }
  return body;
}

http::Query dataset_query(const Json& state) {
  http::Query query;
  for (const auto* field : {"dataset_catalog", "dataset_schema"}) {
    if (const auto value = state.get_string(field); !value.empty()) {
      query.add(field, value);
    }
  }
  return query;
}

Result<void> publish(Operation& operation, const std::string& id, const Json& state) {
  PIER_TRY(operation.client.post(path_of(k_dashboards, id, "/published"),
                                 Json::object({{"embed_credentials", state.get_bool("embed_credentials")},
                                               {"warehouse_id", state.get_string("warehouse_id")}})));
  return {};
}

/// Makes the folder when it is missing and tries once more.
Result<Json> post_into_folder(Operation& operation, const std::string& path, const Json& body, const http::Query& query,
                              const std::string& folder, const std::function<bool(const Error&)>& is_missing) {
  auto made = operation.client.post(path, body, query);
  if (made || !is_missing(made.error())) {
    return made;
  }
  PIER_TRY(workspace_client::WorkspaceFiles(operation.client)
               .make_directories(folder)
               .context("failed to create parent directory"));
  return operation.client.post(path, body, query);
}

Result<std::string> create_dashboard(Operation& operation, Json& state) {
  PIER_TRY_ASSIGN(const auto made, post_into_folder(operation, std::string(k_dashboards), dashboard_body(state),
                                                    dataset_query(state), state.get_string("parent_path"),
                                                    [](const Error& e) { return e.kind == ErrorKind::not_found; }));
  const auto id = made.get_string("dashboard_id");
  state["etag"] = made.get_string("etag");
  if (auto published = publish(operation, id, state); !published) {
    // A draft that nobody knows of shall not stay.
    PIER_TRY(operation.client.remove(path_of(k_dashboards, id)));
    return std::move(published).error();
  }
  return id;
}

Result<void> update_dashboard(Operation& operation, const Update& update, Json& state) {
  PIER_TRY_ASSIGN(const auto made, operation.client.call({.method = "PATCH",
                                                          .path = path_of(k_dashboards, update.id),
                                                          .query = dataset_query(state),
                                                          .json = dashboard_body(state),
                                                          .body = {},
                                                          .body_file = {},
                                                          .download_to = {},
                                                          .timeout = {}}));
  state["etag"] = made.get_string("etag");
  return publish(operation, update.id, state);
}

Result<Json> read_space(Operation& operation, const std::string& id) {
  http::Query query;
  query.add("include_serialized_space", "true"); // no etag without it
  PIER_TRY_ASSIGN(auto space, operation.client.get(path_of(k_spaces, id), std::move(query)));
  auto remote = pick(space, {"description", "etag", "serialized_space", "title", "warehouse_id"});
  remote["parent_path"] = with_workspace_prefix(space.get_string("parent_path"));
  return remote;
}

Json space_body(const Json& state) {
  return pick(state, {"description", "parent_path", "serialized_space", "title", "warehouse_id"});
}

bool is_missing_folder(const Error& error) {
  return error.kind == ErrorKind::not_found ||
         (error.code == "INVALID_PARAMETER_VALUE" && error.message.find("Tree node with path") != std::string::npos &&
          error.message.find("does not exist") != std::string::npos);
}

} // namespace

Kind dashboards() {
  Kind kind;
  kind.name = "dashboards";
  kind.state_fields = {"dataset_catalog", "dataset_schema", "display_name",         "embed_credentials", "etag",
                       "parent_path",     "published",      "serialized_dashboard", "warehouse_id"};
  kind.remote_fields = {"create_time", "dashboard_id", "lifecycle_state", "path", "update_time"};
  kind.data_loss = "This action will result in the deletion or recreation of the following dashboards, with other ids "
                   "and addresses:";
  auto written = kind.state_fields;
  written.insert(written.end(), kind.remote_fields.begin(), kind.remote_fields.end());
  kind.prepare = [written = std::move(written)](const model::ResourceNode& node) -> Result<Json> {
    auto state = pick(node.config, written);
    state["published"] = true;
    return state;
  };
  kind.remap = pick_known(kind);
  kind.rules.recreate = rules("spec:immutable", {"parent_path"});
  kind.rules.ignore_remote = rules("etag_based", {"serialized_dashboard"});
  append(kind.rules.ignore_remote, rules("input_only", {"dataset_catalog", "dataset_schema"}));
  append(kind.rules.ignore_remote,
         rules("spec:output_only", {"create_time", "dashboard_id", "lifecycle_state", "path", "update_time"}));
  kind.read = read_dashboard;
  kind.create = create_dashboard;
  kind.update = update_dashboard;
  kind.remove = remove_at(std::string(k_dashboards));
  kind.review = review_etag;
  return kind;
}

Kind genie_spaces() {
  Kind kind;
  kind.name = "genie_spaces";
  kind.state_fields = {"description", "etag", "parent_path", "serialized_space", "title", "warehouse_id"};
  kind.data_loss = "This action will result in the deletion or recreation of the following Genie spaces with their "
                   "conversations:";
  kind.rules.ignore_remote = joined(rules("etag_based", {"serialized_space"}), rules("spec:output_only", {"etag"}));
  kind.read = read_space;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY_ASSIGN(const auto made, post_into_folder(operation, std::string(k_spaces), space_body(state), {},
                                                      state.get_string("parent_path"), is_missing_folder));
    state["etag"] = made.get_string("etag");
    return made.get_string("space_id");
  };
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY_ASSIGN(const auto made, operation.client.patch(path_of(k_spaces, update.id), space_body(state)));
    state["etag"] = made.get_string("etag");
    return {};
  };
  kind.remove = remove_at(std::string(k_spaces));
  kind.review = review_etag;
  return kind;
}

} // namespace pier::deploy::kinds
