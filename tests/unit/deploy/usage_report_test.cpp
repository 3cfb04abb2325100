#include "core/deploy/usage_report.hpp"

#include "core/deploy/usage_facts.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <memory>

using pier::Json;
using pier::model::Bundle;
using pier::model::Usage;
using namespace pier::deploy;

namespace {

constexpr const char* k_me = "ada@x.test";

bool answer(const Usage& usage, const std::string& name) {
  for (const auto& [known, value] : usage.answers) {
    if (known == name) {
      return value;
    }
  }
  FAIL("no answer " << name);
  return false;
}

Json entry(const char* principal, const char* name, const char* level) {
  return Json::object(
      {{principal, name}, {"all_permissions", Json::array({Json::object({{"permission_level", level}})})}});
}

Bundle bundle_at(const char* state_path, Json permissions = {}) {
  Bundle bundle;
  bundle.paths.state_path = state_path;
  bundle.permissions = std::move(permissions);
  return bundle;
}

Json only_team() {
  return Json::array({Json::object({{"level", "CAN_MANAGE"}, {"group_name", "team"}})});
}

Usage access_of(const Bundle& bundle, const Json& access) {
  Usage usage;
  UsageNotes(&usage).tell_access(bundle, {.id = "1", .user_name = k_me, .display_name = ""}, access);
  return usage;
}

Json event_of(const Json& log) {
  return *log.find_path({"entry", "databricks_cli_log", "bundle_deploy_event"});
}

/// Gives its answers one after the other and keeps what it was sent.
class Workspace final : public pier::http::Client {
 public:
  Workspace(std::deque<int> answers, std::vector<pier::http::ClientRequest>& requests)
      : answers_(std::move(answers)),
        requests_(requests) {}

  pier::Result<pier::http::Response> send(const pier::http::ClientRequest& request) override {
    requests_.push_back(request);
    const int status = answers_.empty() ? 200 : answers_.front();
    if (!answers_.empty()) {
      answers_.pop_front();
    }
    return pier::http::Response::json(status, status == 200 ? R"({"errors":null,"numProtoSuccess":1})" : "{}");
  }

 private:
  std::deque<int> answers_;
  std::vector<pier::http::ClientRequest>& requests_;
};

std::vector<pier::http::ClientRequest> requests_for(std::deque<int> answers) {
  std::vector<pier::http::ClientRequest> requests;
  pier::workspace_client::Connection connection;
  connection.host = "http://127.0.0.1:1";
  connection.token = pier::Secret("tok");
  pier::workspace_client::RestClient client(connection, {.env = {}, .stop = {}, .user_agent = "pier"},
                                            std::make_unique<Workspace>(std::move(answers), requests));
  send_usage_report(Json::object({{"some", "event"}}), client);
  return requests;
}

} // namespace

TEST_CASE("usage: where the state lies") {
  CHECK(answer(access_of(bundle_at("/Workspace/Users/ada@x.test/.bundle/b/state"), {}), "state_path_in_deployer_home"));
  CHECK(answer(access_of(bundle_at("/Workspace/Users/bob@x.test/b"), {}), "state_path_in_other_user_home"));
  CHECK(answer(access_of(bundle_at("/Workspace/Shared/b"), {}), "state_path_is_shared"));
  const auto other = access_of(bundle_at("/Workspace/teams/b"), {});
  CHECK(answer(other, "state_path_other"));
  CHECK_FALSE(answer(other, "permissions_section_set"));
  CHECK(answer(other, "dms_compat_auto"));
}

TEST_CASE("usage: writers whom the bundle does not name") {
  const auto bundle = bundle_at("/Workspace/teams/b", only_team());
  const auto named = access_of(
      bundle, Json::array({entry("group_name", "team", "CAN_MANAGE"), entry("group_name", "admins", "CAN_MANAGE"),
                           entry("user_name", "bob@x.test", "CAN_READ")}));
  CHECK(answer(named, "dms_compat_auto"));
  const auto self = access_of(bundle, Json::array({entry("user_name", k_me, "CAN_EDIT")}));
  CHECK(answer(self, "dms_undeclared_deploying_user"));
  CHECK(answer(self, "dms_compat_only_self_undeclared"));
  const auto others = access_of(bundle, Json::array({entry("user_name", "bob@x.test", "CAN_MANAGE"),
                                                     entry("service_principal_name", "robot", "CAN_MANAGE"),
                                                     entry("group_name", "users", "CAN_MANAGE")}));
  CHECK(answer(others, "dms_undeclared_other_user"));
  CHECK(answer(others, "dms_undeclared_service_principal"));
  CHECK(answer(others, "dms_undeclared_group"));
  CHECK_FALSE(answer(others, "dms_undeclared_deploying_user"));
  CHECK(answer(others, "dms_compat_not"));
}

TEST_CASE("usage: kinds of compute, the first that a task names") {
  Bundle bundle;
  bundle.config = Json::parse(R"({"resources":{"jobs":{"a":{"tasks":[
    {"task_key":"s","notebook_task":{}},
    {"task_key":"i","existing_cluster_id":"1","notebook_task":{}},
    {"task_key":"n","sql_task":{}}]}}}})")
                      .value();
  Usage usage;
  UsageNotes(&usage).tell_compute(bundle);
  CHECK(answer(usage, "has_serverless_compute"));
  CHECK_FALSE(answer(usage, "has_classic_job_compute"));
  CHECK(answer(usage, "has_classic_interactive_compute"));
}

