#include "cli/known_users.hpp"
#include "core/base/files.hpp"

#include <doctest/doctest.h>

using namespace pier;
using cli::KnownUsers;

TEST_CASE("known users: each workspace has its own, the newest answer counts, damage is no error") {
  const auto folder = TempDirectory::create();
  REQUIRE(folder);
  const Environment env({{"XDG_CACHE_HOME", folder->path().string()}});
  CHECK_FALSE(KnownUsers(env).find("https://a.example.com"));
  KnownUsers(env).remember("https://a.example.com", {.id = "1", .user_name = "ada@example.com"});
  KnownUsers(env).remember("https://b.example.com", {.id = "2", .user_name = "5f0c", .is_service_principal = true});
  KnownUsers(env).remember("https://a.example.com", {.id = "3", .user_name = "eve@example.com"});
  CHECK(KnownUsers(env).find("https://a.example.com")->user_name == "eve@example.com");
  CHECK(KnownUsers(env).find("https://b.example.com")->is_service_principal);

  REQUIRE(write_file_atomically(folder->path() / "pier" / "users.json", "{]"));
  CHECK_FALSE(KnownUsers(env).find("https://a.example.com"));
  KnownUsers(env).remember("https://a.example.com", {.id = "1", .user_name = "ada@example.com"});
  CHECK(KnownUsers(env).find("https://a.example.com")->user_name == "ada@example.com");
}

TEST_CASE("known users: without a home nothing is kept") {
  KnownUsers(Environment()).remember("https://a.example.com", {.id = "1", .user_name = "ada@example.com"});
  CHECK_FALSE(KnownUsers(Environment()).find("https://a.example.com"));
}
