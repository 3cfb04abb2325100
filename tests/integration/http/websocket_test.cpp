#include "core/http/client.hpp"
#include "loopback.hpp"
#include "tests/support/limits.hpp"

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

using namespace pier::http;
using pier::http::testing::RawConnection;
using pier::http::testing::Routes;

namespace {

/// Counts what happened, for waiting without sleeping.
class Events {
 public:
  void note(const std::string& what) {
    const std::lock_guard lock(mutex_);
    seen_.push_back(what);
    changed_.notify_all();
  }

  bool wait_for(const std::string& what) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, pier::test::k_hang_limit,
                             [&] { return std::find(seen_.begin(), seen_.end(), what) != seen_.end(); });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> seen_;
};

struct Fixture {
  Events events;
  std::shared_ptr<Routes> routes = std::make_shared<Routes>();
  std::unique_ptr<Server> server;
  std::string url;
  std::shared_ptr<WebSocket> last;

  Fixture() {
    routes->on_upgrade = [this](const Request& request, Response& refusal) -> pier::Result<WebSocketHandler> {
      if (request.path != "/echo") {
        refusal = Response::text(403, "not here");
        return pier::Error{.kind = pier::ErrorKind::permission_denied, .message = "not here"};
      }
      WebSocketHandler handler;
      handler.on_open = [this](const std::shared_ptr<WebSocket>& socket) {
        last = socket;
        events.note("open");
      };
      handler.on_message = [](const std::shared_ptr<WebSocket>& socket, const std::string& message) {
        if (message == "bye") {
          socket->close(4401, "token expired");
          return;
        }
        socket->send_text("echo " + message);
      };
      handler.on_close = [this] { events.note("closed"); };
      return handler;
    };
    server = Server::start({.common_headers = {{"X-Databricks-Org-Id", "7"}}}, routes).value();
    url = "ws://127.0.0.1:" + std::to_string(server->port()) + "/echo";
  }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "websocket: texts there and back, the peer's close code at the end") {
  std::vector<std::string> got;
  const auto code = run_websocket(url, {}, "hello",
                                  [&](std::string_view text) {
                                    got.emplace_back(text);
                                    last->send_text("more");
                                    last->close(4403, "enough");
                                  },
                                  {});
  REQUIRE(code);
  CHECK(*code == 4403);
  CHECK(got.front() == "echo hello");
  CHECK(events.wait_for("closed"));
}

TEST_CASE_FIXTURE(Fixture, "websocket: the server may close in answer to a message") {
  const auto code = run_websocket(url, {}, "bye", [](std::string_view) {}, {});
  REQUIRE(code);
  CHECK(*code == 4401);
}

TEST_CASE_FIXTURE(Fixture, "websocket: large messages in many pieces") {
  const std::string large(3'000'000, 'x');
  std::size_t size = 0;
  const auto code = run_websocket(url, {}, large,
                                  [&](std::string_view text) {
                                    size = text.size();
                                    last->close(1000, "");
                                  },
                                  {});
  CHECK(code);
  CHECK(size == large.size() + 5);
}

TEST_CASE_FIXTURE(Fixture, "websocket: a stop ends it at once") {
  std::stop_source source;
  const auto code = run_websocket(url, {}, "x", [&](std::string_view) { source.request_stop(); }, source.get_token());
  REQUIRE(code);
  CHECK(*code == 1000);
}

TEST_CASE_FIXTURE(Fixture, "websocket: a refusal is an error with its status, and the connection goes on") {
  auto elsewhere = url;
  elsewhere.replace(elsewhere.find("/echo"), 5, "/other");
  const auto code = run_websocket(elsewhere, {}, "x", [](std::string_view) {}, {});
  REQUIRE_FALSE(code);
  CHECK(code.error().kind == pier::ErrorKind::permission_denied);
  CHECK(code.error().message.find("403") != std::string::npos);
  RawConnection raw(server->port());
  const auto refused =
      raw.request("GET /other HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  CHECK(refused.body == "not here");
  CHECK(raw.request(pier::http::testing::get("/none")).status == 404);
}

TEST_CASE_FIXTURE(Fixture, "websocket: the handshake follows RFC 6455") {
  RawConnection raw(server->port());
  const auto accepted = raw.request("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  CHECK(accepted.status == 101);
  CHECK(accepted.head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  CHECK(accepted.head.find("X-Databricks-Org-Id: 7\r\n") != std::string::npos);
  RawConnection keyless(server->port());
  CHECK(keyless.request("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n").status ==
        400);
}

TEST_CASE_FIXTURE(Fixture, "websocket: a client that vanishes is noticed, and sending to it does nothing") {
  {
    RawConnection raw(server->port());
    raw.send("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    CHECK(raw.receive().status == 101);
    CHECK(events.wait_for("open"));
  }
  CHECK(events.wait_for("closed"));
  last->send_text("into the void");
  server->stop();
  last->send_text("after the end");
}

TEST_CASE_FIXTURE(Fixture, "websocket: stopping the server says going away") {
  const std::jthread stopper([&] {
    events.wait_for("open");
    server->stop();
  });
  const auto code = run_websocket(url, {}, "x", [](std::string_view) {}, {});
  REQUIRE(code);
  CHECK(*code == 1001);
}
