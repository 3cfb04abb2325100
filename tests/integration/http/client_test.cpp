#include "core/base/files.hpp"
#include "core/base/tcp_port.hpp"
#include "core/http/client.hpp"
#include "loopback.hpp"

#include <doctest/doctest.h>

#include <latch>
#include <thread>

using namespace pier::http;
using namespace std::chrono_literals;
using pier::http::testing::Routes;

namespace {

struct Fixture {
  std::shared_ptr<Routes> routes = std::make_shared<Routes>();
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client = Client::create();
  std::string base;

  Fixture() {
    routes->add("/echo", [](const Request& request) {
      auto response = Response::text(request.method == "POST" ? 201 : 200, request.body);
      response.headers.add("X-Method", request.method);
      response.headers.add("X-Type", request.headers.get("Content-Type").value_or("none"));
      response.headers.add("X-Length", request.headers.get("Content-Length").value_or("none"));
      response.headers.add("X-Sent", request.headers.get("X-Custom").value_or("none"));
      return response;
    });
    routes->add("/fail", [](const Request&) { return Response::text(404, "gone"); });
    routes->add("/redirect", [](const Request&) { return Response::redirect("/echo"); });
    server = Server::start({}, routes).value();
    base = "http://127.0.0.1:" + std::to_string(server->port());
  }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "client: methods, fields and bodies arrive as given") {
  for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
    const std::string body = std::string_view(method) == "GET" ? "" : "{\"a\":1}";
    const auto response = client->send({.method = method,
                                        .url = base + "/echo",
                                        .headers = {{"X-Custom", "x"}, {"Content-Type", "application/json"}},
                                        .body = body});
    REQUIRE(response);
    CHECK(response->body == body);
    CHECK(response->headers.get("x-method") == method);
    CHECK(response->headers.get("x-sent") == "x");
    CHECK(response->headers.get("x-type") == "application/json");
  }
  const auto plain = client->send({.method = "POST", .url = base + "/echo", .body = "raw"});
  CHECK(plain->status == 201);
  CHECK(plain->headers.get("x-type") == "none");
  const auto empty = client->send({.method = "POST", .url = base + "/echo"});
  CHECK(empty->headers.get("x-length") == "0");
  CHECK(client->send({.method = "HEAD", .url = base + "/echo"})->headers.get("x-method") == "HEAD");
}

TEST_CASE_FIXTURE(Fixture, "client: any status is a response and redirects are not followed") {
  CHECK(client->send({.url = base + "/fail"})->body == "gone");
  CHECK(client->send({.url = base + "/redirect"})->status == 302);
}

TEST_CASE_FIXTURE(Fixture, "client: files go up and come down, an error's body is not the file") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto from = folder->path() / "from";
  const auto to = folder->path() / "to";
  const std::string content(3'000'000, 'z');
  REQUIRE(pier::write_file_atomically(from, content));
  routes->add("/store", [&](const Request& request) {
    return Response::text(200, std::to_string(pier::read_file(request.body_file)->size()));
  });
  routes->add("/load", [&](const Request&) {
    Response response;
    response.file = FileBody{from, 0, content.size()};
    return response;
  });
  CHECK(client->send({.method = "PUT", .url = base + "/store", .body_file = from})->body == "3000000");
  CHECK(client->send({.url = base + "/load", .download_to = to})->status == 200);
  CHECK(pier::read_file(to).value() == content);
  const auto failed = client->send({.url = base + "/fail", .download_to = to});
  CHECK(failed->body == "gone");
  CHECK(pier::read_file(to).value() == content);
  CHECK(std::distance(std::filesystem::directory_iterator(folder->path()), {}) == 2);
}

TEST_CASE_FIXTURE(Fixture, "client: nobody there is unavailable and says so") {
  const auto port = pier::free_loopback_port().value();
  const auto response = client->send({.url = "http://127.0.0.1:" + std::to_string(port) + "/"});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == pier::ErrorKind::unavailable);
  CHECK(response.error().code == "PIER0330");
  CHECK(response.error().message.find("connection refused") != std::string::npos);
  CHECK(client->send({.url = "ftp://x/"}).error().code == "PIER0336");
}

TEST_CASE_FIXTURE(Fixture, "client: a deadline ends a request, a stop ends it at once") {
  std::latch release(1);
  std::latch arrived(2);
  routes->add(
      "/hang",
      [&](const Request&) {
        arrived.count_down();
        release.wait();
        return Response();
      },
      Cost::slow);
  const auto late = client->send({.url = base + "/hang", .timeout = 50ms});
  REQUIRE_FALSE(late);
  CHECK(late.error().code == "PIER0332");
  std::stop_source source;
  const std::jthread stopper([&] {
    arrived.wait();
    source.request_stop();
  });
  const auto stopped = client->send({.url = base + "/hang", .stop = source.get_token()});
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == pier::ErrorKind::interrupted);
  release.count_down();
  CHECK(client->send({.url = base + "/echo"})->status == 200);
}

TEST_CASE_FIXTURE(Fixture, "client: threads share it") {
  std::atomic<int> good = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 30; ++i) {
        const auto body = std::to_string(thread * 100 + i);
        const auto response = client->send({.method = "POST", .url = base + "/echo", .body = body});
        good += response && response->body == body ? 1 : 0;
      }
    });
  }
  threads.clear();
  CHECK(good == 120);
}
