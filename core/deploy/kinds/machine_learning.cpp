#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_experiments = "/api/2.0/mlflow/experiments/";
constexpr std::string_view k_models = "/api/2.0/mlflow/registered-models/";
constexpr std::string_view k_databricks_models = "/api/2.0/mlflow/databricks/registered-models/get";
constexpr std::string_view k_registered_models = "/api/2.1/unity-catalog/models";

std::string api(std::string_view base, std::string_view call) {
  return std::string(base) + std::string(call);
}

/// The member `name` of an answer; null when it is missing.
Json member(Json answer, std::string_view name) {
  auto* found = answer.find(name);
  return found == nullptr ? Json() : std::move(*found);
}

Result<Json> read_experiment(Operation& operation, const std::string& id) {
  http::Query query;
  query.add("experiment_id", id);
  PIER_TRY_ASSIGN(auto answer, operation.client.get(api(k_experiments, "get"), std::move(query)));
  return member(std::move(answer), "experiment");
}

Result<Json> read_model(Operation& operation, const std::string& id) {
  http::Query query;
  query.add("name", id);
  PIER_TRY_ASSIGN(auto answer, operation.client.get(std::string(k_databricks_models), std::move(query)));
  auto remote = member(std::move(answer), "registered_model_databricks");
  remote["model_id"] = remote.get_string("id");
  return remote;
}

std::string without_workspace_prefix(const std::string& name) {
  constexpr std::string_view k_prefix = "/Workspace";
  return name.starts_with("/Workspace/") ? name.substr(k_prefix.size()) : name;
}

/// The service tells names of experiments without their first folder.
void review_experiment(const std::string& path, FieldChange& change, const Json&) {
  if (change.action == Action::skip || path != "name" || !change.after.is_string() || !change.remote.is_string()) {
    return;
  }
  if (without_workspace_prefix(change.after.as_string()) == without_workspace_prefix(change.remote.as_string())) {
    change.action = Action::skip;
    change.reason = "alias";
  }
}

} // namespace

Kind experiments() {
  Kind kind;
  kind.name = "experiments";
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.state_fields = {"artifact_location", "name", "tags", "trace_location"};
  kind.remote_fields = {"creation_time", "experiment_id", "last_update_time", "lifecycle_stage"};
  kind.rules.recreate = joined(rules("immutable", {"artifact_location"}), rules("spec:immutable", {"trace_location"}));
  kind.rules.backend_defaults = rules("backend_default", {"artifact_location"});
  kind.rules.ignore_local = rules("terraform_compat", {"tags"});
  kind.rules.ignore_remote = kind.rules.ignore_local;
  append(kind.rules.ignore_remote,
         rules("spec:output_only", {"trace_location.uc_trace_location.effective_table_prefix"}));
  kind.read = read_experiment;
  kind.create = create_at(api(k_experiments, "create"), "experiment_id");
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    PIER_TRY(
        operation.client.post(api(k_experiments, "update"),
                              Json::object({{"experiment_id", update.id}, {"new_name", state.get_string("name")}})));
    return {};
  };
  kind.remove = remove_by(api(k_experiments, "delete"), "experiment_id");
  kind.review = review_experiment;
  return kind;
}

Kind models() {
  Kind kind;
  kind.name = "models";
  kind.create_tells_remote = false;
  kind.state_fields = {"description", "name", "tags"};
  kind.remote_fields = {"creation_timestamp", "id",      "last_updated_timestamp", "latest_versions",
                        "model_id",           "user_id", "permission_level"};
  kind.rules.id_fields = rules("terraform_compat", {"name"});
  kind.rules.ignore_local = rules("terraform_compat", {"tags"});
  kind.rules.ignore_remote = kind.rules.ignore_local;
  kind.read = read_model;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY_ASSIGN(auto answer, operation.client.post(api(k_models, "create"), state));
    return member(std::move(answer), "registered_model").get_string("name");
  };
  kind.update = [](Operation& operation, const Update& update, Json& state) -> Result<void> {
    auto body = pick(state, {"description"});
    body["name"] = update.id;
    PIER_TRY(operation.client.patch(api(k_models, "update"), std::move(body)));
    return {};
  };
  kind.remove = [](Operation& operation, const std::string& id, const Json&) -> Result<void> {
    http::Query query;
    query.add("name", id);
    PIER_TRY(operation.client.remove(api(k_models, "delete"), std::move(query)));
    return {};
  };
  return kind;
}

Kind registered_models() {
  Kind kind;
  kind.name = "registered_models";
  kind.state_fields = {"aliases",     "browse_only",      "catalog_name", "comment",   "created_at",
                       "created_by",  "full_name",        "metastore_id", "name",      "owner",
                       "schema_name", "storage_location", "updated_at",   "updated_by"};
  kind.rules.id_fields =
      joined(rules("terraform_compat", {"name"}), rules("id_field", {"catalog_name", "schema_name"}));
  kind.rules.recreate = rules("immutable", {"storage_location"});
  kind.rules.ignore_remote = rules("output_only", {"created_at", "created_by", "updated_at", "updated_by"});
  append(kind.rules.ignore_remote, rules("input_only", {"aliases"}));
  append(kind.rules.ignore_remote, rules("spec:output_only", {"browse_only"}));
  kind.rules.backend_defaults = rules("backend_default", {"storage_location", "owner", "full_name", "metastore_id"});
  kind.read = read_at(std::string(k_registered_models));
  kind.create = create_at(std::string(k_registered_models), "full_name");
  kind.update = patch_at(std::string(k_registered_models),
                         {"aliases", "browse_only", "catalog_name", "comment", "created_at", "created_by",
                          "metastore_id", "name", "schema_name", "storage_location", "updated_at", "updated_by"});
  kind.remove = remove_at(std::string(k_registered_models));
  return kind;
}

} // namespace pier::deploy::kinds
