#include "core/base/files.hpp"
#include "loopback.hpp"

#include <doctest/doctest.h>

using namespace pier::http;
using namespace std::chrono_literals;
using pier::http::testing::get;
using pier::http::testing::post;
using pier::http::testing::RawConnection;
using pier::http::testing::Routes;

namespace {

std::unique_ptr<Server> start(ServerOptions options,
                              const std::shared_ptr<Routes>& routes = std::make_shared<Routes>()) {
  routes->add("/size", [](const Request& request) { return Response::text(200, std::to_string(request.body.size())); });
  auto server = Server::start(std::move(options), routes);
  REQUIRE(server);
  return std::move(server).value();
}

} // namespace

TEST_CASE("server: malformed requests get 400 and the connection ends") {
  const auto server = start({});
  for (const auto* bytes : {"GET\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                            "\x16\x03\x01\x02\x00\x01",
                            "POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                            "POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    CAPTURE(bytes);
    RawConnection connection(server->port());
    CHECK(connection.request(bytes).status == 400);
    CHECK(connection.receive_all().empty());
  }
}

TEST_CASE("server: an oversized head gets 431") {
  const auto server = start({});
  RawConnection connection(server->port());
  CHECK(connection.request(get("/size", "X: " + std::string(70'000, 'a') + "\r\n")).status == 431);
  RawConnection endless(server->port());
  CHECK(endless.request("GET /" + std::string(70'000, 'a')).status == 431);
}

TEST_CASE("server: a head of 60 KiB is fine") {
  const auto server = start({});
  RawConnection connection(server->port());
  CHECK(connection.request(get("/size", "X: " + std::string(60'000, 'a') + "\r\n")).status == 200);
}

TEST_CASE("server: a head that trickles gets 408") {
  const auto server = start({.head_timeout = 60ms});
  RawConnection connection(server->port());
  connection.send("GET /size HT");
  CHECK(connection.receive().status == 408);
  CHECK(connection.receive_all().empty());
}

TEST_CASE("server: idle connections are closed without a word") {
  const auto server = start({.idle_timeout = 60ms});
  RawConnection fresh(server->port());
  CHECK(fresh.receive_all().empty());
  RawConnection used(server->port());
  CHECK(used.request(get("/size")).status == 200);
  CHECK(used.receive_all().empty());
}

TEST_CASE("server: a body that stops gets 408") {
  const auto server = start({.stall_timeout = 60ms});
  RawConnection connection(server->port());
  connection.send("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  CHECK(connection.receive().status == 408);
}

TEST_CASE("server: a client that does not read is cut off") {
  const auto routes = std::make_shared<Routes>();
  routes->add("/large", [](const Request&) { return Response::text(200, std::string(64U << 20U, 'x')); });
  const auto server = start({.stall_timeout = 60ms}, routes);
  RawConnection connection(server->port());
  connection.send(get("/large"));
  RawConnection other(server->port());
  CHECK(other.request(get("/size")).status == 200);
  // Stopping waits for the connection, which ends by its own deadline long before it is aborted.
  server->stop();
  CHECK(connection.receive_all().size() < (64U << 20U));
}

TEST_CASE("server: a stated length above the limit gets 413 before the body is sent") {
  const auto server = start({.max_memory_body = 100, .max_body = 1000});
  RawConnection stated(server->port());
  CHECK(stated.request("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n").status == 413);
  RawConnection sent(server->port());
  CHECK(sent.request(post("/size", std::string(2'000'000, 'x'))).status == 413);
}

TEST_CASE("server: a chunked body above the limit gets 413 and leaves no file") {
  const auto folder = pier::TempDirectory::create();
  REQUIRE(folder);
  const auto server = start({.max_memory_body = 100, .max_body = 1000, .spool_folder = folder->path()});
  RawConnection connection(server->port());
  std::string request = "POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) {
    request += "64\r\n" + std::string(100, 'x') + "\r\n";
  }
  CHECK(connection.request(request).status == 413);
  CHECK(connection.receive_all().empty());
  CHECK(std::filesystem::is_empty(folder->path()));
}

TEST_CASE("server: a large body may be refused by its head alone") {
  const auto routes = std::make_shared<Routes>();
  routes->on_refuse = [](const Request& head) -> std::optional<Response> {
    return head.headers.has("Authorization") ? std::nullopt : std::optional(Response::text(401, "who are you"));
  };
  const auto server = start({.max_memory_body = 100}, routes);
  RawConnection stranger(server->port());
  const auto refused = stranger.request("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n");
  CHECK(refused.status == 401);
  RawConnection small(server->port());
  CHECK(small.request(post("/size", "abc")).body == "3");
  const std::string chunked = "POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  CHECK(small.request(chunked + "3\r\nabc\r\n0\r\n\r\n").body == "3");
  CHECK(small.request(chunked + "c8\r\n" + std::string(200, 'x') + "\r\n").status == 401);
}

TEST_CASE("server: connections above the limit get 503") {
  const auto server = start({.max_connections = 2});
  RawConnection first(server->port());
  RawConnection second(server->port());
  CHECK(first.request(get("/size")).status == 200);
  CHECK(second.request(get("/size")).status == 200);
  RawConnection third(server->port());
  CHECK(third.receive_all().starts_with("HTTP/1.1 503"));
}

TEST_CASE("server: a client that leaves in the middle harms nobody") {
  const auto server = start({});
  for (const auto* bytes : {"", "GET", "POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc"}) {
    RawConnection leaving(server->port());
    leaving.send(bytes);
    leaving.end_sending();
    leaving.receive_all();
  }
  RawConnection connection(server->port());
  CHECK(connection.request(get("/size")).status == 200);
}
