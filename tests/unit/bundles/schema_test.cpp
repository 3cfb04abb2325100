#include "bundles/explanations.hpp"
#include "bundles/schema/json_schema.hpp"
#include "bundles/steps/libraries.hpp"
#include "core/model/field_table.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace pier;
using namespace pier::bundles;

TEST_CASE("field table: members, elements, enums, sections of targets") {
  CHECK(model::Field::at("resources.apps.*.lifecycle.started")->kind() == model::FieldKind::boolean);
  CHECK(model::Field::at("resources.jobs.*.tasks[*].task_key")->required());
  CHECK(model::Field::at("resources.apps.*.url")->output());
  CHECK(model::Field::at("resources.apps.*.compute_size")->choices() ==
        std::vector<std::string_view>{"LARGE", "MEDIUM", "XLARGE"});
  CHECK(model::Field::at("targets.*.resources.jobs") == model::Field::at("resources.jobs"));
  CHECK(model::Field::at("resources.jobs.*.tags.anything")->kind() == model::FieldKind::text);
  CHECK_FALSE(model::Field::at("resources.jobs.*.nonsense"));
}

TEST_CASE("field table: what structures remember") {
  CHECK(model::Field::at("resources.jobs.*.max_concurrent_runs")->remembered());
  CHECK_FALSE(model::Field::at("resources.jobs.*.permissions")->remembered());
  CHECK_FALSE(model::Field::at("resources.jobs.*.permissions[*].level")->remembered());
  CHECK_FALSE(model::Field::at("workspace.root_path")->remembered());
  CHECK(model::Field::at("resources.alerts.*.evaluation")->always_there());
  CHECK_FALSE(model::Field::at("resources.jobs.*.schedule")->always_there());
  CHECK(model::Field::at("resources.jobs.*.lifecycle")->always_there());
  CHECK_FALSE(model::Field::at("resources.apps.*.lifecycle")->always_there());
  CHECK(model::Field::at("presets")->always_there());
  CHECK(model::Field::at("resources")->always_there());
  CHECK_FALSE(model::Field::at("targets.*.resources")->always_there());
  CHECK(model::Field::at("bundle.deployment.lock.enabled")->has_three_states());
  CHECK_FALSE(model::Field::at("bundle.deployment.lock.force")->has_three_states());
}

TEST_CASE("json schema: small, closed, without what the server computes") {
  const Json schema = json_schema();
  CHECK(schema.find_path({"properties", "bundle"}) != nullptr);
  const Json* apps = schema.find_path({"properties", "resources"});
  REQUIRE(apps != nullptr);
  const auto text = schema.dump();
  CHECK(text.size() < 400'000);
  CHECK(text.find("\"active_deployment\"") == std::string::npos);
  CHECK(text.find("\"source_code_path\"") != std::string::npos);
}

TEST_CASE("explanations: sorted, unique, each with a text") {
  std::set<std::string_view> codes;
  for (const auto& item : explanations()) {
    CHECK(codes.insert(item.code).second);
    CHECK_FALSE(item.title.empty());
    CHECK_FALSE(item.text.empty());
  }
  CHECK(codes.size() > 60);
}

TEST_CASE("libraries: what is a local file and what a package") {
  for (const char* local : {"./x.whl", "dist/x.whl", "../a/b.jar", "x-1.0.whl"}) {
    CHECK_MESSAGE(is_local_library(local), local);
  }
  for (const char* remote : {"pandas", "pandas==2.1.0", "scikit-learn>=1.0,<2", "a[b]~=1.0rc1", "/Volumes/x.whl",
                             "dbfs:/x.whl", "s3://b/x.whl", "--index-url https://x.test", "a @ https://x.test/a.whl"}) {
    CHECK_MESSAGE(!is_local_library(remote), remote);
  }
  CHECK(local_pip_flag("-r ./req.txt")->path == "./req.txt");
  CHECK_FALSE(local_pip_flag("-r /Workspace/req.txt"));
}
