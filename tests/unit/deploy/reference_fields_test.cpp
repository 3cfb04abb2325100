#include "core/deploy/reference_fields.hpp"

#include <doctest/doctest.h>

using pier::Json;
using namespace pier::deploy;

TEST_CASE("reference fields: Terraform's names become the bundle's") {
  const auto renamed = [](const std::string& kind, std::string_view field) {
    return in_bundle_words(kind, FieldPath::parse(field)).to_string();
  };
  CHECK(renamed("jobs", "task[0].library[1].whl") == "tasks[0].libraries[1].whl");
  CHECK(renamed("jobs", "task[0].for_each_task.task.library") == "tasks[0].for_each_task.task.libraries");
  CHECK(renamed("jobs", "git_source[0].branch") == "git_source[0].git_branch");
  CHECK(renamed("jobs", "tasks[0].task_key") == "tasks[0].task_key");
  CHECK(renamed("models", "registered_model_id") == "model_id");
  CHECK(renamed("postgres_projects", "spec.pg_version") == "pg_version");
  CHECK(renamed("pipelines", "task") == "task");
}

TEST_CASE("reference fields: where a way leads, and where it ends") {
  const auto root = Json::parse(R"({"tasks":[{"new_cluster":{"custom_tags":{"a":"x"}}}],"git_source":{"git_tag":"v1"},
                                    "__embed__":[{"level":"CAN_VIEW"}]})")
                        .value();
  const auto at = [&](std::string_view field) {
    const auto value = value_at(root, FieldPath::parse(field));
    return value ? value->dump() : value.error().message;
  };
  CHECK(at("tasks[0].new_cluster.custom_tags.a") == "\"x\"");
  CHECK(at("git_source[0].git_tag") == "\"v1\"");
  CHECK(at("[0].level") == "\"CAN_VIEW\"");
  CHECK(at("catalog") == "null");
  CHECK(at("ingestion_definition.connection_name") == "ingestion_definition: cannot access nil value");
  CHECK(at("tasks[0].new_cluster.custom_tags.b") == "tasks[0].new_cluster.custom_tags.b: key \"b\" not found in map");
  CHECK(at("tasks[1]") == "tasks[1]: index out of range, length is 1");
}

TEST_CASE("reference fields: a field that nobody has") {
  CHECK(unknown_field("volumes", FieldPath::parse("nothing.x")).message ==
        "schema mismatch: nothing: field \"nothing\" not found in catalog.CreateVolumeRequestContent; nothing: field "
        "\"nothing\" not found in catalog.VolumeInfo");
}
