#include "core/deploy/kinds/common.hpp"
#include "core/deploy/kinds/kinds.hpp"

namespace pier::deploy::kinds {
namespace {

constexpr std::string_view k_base = "/api/2.0/pipelines";

const std::vector<std::string> k_told = {"cause",
                                         "cluster_id",
                                         "creator_user_name",
                                         "effective_budget_policy_id",
                                         "effective_publishing_mode",
                                         "effective_serverless_compute_id",
                                         "health",
                                         "last_modified",
                                         "latest_updates",
                                         "pipeline_id",
                                         "run_as_user_name",
                                         "state"};

/// The specification, with what the workspace knows beside it.
Result<Json> read(Operation& operation, const std::string& id) {
  PIER_TRY_ASSIGN(const auto pipeline, operation.client.get(path_of(k_base, id)));
  const auto* spec = pipeline.find("spec");
  auto remote = spec != nullptr && spec->is_object() ? *spec : Json::object();
  for (const auto* never : {"allow_duplicate_names", "dry_run"}) {
    remote.erase(never);
  }
  auto told = k_told;
  told.insert(told.end(), {"parameters", "run_as"});
  for (const auto& field : told) {
    remote.erase(field);
    if (const auto* value = pipeline.find(field)) {
      remote[field] = *value;
    }
  }
  return remote;
}

Json body_of(const Json& state) {
  auto body = state;
  body.erase("cascade_on_destroy");
  return body;
}

Result<void> update(Operation& operation, const Update& update, Json& state) {
  if (!changes_other_than(update.changes, {"cascade_on_destroy"})) {
    return {};
  }
  auto body = body_of(state);
  body.erase("dry_run");
  PIER_TRY(operation.client.put(path_of(k_base, update.id), std::move(body)));
  return {};
}

Result<void> remove(Operation& operation, const std::string& id, const Json& state) {
  http::Query query;
  if (const auto* cascade = state.find("cascade_on_destroy"); cascade != nullptr && cascade->is_bool()) {
    query.add("cascade", cascade->as_bool() ? "true" : "false");
  }
  PIER_TRY(operation.client.remove(path_of(k_base, id), std::move(query)));
  return {};
}

/// Only deletions look at it, so a change is saved without a call.
void review(const std::string& path, FieldChange& change, const Json&) {
  if (path == "cascade_on_destroy" && !same_value(change.before, change.after)) {
    change.action = Action::update;
  }
}

FieldRules make_rules() {
  FieldRules rules;
  rules.recreate = kinds::rules(
      "immutable", {"storage", "ingestion_definition.connection_name", "ingestion_definition.ingestion_gateway_id",
                    "gateway_definition.connection_id", "gateway_definition.connection_name",
                    "gateway_definition.gateway_storage_catalog", "gateway_definition.gateway_storage_schema",
                    "ingestion_definition.ingest_from_uc_foreign_catalog"});
  const auto unseen = joined(kinds::rules("managed by the deployment metadata service", {"deployment.version_id"}),
                             kinds::rules("!drop", {"id"}));
  rules.ignore_local = unseen;
  rules.ignore_remote = joined(unseen, kinds::rules("input_only", {"run_as", "allow_duplicate_names"}));
  append(rules.ignore_remote, kinds::rules("spec:output_only", {"ingestion_definition.source_type"}));
  rules.backend_defaults = kinds::rules(
      "backend_default", {"storage", "clusters[*].node_type_id", "clusters[*].driver_node_type_id",
                          "clusters[*].enable_local_disk_encryption", "event_log.catalog", "event_log.schema"});
  rules.not_returned = {"cascade_on_destroy"};
  return rules;
}

} // namespace

Kind pipelines() {
  Kind kind;
  kind.name = "pipelines";
  kind.create_tells_remote = kind.update_tells_remote = false;
  kind.state_fields = {"allow_duplicate_names",
                       "budget_policy_id",
                       "cascade_on_destroy",
                       "catalog",
                       "channel",
                       "clusters",
                       "configuration",
                       "continuous",
                       "deployment",
                       "development",
                       "dry_run",
                       "edition",
                       "environment",
                       "event_log",
                       "filters",
                       "gateway_definition",
                       "id",
                       "ingestion_definition",
                       "libraries",
                       "name",
                       "notifications",
                       "parameters",
                       "photon",
                       "restart_window",
                       "root_path",
                       "run_as",
                       "schema",
                       "serverless",
                       "serverless_compute_id",
                       "storage",
                       "tags",
                       "target",
                       "trigger",
                       "usage_policy_id"};
  kind.remote_fields = k_told;
  kind.data_loss = "This action will result in the deletion or recreation of the following pipelines with their "
                   "streaming tables and materialized views:";
  kind.rules = make_rules();
  kind.read = read;
  kind.create = [](Operation& operation, Json& state) -> Result<std::string> {
    PIER_TRY_ASSIGN(const auto answer, operation.client.post(std::string(k_base), body_of(state)));
    return answer.get_string("pipeline_id");
  };
  kind.update = update;
  kind.remove = remove;
  kind.review = review;
  return kind;
}

} // namespace pier::deploy::kinds
