#include "tests/unit/bundles/bundle_folder.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

TEST_CASE("workspace: paths below the user's home and with /Workspace in front") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: shop}\ntargets: {dev: {}}\n"}});
  const auto bundle = folder.load();
  CHECK(bundle->paths.root_path == "/Workspace/Users/ada.lovelace@x.test/.bundle/shop/dev");
  CHECK(bundle->paths.state_path == "/Workspace/Users/ada.lovelace@x.test/.bundle/shop/dev/state");
  folder.write("databricks.yml", "bundle: {name: shop}\nworkspace: {root_path: ~/x//y/, file_path: /Shared/f}\n");
  CHECK(folder.load()->paths.root_path == "/Workspace/Users/ada.lovelace@x.test/x/y");
  CHECK(folder.load()->paths.file_path == "/Workspace/Shared/f");
  folder.write("databricks.yml",
               "bundle: {name: s}\nresources: {jobs: {j: {description: '/Workspace${workspace.root_path}/x'}}}\n");
  CHECK(folder.resolved({"resources", "jobs", "j", "description"}) ==
        R"("/Workspace/Users/ada.lovelace@x.test/.bundle/s/default/x")");
  CHECK(folder.report().starts_with("PIER1050 databricks.yml:2:37 substring"));
}

TEST_CASE("mode development: prefixes, tags, paused triggers, no lock") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
targets: {dev: {mode: development}}
resources:
  jobs: {j: {name: nightly, schedule: {quartz_cron_expression: "0 0 0 * * ?", timezone_id: UTC}}, unnamed: {}}
  schemas: {s: {catalog_name: lake, name: gold}}
  apps: {web: {name: web, source_code_path: ./app}}
  sql_warehouses: {w: {name: wh}}
  experiments: {e: {name: /Users/x/exp}}
)"},
                       {"app/app.py", ""}});
  const auto bundle = folder.load();
  CHECK(folder.report().empty());
  CHECK_FALSE(bundle->lock_enabled);
  const auto& graph = bundle->graph;
  CHECK(graph.find({"jobs", "j", ""})->config.get_string("name") == "[dev ada_lovelace] nightly");
  CHECK(graph.find({"jobs", "unnamed", ""})->config.get_string("name") == "[dev ada_lovelace] ");
  CHECK(graph.find({"jobs", "j", ""})->config.find("schedule")->get_string("pause_status") == "PAUSED");
  CHECK(graph.find({"jobs", "j", ""})->config.get_integer("max_concurrent_runs") == 4);
  CHECK(graph.find({"schemas", "s", ""})->config.get_string("name") == "dev_ada_lovelace_gold");
  CHECK(graph.find({"apps", "web", ""})->config.get_string("name") == "web");
  CHECK(graph.find({"sql_warehouses", "w", ""})->config.find("tags")->dump() ==
        R"({"custom_tags":[{"key":"dev","value":"ada_lovelace"}]})");
  CHECK(graph.find({"experiments", "e", ""})->config.get_string("name") == "/Users/x/[dev ada_lovelace] exp");
}

TEST_CASE("mode production: a fixed root path is needed") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\ntargets: {prod: {mode: production}}\n"
                                          "resources: {jobs: {j: {name: a}}}\n"}});
  folder.load();
  CHECK(folder.report() == "PIER1065 databricks.yml:2:17 target with 'mode: production' must set "
                           "'workspace.root_path' to make sure only one copy is deployed\n");
  folder.write("databricks.yml",
               "bundle: {name: x}\ntargets: {prod: {mode: production, workspace: {root_path: /Shared/x}}}\n");
  folder.load();
  CHECK(folder.report().starts_with("PIER1052 "));
}

