#include "core/workspace_client/config_file.hpp"

#include <doctest/doctest.h>

using pier::workspace_client::canonical_host;
using pier::workspace_client::ConfigFile;
using pier::workspace_client::is_loopback_host;

TEST_CASE("config file: profiles, settings and comments") {
  const auto file = ConfigFile::parse("; top\n[DEFAULT]\nhost = https://a.test # mine\ntoken=dapi#1\n\n"
                                      "[prod]\r\nhost = https://b.test\r\n[__settings__]\ndefault_profile = prod\n");
  REQUIRE(file);
  CHECK(file->order == std::vector<std::string>{"DEFAULT", "prod"});
  CHECK(file->find("DEFAULT")->at("host") == "https://a.test");
  CHECK(file->find("DEFAULT")->at("token") == "dapi#1");
  CHECK(file->find("prod")->at("host") == "https://b.test");
  CHECK(file->find("__settings__") == nullptr);
  CHECK(file->settings.at("default_profile") == "prod");
}

TEST_CASE("config file: a section that is not closed names its line") {
  const auto file = ConfigFile::parse("[a]\nhost=x\n[b\n");
  REQUIRE_FALSE(file);
  CHECK(file.error().code == "PIER2001");
  CHECK(file.error().message.find("line 3") == 0);
}

TEST_CASE("config file: hosts in one form") {
  CHECK(canonical_host("Example.Cloud.test/path?o=1") == "https://example.cloud.test");
  CHECK(canonical_host("http://127.0.0.1:8080/") == "http://127.0.0.1:8080");
  CHECK(canonical_host("").empty());
  CHECK(is_loopback_host("http://127.0.0.1:8080"));
  CHECK(is_loopback_host("http://[::1]:1"));
  CHECK(is_loopback_host("localhost"));
  CHECK_FALSE(is_loopback_host("https://127x.test"));
  CHECK_FALSE(is_loopback_host("https://a.test"));
}
