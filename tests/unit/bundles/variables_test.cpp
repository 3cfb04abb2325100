#include "tests/unit/bundles/bundle_folder.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

namespace {

constexpr std::string_view k_one_variable = R"(bundle: {name: x}
variables: {v: {default: from-default}}
targets: {dev: {variables: {v: from-target}}}
)";

} // namespace

TEST_CASE("variables: sources in their order") {
  BundleFolder folder({{"databricks.yml", k_one_variable}});
  const auto value = [&] { return folder.resolved({"variables", "v", "value"}); };
  CHECK(value() == R"("from-target")");
  folder.write(".databricks/bundle/dev/variable-overrides.json", R"({"v": "from-file", "unknown": 1})");
  CHECK(value() == R"("from-file")");
  folder.options.env.set("BUNDLE_VAR_v", "from-env");
  CHECK(value() == R"("from-env")");
  folder.options.vars = {"v=from-flag"};
  CHECK(value() == R"("from-flag")");
  CHECK(folder.report().empty());
}

TEST_CASE("variables: what --var and the override file refuse") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
variables: {plain: {default: a}, list: {type: complex, default: []}, need: {}}
)"}});
  folder.options.vars = {"nothing", "plan=1", "list=1", "plain=1,plain=2"};
  folder.write(".databricks/bundle/default/variable-overrides.json", R"({"list": "text", "need": [1]})");
  folder.load();
  CHECK(folder.report() ==
        "PIER1045 unexpected flag value for variable assignment: nothing\n"
        "PIER1045 variable plan has not been defined\n"
        "PIER1045 databricks.yml:2:40 setting variables of complex type via --var flag is not supported: list\n"
        "PIER1045 databricks.yml:2:20 failed to assign 2 to plain: variable has already been assigned value: 1\n"
        "PIER1047 databricks.yml:2:40 variable list is of type complex, but the value in the variable file is not a "
        "complex type\n"
        "PIER1047 databricks.yml:2:76 variable need is not of type complex, but the value in the variable file is a "
        "complex type\n");
  folder.options.vars = {};
  folder.write(".databricks/bundle/default/variable-overrides.json", "{}");
  folder.load();
  CHECK(folder.report().starts_with("PIER1040 databricks.yml:2:76 no value assigned to required variable need."));
}

TEST_CASE("references: types, texts, nesting, indexes, zero values") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: shop}
variables:
  n: {default: 7}
  cluster: {default: {node: {id: i3}, sizes: [1, 2]}}
  dev_catalog: {default: lake}
  chain: {default: "${var.inner}"}
  inner: {default: "${bundle.name}-${bundle.target}"}
targets: {dev: {}}
resources:
  jobs:
    j:
      name: a ${var.n} ${var.chain} ${var.${bundle.target}_catalog} $${var.n} ${ var.n } ${job.id} [${bundle.cluster_id}]
      max_concurrent_runs: ${var.n}
      tags: {node: "${var.cluster.node.id}", size: "${var.cluster.sizes[1]}"}
      description: ${resources.jobs.j.id}
)"}});
  CHECK(folder.resolved({"resources", "jobs", "j", "name"}) == R"("a 7 shop-dev lake $7 ${ var.n } ${job.id} []")");
  CHECK(folder.report().empty());
  CHECK(folder.resolved({"resources", "jobs", "j", "max_concurrent_runs"}) == "7");
  CHECK(folder.resolved({"resources", "jobs", "j", "tags"}) == R"({"node":"i3","size":"2"})");
  CHECK(folder.resolved({"resources", "jobs", "j", "description"}) == R"("${resources.jobs.j.id}")");
}

TEST_CASE("references: what leads nowhere is named with its neighbours") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
variables: {host: {default: h}, map: {default: {a: 1}}, list: {default: [1]}}
resources:
  jobs:
    a: {name: "${var.hst}"}
    b: {name: "x ${var.map}"}
    c: {name: "${var.map.a.b}"}
    d: {name: "${var.list[3]}"}
    e: {name: "${workspace.fil_path}"}
    f: {name: "${var}"}
)"}});
  folder.load();
  CHECK(folder.report() ==
        "PIER1041 databricks.yml:5:15 reference does not exist: ${var.hst}\n"
        "PIER1043 databricks.yml:6:15 cannot interpolate non-primitive value of type map into string\n"
        "PIER1041 databricks.yml:7:15 expected a map to index \"variables.map.value.a.b\", found int\n"
        "PIER1041 databricks.yml:8:15 index out of bounds at \"variables.list.value[3]\"\n"
        "PIER1041 databricks.yml:9:15 reference does not exist: ${workspace.fil_path}\n"
        "PIER1041 databricks.yml:10:15 reference does not exist: ${var}\n");
  CHECK(folder.problems.all()[0].detail == "did you mean one of:\n  ${var.host}\n  ${var.list}");
  CHECK(folder.problems.all()[4].detail == "did you mean:\n  ${workspace.file_path}");
}

TEST_CASE("references: cycles and explosions end") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
variables: {a: {default: "${var.b}"}, b: {default: "${var.a}"}}
)"}});
  folder.options.compatible = true;
  folder.load();
  CHECK(folder.report() ==
        "PIER1042 cycle detected in field resolution: variables.a.default -> var.b -> var.a -> var.b\n");
  std::string text = "bundle: {name: x}\nvariables:\n  v0: {default: [1, 2, 3, 4, 5, 6, 7, 8]}\n";
  for (int i = 1; i < 12; ++i) {
    const std::string before = "${var.v" + std::to_string(i - 1) + "}";
    text += "  v" + std::to_string(i) + ": {default: [";
    for (int n = 0; n < 8; ++n) {
      text += (n > 0 ? ", \"" : "\"") + before + "\"";
    }
    text += "]}\n";
  }
  folder.options.compatible = false;
  folder.write("databricks.yml", text);
  folder.load();
  CHECK(folder.report().find("PIER1044 ") != std::string::npos);
}

TEST_CASE("lookups: open offline, asked when somebody can answer") {
  BundleFolder folder({{"databricks.yml", R"(bundle: {name: x}
variables:
  wh: {lookup: {warehouse: "shared ${bundle.target}"}}
  two: {lookup: {warehouse: a, cluster: b}}
targets: {dev: {}}
resources: {jobs: {j: {name: "on ${var.wh}"}}}
)"}});
  CHECK(folder.resolved({"resources", "jobs", "j", "name"}) == R"("on ${var.wh}")");
  CHECK(folder.report() ==
        "PIER1049 databricks.yml:3:16 variable wh is looked up in the workspace, so its value is not known here\n"
        "PIER1048 databricks.yml:4:17 failed to resolve , err: exactly one lookup field must be provided\n");
  std::string asked;
  folder.options.look_up = [&](const std::string& kind, const std::string& name) -> Result<std::string> {
    asked = kind + "/" + name;
    return std::string("w-1");
  };
  CHECK(folder.resolved({"resources", "jobs", "j", "name"}) == R"("on w-1")");
  CHECK(asked == "warehouse/shared dev");
}
