#include "core/base/process.hpp"
#include "core/workspace_client/config_file.hpp"
#include "daemon_fixture.hpp"

using namespace pier;
using test::DaemonFixture;

TEST_CASE_FIXTURE(DaemonFixture, "workspace: host metadata names the origin that was asked") {
  start();
  const auto metadata = get("/.well-known/databricks-config");
  CHECK(metadata.get_string("oidc_endpoint") == workspace.url + "/oidc");
  CHECK(metadata.get_string("workspace_id") == send("GET", "/x").headers.get("X-Databricks-Org-Id"));
  CHECK_FALSE(metadata.contains("account_id"));
  const auto port = std::to_string(workspace.state.port);
  workspace.url = "http://localhost:" + port;
  CHECK(get("/.well-known/databricks-config").get_string("oidc_endpoint") == workspace.url + "/oidc");
}

TEST_CASE_FIXTURE(DaemonFixture, "workspace: what must not fail") {
  start();
  const auto telemetry = R"({"uploadTime":1,"items":[],"protoLogs":["a","b"]})";
  for (const auto* path : {"/telemetry-ext", "/telemetry-unauth"}) {
    const auto answer = Json::parse(send("POST", path, telemetry).body).value();
    CHECK(answer.get_integer("numProtoSuccess") == 2);
    CHECK(answer.find("errors")->is_array());
  }
  CHECK(get("/api/2.0/connector-service/feature-flags/PYTHON/4.4.0").get_integer("ttl_seconds") == 900);
}

TEST_CASE_FIXTURE(DaemonFixture, "workspace: empty lists, 501 with a sentence, 404 with the call") {
  start();
  CHECK(get("/api/2.0/clusters/list") == Json::object({{"clusters", Json::array()}}));
  CHECK(get("/api/2.0/serving-endpoints") == Json::object({{"endpoints", Json::array()}}));
  CHECK(get("/api/2.0/pipelines").find("statuses")->is_array());
  for (const auto* path : {"/api/2.0/clusters/create", "/api/2.1/clusters/create", "/api/2.0/pipelines",
                           "/api/2.0/sql/queries", "/api/2.0/preview/sql/dashboards"}) {
    const auto answer = send("POST", path, "{}");
    CHECK(answer.status == 501);
    CHECK(Json::parse(answer.body)->get_string("message").find("local workspace") != std::string::npos);
  }
  const auto missing = send("DELETE", "/api/9.9/none?w=1");
  CHECK(missing.status == 404);
  CHECK(Json::parse(missing.body)->get_string("message") == "No API found for 'DELETE /api/9.9/none'");
  CHECK(missing.headers.has("X-Databricks-Org-Id"));
}

TEST_CASE_FIXTURE(DaemonFixture, "workspace: conf keeps text values") {
  start();
  CHECK(send("PATCH", "/api/2.0/workspace-conf", R"({"enableX":"true","y":"1"})").status == 200);
  CHECK(get("/api/2.0/workspace-conf?keys=enableX,y,z") ==
        Json::object({{"enableX", "true"}, {"y", "1"}, {"z", nullptr}}));
  CHECK(send("PATCH", "/api/2.0/workspace-conf", R"({"enableX":null,"y":1})").status == 400);
  CHECK(get("/api/2.0/workspace-conf?keys=enableX").get_string("enableX") == "true");
  CHECK(send("GET", "/api/2.0/workspace-conf").status == 400);
}

TEST_CASE_FIXTURE(DaemonFixture, "workspace: pier local connect, token, status, reset") {
  const auto pier = (executable_path().parent_path() / "pier").string();
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {pier, "local"});
    return run_captured({.argv = std::move(arguments), .env = env}).value();
  };
  CHECK(run({"status"}).status.code == 5);
  const auto connected = run({"connect"});
  CHECK(connected.status.ok());
  const auto file = workspace_client::ConfigFile::load(home.path() / "databrickscfg").value();
  const auto* profile = file.find("pier-local");
  REQUIRE(profile != nullptr);
  const auto running = workspace_client::find_local(paths()).value();
  REQUIRE(running);
  CHECK(profile->at("host") == running->url);
  CHECK(run({"token"}).standard_output == profile->at("token") + "\n");
  CHECK(Json::parse(run({"status", "-o", "json"}).standard_output)->get_string("url") == running->url);
  CHECK(run({"reset"}).status.code != 0); // nobody can be asked
  CHECK(std::filesystem::exists(paths().folder));
  CHECK(run({"reset", "--yes"}).status.ok());
  CHECK_FALSE(std::filesystem::exists(paths().folder));
  CHECK_FALSE(workspace_client::process_start_ticks(running->state.pid));
}
