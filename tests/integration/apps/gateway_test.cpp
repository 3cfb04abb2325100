#include "gateway_fixture.hpp"

#include "core/base/digest.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "tests/support/limits.hpp"

#include <fstream>
#include <thread>

using namespace std::chrono_literals;

namespace pier::apps {
namespace {

Json json_of(const std::string& response) {
  auto json = Json::parse(body_of(response));
  INFO(response);
  REQUIRE(json);
  return *json;
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: a navigation without session is led to the sign-in page, a call gets 401") {
  run_app();
  const auto page = ask(request("/a?b=1", "Accept: text/html\r\n"));
  CHECK(status_of(page) == 302);
  CHECK(page.find("Location: /.pier/sign-in?to=/a%3Fb%3D1\r\n") != std::string::npos);
  const auto call = ask(request("/a", "Accept: application/json\r\n"));
  CHECK(status_of(call) == 401);
  CHECK(call.find("WWW-Authenticate: ") != std::string::npos);
  CHECK(json_of(call).get_string("error_code") == "UNAUTHENTICATED");
  CHECK(status_of(ask(request("/a", "Accept: text/html\r\n", "POST"))) == 401);
  const auto sign_in_page = ask(request("/.pier/sign-in"));
  CHECK(status_of(sign_in_page) == 200);
  CHECK(sign_in_page.find("pier open shop") != std::string::npos);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: a sign-in link works once and leads to a path of this origin only") {
  host.one_time = {"one", "two", "three"};
  const auto first = ask(request("/.pier/sign-in?token=one&to=/report%3Fa=b"));
  CHECK(status_of(first) == 302);
  CHECK(first.find("Location: /report?a=b\r\n") != std::string::npos);
  CHECK(first.find("HttpOnly; SameSite=Lax") != std::string::npos);
  CHECK(status_of(ask(request("/.pier/sign-in?token=one"))) == 401);
  CHECK(ask(request("/.pier/sign-in?token=two&to=//evil.test/")).find("Location: /\r\n") != std::string::npos);
  CHECK(ask(request("/.pier/sign-in?token=three&to=/%5Cevil.test")).find("Location: /\r\n") != std::string::npos);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: identity fields are set and forged ones are gone, however they are spelt") {
  host.access_token = "user-token";
  run_app();
  const auto response = ask(request("/who", cookie() + "X-Forwarded-Email: eve@evil.test\r\n"
                                                       "x_forwarded_email: eve@evil.test\r\n"
                                                       "X-FORWARDED-USER: 0\r\n"
                                                       "X-Forwarded-Access-Token: mine\r\n"
                                                       "X_Real_Ip: 6.6.6.6\r\n"
                                                       "Forwarded: for=6.6.6.6\r\n"
                                                       "X-Databricks-Anything: 1\r\n"
                                                       "X-Request-Id: 1\r\n"
                                                       "Authorization: Basic Zm9vOmJhcg==\r\n"
                                                       "Connection: X-Custom, keep-alive, X-Forwarded-Host\r\n"
                                                       "X-Custom: hop\r\n"
                                                       "Cookie: mine=1; pier_session_other=x; also=2\r\n"));
  CHECK(status_of(response) == 200);
  const auto echo = json_of(response);
  const Json& headers = *echo.find("headers");
  CHECK(headers.get_string("x-forwarded-email") == "ada@example.test");
  CHECK(headers.get_string("x-forwarded-preferred-username") == "ada@example.test");
  CHECK(headers.get_string("x-forwarded-user") == "1");
  CHECK(headers.get_string("x-forwarded-access-token") == "user-token");
  CHECK(headers.get_string("x-real-ip") == "127.0.0.1");
  CHECK(headers.get_string("x-forwarded-for") == "127.0.0.1");
  CHECK(headers.get_string("x-forwarded-host") == host_field);
  CHECK(headers.get_string("x-forwarded-proto") == "http");
  CHECK(headers.get_string("host") == host_field);
  CHECK(headers.get_string("x-request-id").size() == 36);
  CHECK(headers.get_string("cookie") == "mine=1; also=2");
  for (const char* name :
       {"x_forwarded_email", "x_real_ip", "forwarded", "x-databricks-anything", "authorization", "x-custom"}) {
    INFO(name);
    CHECK_FALSE(headers.contains(name));
  }
  const auto& raw = echo.find("raw")->as_array();
  int emails = 0;
  for (const auto& item : raw) {
    emails += equals_ignore_case(item.as_string(), "x-forwarded-email") ? 1 : 0;
  }
  CHECK(emails == 1);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: bearer tokens count on /api/ only, and the level CAN_USE is needed") {
  run_app();
  CHECK(status_of(ask(request("/api/x", "Authorization: Bearer ada-token\r\n"))) == 200);
  const auto elsewhere = ask(request("/x", "Authorization: Bearer ada-token\r\n"));
  CHECK(status_of(elsewhere) == 401);
  CHECK(elsewhere.find("/api/ paths only") != std::string::npos);
  CHECK(status_of(ask(request("/api/x", "Authorization: Bearer wrong\r\n"))) == 401);
  const auto denied = ask(request("/api/x", "Authorization: Bearer eve-token\r\n"));
  CHECK(status_of(denied) == 403);
  CHECK(json_of(denied).get_string("message").find("needs CAN_USE") != std::string::npos);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: a cookie of another app, a changed or an old one is no session") {
  run_app();
  const auto value = sign_in().substr(std::string("pier_session_shop=").size());
  CHECK(status_of(ask(request("/", "Cookie: pier_session_shop=" + value + "\r\n"))) == 200);
  CHECK(status_of(ask(request("/", "Cookie: pier_session_shop=" + value + "x\r\n"))) == 401);
  auto other = value;
  other[3] = other[3] == '1' ? '2' : '1';
  CHECK(status_of(ask(request("/", "Cookie: pier_session_shop=" + other + "\r\n"))) == 401);
  REQUIRE(gateway->open("second", 0));
  const auto second = *gateway->open("third", 0);
  RawClient client(second);
  client.send("GET / HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(second) +
              "\r\nCookie: pier_session_third=" + value + "\r\n\r\n");
  CHECK(status_of(client.read_response()) == 401);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: signing out needs the own origin and ends the session for good") {
  run_app();
  const auto cookies = cookie();
  CHECK(status_of(ask(request("/", cookies))) == 200);
  CHECK(status_of(ask(request("/.pier/sign-out", cookies))) == 403);
  CHECK(status_of(ask(request("/.pier/sign-out", cookies + "Origin: http://evil.test\r\n", "POST"))) == 403);
  CHECK(status_of(ask(request("/.pier/sign-out", cookies + "Origin: http://" + host_field + "\r\n", "POST"))) == 303);
  CHECK(status_of(ask(request("/", cookies))) == 401);
  CHECK(host.revoked.size() == 1);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: only the app's own host names are served") {
  run_app();
  const auto with_host = [&](const std::string& name) {
    return status_of(ask("GET / HTTP/1.1\r\nHost: " + name + "\r\n" + cookie() + "\r\n"));
  };
  const auto colon_port = ":" + std::to_string(port);
  CHECK(with_host("localhost" + colon_port) == 200);
  CHECK(with_host("shop.localhost" + colon_port) == 200);
  CHECK(with_host("evil.test" + colon_port) == 421);
  CHECK(with_host("127.0.0.1") == 421);
  CHECK(with_host("other.localhost" + colon_port) == 421);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: what two servers could read in two ways is refused and never forwarded") {
  run_app();
  const std::string api = "Authorization: Bearer ada-token\r\n";
  const std::string host_line = "Host: " + host_field + "\r\n";
  const std::string tail = "GET /api/smuggled HTTP/1.1\r\n" + host_line + api + "\r\n";
  const std::vector<std::pair<std::string, int>> corpus = {
      {"POST /api/a HTTP/1.1\r\n" + host_line + api +
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Content-Length: 5, 5\r\n\r\nhello", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Content-Length: +5\r\n\r\nhello", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Content-Length: 0x5\r\n\r\nhello", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Content-Length: -1\r\n\r\n", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Content-Length: 99999999999999999999\r\n\r\n", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Content-Length:\r\n\r\n", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api +
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n",
       501},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api +
           "Transfer-Encoding:\x0b"
           "chunked\r\n\r\n0\r\n\r\n",
       400},
      {"POST /api/a HTTP/1.0\r\n" + host_line + api + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"GET /api/a HTTP/1.1\r\n" + host_line + api + "X: a\r\n folded\r\n\r\n", 400},
      {"GET /api/a HTTP/1.1\n" + host_line + "\r\n\r\n", 400},
      {"GET /api/a HTTP/1.1\r\n" + host_line + api + "X: a\rY: b\r\n\r\n", 400},
      {"GET /api/a HTTP/1.1\r\n" + host_line + api + "X: a\nY: b\r\n\r\n", 400},
      {"GET /api/a HTTP/1.1\r\n" + host_line + api + std::string("X: a\0b\r\n\r\n", 10), 400},
      {"GET /api/a HTTP/1.1\r\n" + host_line + host_line + api + "\r\n", 400},
      {"GET /api/a HTTP/1.1\r\n" + api + "\r\n", 400},
      {"GET http://evil.test/api/a HTTP/1.1\r\n" + host_line + api + "\r\n", 400},
      {"GET /api/a HTTP/2.0\r\n" + host_line + api + "\r\n", 505},
      {"GET /api/a\r\n" + host_line + api + "\r\n", 400},
      {"GET  /api/a HTTP/1.1\r\n" + host_line + api + "\r\n", 400},
      {"CONNECT evil.test:443 HTTP/1.1\r\n" + host_line + api + "\r\n", 400},
      {" GET /api/a HTTP/1.1\r\n" + host_line + api + "\r\n", 400},
      {"GET /api/a HTTP/1.1\r\n" + host_line + api + ": empty\r\n\r\n", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", 400},
      {"POST /api/a HTTP/1.1\r\n" + host_line + api + "Transfer-Encoding: chunked\r\n\r\n;x\r\n", 400},
  };
  for (const auto& [bytes, status] : corpus) {
    INFO(bytes);
    RawClient client(port);
    client.send(bytes + tail);
    const auto all = client.read_all();
    CHECK(status_of(all) == status);
    CHECK(all.find("smuggled") == std::string::npos);
  }
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: keep-alive and pipelined requests are answered in order") {
  run_app();
  RawClient client(port);
  client.send(request("/one", cookie()) + request("/two", cookie() + "Content-Length: 3\r\n", "POST", "abc") +
              request("/three", cookie()));
  CHECK(json_of(client.read_response()).get_string("url") == "/one");
  const auto two = json_of(client.read_response());
  CHECK(two.get_string("url") == "/two");
  CHECK(two.get_integer("size") == 3);
  CHECK(json_of(client.read_response()).get_string("url") == "/three");
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: chunked uploads pass through with their trailers") {
  run_app();
  RawClient client(port);
  client.send(request("/up", cookie() + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n", "POST"));
  client.send("5;ext=1\r\nhel");
  client.send("lo\r\n3\r\n wo\r\n0\r\nX-Sum: 42\r\n\r\n" + request("/next", cookie()));
  const auto echo = json_of(client.read_response());
  CHECK(echo.get_integer("size") == 8);
  CHECK(echo.find("trailers")->get_string("x-sum") == "42");
  CHECK(json_of(client.read_response()).get_string("url") == "/next");
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: a large upload and a large download stream through unchanged") {
  run_app();
  const std::string block(1U << 20U, 'u');
  constexpr std::size_t k_blocks = 64;
  RawClient client(port);
  std::string whole;
  client.send(request("/up", cookie() + "Content-Length: " + std::to_string(block.size() * k_blocks) + "\r\n", "PUT"));
  for (std::size_t i = 0; i < k_blocks; ++i) {
    REQUIRE(client.send(block));
    whole += block;
  }
  CHECK(json_of(client.read_response()).get_string("sha256") == hex_encode(sha256(whole)));
  client.send(request("/big?length&size=50000000", cookie()));
  CHECK(body_of(client.read_response()).size() == 50'000'000);
  client.send(request("/big?size=3000000", cookie() + "Connection: close\r\n"));
  const auto chunked = client.read_all();
  CHECK(chunked.find("Transfer-Encoding: chunked") != std::string::npos);
  CHECK(chunked.ends_with("\r\n0\r\n\r\n"));
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: an answer before the end of the upload arrives") {
  run_app();
  RawClient client(port);
  client.send(request("/early", cookie() + "Content-Length: 100000000\r\n", "POST", "some"));
  CHECK(client.read_until("too much"));
  CHECK(status_of(client.received) == 413);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: HEAD, 1.0, 100-continue and answers until the end of the connection") {
  run_app();
  RawClient client(port);
  client.send(request("/", cookie(), "HEAD") + request("/after", cookie()));
  REQUIRE(client.read_until("\r\n\r\n"));
  client.received.erase(0, client.received.find("\r\n\r\n") + 4);
  CHECK(json_of(client.read_response()).get_string("url") == "/after");

  client.send(request("/up", cookie() + "Expect: 100-continue\r\nContent-Length: 2\r\n", "POST"));
  REQUIRE(client.read_until("HTTP/1.1 100 Continue\r\n\r\n"));
  client.received.clear();
  client.send("ok");
  CHECK(json_of(client.read_response()).get_integer("size") == 2);

  RawClient old(port);
  old.send("GET /close HTTP/1.0\r\nHost: " + host_field + "\r\n" + cookie() + "\r\n");
  CHECK(body_of(old.read_all()) == "until the end");
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: events arrive when they are sent, not later") {
  run_app();
  RawClient client(port);
  client.send(request("/sse", cookie()));
  REQUIRE(client.read_until("\r\n\r\n"));
  std::vector<std::int64_t> delays;
  while (delays.size() < 5 && client.read_some()) {
    std::int64_t now =
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count();
    for (auto at = client.received.find("data: "); at != std::string::npos; at = client.received.find("data: ")) {
      if (client.received.find("\n\n", at) == std::string::npos) {
        break;
      }
      delays.push_back((now - std::stoll(client.received.substr(at + 6))) / 1'000'000);
      client.received.erase(0, at + 6);
    }
  }
  REQUIRE(delays.size() == 5);
  std::sort(delays.begin(), delays.end());
  CHECK(delays[2] < 20); // the median: the machine may be busy
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: a WebSocket is a tunnel that knows who opened it") {
  run_app();
  RawClient client(port);
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  client.send(
      request("/ws", cookie() + upgrade + "X-Forwarded-Email: eve@evil.test\r\nOrigin: http://" + host_field + "\r\n") +
      "early");
  REQUIRE(client.read_until("early"));
  CHECK(status_of(client.received) == 101);
  CHECK(client.received.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") != std::string::npos);
  CHECK(client.received.find("X-Seen-User: ada@example.test") != std::string::npos);
  const std::string large(1'000'000, 'w');
  std::jthread sender([&] { client.send(large + "END"); });
  CHECK(client.read_until("END"));
  CHECK(gateway->activity("shop").open_streams == 1);
  gateway->close_streams("shop");
  while (client.read_some()) {
  }
  CHECK(client.ended());

  CHECK(status_of(ask(request("/ws", upgrade))) == 401);
  CHECK(status_of(ask(request("/ws", cookie() + upgrade + "Origin: http://evil.test\r\n"))) == 403);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: an app can neither read nor set the gateway's cookies") {
  run_app();
  const auto response = ask(request("/cookie", cookie()));
  CHECK(response.find("pier_session_other") == std::string::npos);
  CHECK(response.find("mine=1") != std::string::npos);
  CHECK(response.find("X-Keep: yes") != std::string::npos);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: a pooled connection that the app closed is replaced without an error") {
  run_app("1");
  for (int i = 0; i < 20; ++i) {
    CHECK(status_of(ask(request("/", cookie()))) == 200);
    ::poll(nullptr, 0, i % 4);
  }
  CHECK(status_of(ask(request("/die", cookie()))) == 502);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: says what is the matter, for people and for programs") {
  gateway->set_route("shop", {.phase = Phase::crashed});
  const auto page = ask(request("/", cookie() + "Accept: text/html\r\n"));
  CHECK(status_of(page) == 502);
  CHECK(page.find("text/html") != std::string::npos);
  CHECK(page.find("shop &lt;has&gt; crashed") != std::string::npos);
  const auto call = json_of(ask(request("/", cookie())));
  CHECK(call.get_string("error_code") == "APP_CRASHED");
  CHECK(call.get_strings("log") == std::vector<std::string>{"Traceback"});
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: the log stream sends the last lines that match and follows") {
  const auto folder = std::move(*TempDirectory::create("pier-logz"));
  host.log = folder.path() / "log";
  std::ofstream(host.log) << R"({"source":"APP","timestamp":1.5,"message":"hello World"})" << "\n"
                          << R"({"source":"SYSTEM","timestamp":2,"message":"other"})" << "\n";
  RawClient client(port);
  client.send(request("/logz/stream", "Authorization: Bearer ada-token\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                      "Origin: http://" +
                                          host_field + "\r\n"));
  REQUIRE(client.read_until("\r\n\r\n"));
  CHECK(status_of(client.received) == 101);
  client.send(std::string("\x81\x85\0\0\0\0world", 11));
  REQUIRE(client.read_until(R"("message":"hello World"})"));
  std::ofstream(host.log, std::ios::app) << R"({"source":"APP","timestamp":3,"message":"no"})" << "\n"
                                         << R"({"source":"APP","timestamp":3,"message":"the world again"})" << "\n";
  REQUIRE(client.read_until("the world again"));
  CHECK(client.received.find("other") == std::string::npos);
  CHECK(client.received.find("\"no\"") == std::string::npos);
  CHECK(status_of(ask(request("/logz", ""))) == 401);
}

} // namespace
} // namespace pier::apps
