#include "tests/unit/bundles/bundle_folder.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::bundles;

TEST_CASE("hooks: preinit runs before includes are looked for, postinit at the end") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\ninclude: [made.yml]\n"
                                          "experimental: {scripts: {preinit: make, postinit: done}}\n"}});
  std::string ran;
  folder.options.run_script = [&](const std::string& hook, const std::string& script, const auto& root) {
    ran += hook + "=" + script + " ";
    write_file_atomically(root / "made.yml", "variables: {a: {default: 1}}\n", Durability::none).value();
    return Result<void>();
  };
  CHECK(folder.resolved({"variables", "a", "value"}) == "1");
  CHECK(ran == "preinit=make postinit=done ");
  CHECK(folder.report().empty());
}

TEST_CASE("hooks: a failing script ends a compatible load, restricted execution forbids all") {
  BundleFolder folder({{"databricks.yml",
                        "bundle: {name: x}\nextra: 1\nexperimental: {scripts: {preinit: make}}\ninclude: [no.yml]\n"}});
  folder.options.compatible = true;
  std::string told;
  folder.options.on_problem = [&](const Diagnostic& problem) { told += problem.summary + "\n"; };
  folder.options.run_script = [&](const auto&, const auto&, const auto&) -> Result<void> {
    told += "script\n";
    return Error{.kind = ErrorKind::invalid_argument, .message = "exit status 4"};
  };
  folder.load();
  CHECK(told == "unknown field: extra\nscript\nfailed to execute script: exit status 4\n");
  folder.options.env.set("DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION", "1");
  told.clear();
  folder.load();
  CHECK(told == "unknown field: extra\nfailed to execute script: running scripts is not allowed when "
                "DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION is set\n");
}

TEST_CASE("hooks: files to sync and patterns that match nothing") {
  BundleFolder folder(
      {{"databricks.yml", "bundle: {name: x}\nsync: {exclude: [a.txt, '!b.txt'], include: [c.txt]}\n"}});
  folder.options.count_files = [](const model::SyncSettings& sync) -> Result<std::size_t> {
    return sync.include == std::vector<std::string>{"b.txt"} ? 1 : 0;
  };
  folder.load();
  CHECK(folder.report() ==
        "PIER1097 databricks.yml:2:17 There are no files to sync, please check your .gitignore and sync.exclude "
        "configuration\nPIER1098 databricks.yml:2:18 Pattern a.txt does not match any files\n"
        "PIER1098 databricks.yml:2:46 Pattern c.txt does not match any files\n");
}

TEST_CASE("hooks: a bundle that is not below its work tree cannot be synced") {
  BundleFolder folder(
      {{"repo/databricks.yml", "bundle: {name: x}\nsync: {paths: [.., .]}\n"}, {"repo/.git/HEAD", "x"}});
  folder.options.cwd = folder.path() / "repo";
  folder.options.count_files = [](const auto&) { return Result<std::size_t>(1); };
  folder.load();
  CHECK(folder.report() == "PIER1086 path \"" + folder.path().string() + "\" is not within repository root \"" +
                               folder.path().string() + "/repo\"\n");
  std::filesystem::remove_all(folder.path() / "repo/.git");
  folder.write("repo/.git", "");
  std::string remark;
  folder.options.on_remark = [&](const std::string& text) { remark = text; };
  folder.load();
  CHECK(folder.report().starts_with("PIER1086 expected"));
  CHECK(remark.starts_with("failed to read .git: expected"));
}

TEST_CASE("hooks: local wheels need a recent Spark version") {
  const std::string job = "resources:\n  jobs:\n    j:\n      tasks:\n        - {task_key: t, existing_cluster_id: c1, "
                          "python_wheel_task: {package_name: p, entry_point: e}, libraries: [{whl: ./x.whl}]}\n";
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\n" + job}});
  for (const auto& [version, works] :
       {std::pair("12.2.x-scala2.12", false), std::pair("13.1.x", true), std::pair("13.0.1", false),
        std::pair("13.x", true), std::pair("snapshot", true)}) {
    CAPTURE(version);
    folder.options.spark_version = [spark = std::string(version)](const std::string&) {
      return Result<std::string>(spark);
    };
    folder.load();
    CHECK(folder.problems.has_errors() != works);
  }
  folder.write("databricks.yml", "bundle: {name: x}\nexperimental: {python_wheel_wrapper: true}\n" + job);
  folder.load();
  CHECK_FALSE(folder.problems.has_errors());
}

