#include "tests/support/lakebase_fixture.hpp"

#include "core/base/process.hpp"
#include "core/base/text.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

using namespace pier;
using pier::lakebase::InstanceState;
using pier::test::LakebaseFixture;

TEST_CASE("lakebase: an instance goes from STARTING to AVAILABLE and has its own address") {
  LakebaseFixture fixture;
  fixture.open();
  const auto made = fixture.lakebase->create_instance(fixture.owner(), Json::object({{"name", "shop"}}));
  REQUIRE(made);
  CHECK(made->state == InstanceState::starting);
  const auto ready = fixture.lakebase->wait_until_ready("shop", pier::test::k_hang_limit);
  REQUIRE(ready);
  CHECK(ready->state == InstanceState::available);
  CHECK(ready->host.starts_with("127."));
  CHECK(ready->pg_version.starts_with("PG_VERSION_"));
  CHECK(ready->spec.dump() == R"({"name":"shop"})");
  CHECK(fixture.lakebase->instance_by_uid(ready->uid)->name == "shop");

  const auto again = fixture.lakebase->create_instance(fixture.owner(), Json::object({{"name", "shop"}}));
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "RESOURCE_ALREADY_EXISTS");
}

TEST_CASE("lakebase: two instances are two clusters") {
  LakebaseFixture fixture;
  fixture.open();
  const auto one = fixture.create("one");
  const auto two = fixture.create("two");
  CHECK((one.host != two.host || one.port != two.port));
  auto first = fixture.connect_owner(one);
  auto second = fixture.connect_owner(two);
  REQUIRE(first.execute("CREATE TABLE public.t (a int)"));
  CHECK(second.query("SELECT to_regclass('public.t')")->cell(0, 0) == std::nullopt);
}

TEST_CASE("lakebase: a token for one instance does not open another") {
  LakebaseFixture fixture;
  fixture.open();
  const auto one = fixture.create("one");
  const auto two = fixture.create("two");
  const auto token = fixture.token(fixture.owner(), {"one"});
  const auto user = fixture.owner().principal.name;
  CHECK(lakebase::PgConnection::connect(LakebaseFixture::client(one, user, token)));
  CHECK_FALSE(lakebase::PgConnection::connect(LakebaseFixture::client(two, user, token)));
}

TEST_CASE("lakebase: sleeps when idle, wakes by a connection, and keeps its data") {
  LakebaseFixture fixture;
  fixture.open(std::chrono::seconds(1));
  const auto instance = fixture.create("shop");
  const auto pid = fixture.postmaster_pid("shop");
  {
    auto client = fixture.connect_owner(instance);
    REQUIRE(client.execute("CREATE TABLE public.kept AS SELECT 42 AS a"));
  }
  REQUIRE(LakebaseFixture::ends(pid));
  CHECK(fixture.lakebase->instance("shop")->asleep);
  CHECK(fixture.lakebase->instance("shop")->state == InstanceState::available);

  auto woken = fixture.connect_owner(instance);
  CHECK(woken.query("SELECT a FROM public.kept")->text(0, 0) == "42");
  CHECK_FALSE(fixture.lakebase->instance("shop")->asleep);
}

TEST_CASE("lakebase: an open transaction keeps it awake, an idle connection does not") {
  LakebaseFixture fixture;
  fixture.open(std::chrono::seconds(1));
  const auto instance = fixture.create("shop");
  const auto pid = fixture.postmaster_pid("shop");
  auto client = fixture.connect_owner(instance);
  REQUIRE(client.execute("BEGIN"));
  CHECK_FALSE(LakebaseFixture::ends(pid, std::chrono::seconds(3)));
  REQUIRE(client.execute("COMMIT"));
  CHECK(LakebaseFixture::ends(pid));
  const auto cut = client.query("SELECT 1");
  REQUIRE_FALSE(cut);
  CHECK(cut.error().kind == ErrorKind::unavailable);
}

TEST_CASE("lakebase: a stopped instance refuses, a started one wakes") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  const auto stopped = fixture.lakebase->update_instance("shop", Json::object({{"stopped", true}}), "*");
  REQUIRE(stopped);
  CHECK(stopped->state == InstanceState::stopped);
  const auto user = fixture.owner().principal.name;
  const auto refused =
      lakebase::PgConnection::connect(LakebaseFixture::client(instance, user, fixture.token(fixture.owner())));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("database instance shop is stopped") != std::string::npos);
  REQUIRE(fixture.lakebase->update_instance("shop", Json::object({{"stopped", false}}), "*"));
  CHECK(fixture.connect_owner(instance).query("SELECT 1")->text(0, 0) == "1");
}

TEST_CASE("lakebase: deleting stops the server and removes its data") {
  LakebaseFixture fixture;
  fixture.open();
  fixture.create("shop");
  const auto pid = fixture.postmaster_pid("shop");
  REQUIRE(fixture.lakebase->delete_instance("shop"));
  CHECK(LakebaseFixture::ends(pid, std::chrono::milliseconds(0)));
  CHECK_FALSE(std::filesystem::exists(fixture.folder.path() / "lakebase" / "shop"));
  CHECK(fixture.lakebase->instance("shop").error().code == "RESOURCE_DOES_NOT_EXIST");
  fixture.create("shop"); // the name is free again
}

TEST_CASE("lakebase: a daemon that opens again finds its instances, with the same address") {
  LakebaseFixture fixture;
  fixture.open();
  const auto before = fixture.create("shop");
  fixture.connect_owner(before).execute("CREATE TABLE public.kept AS SELECT 7 AS a").value();
  fixture.lakebase.reset();
  fixture.open();
  const auto after = fixture.lakebase->instance("shop");
  REQUIRE(after);
  CHECK(after->host == before.host);
  CHECK(after->port == before.port);
  CHECK(after->asleep);
  CHECK(fixture.connect_owner(*after).query("SELECT a FROM public.kept")->text(0, 0) == "7");
}

