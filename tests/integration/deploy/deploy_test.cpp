#include "tests/integration/deploy/project.hpp"

using pier::Json;
using pier::test::Project;
using pier::test::small_bundle;

TEST_CASE("deploy: a second one finds nothing to do") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.put("src/main.py", "print(1)\n");
  const auto first = project.run({"deploy"});
  CHECK(first.find("Files: 2 uploaded, 0 deleted") != std::string::npos);
  CHECK(first.find("Resources: 5 created, 0 changed, 0 deleted, 0 unchanged") != std::string::npos);
  const auto serial = project.state("prod").get_integer("serial");
  CHECK(project.run({"deploy"}).find("nothing to do") != std::string::npos);
  CHECK(project.state("prod").get_integer("serial") == serial);
  CHECK(project.daemon.get("/api/2.1/unity-catalog/volumes/main.gold.raw").get_string("full_name") == "main.gold.raw");
  const auto remote =
      project.daemon.send("GET", "/api/2.0/workspace/export?path=%2FWorkspace%2FShared%2Fsmall%2Fstate%2F"
                                 "resources.json&direct_download=true");
  CHECK(Json::parse(remote.body).value() == project.state("prod"));
}

TEST_CASE("deploy: an edit and drift are updates of just those fields") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.run({"deploy"});
  project.put("databricks.yml", small_bundle("second"));
  const auto plan = project.run({"plan"});
  CHECK(plan.find("update      schemas.gold") != std::string::npos);
  CHECK(plan.find("comment: \"first\" → \"second\"") != std::string::npos);
  CHECK(plan.find("Plan: 0 to add, 1 to change, 0 to delete, 4 unchanged") != std::string::npos);
  project.run({"deploy"});
  CHECK(project.daemon.get("/api/2.1/unity-catalog/schemas/main.gold").get_string("comment") == "second");
  project.daemon.send("PATCH", "/api/2.1/unity-catalog/schemas/main.gold", R"({"comment":"by hand"})");
  const auto drift = project.run({"plan"});
  CHECK(drift.find("\"by hand\" → \"second\"  changed in the workspace") != std::string::npos);
  CHECK(project.pier({"plan", "--exit-code"}).status.code == 3);
}

TEST_CASE("deploy: what left the bundle is deleted, but not without being asked") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.run({"deploy"});
  auto less = small_bundle();
  less.resize(less.find("  volumes:"));
  project.put("databricks.yml", less);
  const auto refused = project.pier({"deploy"});
  CHECK(refused.status.code == 2);
  CHECK(refused.standard_error.find("delete volumes.raw") != std::string::npos);
  CHECK(refused.standard_error.find("--auto-approve") != std::string::npos);
  CHECK(project.daemon.send("GET", "/api/2.1/unity-catalog/volumes/main.gold.raw").status == 200);
  project.run({"deploy", "--auto-approve"});
  CHECK(project.daemon.send("GET", "/api/2.1/unity-catalog/volumes/main.gold.raw").status == 404);
}

TEST_CASE("deploy: a saved plan is applied, an outdated one is refused") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.put("plan.json", project.run({"plan", "-o", "json"}));
  project.run({"deploy", "--plan", "plan.json"});
  project.put("databricks.yml", small_bundle("second"));
  project.put("plan.json", project.run({"plan", "-o", "json"}));
  project.put("databricks.yml", small_bundle("third"));
  project.run({"deploy"});
  const auto outdated = project.pier({"deploy", "--plan", "plan.json"});
  CHECK(outdated.status.code == 1);
  CHECK(outdated.standard_error.find("plan serial 1 does not match state serial 2") != std::string::npos);
}

TEST_CASE("deploy: only what was selected and what it needs") {
  Project project;
  project.put("databricks.yml", small_bundle());
  const auto text = project.run({"deploy", "--select", "volumes.raw"});
  CHECK(text.find("Resources: 2 created, 0 changed, 0 deleted, 0 unchanged, 3 not selected") != std::string::npos);
  CHECK(project.state("prod").find("state")->size() == 2);
}

TEST_CASE("deploy: files that are gone leave the workspace, another machine sends its own") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.put("a/one.txt", "1");
  project.put("a/two.txt", "2");
  project.run({"deploy"});
  const auto status_of = [&](const std::string& name) {
    return project.daemon
        .send("GET", "/api/2.0/workspace/get-status?path=%2FWorkspace%2FShared%2Fsmall%2Ffiles%2F" + name)
        .status;
  };
  CHECK(status_of("a%2Fone.txt") == 200);
  std::filesystem::remove(project.folder.path() / "bundle" / "a" / "one.txt");
  CHECK(project.run({"deploy"}).find("Files: 0 uploaded, 1 deleted") != std::string::npos);
  CHECK(status_of("a%2Fone.txt") == 404);
  // A fresh checkout knows nothing of the last deployment and learns of it from the workspace.
  std::filesystem::remove_all(project.folder.path() / "bundle" / ".databricks");
  std::filesystem::remove(project.folder.path() / "bundle" / "a" / "two.txt");
  project.put("b.txt", "3");
  const auto text = project.run({"deploy"});
  CHECK(text.find("Files: 2 uploaded, 1 deleted") != std::string::npos);
  CHECK(text.find("Resources: 0 created, 0 changed, 0 deleted, 5 unchanged") != std::string::npos);
  CHECK(status_of("a") == 404);
}

