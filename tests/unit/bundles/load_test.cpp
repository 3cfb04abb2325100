#include "tests/unit/bundles/bundle_folder.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

TEST_CASE("root: the folder above, and what may be wrong with it") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\n"}, {"src/deep/a.txt", ""}});
  CHECK(find_bundle_root(folder.path() / "src/deep", {}).value() == folder.path());
  folder.write("src/bundle.yml", "bundle: {name: y}\n");
  CHECK(find_bundle_root(folder.path() / "src/deep", {}).value() == folder.path());
  Environment env;
  env.set("DATABRICKS_BUNDLE_ROOT", (folder.path() / "src").string());
  CHECK(find_bundle_root("/", env).value() == folder.path() / "src");
  env.set("DATABRICKS_BUNDLE_ROOT", (folder.path() / "src/deep").string());
  CHECK(find_bundle_root("/", env).error().message.ends_with(": databricks.yml not found"));
  CHECK(find_bundle_root("/proc/self", {}).error().code == "PIER1001");
}

TEST_CASE("include: order, patterns and what is refused") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\ninclude: [b.yml, '*.yml', 'r/*/x.yml']\n"},
                       {"a.yml", "variables: {who: {default: a}}\n"},
                       {"b.yml", "variables: {who: {default: b}}\ninclude: [c.yml]\n"},
                       {"r/1/x.yml", "variables: {one: {default: 1}}\n"}});
  CHECK(folder.resolved({"include"}) == R"(["b.yml","a.yml","r/1/x.yml","c.yml"])");
  CHECK(folder.resolved({"variables", "who", "value"}) == R"("a")");
  CHECK(folder.report() == "PIER1011 b.yml:2:10 Include section is defined outside root file\n");
  folder.write("databricks.yml", "bundle: {name: x}\ninclude: [/etc/x.yml, nope.yml, 'r/*', '*.md']\n");
  folder.write("n.md", "");
  folder.load();
  CHECK(folder.report() ==
        "PIER1009 databricks.yml:2:11 /etc/x.yml: includes must be relative paths\n"
        "PIER1009 databricks.yml:2:23 nope.yml defined in 'include' section does not match any files\n"
        "PIER1009 databricks.yml:2:33 Files in the 'include' configuration section must be YAML or JSON files.\n"
        "PIER1009 databricks.yml:2:40 Files in the 'include' configuration section must be YAML or JSON files.\n");
}

TEST_CASE("typing: unknown fields, wrong kinds, conversions") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
resorces: {}
anchors: &a {x: 1}
resources:
  jobs:
    j:
      name: 5
      max_concurrent_runs: "3"
      timeout_seconds: soon
      tags: [a]
      descripton: hi
      description: null
      continuous: {pause_status: on}
      queue: {enabled: "yes"}
)"}});
  CHECK(folder.resolved({"resources", "jobs", "j", "name"}) == R"("5")");
  CHECK(folder.resolved({"resources", "jobs", "j", "max_concurrent_runs"}) == "3");
  CHECK(folder.resolved({"resources", "jobs", "j", "queue"}) == R"({"enabled":true})");
  CHECK(folder.report() == "PIER1020 databricks.yml:2:1 unknown field: resorces\n"
                           "PIER1023 databricks.yml:9:24 cannot parse \"soon\" as an integer\n"
                           "PIER1021 databricks.yml:10:13 expected map, found sequence\n"
                           "PIER1020 databricks.yml:11:7 unknown field: descripton\n"
                           "PIER1022 databricks.yml:12:20 expected a string value, found null\n"
                           "PIER1076 databricks.yml:13:34 invalid value \"on\" for enum field. Valid values are "
                           "[PAUSED UNPAUSED]\n");
  CHECK(folder.problems.all()[0].help == "did you mean 'resources'?");
  CHECK(folder.problems.all()[3].help == "did you mean 'description'?");
}

TEST_CASE("targets: selection") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\ntargets: {dev: {default: true}, prod: {}}\n"}});
  CHECK(folder.load()->target == "dev");
  folder.options.env.set("DATABRICKS_BUNDLE_TARGET", "prod");
  CHECK(folder.load()->target == "prod");
  folder.options.target = "dev";
  CHECK(folder.load()->target == "dev");
  folder.options.target = "prd";
  folder.load();
  CHECK(folder.report().find("prd: no such target. Available targets: dev, prod") != std::string::npos);
  CHECK(folder.problems.all()[0].help == "did you mean 'prod'?");
  folder.options.target = "";
  folder.options.env.unset("DATABRICKS_BUNDLE_TARGET");
  folder.write("databricks.yml", "bundle: {name: x}\ntargets: {a: {}, b: {}}\n");
  folder.load();
  CHECK(folder.report() == "PIER1037 please specify target\n");
  folder.write("databricks.yml", "bundle: {name: x}\n");
  CHECK(folder.load()->target == "default");
}

