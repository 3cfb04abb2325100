#pragma once

#include "core/base/files.hpp"
#include "core/http/client.hpp"
#include "core/workspace_client/local_workspace.hpp"

#include <doctest/doctest.h>

#include <string>

namespace pier::test {

/// A local workspace of its own in a temporary home, with the real pierd; stopped at the end.
class DaemonFixture {
 public:
  DaemonFixture() {
    env = Environment::of_process();
    env.set("PIER_HOME", home.path().string());
    env.set("DATABRICKS_CONFIG_FILE", (home.path() / "databrickscfg").string());
    env.unset("PIER_WORKSPACE");
  }

  DaemonFixture(const DaemonFixture&) = delete;
  DaemonFixture& operator=(const DaemonFixture&) = delete;

  ~DaemonFixture() { [[maybe_unused]] const auto ignored = workspace_client::stop_local(paths()); }

  [[nodiscard]] workspace_client::LocalPaths paths() const { return workspace_client::local_paths(env).value(); }

  workspace_client::LocalWorkspace start(std::optional<std::uint16_t> port = {}) {
    auto started = workspace_client::ensure_started(env, {.program = {}, .port = port});
    REQUIRE_MESSAGE(started, (started ? "" : started.error().to_string()));
    workspace = *started;
    return *started;
  }

  http::Response send(const std::string& method, const std::string& path, const std::string& body = {}) {
    http::ClientRequest request{.method = method, .url = workspace.url + path, .body = body};
    request.headers.add("Authorization", "Bearer " + workspace.token.reveal());
    auto response = client->send(request);
    REQUIRE_MESSAGE(response, (response ? "" : response.error().to_string()));
    return *response;
  }

  Json get(const std::string& path) { return Json::parse(send("GET", path).body).value(); }

  TempDirectory home = TempDirectory::create("pier-daemon").value();
  Environment env;
  workspace_client::LocalWorkspace workspace;
  std::unique_ptr<http::Client> client = http::Client::create();
};

} // namespace pier::test
