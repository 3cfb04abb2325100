#include "core/base/files.hpp"
#include "loopback.hpp"

#include <doctest/doctest.h>

#include <latch>
#include <stdexcept>
#include <thread>

using namespace pier::http;
using pier::http::testing::get;
using pier::http::testing::post;
using pier::http::testing::RawConnection;
using pier::http::testing::Routes;

namespace {

std::unique_ptr<Server> start(const std::shared_ptr<Routes>& routes, ServerOptions options = {}) {
  auto server = Server::start(std::move(options), routes);
  REQUIRE(server);
  return std::move(server).value();
}

/// /echo answers with what it got.
std::shared_ptr<Routes> echo_routes() {
  auto routes = std::make_shared<Routes>();
  const auto echo = [](const Request& request) {
    auto body = request.body_file.empty() ? request.body : pier::read_file(request.body_file).value();
    auto response = Response::text(200, std::move(body));
    response.headers.add("X-Method", request.method);
    response.headers.add("X-In-File", request.body_file.empty() ? "no" : "yes");
    return response;
  };
  routes->add("/echo", echo);
  routes->add("/slow-echo", echo, Cost::slow);
  return routes;
}

} // namespace

TEST_CASE("server: answers, keeps the connection and adds the common fields") {
  const auto server = start(echo_routes(), {.common_headers = {{"X-Databricks-Org-Id", "7"}}});
  RawConnection connection(server->port());
  for (int i = 0; i < 3; ++i) {
    const auto response = connection.request(post("/echo", "hello " + std::to_string(i)));
    CHECK(response.status == 200);
    CHECK(response.body == "hello " + std::to_string(i));
    CHECK(response.head.find("X-Databricks-Org-Id: 7\r\n") != std::string::npos);
    CHECK(response.head.find("Date: ") != std::string::npos);
  }
  CHECK(connection.request("BAD\r\n\r\n").head.find("X-Databricks-Org-Id: 7\r\n") != std::string::npos);
}

TEST_CASE("server: pipelined requests are answered in order") {
  const auto server = start(echo_routes());
  RawConnection connection(server->port());
  connection.send(post("/slow-echo", "1") + post("/echo", "2") + "\r\n" + post("/slow-echo", "3"));
  CHECK(connection.receive().body == "1");
  CHECK(connection.receive().body == "2");
  CHECK(connection.receive().body == "3");
}

TEST_CASE("server: Connection: close and HTTP/1.0 end after the answer") {
  const auto server = start(echo_routes());
  RawConnection first(server->port());
  first.send(get("/echo", "Connection: close\r\n"));
  CHECK(first.receive_all().find("Connection: close\r\n") != std::string::npos);
  RawConnection second(server->port());
  second.send("GET /echo HTTP/1.0\r\n\r\n");
  CHECK(second.receive_all().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_CASE("server: HEAD has the length and no body") {
  const auto routes = std::make_shared<Routes>();
  routes->add("/x", [](const Request&) { return Response::text(200, "12345"); });
  const auto server = start(routes);
  RawConnection connection(server->port());
  connection.send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n" + get("/x"));
  const auto head = connection.receive(true);
  CHECK(head.head.find("Content-Length: 5\r\n") != std::string::npos);
  CHECK(connection.receive().body == "12345");
}

TEST_CASE("server: chunked bodies, in any pieces") {
  const auto server = start(echo_routes());
  RawConnection connection(server->port());
  const std::string request = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n";
  for (const char c : request) {
    connection.send(std::string_view(&c, 1));
  }
  CHECK(connection.receive().body == "hello, world");
  CHECK(connection.request(request).body == "hello, world");
}

TEST_CASE("server: bodies above the memory limit arrive as a file that is removed afterwards") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto server = start(echo_routes(), {.max_memory_body = 1000, .spool_folder = folder->path()});
  RawConnection connection(server->port());
  std::string body;
  for (int i = 0; i < 200'000; ++i) {
    body += std::to_string(i);
  }
  for (const auto* path : {"/echo", "/slow-echo"}) {
    const auto response = connection.request(post(path, body));
    CHECK(response.body == body);
    CHECK(response.head.find("X-In-File: yes") != std::string::npos);
  }
  CHECK(connection.request(post("/echo", std::string(1000, 'x'))).head.find("X-In-File: no") != std::string::npos);
  CHECK(std::filesystem::is_empty(folder->path()));
}

TEST_CASE("server: Expect: 100-continue is answered before the body is sent") {
  const auto server = start(echo_routes());
  RawConnection connection(server->port());
  connection.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(connection.receive().status == 100);
  CHECK(connection.request("abc").body == "abc");
}

TEST_CASE("server: files are streamed, whole or in part") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  std::string content;
  for (int i = 0; i < 300'000; ++i) {
    content += std::to_string(i);
  }
  REQUIRE(pier::write_file_atomically(folder->path() / "f", content));
  const auto routes = std::make_shared<Routes>();
  const auto serve = [&](std::uint64_t offset, std::uint64_t length) {
    return [path = folder->path() / "f", offset, length](const Request&) {
      Response response;
      response.file = FileBody{path, offset, length};
      return response;
    };
  };
  routes->add("/all", serve(0, content.size()), Cost::slow);
  routes->add("/part", serve(1'000'000, 12));
  routes->add("/none", serve(0, 0));
  routes->add("/too-long", serve(0, content.size() + 1));
  routes->add("/missing", [](const Request&) {
    Response response;
    response.file = FileBody{"/nonexistent", 0, 10};
    return response;
  });
  const auto server = start(routes);
  RawConnection connection(server->port());
  CHECK(connection.request(get("/all")).body == content);
  CHECK(connection.request(get("/part")).body == content.substr(1'000'000, 12));
  const auto none = connection.request(get("/none"));
  CHECK(none.status == 200);
  CHECK(none.body.empty());
  CHECK(connection.request(get("/too-long")).body.size() == content.size()); // then the connection ends
  RawConnection second(server->port());
  CHECK(second.request(get("/missing")).status == 500);
}

