#include "core/base/files.hpp"
#include "core/base/process.hpp"
#include "core/http/client.hpp"
#include "loopback.hpp"

#include <doctest/doctest.h>

using namespace pier::http;
using pier::http::testing::Routes;

namespace {

struct Fixture {
  pier::TempDirectory folder = pier::TempDirectory::create().value();
  std::string certificate = folder.path() / "cert.pem";
  std::string key = folder.path() / "key.pem";
  std::shared_ptr<Routes> routes = std::make_shared<Routes>();
  std::unique_ptr<Server> server;
  std::string url;

  Fixture() {
    const auto made =
        pier::run_captured({.argv = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                     "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
                                     "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate}});
    REQUIRE(made);
    REQUIRE(made->status.ok());
    routes->add("/who", [](const Request& request) {
      return Response::text(200, request.origin() + " " + std::to_string(request.body.size()));
    });
    server = Server::start({.certificate_file = certificate, .key_file = key}, routes).value();
    url = "https://localhost:" + std::to_string(server->port());
  }
};

} // namespace

TEST_CASE_FIXTURE(Fixture, "tls: requests over a trusted certificate, kept alive") {
  const auto client = Client::create({.ca_file = certificate});
  for (int i = 0; i < 3; ++i) {
    const auto response = client->send({.method = "POST", .url = url + "/who", .body = std::string(300'000, 'x')});
    REQUIRE_MESSAGE(response, (response ? "" : response.error().to_string()));
    CHECK(response->body == url + " 300000");
  }
}

TEST_CASE_FIXTURE(Fixture, "tls: an unknown certificate is refused, unless verification is off") {
  const auto strict = Client::create()->send({.url = url + "/who"});
  REQUIRE_FALSE(strict);
  CHECK(strict.error().code == "PIER0337");
  CHECK(Client::create({.verify_tls = false})->send({.url = url + "/who"})->status == 200);
}

TEST_CASE_FIXTURE(Fixture, "tls: plain text at the TLS port harms nobody") {
  {
    pier::http::testing::RawConnection plain(server->port());
    plain.send(pier::http::testing::get("/who"));
    plain.receive_all();
  }
  CHECK(Client::create({.ca_file = certificate})->send({.url = url + "/who"})->status == 200);
}

TEST_CASE_FIXTURE(Fixture, "tls: a certificate that cannot be used is named") {
  const auto refused = Server::start({.certificate_file = key, .key_file = key}, routes);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "PIER0323");
  CHECK(refused.error().message.find(key) != std::string::npos);
}
