#include "core/base/files.hpp"
#include "core/workspace_client/workspace_client.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>

using namespace pier::workspace_client;

namespace {

/// Answers "who am I" and counts.
class Workspace final : public pier::http::Client {
 public:
  explicit Workspace(std::size_t& asked)
      : asked_(asked) {}

  pier::Result<pier::http::Response> send(const pier::http::ClientRequest&) override {
    ++asked_;
    return pier::http::Response::json(200, R"({"id":"7","userName":"ada@x.test","displayName":"Ada","groups":[]})");
  }

 private:
  std::size_t& asked_;
};

/// Its time can be set forward.
class Watch final : public pier::Clock {
 public:
  [[nodiscard]] pier::TimePoint now() const override { return std::chrono::system_clock::now() + ahead; }

  std::chrono::minutes ahead{0};
};

struct Fixture {
  Fixture() { env.set("DATABRICKS_CACHE_DIR", temp.path().string()); }

  KeptUser ask(const std::string& token = "tok") {
    Connection connection;
    connection.host = "http://127.0.0.1:1";
    connection.token = pier::Secret(token);
    RestClient client(connection, RestOptions{.env = env, .stop = {}, .user_agent = "pier"},
                      std::make_unique<Workspace>(asked));
    return current_user(client, SharedCache(env, watch)).value();
  }

  pier::TempDirectory temp = pier::TempDirectory::create().value();
  pier::Environment env;
  Watch watch;
  std::size_t asked = 0;
};

} // namespace

TEST_CASE("current user: asked once for a token, with everything the answer said") {
  Fixture fixture;
  const auto first = fixture.ask();
  const auto second = fixture.ask();
  CHECK_FALSE(first.from_cache);
  CHECK(second.from_cache);
  CHECK(second.user.user_name == "ada@x.test");
  CHECK(second.user.profile == first.user.profile);
  CHECK(fixture.asked == 1);
}

TEST_CASE("current user: asked again for another token, and half an hour later") {
  Fixture fixture;
  fixture.ask();
  CHECK_FALSE(fixture.ask("another").from_cache);
  fixture.watch.ahead = std::chrono::minutes(31);
  CHECK_FALSE(fixture.ask().from_cache);
  CHECK(fixture.asked == 3);
}

TEST_CASE("current user: nothing is kept when the cache is switched off") {
  Fixture fixture;
  fixture.env.set("DATABRICKS_CACHE_ENABLED", "no");
  fixture.ask();
  CHECK_FALSE(fixture.ask().from_cache);
  CHECK(std::filesystem::is_empty(fixture.temp.path()));
}

TEST_CASE("current user: found where the official CLI keeps it, readable by its owner alone") {
  Fixture fixture;
  fixture.ask();
  // sha256 of {"host":"http://127.0.0.1:1","auth_header":"Bearer tok"}
  const auto file =
      fixture.temp.path() / "1.13.0" / "user" / "4cd84186f05f7ad5d8772049bd3114ad5b871e8dadb992b914fc72f438a68231.json";
  REQUIRE(std::filesystem::exists(file));
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}