TEST_CASE("hooks: a broken override file is named with the place of the fault") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\nvariables: {a: {default: b}}\n"}});
  folder.options.compatible = true;
  const auto fault_of = [&](std::string_view text) {
    folder.write(".databricks/bundle/default/variable-overrides.json", text);
    folder.load();
    const auto report = folder.report();
    const auto at = report.find("overrides.json:", report.find("error decoding"));
    return at == std::string::npos ? report : report.substr(at + 15);
  };
  CHECK(fault_of("foo\n") == "1:1: invalid character 'o' in literal false (expecting 'a')\n");
  CHECK(fault_of("{\"a\": 1,\n  2}\n") == "2:3: invalid character '2' looking for beginning of object key string\n");
  CHECK(fault_of("{\"a\" 1}") == "1:6: invalid character '1' after object key\n");
  CHECK(fault_of("[1 2]") == "1:4: invalid character '2' after array element\n");
  CHECK(fault_of("{\"a\": 1 \"b\"}") == "1:9: invalid character '\"' after object key:value pair\n");
  CHECK(fault_of("{\"a\": 1.}") == "1:7: invalid character '}' after decimal point in numeric literal\n");
  CHECK(fault_of("{\"a\": \"\\x\"}") == "1:7: invalid character 'x' in string escape code\n");
  CHECK(fault_of("{} {}") == "1:4: unexpected additional content\n");
  CHECK(fault_of("{\"a\":") == "1:6: unexpected end of JSON input\n");
}

TEST_CASE("hooks: locations of sections, resources and tasks") {
  BundleFolder folder({{"databricks.yml", "bundle:\n  name: x\ninclude: [r.yml]\n"},
                       {"r.yml", "resources:\n  jobs:\n    j:\n      name: j\n      tasks:\n        - task_key: a\n"}});
  folder.options.with_locations = true;
  CHECK(folder.resolved({"__locations", "files"}) == R"(["databricks.yml","r.yml"])");
  CHECK(folder.resolved({"__locations", "locations", "bundle"}) == "[[0,2,3]]");
  CHECK(folder.resolved({"__locations", "locations", "resources.jobs.j.tasks[0]"}) == "[[1,6,11]]");
}

TEST_CASE("hooks: with an immutable folder paths stay open") {
  BundleFolder folder(
      {{"databricks.yml", "bundle: {name: x}\nexperimental: {immutable_folder: true}\nresources:\n  jobs:\n"
                          "    j: {tasks: [{task_key: a, notebook_task: {notebook_path: ./n.ipynb}}], "
                          "tags: {p: \"${workspace.file_path}\", n: \"${bundle.name}\"}}\n"},
       {"n.ipynb", "{}"}});
  CHECK(folder.resolved({"resources", "jobs", "j", "tags"}) == R"({"n":"x","p":"${workspace.file_path}"})");
  CHECK(folder.resolved({"resources", "jobs", "j", "tasks"}).find("${workspace.snapshot_path}/files/n\"") !=
        std::string::npos);
  folder.write("databricks.yml", "bundle: {name: x}\nexperimental: {immutable_folder: true}\n"
                                 "workspace: {file_path: ~/here}\n");
  folder.load();
  CHECK(folder.report().starts_with("PIER1088 databricks.yml:3:24 workspace.file_path cannot be configured"));
}

TEST_CASE("hooks: the volume of the artifact path must exist") {
  BundleFolder folder({{"databricks.yml", "bundle: {name: x}\nworkspace: {artifact_path: /Volumes/c/s/v/a}\n"}});
  std::string asked;
  folder.options.read_volume = [&](const std::string& name) -> Result<void> {
    asked = name;
    return Error{.kind = ErrorKind::not_found, .message = "no"};
  };
  folder.load();
  CHECK(asked == "c.s.v");
  CHECK(folder.report() == "PIER1051 databricks.yml:2:28 volume c.s.v does not exist\n");
  folder.write("databricks.yml", "bundle: {name: x}\nworkspace: {artifact_path: /Volumes/c/s}\n");
  folder.load();
  CHECK(folder.report().find("expected UC volume path to be in the format") != std::string::npos);
}
