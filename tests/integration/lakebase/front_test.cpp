#include "tests/support/lakebase_fixture.hpp"

#include "core/base/encoding.hpp"
#include "core/base/process.hpp"
#include "core/lakebase/startup_packet.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

using namespace pier;
using lakebase::PgConnection;
using pier::test::LakebaseFixture;

namespace {

/// A raw TCP client.
class Wire {
 public:
  explicit Wire(const lakebase::Instance& instance)
      : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(instance.port);
    ::inet_pton(AF_INET, instance.host.c_str(), &address.sin_addr);
    REQUIRE(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }

  void send(std::string_view bytes) const {
    REQUIRE(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  }

  /// Until the peer closes.
  [[nodiscard]] std::string read_all() const {
    std::string out;
    std::array<char, 4096> buffer{};
    pollfd entry{fd_.get(), POLLIN, 0};
    while (::poll(&entry, 1, 10'000) == 1) {
      const auto count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
      if (count <= 0) {
        return out;
      }
      out.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return out + "<no end>";
  }

 private:
  UniqueFd fd_;
};

std::string request(std::uint32_t code) {
  std::string out;
  lakebase::append_uint32(out, 8);
  lakebase::append_uint32(out, code);
  return out;
}

std::string startup(std::string parameters) {
  std::string out;
  lakebase::append_uint32(out, static_cast<std::uint32_t>(8 + parameters.size()));
  lakebase::append_uint32(out, 196608);
  return out + parameters;
}

} // namespace

TEST_CASE("front: a client logs in over TLS with a token, and verifies the certificate") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  const auto user = fixture.owner().principal.name;
  const auto token = fixture.token(fixture.owner());
  for (const auto& mode : {std::string("sslmode=require"), std::string("sslmode=disable"),
                           "sslmode=verify-full sslrootcert=" + fixture.lakebase->ca_file().string()}) {
    CAPTURE(mode);
    auto client = fixture.connect(LakebaseFixture::client(instance, user, token, mode));
    CHECK(client.query("SELECT current_user")->text(0, 0) == user);
    CHECK(client.query("SELECT $1::int + 1", {"41"})->text(0, 0) == "42");
  }
}

TEST_CASE("front: a wrong token and a right token of another are refused alike") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  const auto other = fixture.identity->create_user("eva@x.test", "Eva").value();
  const auto others = fixture.token(fixture.identity->caller_of(other.id).value());
  const auto user = fixture.owner().principal.name;
  for (const auto& password : {std::string("nonsense"), others}) {
    const auto refused = PgConnection::connect(LakebaseFixture::client(instance, user, password));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("password authentication failed for user \"" + user + "\"") !=
          std::string::npos);
  }
  CHECK_FALSE(PgConnection::connect(LakebaseFixture::client(instance, "pier_system", fixture.token(fixture.owner()))));
}

TEST_CASE("front: a personal or OAuth token of the workspace opens too; a group role by its members") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  const auto owner = fixture.owner();
  const auto token = fixture.identity->issue({.principal_id = owner.principal.id}).value().token.reveal();
  CHECK(PgConnection::connect(LakebaseFixture::client(instance, owner.principal.name, token)));
  REQUIRE(fixture.lakebase->create_role("shop", {.name = "admins", .identity_type = "GROUP", .spec = Json::object()}));
  auto client = fixture.connect(LakebaseFixture::client(instance, "admins", token));
  CHECK(client.query("SELECT current_user")->text(0, 0) == "admins");
}

TEST_CASE("front: cancel reaches the running statement, with and without TLS") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  for (const auto* mode : {"sslmode=require", "sslmode=disable"}) {
    auto client = fixture.connect(
        LakebaseFixture::client(instance, fixture.owner().principal.name, fixture.token(fixture.owner()), mode));
    auto watcher = fixture.connect_system("shop");
    std::jthread canceller([&] {
      // As soon as the server says that it sleeps.
      while (watcher.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(30)' AND state = 'active'")
                 ->empty()) {
      }
      client.cancel();
    });
    const auto cancelled = client.query("SELECT pg_sleep(30)");
    REQUIRE_FALSE(cancelled);
    CHECK(lakebase::sql_state(cancelled.error()) == "57014");
  }
}

TEST_CASE("front: plain bytes before the handshake, replication and garbage are refused") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  {
    const Wire wire(instance);
    wire.send(request(lakebase::k_ssl_request) + startup(std::string("user\0a\0\0", 8)));
    CHECK(wire.read_all().find("received unencrypted data after SSL request") != std::string::npos);
  }
  {
    const Wire wire(instance);
    wire.send(startup(std::string("user\0a\0replication\0true\0\0", 25)));
    CHECK(wire.read_all().find("C28000") != std::string::npos);
  }
  {
    const Wire wire(instance);
    wire.send("GET / HTTP/1.1\r\n\r\n");
    CHECK(wire.read_all().find("C08P01") != std::string::npos);
  }
  {
    const Wire wire(instance);
    wire.send(request(lakebase::k_gssenc_request) + startup(std::string("user\0a\0\0", 8)) + "p" +
              std::string("\0\1\1\0", 4) + std::string(40, 'x'));
    const auto answer = wire.read_all();
    CHECK(answer.starts_with("NR"));
    CHECK(answer.find("expected password response") != std::string::npos);
  }
}

TEST_CASE("front: large results and many clients at once arrive whole") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  const auto target = LakebaseFixture::client(instance, fixture.owner().principal.name, fixture.token(fixture.owner()));
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        auto client = PgConnection::connect(target);
        if (!client) {
          return;
        }
        const auto rows = client->query("SELECT repeat(i::text, 100) FROM generate_series(1, 20000) i");
        right += rows && rows->size() == 20000 && rows->text(19999, 0).size() == 500 ? 1 : 0;
      });
    }
  }
  CHECK(right == 8);
}

TEST_CASE("front: psql itself logs in by sslmode=require") {
  const auto psql = find_program("psql", Environment::of_process());
  REQUIRE(psql);
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  auto env = Environment::of_process();
  env.set("PGPASSWORD", fixture.token(fixture.owner()));
  env.set("PGSSLMODE", "require");
  const auto output =
      run_captured({.argv = {psql->string(), "--host=" + instance.host, "--port=" + std::to_string(instance.port),
                             "--username=" + fixture.owner().principal.name, "--dbname=databricks_postgres", "-XAtc",
                             "SELECT 6 * 7"},
                    .env = env});
  REQUIRE(output);
  CHECK(output->standard_error == "");
  CHECK(output->standard_output == "42\n");
}