TEST_CASE("lakebase: kill -9 of the daemon ends its servers, and the next one goes on") {
  LakebaseFixture fixture;
  fixture.database.reset(); // the child has its own
  fixture.identity.reset();
  const pid_t child = ::fork();
  if (child == 0) {
    ::umask(077); // as the daemon does
    LakebaseFixture inner;
    // Work in the parent's folder; the inner fixture's own stays empty.
    inner.database = store::Database::open(fixture.folder.path() / "workspace.db").value();
    inner.identity = identity::Identity::open(*inner.database, inner.clock).value();
    inner.lakebase = lakebase::Lakebase::open(
                         *inner.database, *inner.identity, inner.clock,
                         {.folder = fixture.folder.path() / "lakebase", .tls_folder = fixture.folder.path() / "tls"})
                         .value();
    const auto made = inner.lakebase->create_instance(inner.owner(), Json::object({{"name", "shop"}}));
    const auto ready = inner.lakebase->wait_until_ready("shop", pier::test::k_hang_limit);
    if (made && ready) {
      auto connection =
          lakebase::PgConnection::connect(inner.lakebase->system_connection("shop", "databricks_postgres").value());
      [[maybe_unused]] const auto written = connection->execute("CREATE TABLE public.kept AS SELECT 1 AS a");
    }
    std::filesystem::remove_all(inner.folder.path());
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));

  fixture.database = store::Database::open(fixture.folder.path() / "workspace.db").value();
  fixture.identity = identity::Identity::open(*fixture.database, fixture.clock).value();
  fixture.open();
  const auto instance = fixture.lakebase->wait_until_ready("shop", pier::test::k_hang_limit);
  REQUIRE(instance);
  CHECK(fixture.connect_owner(*instance).query("SELECT a FROM public.kept")->text(0, 0) == "1");
}

TEST_CASE("roles: the creator may create schemas and databases, and is no superuser") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  auto owner = fixture.connect_owner(instance);
  CHECK(owner.execute("CREATE SCHEMA app"));
  CHECK(owner.execute("CREATE DATABASE other"));
  const auto program = owner.execute("COPY (SELECT 1) TO PROGRAM 'true'");
  REQUIRE_FALSE(program);
  CHECK(lakebase::sql_state(program.error()) == "42501");
  CHECK_FALSE(owner.execute("ALTER ROLE pier_system NOLOGIN"));
  CHECK_FALSE(owner.execute("SET ROLE pier_system"));
}

TEST_CASE("roles: a bound service principal connects, creates its schema, and sees nothing of others") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  auto owner = fixture.connect_owner(instance);
  REQUIRE(owner.execute("CREATE SCHEMA secret; CREATE TABLE secret.t (a int)"));
  const auto app = fixture.identity->create_service_principal("app").value();
  const auto id = app.principal.name;
  const auto token = fixture.token(fixture.identity->caller_of(app.principal.id).value());

  CHECK_FALSE(lakebase::PgConnection::connect(LakebaseFixture::client(instance, id, token)));
  REQUIRE(fixture.lakebase->bind_service_principal("shop", "databricks_postgres", id));
  REQUIRE(fixture.lakebase->bind_service_principal("shop", "databricks_postgres", id)); // may be repeated
  auto client = fixture.connect(LakebaseFixture::client(instance, id, token));
  CHECK(client.execute("CREATE SCHEMA app_schema; CREATE TABLE app_schema.mine (a int)"));
  CHECK(lakebase::sql_state(client.execute("SELECT * FROM secret.t").error()) == "42501");
  CHECK(lakebase::sql_state(client.execute("CREATE DATABASE x").error()) == "42501");

  REQUIRE(fixture.lakebase->unbind_service_principal("shop", "databricks_postgres", id));
}

TEST_CASE("roles: made and dropped by API; one that owns objects needs a new owner") {
  LakebaseFixture fixture;
  fixture.open();
  const auto instance = fixture.create("shop");
  const auto user = fixture.identity->create_user("eva@x.test", "Eva").value();
  const auto eva = fixture.identity->caller_of(user.id).value();
  REQUIRE(fixture.lakebase->create_role(
      "shop", {.name = "eva@x.test", .membership_role = "DATABRICKS_SUPERUSER", .spec = Json::object()}));
  {
    auto client = fixture.connect(LakebaseFixture::client(instance, "eva@x.test", fixture.token(eva)));
    REQUIRE(client.execute("CREATE TABLE public.hers (a int)"));
  }
  const auto refused = fixture.lakebase->delete_role("shop", "eva@x.test", "");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "INVALID_STATE");
  REQUIRE(fixture.lakebase->delete_role("shop", "eva@x.test", fixture.owner().principal.name));
  CHECK(fixture.lakebase->roles("shop")->size() == 1);
  CHECK(fixture.connect_owner(instance).execute("DROP TABLE public.hers"));
}

TEST_CASE("connection: a notification that comes along with an answer is kept") {
  LakebaseFixture fixture;
  fixture.open();
  fixture.create("shop");
  auto listener = fixture.connect_system("shop");
  auto other = fixture.connect_system("shop");
  REQUIRE(listener.execute("LISTEN something"));
  REQUIRE(other.execute("NOTIFY something, 'here'"));
  REQUIRE(listener.query("SELECT 1"));
  CHECK(listener.notifications().value() == std::vector<std::string>{"here"});
  CHECK(listener.notifications().value().empty());
}