TEST_CASE("permissions: top level on each kind, the deployer on every list") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
permissions: [{level: CAN_VIEW, group_name: all}, {level: CAN_RUN, user_name: bob@x.test}]
resources:
  jobs: {j: {name: a, permissions: [{level: CAN_MANAGE, user_name: bob@x.test}]}}
  apps: {web: {name: web, source_code_path: ./app}}
  secret_scopes: {s: {name: scope}}
)"},
                       {"app/app.py", ""}});
  const auto bundle = folder.load();
  const auto embedded = [&](std::string_view kind, std::string_view key) {
    return bundle->graph.find({std::string(kind), std::string(key), "permissions"})->config.dump();
  };
  CHECK(embedded("jobs", "j") ==
        R"({"__embed__":[{"level":"CAN_MANAGE","user_name":"bob@x.test"},{"group_name":"all","level":"CAN_VIEW"},)"
        R"({"level":"IS_OWNER","user_name":"ada.lovelace@x.test"}],"object_id":"/jobs/${resources.jobs.j.id}"})");
  CHECK(embedded("apps", "web") ==
        R"({"__embed__":[{"group_name":"all","level":"CAN_USE"},{"level":"CAN_MANAGE","user_name":)"
        R"("ada.lovelace@x.test"}],"object_id":"/apps/${resources.apps.web.id}"})");
  CHECK(
      embedded("secret_scopes", "s") ==
      R"({"acls":[{"permission":"READ","principal":"all"},{"permission":"MANAGE","principal":"ada.lovelace@x.test"}],)"
      R"("scope_name":"${resources.secret_scopes.s.name}"})");
  CHECK(folder.report().find("'jobs' already has permissions set for 'bob@x.test' user name") != std::string::npos);
}

TEST_CASE("grants: joined by principal, a node of their own") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
resources:
  schemas:
    s:
      catalog_name: lake
      name: gold
      grants:
        - {principal: a, privileges: [USE_SCHEMA, SELECT]}
        - {principal: a, privileges: [SELECT, MODIFY]}
        - {principal: b, privileges: [SELECT, ALL_PRIVILEGES]}
  volumes: {v: {catalog_name: lake, schema_name: gold, name: raw}}
)"}});
  const auto bundle = folder.load();
  CHECK(folder.report().empty());
  CHECK(bundle->graph.find({"schemas", "s", "grants"})->config.dump() ==
        R"({"__embed__":[{"principal":"a","privileges":["MODIFY","SELECT","USE_SCHEMA"]},)"
        R"({"principal":"b","privileges":["ALL_PRIVILEGES"]}],"full_name":"${resources.schemas.s.id}",)"
        R"("securable_type":"schema"})");
  CHECK(bundle->graph.find({"schemas", "s", ""})->config.dump() == R"({"catalog_name":"lake","name":"gold"})");
  CHECK(bundle->graph.find({"volumes", "v", ""})->config.dump() ==
        R"({"catalog_name":"lake","name":"raw","schema_name":"${resources.schemas.s.name}","volume_type":"MANAGED"})");
  CHECK(bundle->config.find_path({"resources", "volumes", "v", "volume_path"})->as_string() ==
        "/Volumes/lake/gold/raw");
}

