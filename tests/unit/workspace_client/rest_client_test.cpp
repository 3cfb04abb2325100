#include "core/workspace_client/rest_client.hpp"

#include "core/workspace_client/workspace_client.hpp"

#include <doctest/doctest.h>

#include <deque>

using pier::Error;
using pier::ErrorKind;
using pier::Json;
using pier::Result;
using namespace pier::workspace_client;

namespace {

/// Answers from a list and keeps what was asked; stands in for the network, where failures cannot be ordered.
class Script final : public pier::http::Client {
 public:
  explicit Script(std::deque<Result<pier::http::Response>> answers)
      : answers_(std::move(answers)) {}

  Result<pier::http::Response> send(const pier::http::ClientRequest& request) override {
    requests.push_back(request);
    if (answers_.empty()) {
      return pier::http::Response::json(200, "{}");
    }
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  std::vector<pier::http::ClientRequest> requests;

 private:
  std::deque<Result<pier::http::Response>> answers_;
};

struct Fixture {
  explicit Fixture(std::deque<Result<pier::http::Response>> answers, std::stop_token stop = {}) {
    auto transport = std::make_unique<Script>(std::move(answers));
    script = transport.get();
    Connection connection;
    connection.host = "http://127.0.0.1:1";
    connection.token = pier::Secret("tok");
    client = std::make_unique<RestClient>(connection, RestOptions{.env = {}, .stop = stop, .user_agent = "pier"},
                                          std::move(transport));
  }

  Script* script = nullptr;
  std::unique_ptr<RestClient> client;
};

pier::http::Response later(int status) {
  auto response = pier::http::Response::json(status, R"({"error_code":"RESOURCE_EXHAUSTED","message":"slow down"})");
  response.headers.set("Retry-After", "0");
  return response;
}

Error lost(std::string code) {
  return Error{.kind = ErrorKind::unavailable, .code = std::move(code), .message = "lost"};
}

constexpr const char* k_not_connected = "PIER0330";
constexpr const char* k_broken = "PIER0333";

} // namespace

TEST_CASE("rest client: signs, encodes the query and tells the workspace's id") {
  auto answer = pier::http::Response::json(200, R"({"a":1})");
  answer.headers.set("X-Databricks-Org-Id", "42");
  Fixture fixture({answer});
  pier::http::Query query;
  query.add("path", "/a b");
  const auto json = fixture.client->get("/api/2.0/x", query);
  REQUIRE(json);
  CHECK(json->get_integer("a") == 1);
  const auto& request = fixture.script->requests.at(0);
  CHECK(request.url == "http://127.0.0.1:1/api/2.0/x?path=%2Fa%20b");
  CHECK(request.headers.get("Authorization") == "Bearer tok");
  CHECK(fixture.client->workspace_id() == "42");
}

TEST_CASE("rest client: 429 and 503 are tried again, others are errors") {
  Fixture fixture({later(429), later(503), pier::http::Response::json(200, "{}")});
  CHECK(fixture.client->post("/x", Json::object()));
  CHECK(fixture.script->requests.size() == 3);
  Fixture other({pier::http::Response::json(500, "{}")});
  const auto failed = other.client->get("/x");
  REQUIRE_FALSE(failed);
  CHECK(other.script->requests.size() == 1);
}

TEST_CASE("rest client: a lost connection is tried again unless the request may have arrived") {
  Fixture reading({lost(k_broken), pier::http::Response::json(200, "{}")});
  CHECK(reading.client->get("/x"));
  Fixture writing({lost(k_broken), pier::http::Response::json(200, "{}")});
  CHECK_FALSE(writing.client->post("/x", Json::object()));
  Fixture refused({lost(k_not_connected), pier::http::Response::json(200, "{}")});
  CHECK(refused.client->post("/x", Json::object()));
}

TEST_CASE("rest client: a stop ends the waiting") {
  std::stop_source source;
  source.request_stop();
  auto slow = later(429);
  slow.headers.set("Retry-After", "60");
  Fixture fixture({slow}, source.get_token());
  const auto result = fixture.client->get("/x");
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::interrupted);
}

TEST_CASE("rest client: lists follow page tokens, an empty page is not the end") {
  Fixture fixture({pier::http::Response::json(200, R"({"apps":[{"name":"a"}],"next_page_token":"1"})"),
                   pier::http::Response::json(200, R"({"next_page_token":"2"})"),
                   pier::http::Response::json(200, R"({"apps":[{"name":"b"}],"next_page_token":""})")});
  const auto apps = Apps(*fixture.client).list();
  REQUIRE(apps);
  CHECK(apps->size() == 2);
  CHECK(fixture.script->requests.at(2).url.find("page_token=2") != std::string::npos);
}

TEST_CASE("workspace files: a missing folder is made, then the file is written") {
  const auto missing = pier::http::Response::json(
      404, R"({"error_code":"RESOURCE_DOES_NOT_EXIST","message":"The parent folder (/Workspace/d) does not exist."})");
  Fixture fixture({missing, pier::http::Response::json(200, "{}"), pier::http::Response::json(200, "{}")});
  CHECK(WorkspaceFiles(*fixture.client).write("/Workspace/d/f.txt", "x"));
  REQUIRE(fixture.script->requests.size() == 3);
  CHECK(fixture.script->requests[0].url.find("/import-file/Workspace%2Fd%2Ff.txt?overwrite=true") != std::string::npos);
  CHECK(fixture.script->requests[1].body == R"({"path":"/Workspace/d"})");
  Fixture notebook({pier::http::Response::json(400, R"({"message":"Path (/x) already exists."})")});
  const auto there = WorkspaceFiles(*notebook.client).write("/x", "x", false);
  REQUIRE_FALSE(there);
  CHECK(there.error().kind == ErrorKind::already_exists);
}

TEST_CASE("run page: the modern form; what it does not know stays") {
  CHECK(run_page("https://h.test/?o=1#job/2/run/3") == "https://h.test/jobs/2/runs/3?o=1");
  CHECK(run_page("https://h.test/#job/2/run/3") == "https://h.test/jobs/2/runs/3");
  CHECK(run_page("https://h.test/other") == "https://h.test/other");
}
