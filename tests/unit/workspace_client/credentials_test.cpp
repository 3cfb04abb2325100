#include "core/workspace_client/credentials.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

#include <deque>

using namespace pier;
using namespace pier::workspace_client;

namespace {

/// Answers from a list and keeps what was asked.
class Script final : public http::Client {
 public:
  explicit Script(std::deque<http::Response> answers)
      : answers_(std::move(answers)) {}

  Result<http::Response> send(const http::ClientRequest& request) override {
    requests.push_back(request);
    REQUIRE_FALSE(answers_.empty());
    auto answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }

  std::vector<http::ClientRequest> requests;

 private:
  std::deque<http::Response> answers_;
};

http::Response json(const char* text, int status = 200) {
  return http::Response::json(status, text);
}

constexpr const char* k_server = R"({"token_endpoint":"https://x.test/oidc/v1/token"})";
constexpr const char* k_token = R"({"access_token":"workspace-token","expires_in":3600})";

Connection connection_by(AuthKind kind) {
  Connection connection;
  connection.host = "https://x.test";
  connection.auth = kind;
  connection.id_token.variable = "DATABRICKS_OIDC_TOKEN";
  return connection;
}

} // namespace

TEST_CASE("credentials: the token of an automation is exchanged once, as the SDK does") {
  Script host({json(k_server), json(k_token)});
  Environment env;
  env.set("DATABRICKS_OIDC_TOKEN", "a.b+c");
  auto connection = connection_by(AuthKind::env_oidc);
  connection.client_id = "sp";
  const SystemClock clock;
  const auto credentials = make_credentials(connection, host, env, clock);
  CHECK(credentials->token({}).value() == "workspace-token");
  CHECK(credentials->token({}).value() == "workspace-token");
  REQUIRE(host.requests.size() == 2);
  CHECK(host.requests[0].url == "https://x.test/oidc/.well-known/oauth-authorization-server");
  CHECK(host.requests[1].url == "https://x.test/oidc/v1/token");
  CHECK_FALSE(host.requests[1].headers.get("Authorization"));
  CHECK(host.requests[1].body == "client_id=sp&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&"
                                 "scope=all-apis&subject_token=a.b%2Bc&"
                                 "subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Ajwt");
}

TEST_CASE("credentials: a GitHub workflow asks for its token, for the place where it is exchanged") {
  Script host({json(k_server), json(R"({"value":"jwt"})"), json(k_token)});
  auto connection = connection_by(AuthKind::github_oidc);
  connection.id_token.request_url = "https://github.test/token?version=1";
  connection.id_token.request_token = Secret("runner");
  const SystemClock clock;
  CHECK(make_credentials(connection, host, {}, clock)->token({}).value() == "workspace-token");
  REQUIRE(host.requests.size() == 3);
  CHECK(host.requests[1].url ==
        "https://github.test/token?version=1&audience=https%3A%2F%2Fx.test%2Foidc%2Fv1%2Ftoken");
  CHECK(host.requests[1].headers.get("Authorization") == "Bearer runner");
  CHECK(host.requests[2].body.find("client_id") == std::string::npos);
  CHECK(host.requests[2].body.find("subject_token=jwt&") != std::string::npos);
}

TEST_CASE("credentials: an automation without a token says which one is missing") {
  const SystemClock clock;
  const auto refusal = [&](const Connection& connection, std::deque<http::Response> answers) {
    Script host(std::move(answers));
    return make_credentials(connection, host, {}, clock)->token({}).error();
  };
  auto connection = connection_by(AuthKind::env_oidc);
  CHECK(refusal(connection, {json(k_server)}).message ==
        "no identity token to sign in to https://x.test with: the variable DATABRICKS_OIDC_TOKEN is not set");
  connection = connection_by(AuthKind::github_oidc);
  CHECK(refusal(connection, {json(k_server)}).code == "PIER2017");
  connection.id_token.request_url = "https://github.test/token";
  connection.id_token.request_token = Secret("runner");
  CHECK(refusal(connection, {json(k_server), json("{}", 403)}).message.ends_with("GitHub answers with status 403"));
  const auto folder = TempDirectory::create().value();
  connection = connection_by(AuthKind::file_oidc);
  connection.id_token.file = (folder.path() / "token").string();
  REQUIRE(write_file_atomically(connection.id_token.file, " \n", Durability::none));
  CHECK(refusal(connection, {json(k_server)}).message.ends_with("is empty"));
  REQUIRE(write_file_atomically(connection.id_token.file, "jwt\n", Durability::none));
  const auto denied = refusal(connection, {json(k_server), json(R"({"error":"invalid_grant"})", 401)});
  CHECK(denied.kind == ErrorKind::unauthenticated);
}
