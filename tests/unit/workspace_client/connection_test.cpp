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
  const auto chosen = choose_workspace({.bundle_host = "https://a.test", .local = true}, machine.env);
  REQUIRE(chosen);
  CHECK_FALSE(chosen->has_value());
}

TEST_CASE("connection: the target's host selects the profile with that host") {
  Machine machine;
  machine.write_config(k_config);
  const auto chosen = choose_workspace({.bundle_host = "dev.test/"}, machine.env);
  REQUIRE(chosen);
  REQUIRE(chosen->has_value());
  CHECK(chosen->value().host == "https://dev.test");
  CHECK(chosen->value().profile == "dev");
  CHECK(chosen->value().token.reveal() == "t1");
  const auto twins = choose_workspace({.bundle_host = "https://dev2.test"}, machine.env);
  REQUIRE_FALSE(twins);
  CHECK(twins.error().code == "PIER2003");
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
  chosen = choose_workspace({.bundle_host = "https://target.test"}, machine.env).value();
  REQUIRE(chosen);
  CHECK(chosen->host == "https://target.test");
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
