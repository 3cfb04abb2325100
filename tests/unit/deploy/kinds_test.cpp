#include "core/deploy/kind.hpp"
#include "core/deploy/plan.hpp"

#include <doctest/doctest.h>

using pier::Json;
using namespace pier::deploy;

namespace {

const Kind& kind(const std::string& name) {
  const auto* found = find_kind(name);
  REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}

/// What a change of `field` from one text to another means, when the workspace still has the old one.
Action action_of(const std::string& name, const std::string& field, Json before = "old", Json after = "new") {
  const auto old = Json::object({{field, before}});
  const auto changes = decide_changes(kind(name).rules, kind(name).keyed, old, Json::object({{field, after}}), old);
  return heaviest(changes);
}

} // namespace

TEST_CASE("kinds: serving endpoints compare what the workspace says, also empty texts") {
  const auto state = kind("model_serving_endpoints")
                         .state_of_remote(Json::parse(R"({"endpoint_id":"1","name":"e",
      "endpoint_details":{"name":"e","description":"","config":{"config_version":2,"traffic_config":{}}}})")
                                              .value());
  CHECK(state.dump() == R"({"config":{"traffic_config":{}},"description":"","name":"e"})");
}

TEST_CASE("kinds: what waits for references is compared as the official engine does") {
  const auto& permissions = kind("jobs.permissions");
  CHECK(permissions.with_placeholders(Json::object({{"object_id", "/jobs/${resources.jobs.j.id}"}})).dump() ==
        R"({"object_id":""})");
  CHECK(kind("schemas.grants").is_nothing(Json::parse(R"({"__embed__":[],"full_name":"a.b"})").value()));
  CHECK_FALSE(permissions.is_nothing(Json::parse(R"({"__embed__":[]})").value()));
}

TEST_CASE("kinds: all that bundles may hold, with their permissions and grants") {
  for (const auto* name : {"alerts",
                           "apps",
                           "catalogs",
                           "clusters",
                           "dashboards",
                           "database_catalogs",
                           "database_instances",
                           "experiments",
                           "external_locations",
                           "genie_spaces",
                           "instance_pools",
                           "job_runs",
                           "jobs",
                           "model_serving_endpoints",
                           "models",
                           "pipelines",
                           "postgres_branches",
                           "postgres_catalogs",
                           "postgres_databases",
                           "postgres_endpoints",
                           "postgres_projects",
                           "postgres_roles",
                           "postgres_synced_tables",
                           "quality_monitors",
                           "registered_models",
                           "schemas",
                           "secret_scopes",
                           "secrets",
                           "sql_warehouses",
                           "synced_database_tables",
                           "vector_search_endpoints",
                           "vector_search_indexes",
                           "volumes",
                           "clusters.permissions",
                           "dashboards.permissions",
                           "pipelines.permissions",
                           "postgres_projects.permissions",
                           "secret_scopes.permissions",
                           "external_locations.grants",
                           "registered_models.grants",
                           "secrets.grants"}) {
    const auto& table = kind(name);
    CHECK_MESSAGE(table.name == name, name);
    CHECK_MESSAGE(table.read, name);
    CHECK_MESSAGE(table.create, name);
    CHECK_MESSAGE(table.remove, name);
  }
  CHECK(find_kind("unheard_of") == nullptr);
}

TEST_CASE("kinds: what cannot be changed in place is made anew") {
  const std::pair<const char*, const char*> fields[] = {{"pipelines", "storage"},
                                                        {"dashboards", "parent_path"},
                                                        {"experiments", "artifact_location"},
                                                        {"models", "name"},
                                                        {"registered_models", "schema_name"},
                                                        {"external_locations", "credential_name"},
                                                        {"secrets", "name"},
                                                        {"model_serving_endpoints", "description"},
                                                        {"quality_monitors", "table_name"},
                                                        {"postgres_projects", "project_id"},
                                                        {"postgres_branches", "source_branch"},
                                                        {"postgres_endpoints", "endpoint_type"},
                                                        {"postgres_databases", "parent"},
                                                        {"postgres_roles", "auth_method"},
                                                        {"postgres_catalogs", "branch"},
                                                        {"postgres_synced_tables", "scheduling_policy"},
                                                        {"vector_search_endpoints", "endpoint_type"},
                                                        {"vector_search_indexes", "primary_key"},
                                                        {"instance_pools", "disk_spec"}};
  for (const auto& [name, field] : fields) {
    CHECK_MESSAGE(action_of(name, field) == Action::recreate, name << "." << field);
  }
}

