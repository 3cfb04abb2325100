#include "core/workspace_client/connection.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::Environment;
using pier::TempDirectory;
using namespace pier::workspace_client;

namespace {

struct Machine {
  TempDirectory home = TempDirectory::create().value();
  Environment env{{{"HOME", home.path().string()}}};

  void write_config(std::string_view text) {
    REQUIRE(pier::write_file_atomically(home.path() / ".databrickscfg", text, pier::Durability::none));
  }
};

constexpr std::string_view k_config =
    "[DEFAULT]\nhost=https://default.test\ntoken=d\n"
    "[dev]\nhost=https://dev.test\ntoken=t1\n"
    "[m2m]\nhost=https://prod.test\nclient_id=id\nclient_secret=s\n"
    "[twin]\nhost=https://dev2.test\ntoken=x\n[twin2]\nhost=https://dev2.test\ntoken=y\n";

} // namespace

TEST_CASE("connection: nothing said means the local workspace, a default profile does not count") {
  Machine machine;
  machine.write_config(k_config);
  auto chosen = choose_workspace({}, machine.env);
  REQUIRE(chosen);
  CHECK_FALSE(chosen->has_value());
}

TEST_CASE("connection: --local wins over everything") {
  Machine machine;
  machine.env.set("DATABRICKS_HOST", "https://env.test");
  const auto chosen = choose_workspace({.bundle = {.host = "https://a.test"}, .local = true}, machine.env);
  REQUIRE(chosen);
  CHECK_FALSE(chosen->has_value());
}

TEST_CASE("connection: the target's host selects the profile with that host") {
  Machine machine;
  machine.write_config(k_config);
  const auto chosen = choose_workspace({.bundle = {.host = "dev.test/"}}, machine.env);
  REQUIRE(chosen);
  REQUIRE(chosen->has_value());
  CHECK(chosen->value().host == "https://dev.test");
  CHECK(chosen->value().profile == "dev");
  CHECK(chosen->value().token.reveal() == "t1");
  const auto twins = choose_workspace({.bundle = {.host = "https://dev2.test"}}, machine.env);
  REQUIRE_FALSE(twins);
  CHECK(twins.error().code == "PIER2003");
}

TEST_CASE("connection: a profile of an account is no twin of one of a workspace") {
  Machine machine;
  machine.write_config(
      "[ws]\nhost = https://a.test\ntoken = t\n[acc]\nhost = https://a.test\naccount_id = 7\ntoken = u\n");
  const auto chosen = choose_workspace({.bundle = {.host = "https://a.test"}}, machine.env);
  REQUIRE(chosen);
  CHECK(chosen->value().profile == "ws");
}

TEST_CASE("connection: environment over file, but a named profile over the environment") {
  Machine machine;
  machine.write_config(k_config);
  machine.env.set("DATABRICKS_HOST", "https://env.test");
  machine.env.set("DATABRICKS_TOKEN", "env-token");
  auto chosen = choose_workspace({}, machine.env).value();
  REQUIRE(chosen);
  CHECK(chosen->host == "https://env.test");
  CHECK(chosen->token.reveal() == "env-token");
  chosen = choose_workspace({.profile = "m2m"}, machine.env).value();
  REQUIRE(chosen);
  CHECK(chosen->host == "https://prod.test");
  CHECK(chosen->auth == AuthKind::oauth_m2m);
  CHECK(chosen->token.is_empty());
  chosen = choose_workspace({.bundle = {.host = "https://target.test"}}, machine.env).value();
  REQUIRE(chosen);
  CHECK(chosen->host == "https://target.test");
}

TEST_CASE("connection: what the official tools take when nothing names a workspace") {
  Machine machine;
  machine.write_config(k_config);
  auto chosen = choose_workspace({.as_official = true}, machine.env).value();
  REQUIRE(chosen);
  CHECK(chosen->host == "https://default.test");
  CHECK(chosen->token.reveal() == "d");
  CHECK(default_profile(machine.env).empty());
  machine.write_config(std::string(k_config) + "[__settings__]\ndefault_profile=dev\n");
  CHECK(default_profile(machine.env) == "dev");
  machine.write_config("[other]\nhost=https://o.test\ntoken=o\n");
  CHECK_FALSE(choose_workspace({.as_official = true}, machine.env)->has_value());
}