TEST_CASE("bundle deploy: --verbose tells each file") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.put("a/one.txt", "1");
  const auto text = project.run({"bundle", "deploy", "--local", "--verbose"});
  CHECK(text.starts_with("Action: PUT: a/one.txt, databricks.yml\n"));
  CHECK(text.find("\nUploaded a/one.txt\n") != std::string::npos);
  CHECK(text.ends_with("\nInitial Sync Complete\n"));
  CHECK(project.run({"bundle", "deploy", "--local", "--verbose"}) == "Initial Sync Complete\n");
  CHECK(project.run({"bundle", "deploy", "--local"}).empty());
}

TEST_CASE("deploy: where code may not run, a script stops the deploy before anything happens") {
  Project project;
  project.put("databricks.yml", small_bundle() + "experimental:\n  scripts:\n    predeploy: touch was-here\n");
  project.daemon.env.set("DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION", "");
  for (const auto& words : {std::vector<std::string>{"deploy", "--local"}, {"bundle", "deploy", "--local"}}) {
    const auto refused = project.pier(words);
    CHECK(refused.status.code == 1);
    CHECK(refused.standard_error.find("running scripts is not allowed when "
                                      "DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION is set") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(project.folder.path() / "bundle" / "was-here"));
  CHECK_FALSE(std::filesystem::exists(project.state_file("prod")));
  project.daemon.env.unset("DATABRICKS_BUNDLE_RESTRICTED_CODE_EXECUTION");
  project.run({"deploy"});
  CHECK(std::filesystem::exists(project.folder.path() / "bundle" / "was-here"));
}

TEST_CASE("deploy: the state of this machine is where DATABRICKS_BUNDLE_TMP says") {
  Project project;
  project.put("databricks.yml", small_bundle());
  const auto elsewhere = project.folder.path() / "elsewhere";
  project.daemon.env.set("DATABRICKS_BUNDLE_TMP", elsewhere.string());
  project.run({"deploy"});
  CHECK(std::filesystem::exists(elsewhere / "prod" / "resources.json"));
  CHECK_FALSE(std::filesystem::exists(project.folder.path() / "bundle" / ".databricks"));
  CHECK(project.run({"plan"}).find("5 unchanged") != std::string::npos);
}

TEST_CASE("deploy: errors name the resource, what works is done and recorded") {
  Project project;
  auto text = small_bundle();
  text += "  database_catalogs:\n    lost:\n      name: lost\n      database_instance_name: nowhere\n"
          "      database_name: d\n";
  project.put("databricks.yml", text);
  const auto failed = project.pier({"deploy"});
  CHECK(failed.status.code == 1);
  CHECK(failed.standard_error.find("cannot create resources.database_catalogs.lost") != std::string::npos);
  CHECK(project.state("prod").find("state")->size() == 5);
}

TEST_CASE("destroy: nothing is left, a second one says so") {
  Project project;
  project.put("databricks.yml", small_bundle());
  project.run({"deploy"});
  const auto refused = project.pier({"destroy"});
  CHECK(refused.status.code == 2);
  CHECK(project.run({"destroy", "--auto-approve"}) == "Destroy: 3 deleted\n");
  CHECK(project.daemon.send("GET", "/api/2.1/unity-catalog/schemas/main.gold").status == 404);
  CHECK(project.daemon.send("GET", "/api/2.0/workspace/get-status?path=%2FWorkspace%2FShared%2Fsmall").status == 404);
  CHECK(project.run({"destroy", "--auto-approve"}) == "nothing is deployed to this target\n");
  CHECK(project.run({"deploy"}).find("Resources: 5 created") != std::string::npos);
}

TEST_CASE("status: what is deployed and what is not yet, as text and JSON") {
  Project project;
  project.put("databricks.yml", small_bundle());
  CHECK(Json::parse(project.run({"status", "-o", "json"})).value().get_string("last_deploy").empty());
  project.run({"deploy"});
  const auto json = Json::parse(project.run({"status", "-o", "json"})).value();
  CHECK_FALSE(json.get_string("last_deploy").empty());
  CHECK(json.find("others")->size() == 3);
  CHECK(json.find("not_deployed")->is_empty());
  CHECK(project.run({"status"}).find("volumes.raw") != std::string::npos);
}
