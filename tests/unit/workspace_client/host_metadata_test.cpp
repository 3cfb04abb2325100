#include "core/workspace_client/host_metadata.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using namespace pier::workspace_client;

namespace {

/// Answers always the same and counts.
class Host final : public pier::http::Client {
 public:
  explicit Host(pier::http::Response answer)
      : answer_(std::move(answer)) {}

  pier::Result<pier::http::Response> send(const pier::http::ClientRequest& request) override {
    urls.push_back(request.url);
    return answer_;
  }

  std::vector<std::string> urls;

 private:
  pier::http::Response answer_;
};

const std::string k_host = "https://x.test";

} // namespace

TEST_CASE("host metadata: asked once, then taken from the cache") {
  const auto temp = pier::TempDirectory::create().value();
  pier::Environment env;
  env.set("DATABRICKS_CACHE_DIR", temp.path().string());
  const pier::SystemClock clock;
  Host host(pier::http::Response::json(200, R"({"workspace_id":"7","oidc_endpoint":"https://x.test/oidc"})"));
  const auto found = find_host_metadata(host, k_host, env, clock, {});
  REQUIRE(found);
  CHECK(*found == HostMetadata{"7", "https://x.test/oidc"});
  CHECK(find_host_metadata(host, k_host, env, clock, {}) == found);
  CHECK(host.urls == std::vector<std::string>{"https://x.test/.well-known/databricks-config"});
  env.set("DATABRICKS_CACHE_ENABLED", "false");
  CHECK(find_host_metadata(host, k_host, env, clock, {}) == found);
  CHECK(host.urls.size() == 2);
}

TEST_CASE("host metadata: a host that does not say is not asked again at once") {
  const auto temp = pier::TempDirectory::create().value();
  pier::Environment env;
  env.set("DATABRICKS_CACHE_DIR", temp.path().string());
  const pier::SystemClock clock;
  Host host(pier::http::Response::json(404, "{}"));
  CHECK_FALSE(find_host_metadata(host, k_host, env, clock, {}));
  CHECK_FALSE(find_host_metadata(host, k_host, env, clock, {}));
  CHECK(host.urls.size() == 1);
}