TEST_CASE("connection: a profile that was named must not lead elsewhere than the target") {
  Machine machine;
  machine.write_config(k_config);
  const auto refused = choose_workspace({.profile = "m2m", .bundle = {.host = "https://dev.test"}}, machine.env);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "PIER2018");
  CHECK(refused.error().message ==
        "the host in the profile (https://prod.test) doesn’t match the host configured in the bundle "
        "(https://dev.test). The profile \"dev\" has host=\"https://dev.test\" that matches host in the bundle. To "
        "select it, pass \"-p dev\"");
  CHECK(choose_workspace({.profile = "dev", .bundle = {.host = "dev.test"}}, machine.env)->value().token.reveal() ==
        "t1");
}

TEST_CASE("connection: a named profile is filled from the environment, but not led elsewhere") {
  Machine machine;
  machine.write_config("[bare]\ntoken=t\n[host]\nhost=https://h.test\n");
  machine.env.set("DATABRICKS_HOST", "https://env.test");
  machine.env.set("DATABRICKS_TOKEN", "env-token");
  machine.env.set("DATABRICKS_AUTH_TYPE", "oauth-m2m");
  auto chosen = choose_workspace({.profile = "bare"}, machine.env).value();
  CHECK(chosen->host == "https://env.test");
  CHECK(chosen->token.reveal() == "t");
  CHECK(chosen->auth == AuthKind::pat);
  chosen = choose_workspace({.profile = "host"}, machine.env).value();
  CHECK(chosen->host == "https://h.test");
  CHECK(chosen->token.reveal() == "env-token");
}

TEST_CASE("connection: what the target says of signing in") {
  Machine machine;
  machine.write_config("[a]\nhost=https://x.test\nworkspace_id=1\ntoken=ta\n"
                       "[b]\nhost=https://x.test\nworkspace_id=2\ntoken=tb\n");
  const auto chosen =
      choose_workspace({.bundle = {.host = "https://x.test", .workspace_id = "2"}}, machine.env).value();
  CHECK(chosen->profile == "b");
  machine.env.set("DATABRICKS_CLIENT_SECRET", "s");
  const auto client = choose_workspace({.bundle = {.host = "https://x.test", .client_id = "c"}}, machine.env).value();
  CHECK(client->auth == AuthKind::oauth_m2m);
  CHECK(client->client_id == "c");
}

TEST_CASE("connection: automations sign in with an identity token") {
  Machine machine;
  machine.env.set("DATABRICKS_HOST", "https://x.test");
  machine.env.set("DATABRICKS_OIDC_TOKEN", "jwt");
  auto chosen = choose_workspace({}, machine.env).value();
  CHECK(chosen->auth == AuthKind::env_oidc);
  CHECK(chosen->id_token.variable == "DATABRICKS_OIDC_TOKEN");
  machine.env.set("ACTIONS_ID_TOKEN_REQUEST_URL", "https://github.test/token?x=1");
  machine.env.set("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "r");
  machine.env.set("DATABRICKS_CLIENT_ID", "sp");
  chosen = choose_workspace({}, machine.env).value();
  CHECK(chosen->auth == AuthKind::github_oidc);
  CHECK(chosen->client_id == "sp");
  machine.env.set("DATABRICKS_AUTH_TYPE", "file-oidc");
  machine.env.set("DATABRICKS_OIDC_TOKEN_FILEPATH", "/run/token");
  chosen = choose_workspace({}, machine.env).value();
  CHECK(chosen->auth == AuthKind::file_oidc);
  CHECK(chosen->id_token.file == "/run/token");
}

TEST_CASE("connection: clear errors for what is missing or ambiguous") {
  Machine machine;
  machine.write_config(k_config);
  const auto unknown = choose_workspace({.profile = "devv"}, machine.env);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == "PIER2002");
  CHECK(unknown.error().hint == "did you mean 'dev'?");
  machine.env.set("DATABRICKS_HOST", "https://x.test");
  machine.env.set("DATABRICKS_TOKEN", "t");
  machine.env.set("DATABRICKS_CLIENT_ID", "i");
  machine.env.set("DATABRICKS_CLIENT_SECRET", "s");
  const auto both = choose_workspace({}, machine.env);
  REQUIRE_FALSE(both);
  CHECK(both.error().code == "PIER2004");
  machine.env.set("DATABRICKS_AUTH_TYPE", "azure-cli");
  const auto azure = choose_workspace({}, machine.env);
  REQUIRE_FALSE(azure);
  CHECK(azure.error().code == "PIER2005");
}

TEST_CASE("connection: its description holds no secret") {
  Machine machine;
  machine.env.set("DATABRICKS_HOST", "https://env.test");
  machine.env.set("DATABRICKS_TOKEN", "verysecret");
  const auto chosen = choose_workspace({}, machine.env).value();
  REQUIRE(chosen);
  CHECK(chosen->describe() == "https://env.test (pat)");
}