TEST_CASE("usage: the event counts, names its sender and leaves out what is not known") {
  Bundle bundle;
  bundle.mode = "development";
  bundle.paths.artifact_path = "/Volumes/c/s/v";
  bundle.config = Json::parse(R"({"include":["a.yml","b.yml"],"resources":{"jobs":{"a":{},"b":{}},"schemas":{"s":{}}},
    "variables":{"x":{"value":[1]},"y":{"value":"t","lookup":{"cluster":"c"}}}})")
                      .value();
  Usage usage;
  usage.tell("select_used", true);
  const auto log = usage_event(bundle, usage, {.version = "pier 9.9", .command = "bundle_deploy", .exit_code = 1});
  const auto* context = log.find_path({"entry", "databricks_cli_log", "execution_context"});
  CHECK(context->get_string("version") == "pier 9.9");
  CHECK(context->get_integer("exit_code") == 1);
  const auto event = event_of(log);
  CHECK(event.get_integer("resource_count") == 3);
  CHECK(event.get_integer("resource_job_count") == 2);
  CHECK(event.get_integer("resource_app_count") == 0);
  for (const auto* unknown : {"deployment_id", "error_message", "resource_job_ids"}) {
    CHECK_FALSE(event.contains(unknown));
  }
  const auto& details = *event.find("experimental");
  CHECK(details.get_integer("configuration_file_count") == 3);
  CHECK(details.get_integer("complex_variable_count") == 1);
  CHECK(details.get_integer("lookup_variable_count") == 1);
  CHECK(details.get_string("bundle_mode") == "DEVELOPMENT");
  CHECK(details.get_string("workspace_artifact_path_type") == "UC_VOLUME");
  CHECK(details.find("bool_values")->dump() == R"([{"key":"select_used","value":true}])");
  CHECK_FALSE(details.contains("upload_file_count"));
  CHECK_FALSE(details.contains("target_count"));
}

TEST_CASE("usage: sizes of files in twenty classes, of states by kind") {
  Usage usage;
  usage.file_sizes = {0, 255, 256, 511, 512, 64ULL << 20, 1ULL << 40};
  usage.deployed = Usage::Deployed{.file_bytes = 900,
                                   .node_bytes = {{"jobs", {10, 30, 23}}, {"jobs.permissions", {5}}},
                                   .ids = {{"jobs", {"9", "12"}}}};
  const auto event = event_of(usage_event({}, usage, {}));
  const auto& sizes = *event.find_path({"experimental", "upload_file_sizes"});
  CHECK(sizes.dump() == "[2,2,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,2]");
  CHECK(event.find("resource_job_ids")->dump() == R"(["12","9"])");
  CHECK(event.find("resources_metadata")->dump() ==
        R"({"resources":[{"count":3,"resource_type":"jobs","state_size_max_bytes":30,"state_size_mean_bytes":21,)"
        R"("state_size_median_bytes":23},{"count":1,"resource_type":"jobs.permissions","state_size_max_bytes":5,)"
        R"("state_size_mean_bytes":5,"state_size_median_bytes":5}],"state_engine":"direct",)"
        R"("state_file_size_bytes":900})");
}

TEST_CASE("usage report: sent as a text in a list, again after an error of the server, never after a refusal") {
  const auto sent = requests_for({200});
  REQUIRE(sent.size() == 1);
  CHECK(sent.front().url == "http://127.0.0.1:1/telemetry-ext");
  const auto body = Json::parse(sent.front().body).value();
  CHECK(body.find("items")->is_empty());
  CHECK(body.get_strings("protoLogs") == std::vector<std::string>{R"({"some":"event"})"});
  CHECK(requests_for({500, 503, 200}).size() == 3);
  CHECK(requests_for({500, 500, 500, 500}).size() == 3);
  CHECK(requests_for({403}).size() == 1);
}

TEST_CASE("usage report: switched off by the variable, and by a time that is none") {
  pier::Environment env;
  CHECK_FALSE(is_usage_report_off(env));
  env.set("DATABRICKS_CLI_TELEMETRY_TIMEOUT", "soon");
  CHECK(is_usage_report_off(env));
  env.set("DATABRICKS_CLI_TELEMETRY_TIMEOUT", "0.5");
  CHECK_FALSE(is_usage_report_off(env));
  env.set("DATABRICKS_CLI_DISABLE_TELEMETRY", "1");
  CHECK(is_usage_report_off(env));
}

TEST_CASE("usage: wheels with a version of their own are told, other artifacts are not") {
  Usage usage;
  UsageNotes notes(&usage);
  pier::model::Bundle bundle;
  bundle.artifacts = {{.key = "plain", .type = "whl", .files = {}},
                      {.key = "jar", .type = "jar", .dynamic_version = true, .files = {}}};
  notes.tell_builds(bundle);
  CHECK(usage.answers.empty());
  bundle.artifacts.push_back({.key = "wheel", .type = "whl", .dynamic_version = true, .files = {}});
  notes.tell_builds(bundle);
  CHECK(answer(usage, "artifact_dynamic_version_is_set"));
}