TEST_CASE("apps: source, config and lifecycle stay for deploy; resources replace by name") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
include: [resources/*.yml]
targets:
  dev:
    resources: {apps: {web: {resources: [{name: db, database: {instance_name: b, database_name: c, permission: CAN_CONNECT_AND_CREATE}}]}}}
)"},
                       {"resources/web.app.yml", R"(resources:
  apps:
    web:
      name: web
      source_code_path: ../app
      lifecycle: {started: true, prevent_destroy: true}
      config: {command: [python, app.py], env: [{name: A, value: "1"}]}
      resources: [{name: db, description: old, database: {instance_name: a, database_name: c, permission: CAN_CONNECT_AND_CREATE}}]
)"},
                       {"app/app.py", ""}});
  const auto bundle = folder.load();
  CHECK(folder.report().empty());
  CHECK(bundle->graph.find({"apps", "web", ""})->config.dump() ==
        R"({"config":{"command":["python","app.py"],"env":[{"name":"A","value":"1"}]},"description":"",)"
        R"("lifecycle":{"started":true},"name":"web","resources":[{"database":{"database_name":"c",)"
        R"("instance_name":"b","permission":"CAN_CONNECT_AND_CREATE"},"name":"db"}],"source_code_path":)"
        R"("/Workspace/Users/ada.lovelace@x.test/.bundle/x/dev/files/app"})");
  CHECK(bundle->graph.find({"apps", "web", ""})->span.to_string() == "resources/web.app.yml:4:7");
}

TEST_CASE("paths: relative to their file, notebooks lose their extension") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\ninclude: [r/j.yml]\n"},
                       {"r/j.yml", R"(resources:
  jobs:
    j:
      name: a
      environments: [{environment_key: e, spec: {environment_version: "3", dependencies: [../dist/*.whl, pandas, "-r ../req.txt"]}}]
      tasks:
        - {task_key: a, environment_key: e, spark_python_task: {python_file: ../src/main.py}}
        - {task_key: b, notebook_task: {notebook_path: ../src/nb.py}}
        - {task_key: c, sql_task: {warehouse_id: w, file: {path: ../src/gone.sql}}}
        - {task_key: d, notebook_task: {notebook_path: ../src/main.py}}
        - {task_key: e, notebook_task: {notebook_path: /Shared/nb}}
)"},
                       {"src/main.py", "print(1)\n"},
                       {"src/nb.py", "# Databricks notebook source\nprint(1)\n"},
                       {"req.txt", ""}});
  const auto bundle = folder.load();
  const auto text = bundle->graph.find({"jobs", "j", ""})->config.dump();
  const std::string files = "/Workspace/Users/ada.lovelace@x.test/.bundle/x/default/files";
  CHECK(text.find("\"python_file\":\"" + files + "/src/main.py\"") != std::string::npos);
  CHECK(text.find("\"notebook_path\":\"" + files + "/src/nb\"") != std::string::npos);
  CHECK(text.find("\"notebook_path\":\"/Shared/nb\"") != std::string::npos);
  CHECK(text.find(R"("dependencies":["./dist/*.whl","pandas","-r )" + files + R"(/req.txt"])") != std::string::npos);
  CHECK(folder.report() == "PIER1090 r/j.yml:10:56 expected a notebook for \"resources.jobs.j.tasks[3].notebook_task."
                           "notebook_path\" but got a file: file at " +
                               (folder.path() / "src/main.py").string() +
                               " is not a notebook\nPIER1090 r/j.yml:9:66 file src/gone.sql not found\n");
}

TEST_CASE("sync: the root moves up as the paths need") {
  BundleFolder folder(
      {{"proj/databricks.yml", "bundle: {name: x}\nsync: {paths: [../lib, src], exclude: ['*.tmp']}\n"}});
  folder.options.cwd = folder.path() / "proj";
  const auto bundle = folder.load();
  CHECK(bundle->sync.sync_root == folder.path());
  CHECK(bundle->sync.paths == std::vector<std::string>{"lib", "proj/src"});
  CHECK(bundle->sync.exclude == std::vector<std::string>{"proj/*.tmp"});
}

TEST_CASE("git: branch and commit without a git library") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\n"},
                       {".git/HEAD", "ref: refs/heads/main\n"},
                       {".git/packed-refs", "# pack-refs\n0123456789abcdef refs/heads/main\n"},
                       {".git/config", "[core]\n[remote \"origin\"]\n\turl = https://me:pw@git.test/x.git\n"}});
  CHECK(folder.resolved({"bundle", "git"}) ==
        R"({"actual_branch":"main","branch":"main","bundle_root_path":".","commit":"0123456789abcdef",)"
        R"("origin_url":"https://git.test/x.git"})");
}

TEST_CASE("steps: one cluster for all tasks") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x, cluster_id: c1}
resources:
  jobs:
    j:
      tasks:
        - {task_key: a, job_cluster_key: k, notebook_task: {notebook_path: /n}}
        - {task_key: b, for_each_task: {inputs: "[1]", task: {task_key: i, environment_key: e, notebook_task: {notebook_path: /n}}}}
        - {task_key: c, notebook_task: {notebook_path: /n}}
)"}});
  const auto tasks = folder.resolved({"resources", "jobs", "j", "tasks"});
  CHECK(tasks.find("job_cluster_key") == std::string::npos);
  CHECK(tasks.find("environment_key") == std::string::npos);
  CHECK(tasks.find(R"({"existing_cluster_id":"c1","notebook_task":{"notebook_path":"/n"},"task_key":"i"})") !=
        std::string::npos);
  CHECK(tasks.find(R"({"notebook_task":{"notebook_path":"/n"},"task_key":"c"})") != std::string::npos);
  folder.options.env.set("DATABRICKS_CLUSTER_ID", "c2");
  folder.load();
  CHECK(folder.report().starts_with("PIER1069 The DATABRICKS_CLUSTER_ID variable is set but is ignored"));
}

TEST_CASE("steps: patterns in pipeline libraries, and kinds without entries") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
resources:
  volumes:
  pipelines: {p: {name: p, continuous: true, libraries: [{file: {path: "src/*.sql"}}, {notebook: {path: "/W/*"}}]}}
presets: {trigger_pause_status: PAUSED}
)"},
                       {"src/a.sql", "select 1"},
                       {"src/b.sql", "select 2"}});
  const auto libraries = folder.resolved({"resources", "pipelines", "p", "libraries"});
  CHECK(libraries.find("/files/src/a.sql\"") != std::string::npos);
  CHECK(libraries.find("/files/src/b.sql\"") != std::string::npos);
  CHECK(libraries.find(R"({"notebook":{"path":"/W/*"}})") != std::string::npos);
  CHECK(folder.resolved({"resources", "pipelines", "p", "continuous"}).empty());
  CHECK(folder.resolved({"resources", "volumes"}).empty());
}

TEST_CASE("steps: an alert from a file") {
  BundleFolder folder(
      {{"databricks.yml", "bundle: {name: x}\nresources:\n  alerts:\n    a: {display_name: d, warehouse_id: "
                          "w, file_path: a.dbalert.json}\n"},
       {"a.dbalert.json", R"({"query_lines": ["select 1", "from t"], "evaluation": {"source": {"name": "n"}},
                         "schedule": {"timezone_id": "UTC"}, "display_name": "other"})"}});
  CHECK(folder.resolved({"resources", "alerts", "a", "query_text"}) == R"("select 1\nfrom t\n")");
  CHECK(folder.resolved({"resources", "alerts", "a", "display_name"}) == "\"d\"");
  CHECK(folder.resolved({"resources", "alerts", "a", "schedule"}) == R"({"timezone_id":"UTC"})");
  folder.write("databricks.yml",
               "bundle: {name: x}\nresources: {alerts: {a: {query_text: q, file_path: a.dbalert.json}}}\n");
  folder.load();
  CHECK(folder.report().find("2:38 field query_text is not allowed in the bundle configuration.\n") !=
        std::string::npos);
}

TEST_CASE("steps: the whole profile of the user is known") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\nvariables: {g: {default: "
                                          "\"${workspace.current_user.displayName}\"}}\n"}});
  folder.options.user->profile = Json::parse(R"({"displayName": "Ada", "active": true, "newer": 1})").value();
  CHECK(folder.resolved({"variables", "g", "value"}) == "\"Ada\"");
  CHECK(folder.resolved({"workspace", "current_user", "active"}) == "true");
  CHECK(folder.resolved({"workspace", "current_user", "newer"}).empty());
}

TEST_CASE("dashboards: the content is beside the bundle, wherever the sync root is") {
  BundleFolder folder({{"app/databricks.yml", R"(bundle: {name: x}
sync: {paths: [..]}
resources:
  dashboards:
    a: {display_name: A, file_path: here.lvdash.json}
    b: {display_name: B, file_path: ../there.lvdash.json}
)"},
                       {"app/here.lvdash.json", "1"},
                       {"there.lvdash.json", "2"}});
  folder.options.cwd = folder.path() / "app";
  CHECK(folder.resolved({"resources", "dashboards", "a", "serialized_dashboard"}) == "\"1\"");
  CHECK(folder.resolved({"resources", "dashboards", "b", "serialized_dashboard"}) == "\"2\"");
}
