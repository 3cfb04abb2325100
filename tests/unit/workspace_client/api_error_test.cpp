#include "core/workspace_client/api_error.hpp"

#include <doctest/doctest.h>

using pier::ErrorKind;
using pier::workspace_client::api_error;

TEST_CASE("api error: the bodies that workspaces answer with") {
  const auto rest =
      api_error("GET", "/api/2.0/apps/x", 404, R"({"error_code":"RESOURCE_DOES_NOT_EXIST","message":"no x"})");
  CHECK(rest.kind == ErrorKind::not_found);
  CHECK(rest.code == "RESOURCE_DOES_NOT_EXIST");
  CHECK(rest.message == "no x");
  CHECK(api_error("GET", "/x", 404, R"({"schemas":[],"detail":"gone","status":"404"})").message == "gone");
  const auto oauth =
      api_error("POST", "/oidc/v1/token", 401, R"({"error":"invalid_client","error_description":"bad"})");
  CHECK(oauth.kind == ErrorKind::unauthenticated);
  CHECK(oauth.message == "bad");
  const auto text = api_error("GET", "/x", 400, "BAD_THING: because");
  CHECK(text.code == "BAD_THING");
  CHECK(text.message == "because");
  CHECK(api_error("GET", "/x", 500, "<html><pre>oops</pre></html>").message == "oops");
  CHECK(api_error("GET", "/x?q=1", 502, "").message == "GET /x answers 502");
}

TEST_CASE("api error: pier's own workspace names its code and the remedy") {
  const auto error = api_error("POST", "/api/2.0/database/instances", 400, R"({"error_code":"INVALID_STATE",
      "message":"PostgreSQL is not installed","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo",
      "reason":"PIER8001","domain":"pier.local","metadata":{"hint":"install it"}}]})");
  CHECK(error.code == "PIER8001");
  CHECK(error.hint == "install it");
  const auto foreign = api_error("GET", "/x", 400, R"({"error_code":"BAD","message":"m","details":[{"reason":"PIER8001",
      "domain":"databricks.com","metadata":{"hint":"no"}},3]})");
  CHECK(foreign.code == "BAD");
  CHECK(foreign.hint.empty());
}

TEST_CASE("api error: kinds by status, duplicates apart from conflicts") {
  CHECK(api_error("POST", "/x", 409, R"({"error_code":"RESOURCE_ALREADY_EXISTS"})").kind == ErrorKind::already_exists);
  CHECK(api_error("POST", "/x", 409, R"({"error_code":"ABORTED"})").kind == ErrorKind::conflict);
  CHECK(api_error("POST", "/x", 403, "{}").kind == ErrorKind::permission_denied);
  CHECK(api_error("POST", "/x", 501, "{}").kind == ErrorKind::unsupported);
  CHECK(api_error("POST", "/x", 503, "{}").kind == ErrorKind::unavailable);
}

TEST_CASE("api error: jobs that do not exist are 400 remotely and missing here") {
  const auto job = api_error("GET", "/api/2.2/jobs/get", 400,
                             R"({"error_code":"INVALID_PARAMETER_VALUE","message":"Job 5 does not exist."})");
  CHECK(job.kind == ErrorKind::not_found);
  CHECK(api_error("GET", "/api/2.0/apps/x", 400,
                  R"({"error_code":"INVALID_PARAMETER_VALUE","message":"Job 5 does not exist."})")
            .kind == ErrorKind::invalid_argument);
}

TEST_CASE("api error: the endpoint as the official SDK tells it") {
  const auto endpoint = [](std::string_view method, std::string_view url) {
    return api_error(method, "/x", 500, "{}", url).answer->endpoint;
  };
  CHECK(endpoint("GET", "https://h.test/x") == "GET https://h.test/x?");
  CHECK(endpoint("DELETE", "https://h.test/x?y=z") == "DELETE https://h.test/x?y=z");
  CHECK(endpoint("POST", "https://h.test/x") == "POST https://h.test/x");
}

TEST_CASE("api error: what belongs to a parent says so") {
  CHECK(api_error("DELETE", "/x", 400, R"({"details":[{"metadata":{"declarative_context":"MANAGED_BY_PARENT"}}]})")
            .answer->managed_by_parent);
  CHECK_FALSE(api_error("DELETE", "/x", 400, R"({"details":[{"metadata":{}}]})").answer->managed_by_parent);
}
