#include "tests/unit/bundles/bundle_folder.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

namespace {

/// What is reported for these resources, one line each.
std::string problems_of(std::string_view resources) {
  BundleFolder folder(
      {{"databricks.yml", "bundle: {name: x}\nresources:\n" + std::string(resources)}, {"app/app.py", ""}});
  folder.load();
  return folder.report();
}

} // namespace

TEST_CASE("checks: required fields and enums") {
  CHECK(problems_of("  database_instances: {d: {capacity: CU_1}}\n") ==
        "PIER1075 databricks.yml:3:27 required field \"name\" is not set\n");
  CHECK(problems_of("  volumes: {v: {catalog_name: a, schema_name: b, name: c, volume_type: MANGED}}\n") ==
        "PIER1076 databricks.yml:3:72 invalid value \"MANGED\" for enum field. Valid values are [EXTERNAL MANAGED]\n");
  CHECK(problems_of("  sql_warehouses: {w: {cluster_size: Small}}\n") ==
        "PIER1077 databricks.yml:3:23 sql_warehouse name is required\n");
  CHECK(problems_of("  schemas: {s: {catalog_name: a, name: b, grants: [{principal: x}]}}\n")
            .starts_with("PIER1077 databricks.yml:3:52 grant privileges is required\n"));
}

TEST_CASE("checks: apps") {
  CHECK(problems_of("  apps: {a: {name: a}}\n") ==
        "PIER1082 databricks.yml:3:13 Missing app source code path or git source\n");
  CHECK(problems_of("  apps: {a: {name: a, source_code_path: ./app}, b: {name: b, source_code_path: ./app}}\n") ==
        "PIER1082 databricks.yml:3:80 Duplicate app source code path\n");
  CHECK(problems_of(R"(  jobs: {j: {name: j, permissions: [{level: CAN_VIEW, group_name: g}]}}
  apps: {a: {name: a, source_code_path: ./app, resources: [{name: r, job: {id: "${resources.jobs.j.id}", permission: CAN_VIEW}}]}}
)") == "PIER1083 databricks.yml:4:13 app \"a\" references jobs \"j\" which has permissions set. To prevent permission "
       "override after deploying the app, please add the app service principal to the jobs permissions\n");
}

TEST_CASE("checks: tasks and clusters of jobs") {
  CHECK(problems_of(R"(  jobs:
    j:
      name: j
      job_clusters: [{job_cluster_key: main, new_cluster: {spark_version: "15", num_workers: 0}}]
      tasks:
        - {task_key: a, job_cluster_key: mian, notebook_task: {notebook_path: /n}}
        - {task_key: b, python_wheel_task: {package_name: p, entry_point: e}}
)") == "PIER1079 databricks.yml:6:59 Single node cluster is not correctly configured\n"
       "PIER1080 databricks.yml:8:42 job_cluster_key mian is not defined\n"
       "PIER1081 databricks.yml:9:11 Missing required cluster or environment settings\n");
}

TEST_CASE("checks: run_as that does not fit") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\nrun_as: {user_name: other@x.test}\n"
                                          "resources: {apps: {a: {name: a, source_code_path: .}}}\n"}});
  folder.load();
  CHECK(folder.report().starts_with("PIER1062 databricks.yml:3:19 apps do not support"));
  folder.options.user.reset();
  folder.load();
  CHECK(folder.report().empty());
}

TEST_CASE("checks: references between resources, pier's own") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
resources:
  sql_warehouses: {main: {name: m}}
  jobs:
    j:
      name: j
      tasks:
        - {task_key: a, sql_task: {warehouse_id: "${resources.sql_warehouses.mian.id}", query: {query_id: q}}}
        - {task_key: b, sql_task: {warehouse_id: "${resources.warehouses.main.id}", query: {query_id: q}}}
        - {task_key: c, sql_task: {warehouse_id: "${resources.sql_warehouses.main.idd}", query: {query_id: q}}}
        - {task_key: d, sql_task: {warehouse_id: "${resources.sql_warehouses.main.id}", query: {query_id: q}}}
)"}});
  folder.load();
  CHECK(
      folder.report() ==
      "PIER1902 databricks.yml:8:50 reference to a resource that does not exist: ${resources.sql_warehouses.mian.id}\n"
      "PIER1902 databricks.yml:9:50 reference to an unknown kind of resource: ${resources.warehouses.main.id}\n"
      "PIER1903 databricks.yml:10:50 reference to a field that sql_warehouses do not have: "
      "${resources.sql_warehouses.main.idd}\n");
  CHECK(folder.problems.all()[0].help == "did you mean ${resources.sql_warehouses.main.id}?");
  CHECK(folder.problems.all()[2].help == "did you mean ${resources.sql_warehouses.main.id}?");
  folder.options.compatible = true;
  folder.load();
  CHECK(folder.report().empty());
}

TEST_CASE("checks: triggers of job runs") {
  CHECK(problems_of("  jobs: {j: {name: j}}\n"
                    "  job_runs: {r: {job_id: '${resources.jobs.j.id}', lifecycle: {triggers: [{on_bundle_deploy: "
                    "false}, {}]}}}\n") ==
        "PIER1084 databricks.yml:4:94 lifecycle.triggers.on_bundle_deploy must be true when set\n"
        "PIER1084 databricks.yml:4:102 lifecycle.triggers entry must set on_bundle_deploy: true\n");
}