TEST_CASE("targets: merge of maps, lists, scalars, variables and run_as") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
variables: {a: {default: 1}, b: {lookup: {cluster: c}}, list: {default: []}}
resources:
  jobs:
    j:
      name: one
      tags: {x: "1"}
      tasks:
        - task_key: b
          notebook_task: {notebook_path: /n, source: WORKSPACE}
        - task_key: a
          notebook_task: {notebook_path: /m}
targets:
  dev:
    variables: {a: 2, b: {default: id}, list: [x]}
    run_as: {user_name: ada.lovelace@x.test}
    resources:
      jobs:
        j:
          name: two
          tags: {y: "2"}
          tasks:
            - task_key: b
              notebook_task: {notebook_path: /changed}
)"}});
  CHECK(folder.resolved({"variables"}) ==
        R"({"a":{"default":2,"value":2},"b":{"default":"id","value":"id"},"list":{"default":["x"],"value":["x"]}})");
  CHECK(folder.report().empty());
  CHECK(folder.resolved({"resources", "jobs", "j", "name"}) == R"("two")");
  CHECK(folder.resolved({"resources", "jobs", "j", "tags"}) == R"({"x":"1","y":"2"})");
  CHECK(folder.resolved({"resources", "jobs", "j", "tasks"}) ==
        R"([{"notebook_task":{"notebook_path":"/m"},"task_key":"a"},)"
        R"({"notebook_task":{"notebook_path":"/changed","source":"WORKSPACE"},"task_key":"b"}])");
  CHECK(folder.resolved({"resources", "jobs", "j", "run_as"}) == R"({"user_name":"ada.lovelace@x.test"})");
}

TEST_CASE("keys: used twice over kinds and files") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\ninclude: [a.yml]\nresources: {jobs: {x: {name: j}}}\n"},
                       {"a.yml", "resources: {schemas: {x: {catalog_name: c, name: s}}}\n"}});
  folder.load();
  CHECK(folder.report() ==
        "PIER1033 a.yml:1:26 multiple resources or scripts have been defined with the same key: x\n");
  CHECK(folder.problems.all()[0].paths == std::vector<std::string>{"resources.jobs.x", "resources.schemas.x"});
}

TEST_CASE("problems: all at once, or as the official CLI stops") {
  constexpr std::string_view k_text = R"(bundle: {name: x}
scripts: {s: {content: ""}}
workspace: {root_path: "${var.nope}"}
resources:
  apps: {web: {name: web, source_code_path: ./missing}}
)";
  BundleFolder folder({{"databricks.yml", k_text}});
  folder.load();
  CHECK(folder.report() == "PIER1073 databricks.yml:2:14 Script s has no content\n"
                           "PIER1041 databricks.yml:3:24 reference does not exist: ${var.nope}\n"
                           "PIER1090 databricks.yml:5:45 stat missing: no such file or directory\n");
  folder.options.compatible = true;
  folder.load();
  CHECK(folder.report() == "PIER1073 Script s has no content\n");
}

TEST_CASE("load: line ends, a byte order mark, NUL bytes") {
  BundleFolder folder({{"databricks.yml", "\xEF\xBB\xBF"
                                          "bundle:\r\n  name: x\r\nvariables: {a: {default: b}}\r\n"}});
  CHECK(folder.resolved({"bundle", "name"}) == "\"x\"");
  CHECK(folder.report().empty());
  folder.write("databricks.yml", std::string_view("bundle: {name: x\0y}\n", 20));
  folder.load();
  CHECK(folder.problems.has_errors());
}

TEST_CASE("load: ten thousand levels and twenty thousand resources end soon") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\nvariables: {a: {default: " + std::string(10'000, '[') +
                                              std::string(10'000, ']') + "}}\n"}});
  folder.load();
  CHECK(folder.problems.has_errors());
  std::string many = "bundle: {name: x}\nresources:\n  schemas:\n";
  for (int i = 0; i < 20'000; ++i) {
    many += "    s" + std::to_string(i) + ": {name: s, catalog_name: c}\n";
  }
  folder.write("databricks.yml", many);
  const auto bundle = folder.load();
  REQUIRE(bundle);
  CHECK(bundle->graph.nodes.size() == 20'000);
}

TEST_CASE("load: includes through a symbolic link that leads in a circle") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\ninclude: ['*/*/*.yml', '*/*.yml']\n"},
                       {"inner/a.yml", "variables: {a: {default: b}}\n"}});
  std::filesystem::create_directory_symlink(folder.path(), folder.path() / "inner/loop");
  folder.load();
  CHECK(folder.problems.all().size() < 10);
}
