#pragma once

#include "core/apps/gateway/gateway.hpp"
#include "core/base/files.hpp"
#include "core/base/json.hpp"
#include "core/base/process.hpp"

#include "raw_http.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <set>

namespace pier::apps {

/// Knows two people: ada (1, may use), eve (2, may not). Tokens are their names.
class TestHost final : public GatewayHost {
 public:
  Result<Visitor> visitor_by_token(const std::string& app, const std::string& token) override {
    if (token == "ada-token") {
      return visitor_by_id(app, 1);
    }
    if (token == "eve-token") {
      return visitor_by_id(app, 2);
    }
    return Error{.kind = ErrorKind::unauthenticated, .code = "UNAUTHENTICATED", .message = "Invalid access token."};
  }

  Result<Visitor> visitor_by_id(const std::string& app, std::int64_t id) override {
    if (id != 1 || blocked.contains(id)) {
      return Error{.kind = ErrorKind::permission_denied,
                   .code = "PERMISSION_DENIED",
                   .message = "eve@example.test needs CAN_USE on apps/" + app,
                   .hint = "grant it"};
    }
    return Visitor{.principal_id = 1,
                   .user_id = "1",
                   .user_name = "ada@example.test",
                   .email = "ada@example.test",
                   .access_token = access_token,
                   .can_manage = true};
  }

  Result<std::int64_t> redeem_sign_in(const std::string& token) override {
    const std::lock_guard lock(mutex);
    if (one_time.erase(token) == 0) {
      return Error{.kind = ErrorKind::unauthenticated, .code = "UNAUTHENTICATED", .message = "used"};
    }
    return std::int64_t{1};
  }

  void revoke_session(const std::string& id, TimePoint) override { revoked.insert(id); }

  void wake(const std::string&) override {
    const std::lock_guard lock(mutex);
    ++wakes;
    changed.notify_all();
  }

  GatewayPage describe(const std::string& app) override {
    return {.status = 502,
            .code = "APP_CRASHED",
            .title = app + " <has> crashed",
            .message = "It ended with exit code 1.",
            .lines = {"Traceback"}};
  }

  std::filesystem::path log_file(const std::string&) override { return log; }

  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::string> one_time;
  std::set<std::string> revoked;
  std::set<std::int64_t> blocked;
  std::string access_token;
  std::filesystem::path log;
  int wakes = 0;
};

/// A gateway before one app named "shop", which is the Node program fixtures/echo.js.
struct GatewayFixture {
  GatewayFixture()
      : GatewayFixture(GatewayOptions{}) {}

  explicit GatewayFixture(GatewayOptions options) {
    options.session_key = Secret("a key for tests");
    gateway = std::move(*Gateway::start(std::move(options), host, clock));
    port = *gateway->open("shop", 0);
    host_field = "127.0.0.1:" + std::to_string(port);
  }

  void run_app(const std::string& keep_alive_ms = "5000") {
    auto env = Environment::of_process();
    env.set("KEEP_ALIVE_MS", keep_alive_ms);
    auto started = Process::start(
        {.argv = {"node", PIER_APPS_FIXTURES "/echo.js"}, .env = env, .standard_output = Command::Stream::pipe});
    REQUIRE(started);
    app.emplace(std::move(*started));
    char line[16] = {};
    REQUIRE(::read(app->output().get(), line, sizeof line - 1) > 0);
    app_port = static_cast<std::uint16_t>(std::stoi(line));
    gateway->set_route("shop", {.phase = Phase::running, .upstream_port = app_port});
  }

  /// A browser's cookie, by a sign-in link.
  std::string sign_in() {
    host.one_time.insert("link");
    RawClient client(port);
    client.send("GET /.pier/sign-in?token=link&to=/x HTTP/1.1\r\nHost: " + host_field + "\r\n\r\n");
    const auto response = client.read_response();
    const auto at = response.find("Set-Cookie: ");
    REQUIRE(at != std::string::npos);
    return response.substr(at + 12, response.find(';', at) - at - 12);
  }

  std::string request(const std::string& target, const std::string& fields = {}, const std::string& method = "GET",
                      const std::string& body = {}) {
    return method + " " + target + " HTTP/1.1\r\nHost: " + host_field + "\r\n" + fields + "\r\n" + body;
  }

  std::string ask(const std::string& bytes) {
    RawClient client(port);
    client.send(bytes);
    return client.read_response();
  }

  std::string cookie() {
    if (cookie_.empty()) {
      cookie_ = "Cookie: " + sign_in() + "\r\n";
    }
    return cookie_;
  }

  SystemClock clock;
  TestHost host;
  std::unique_ptr<Gateway> gateway;
  std::optional<Process> app;
  std::uint16_t port = 0;
  std::uint16_t app_port = 0;
  std::string host_field;

 private:
  std::string cookie_;
};

} // namespace pier::apps
