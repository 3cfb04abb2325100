#include "core/deploy/reference_fields.hpp"

#include "core/deploy/map_fields.hpp"

#include <algorithm>
#include <array>

namespace pier::deploy {
namespace {

using Step = FieldPath::Step;

/// Terraform's name of a field, with the names on the way to it ("task.library").
struct Rename {
  std::string_view kind;
  std::string_view terraform;
  std::string_view bundle; ///< empty: the level does not exist in a bundle
};

constexpr std::array k_renames = {
    Rename{"jobs", "environment", "environments"},
    Rename{"jobs", "git_source.branch", "git_branch"},
    Rename{"jobs", "git_source.commit", "git_commit"},
    Rename{"jobs", "git_source.provider", "git_provider"},
    Rename{"jobs", "git_source.tag", "git_tag"},
    Rename{"jobs", "git_source.url", "git_url"},
    Rename{"jobs", "job_cluster", "job_clusters"},
    Rename{"jobs", "parameter", "parameters"},
    Rename{"jobs", "task", "tasks"},
    Rename{"jobs", "task.for_each_task.task.library", "libraries"},
    Rename{"jobs", "task.library", "libraries"},
    Rename{"models", "registered_model_id", "model_id"},
    Rename{"pipelines", "cluster", "clusters"},
    Rename{"pipelines", "library", "libraries"},
    Rename{"pipelines", "notification", "notifications"},
    Rename{"postgres_branches", "spec", ""},
    Rename{"postgres_catalogs", "spec", ""},
    Rename{"postgres_databases", "spec", ""},
    Rename{"postgres_endpoints", "spec", ""},
    Rename{"postgres_projects", "spec", ""},
    Rename{"postgres_roles", "spec", ""},
    Rename{"postgres_synced_tables", "spec", ""},
};

/// How messages of the official engine name the shapes of a kind.
struct Types {
  std::string_view kind;
  std::string_view state;
  std::string_view remote;
};

constexpr std::array k_types = {
    Types{"alerts", "sql.AlertV2", "sql.AlertV2"},
    Types{"apps", "dresources.AppState", "dresources.AppRemote"},
    Types{"catalogs", "catalog.CreateCatalog", "catalog.CatalogInfo"},
    Types{"clusters", "dresources.ClusterState", "dresources.ClusterRemote"},
    Types{"dashboards", "dresources.DashboardState", "dresources.DashboardState"},
    Types{"database_catalogs", "database.DatabaseCatalog", "database.DatabaseCatalog"},
    Types{"database_instances", "database.DatabaseInstance", "database.DatabaseInstance"},
    Types{"experiments", "ml.CreateExperiment", "ml.Experiment"},
    Types{"external_locations", "catalog.CreateExternalLocation", "catalog.ExternalLocationInfo"},
    Types{"genie_spaces", "resources.GenieSpaceConfig", "resources.GenieSpaceConfig"},
    Types{"instance_pools", "compute.CreateInstancePool", "compute.GetInstancePool"},
    Types{"job_runs", "dresources.JobRunState", "dresources.JobRunRemote"},
    Types{"jobs", "jobs.JobSettings", "dresources.JobRemote"},
    Types{"model_serving_endpoints", "serving.CreateServingEndpoint", "dresources.ModelServingEndpointRemote"},
    Types{"models", "ml.CreateModelRequest", "dresources.MlflowModelRemote"},
    Types{"pipelines", "dresources.PipelineState", "dresources.PipelineRemote"},
    Types{"postgres_branches", "resources.PostgresBranchConfig", "dresources.PostgresBranchRemote"},
    Types{"postgres_catalogs", "resources.PostgresCatalogConfig", "dresources.PostgresCatalogRemote"},
    Types{"postgres_databases", "resources.PostgresDatabaseConfig", "dresources.PostgresDatabaseRemote"},
    Types{"postgres_endpoints", "resources.PostgresEndpointConfig", "dresources.PostgresEndpointRemote"},
    Types{"postgres_projects", "resources.PostgresProjectConfig", "dresources.PostgresProjectRemote"},
    Types{"postgres_roles", "dresources.PostgresRoleState", "dresources.PostgresRoleRemote"},
    Types{"postgres_synced_tables", "resources.PostgresSyncedTableConfig", "dresources.PostgresSyncedTableRemote"},
    Types{"quality_monitors", "dresources.QualityMonitorState", "catalog.MonitorInfo"},
    Types{"registered_models", "catalog.CreateRegisteredModelRequest", "catalog.RegisteredModelInfo"},
    Types{"schemas", "catalog.CreateSchema", "catalog.SchemaInfo"},
    Types{"secret_scopes", "dresources.SecretScopeConfig", "workspace.SecretScope"},
    Types{"secrets", "catalog.Secret", "catalog.Secret"},
    Types{"sql_warehouses", "dresources.SqlWarehouseState", "dresources.SqlWarehouseRemote"},
    Types{"synced_database_tables", "database.SyncedDatabaseTable", "database.SyncedDatabaseTable"},
    Types{"vector_search_endpoints", "vectorsearch.CreateEndpoint", "dresources.VectorSearchEndpointRemote"},
    Types{"vector_search_indexes", "dresources.VectorSearchIndexState", "dresources.VectorSearchIndexRemote"},
    Types{"volumes", "catalog.CreateVolumeRequestContent", "catalog.VolumeInfo"},
};

Types types_of(const std::string& kind) {
  if (kind.ends_with(".grants")) {
    return {kind, "dresources.GrantsState", "dresources.GrantsState"};
  }
  if (kind == "secret_scopes.permissions") {
    return {kind, "dresources.SecretScopeAclsState", "dresources.SecretScopeAclsState"};
  }
  if (kind.ends_with(".permissions")) {
    return {kind, "dresources.PermissionsState", "dresources.PermissionsState"};
  }
  const auto* const found =
      std::find_if(k_types.begin(), k_types.end(), [&](const Types& types) { return types.kind == kind; });
  return found == k_types.end() ? Types{kind, kind, kind} : *found;
}

FieldPath with_step(const FieldPath& path, const Step& step) {
  switch (step.kind) {
  case Step::Kind::field: return path.field(step.name);
  case Step::Kind::map_key: return path.map_key(step.name);
  case Step::Kind::index: return path.index(step.index);
  case Step::Kind::keyed: return path.keyed(step.name, step.value);
  case Step::Kind::any: break;
  }
  return path;
}

Error no_way(const FieldPath& where, std::string_view why) {
  return Error{
      .kind = ErrorKind::invalid_argument, .code = "PIER2023", .message = where.to_string() + ": " + std::string(why)};
}

const Json* item_of(const Json& list, const Step& step) {
  if (step.kind == Step::Kind::index) {
    return step.index < list.size() ? &list.as_array()[step.index] : nullptr;
  }
  for (const auto& item : list.as_array()) {
    if (item.is_object() && item.contains(step.name) && item.get_string(step.name) == step.value) {
      return &item;
    }
  }
  return nullptr;
}

/// One step into a list, or into what Terraform takes for one.
Result<const Json*> step_into_list(const Json& value, const Step& step, const FieldPath& here) {
  const auto* embedded = value.find("__embed__");
  const Json& list = embedded != nullptr ? *embedded : value;
  if (list.is_object() && step.kind == Step::Kind::index && step.index == 0) {
    return &list;
  }
  if (!list.is_array()) {
    return no_way(here, step.kind == Step::Kind::index ? "cannot index" : "cannot use key-value syntax");
  }
  if (const auto* item = item_of(list, step)) {
    return item;
  }
  return no_way(here, step.kind == Step::Kind::index ? "index out of range, length is " + std::to_string(list.size())
                                                     : "no element found with " + step.name + "='" + step.value + "'");
}

} // namespace

FieldPath in_bundle_words(const std::string& kind, const FieldPath& field) {
  FieldPath result;
  std::string names;
  for (auto step : field.steps()) {
    if (step.kind == Step::Kind::field || step.kind == Step::Kind::map_key) {
      names += (names.empty() ? "" : ".") + step.name;
      const auto* const rename = std::find_if(k_renames.begin(), k_renames.end(), [&](const Rename& candidate) {
        return candidate.kind == kind && candidate.terraform == names;
      });
      if (rename != k_renames.end() && rename->bundle.empty()) {
        continue;
      }
      if (rename != k_renames.end()) {
        step.name = rename->bundle;
      }
    }
    result = with_step(result, step);
  }
  return result;
}

Result<Json> value_at(const Json& root, const FieldPath& field) {
  static const Json k_nothing;
  const Json* value = &root;
  FieldPath here;
  bool in_map = false;
  for (const auto& step : field.steps()) {
    if (value->is_null()) {
      return no_way(here, "cannot access nil value");
    }
    here = with_step(here, step);
    if (step.kind == Step::Kind::index || step.kind == Step::Kind::keyed) {
      PIER_TRY_ASSIGN(value, step_into_list(*value, step, here));
      in_map = false;
      continue;
    }
    const auto* member = value->find(step.name);
    if (member == nullptr && in_map) {
      return no_way(here, "key \"" + step.name + "\" not found in map");
    }
    value = member == nullptr ? &k_nothing : member;
    in_map = is_map(step.name, *value);
  }
  return *value;
}

Error no_number(const std::string& kind, const FieldPath& place, const std::string& reference,
                const std::string& text) {
  const auto quoted = Json(text).dump();
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER2023",
               .message = "cannot update " + place.to_string() + " with value of \"" + reference + "\": cannot set (*" +
                          std::string(types_of(kind).state) + ")." + place.to_string() + " to string (" + quoted +
                          "): cannot parse " + quoted + " as int64: strconv.ParseInt: parsing " + quoted +
                          ": invalid syntax",
               .hint = "refer to the id of the resource"};
}

Error unknown_field(const std::string& kind, const FieldPath& field) {
  const auto types = types_of(kind);
  const auto& name = field.steps().front().name;
  const auto misses = [&](std::string_view type) {
    return name + ": field \"" + name + "\" not found in " + std::string(type);
  };
  return Error{.kind = ErrorKind::invalid_argument,
               .code = "PIER2023",
               .message = "schema mismatch: " + misses(types.state) + "; " + misses(types.remote)};
}

} // namespace pier::deploy
