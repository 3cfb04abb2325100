#include "gateway_fixture.hpp"

#include <thread>

using namespace std::chrono_literals;

namespace pier::apps {
namespace {

TEST_CASE_FIXTURE(GatewayFixture, "gateway: requests for a sleeping app wake it once and then pass") {
  cookie();
  gateway->set_route("shop", {.phase = Phase::asleep});
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<RawClient>(port));
    clients.back()->send(request("/n" + std::to_string(i), cookie()));
  }
  {
    std::unique_lock lock(host.mutex);
    REQUIRE(host.changed.wait_for(lock, test::k_hang_limit, [&] { return host.wakes == 1; }));
  }
  gateway->set_route("shop", {.phase = Phase::starting});
  run_app();
  for (auto& client : clients) {
    CHECK(status_of(client->read_response()) == 200);
  }
  CHECK(host.wakes == 1);
}

TEST_CASE("gateway: a waiting navigation gets a page that reloads, a waiting call 503, a full queue 503 at once") {
  GatewayOptions options;
  options.page_after = 50ms;
  options.wake_timeout = 400ms;
  options.max_waiting = 1;
  GatewayFixture fixture(options);
  const auto cookies = fixture.cookie();
  fixture.gateway->set_route("shop", {.phase = Phase::asleep});
  const auto page = fixture.ask(fixture.request("/", cookies + "Accept: text/html\r\n"));
  CHECK(status_of(page) == 503);
  CHECK(page.find("http-equiv=\"refresh\"") != std::string::npos);
  RawClient first(fixture.port);
  first.send(fixture.request("/", cookies));
  while (fixture.gateway->activity("shop").waiting == 0) {
    ::poll(nullptr, 0, 1);
  }
  CHECK(status_of(fixture.ask(fixture.request("/", cookies))) == 503);
  const auto waited = first.read_response();
  CHECK(status_of(waited) == 503);
  CHECK(waited.find("Retry-After: ") != std::string::npos);
}

TEST_CASE_FIXTURE(GatewayFixture, "gateway: a client that goes away leaves the queue") {
  cookie();
  gateway->set_route("shop", {.phase = Phase::asleep});
  RawClient client(port);
  client.send(request("/", cookie()));
  while (gateway->activity("shop").waiting == 0) {
    ::poll(nullptr, 0, 1);
  }
  client.close();
  while (gateway->activity("shop").waiting != 0) {
    ::poll(nullptr, 0, 5);
  }
}

TEST_CASE("gateway: slow heads are cut off") {
  GatewayOptions options;
  options.head_timeout = 300ms;
  GatewayFixture fixture(options);
  RawClient client(fixture.port);
  client.send("GET / HT");
  CHECK(client.read_all().empty());
  CHECK(client.ended());
  RawClient large(fixture.port);
  large.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(70'000, 'a'));
  CHECK(status_of(large.read_all()) == 431);
}

TEST_CASE("gateway: connections above the limit get 503") {
  GatewayOptions options;
  options.max_connections = 2;
  GatewayFixture fixture(options);
  RawClient one(fixture.port);
  RawClient two(fixture.port);
  one.send(fixture.request("/.pier/sign-in"));
  two.send(fixture.request("/.pier/sign-in"));
  CHECK(status_of(one.read_response()) == 200);
  CHECK(status_of(two.read_response()) == 200);
  RawClient three(fixture.port);
  CHECK(status_of(three.read_all()) == 503);
}

} // namespace
} // namespace pier::apps