TEST_CASE("kinds: other fields are updated, names of some are changed in place") {
  CHECK(action_of("pipelines", "name") == Action::update);
  CHECK(action_of("alerts", "display_name") == Action::update);
  CHECK(action_of("genie_spaces", "title") == Action::update);
  CHECK(action_of("clusters", "spark_version") == Action::update);
  CHECK(action_of("postgres_projects", "display_name") == Action::update);
  CHECK(action_of("external_locations", "name") == Action::update_id);
}

TEST_CASE("kinds: what the workspace chose by itself is no drift") {
  const auto drift = [](const char* name, const char* field, Json value) {
    return heaviest(decide_changes(kind(name).rules, kind(name).keyed, Json::object(), Json::object(),
                                   Json::object({{field, std::move(value)}})));
  };
  CHECK(drift("pipelines", "storage", "dbfs:/x") == Action::skip);
  CHECK(drift("clusters", "driver_node_type_id", "small") == Action::skip);
  CHECK(drift("registered_models", "owner", "me") == Action::skip);
  CHECK(drift("instance_pools", "idle_instance_autotermination_minutes", 60) == Action::skip);
  CHECK(drift("instance_pools", "idle_instance_autotermination_minutes", 61) == Action::update);
}

TEST_CASE("kinds: a running cluster is resized, another one is edited") {
  FieldChange change{.action = Action::update, .reason = {}, .before = 1, .after = 2, .remote = 1};
  kind("clusters").review("num_workers", change, Json::object({{"state", "RUNNING"}}));
  CHECK(change.action == Action::resize);
  change.action = Action::update;
  kind("clusters").review("num_workers", change, Json::object({{"state", "TERMINATED"}}));
  CHECK(change.action == Action::update);
}

TEST_CASE("kinds: the tag of a dashboard tells whether somebody else changed it") {
  FieldChange change{.action = Action::update, .reason = {}, .before = "1", .after = {}, .remote = "1"};
  kind("dashboards").review("etag", change, Json::object());
  CHECK(change.action == Action::skip);
  change = FieldChange{.action = Action::skip, .reason = {}, .before = "1", .after = {}, .remote = "2"};
  kind("dashboards").review("etag", change, Json::object());
  CHECK(change.action == Action::update);
}

TEST_CASE("kinds: an index whose endpoint was replaced is made anew") {
  FieldChange change{.action = Action::update, .reason = {}, .before = "a", .after = {}, .remote = "b"};
  kind("vector_search_indexes").review("endpoint_uuid", change, Json::object({{"endpoint_uuid", "b"}}));
  CHECK(change.action == Action::recreate);
}

TEST_CASE("plan: secrets are not shown") {
  Plan plan;
  auto& entry = plan.entries["resources.secrets.s"];
  entry.action = Action::update;
  entry.desired = Json::object({{"name", "s"}, {"value", "hush"}});
  entry.remote = Json::object({{"name", "s"}, {"effective_value", "old hush"}});
  entry.changes["value"] =
      FieldChange{.action = Action::update, .reason = {}, .before = {}, .after = "hush", .remote = "old hush"};
  const auto text = plan.to_json().dump();
  CHECK(text.find("hush") == std::string::npos);
  CHECK(text.find("[redacted]") != std::string::npos);
  CHECK(entry.desired.get_string("value") == "hush");
}
