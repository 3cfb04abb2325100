#include "core/server/api_dispatcher.hpp"

#include <doctest/doctest.h>

using namespace pier;
using server::ApiCall;
using server::ApiDispatcher;

namespace {

struct Fixture {
  SystemClock clock;
  std::unique_ptr<store::Database> database = store::Database::open(":memory:").value();
  std::unique_ptr<identity::Identity> identity = identity::Identity::open(*database, clock).value();
  ApiDispatcher dispatcher{*identity, true};
  std::string token = issue({});

  Fixture() {
    dispatcher.json(
        "POST", "/api/2.0/things/{name}",
        [](ApiCall& call) -> Result<Json> {
          PIER_TRY_ASSIGN(const auto text, call.required("text"));
          return Json::object({{"name", call.at("name")}, {"text", text}, {"who", call.caller.principal.name}});
        },
        http::Cost::slow);
    dispatcher.raw(
        "PUT", "/api/2.0/raw/{path...}",
        [](ApiCall& call) -> Result<http::Response> {
          return http::Response::text(201, call.at("path") + "|" + call.request.body + "|" + call.body.dump());
        },
        http::Cost::quick);
    dispatcher.open(
        "GET", "/open", [](const http::Request&) { return http::Response::text(200, "open"); }, http::Cost::quick);
    dispatcher.not_offered("/api/2.0/clusters", "Clusters are not offered.");
  }

  std::string issue(std::vector<std::string> scopes) {
    const auto owner = identity->owner().value();
    return identity->issue({.principal_id = owner.principal.id, .scopes = std::move(scopes)}).value().token.reveal();
  }

  http::Request request(std::string method, std::string path, std::string body = {}) const {
    http::Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    request.body = std::move(body);
    request.headers = {{"Host", "127.0.0.1:1"}, {"authorization", "bearer " + token}};
    return request;
  }

  Json answer(const http::Request& asked, int status) {
    const auto response = dispatcher.handle(asked);
    CHECK(response.status == status);
    return Json::parse(response.body).value();
  }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "dispatcher: a call with path, body and caller") {
  const auto asked = request("POST", "/api/2.0/things/a%2Fb", "{\"text\":\"x\"}");
  const auto body = answer(asked, 200);
  CHECK(body == Json::object({{"name", "a/b"}, {"text", "x"}, {"who", identity->owner()->principal.name}}));
  CHECK(dispatcher.cost("POST", "/api/2.0/things/x") == http::Cost::slow);
  CHECK(dispatcher.cost("GET", "/none") == http::Cost::quick);
}

TEST_CASE_FIXTURE(Fixture, "dispatcher: bodies that are no JSON object are refused") {
  for (const auto* body : {"{", "[]", "\"x\"", "{\"text\":\"x\"} x"}) {
    CHECK(answer(request("POST", "/api/2.0/things/x", body), 400).get_string("error_code") == "MALFORMED_REQUEST");
  }
  CHECK(answer(request("POST", "/api/2.0/things/x"), 400).get_string("message") == "Missing required field: text");
  CHECK(answer(request("POST", "/api/2.0/things/%zz", "{}"), 400).get_string("error_code") == "MALFORMED_REQUEST");
}

TEST_CASE_FIXTURE(Fixture, "dispatcher: raw routes get any content") {
  auto asked = request("PUT", "/api/2.0/raw/a%2Fb/c", "bytes");
  CHECK(dispatcher.handle(asked).body == "a/b/c|bytes|null");
  asked.headers.set("Content-Type", "application/json; charset=utf-8");
  CHECK(dispatcher.handle(asked).body == "a/b/c|bytes|null");
  asked.body = "{}";
  CHECK(dispatcher.handle(asked).body == "a/b/c|{}|{}");
}

TEST_CASE_FIXTURE(Fixture, "dispatcher: 401 without a credential, 403 with a wrong one") {
  auto asked = request("POST", "/api/2.0/things/x", "{}");
  asked.headers.remove("Authorization");
  CHECK(answer(asked, 401).get_string("error_code") == "UNAUTHENTICATED");
  asked.headers.set("Authorization", "Basic abc");
  CHECK(answer(asked, 401).get_string("error_code") == "UNAUTHENTICATED");
  asked.headers.set("Authorization", "Bearer dapi0");
  CHECK(answer(asked, 403).get_string("message") == "Invalid access token.");
  asked.path = "/open";
  asked.method = "GET";
  CHECK(dispatcher.handle(asked).body == "open");
}

TEST_CASE_FIXTURE(Fixture, "dispatcher: down-scoped tokens are held to their scopes") {
  token = issue({"sql"});
  CHECK(answer(request("POST", "/api/2.0/things/x", "{}"), 403).get_string("error_code") == "PERMISSION_DENIED");
}

TEST_CASE_FIXTURE(Fixture, "dispatcher: unknown routes are 404, known ones that are not offered 501") {
  CHECK(answer(request("GET", "/x"), 404) ==
        Json::object({{"error_code", "ENDPOINT_NOT_FOUND"}, {"message", "No API found for 'GET /x'"}}));
  CHECK(answer(request("POST", "/api/2.0/clusters/create"), 501).get_string("error_code") == "NOT_IMPLEMENTED");
  CHECK(answer(request("GET", "/api/2.0/clusters-extra"), 404).get_string("error_code") == "ENDPOINT_NOT_FOUND");
}

TEST_CASE_FIXTURE(Fixture, "dispatcher: a Host that is not this machine is refused") {
  auto asked = request("GET", "/open");
  for (const auto* host : {"evil.test", "127.0.0.1.evil.test", "localhost.evil.test:80", "10.0.0.1", "[::2]:1", ""}) {
    asked.headers.set("Host", host);
    CHECK(dispatcher.handle(asked).status == 403);
  }
  for (const auto* host : {"127.0.0.1", "127.0.0.2:8080", "localhost:1", "LOCALHOST", "app.localhost:5", "[::1]:1"}) {
    asked.headers.set("Host", host);
    CHECK(dispatcher.handle(asked).status == 200);
  }
}

TEST_CASE_FIXTURE(Fixture, "dispatcher: a large body is refused by its head without a good credential") {
  auto head = request("POST", "/api/2.0/things/x");
  CHECK_FALSE(dispatcher.refuse(head));
  head.headers.set("Authorization", "Bearer wrong");
  CHECK(dispatcher.refuse(head)->status == 403);
  CHECK(dispatcher.refuse(request("POST", "/none"))->status == 404);
  CHECK(dispatcher.refuse(request("GET", "/open"))->status == 413);
}