TEST_CASE("server: a long slow route delays no other request") {
  std::latch release(1);
  const auto routes = echo_routes();
  routes->add(
      "/long",
      [&](const Request&) {
        release.wait();
        return Response::text(200, "done");
      },
      Cost::slow);
  const auto server = start(routes);
  RawConnection waiting(server->port());
  waiting.send(get("/long"));
  RawConnection other(server->port());
  CHECK(other.request(post("/echo", "quick")).body == "quick");
  CHECK(other.request(post("/slow-echo", "slow")).body == "slow");
  release.count_down();
  CHECK(waiting.receive().body == "done");
}

TEST_CASE("server: a route that throws is answered with 500") {
  const auto routes = std::make_shared<Routes>();
  const auto broken = [](const Request&) -> Response { throw std::runtime_error("bug"); };
  routes->add("/quick", broken);
  routes->add("/slow", broken, Cost::slow);
  const auto server = start(routes);
  RawConnection connection(server->port());
  CHECK(connection.request(get("/quick")).status == 500);
  CHECK(connection.request(get("/slow")).status == 500);
}

TEST_CASE("server: a port in use is a conflict that names it") {
  const auto server = start(echo_routes());
  const auto second = Server::start({.port = server->port()}, echo_routes());
  REQUIRE_FALSE(second);
  CHECK(second.error().kind == pier::ErrorKind::conflict);
  CHECK(second.error().message.find(std::to_string(server->port())) != std::string::npos);
}

TEST_CASE("server: stop finishes what runs, and the port is free at once") {
  std::latch started(1);
  std::latch release(1);
  const auto routes = echo_routes();
  routes->add(
      "/long",
      [&](const Request&) {
        started.count_down();
        release.wait();
        return Response::text(200, "done");
      },
      Cost::slow);
  auto server = start(routes);
  const auto port = server->port();
  RawConnection idle(port);
  CHECK(idle.request(post("/echo", "x")).body == "x");
  RawConnection busy(port);
  busy.send(get("/long"));
  started.wait();
  {
    const std::jthread stopper([&] { server->stop(); });
    CHECK(idle.receive_all().empty());
    release.count_down();
    CHECK(busy.receive().body == "done");
  }
  CHECK(start(routes, {.port = port})->port() == port);
}

TEST_CASE("server: several threads serve many clients") {
  const auto server = start(echo_routes(), {.threads = 3});
  std::vector<std::jthread> clients;
  std::atomic<int> good = 0;
  for (int client = 0; client < 12; ++client) {
    clients.emplace_back([&, client] {
      RawConnection connection(server->port());
      for (int i = 0; i < 40; ++i) {
        const auto body = std::to_string(client) + ":" + std::to_string(i);
        good += connection.request(post(i % 2 == 0 ? "/echo" : "/slow-echo", body)).body == body ? 1 : 0;
      }
    });
  }
  clients.clear();
  CHECK(good == 480);
}
