#include "lake_fixture.hpp"

#include "core/identity/permissions.hpp"
#include "core/lake/statements.hpp"
#include "core/lake/warehouses.hpp"
#include "tests/support/limits.hpp"

namespace pier::lake {
namespace {

struct StatementsFixture : LakeFixture {
  std::unique_ptr<Statements> statements =
      std::move(Statements::create(*lake, clock, {.workers = 2, .spill_folder = folder.path() / "results"})).value();

  std::string submit(const std::string& sql) { return *statements->submit({.caller = owner, .sql = sql}); }

  StatementView wait(const std::string& id) { return *statements->wait(owner, id, test::k_hang_limit); }
};

} // namespace

TEST_CASE("statements: a long result is spilled and read chunk by chunk") {
  StatementsFixture fixture;
  const auto id = fixture.submit("SELECT id, repeat('x', 100) AS x FROM range(60000)");
  const auto view = fixture.wait(id);
  REQUIRE(view.state == StatementState::succeeded);
  REQUIRE(view.chunks.size() > 1);
  CHECK(std::filesystem::exists(fixture.folder.path() / "results" / id));
  std::int64_t rows = 0;
  for (std::size_t i = 0; i < view.chunks.size(); ++i) {
    const auto text = fixture.statements->chunk(fixture.owner, id, i);
    REQUIRE(text.has_value());
    const auto parsed = Json::parse(*text);
    REQUIRE(parsed.has_value());
    CHECK(view.chunks[i].row_offset == rows);
    rows += static_cast<std::int64_t>(parsed->size());
  }
  CHECK(rows == 60000);
  CHECK_FALSE(fixture.statements->chunk(fixture.owner, id, view.chunks.size()).has_value());
  REQUIRE(fixture.statements->close(fixture.owner, id).has_value());
  CHECK_FALSE(std::filesystem::exists(fixture.folder.path() / "results" / id));
}

TEST_CASE("statements: running and waiting ones are cancelled") {
  StatementsFixture fixture;
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) { // two run, two wait
    ids.push_back(fixture.submit("SELECT count(*) FROM range(100000000000) a WHERE a.id % 7 = 3"));
  }
  for (const auto& id : ids) {
    REQUIRE(fixture.statements->cancel(fixture.owner, id).has_value());
  }
  for (const auto& id : ids) {
    CHECK(fixture.wait(id).state == StatementState::canceled);
  }
}

TEST_CASE("statements: others' statements do not exist") {
  StatementsFixture fixture;
  const auto ada = fixture.user("ada@pier.test");
  const auto id = fixture.submit("SELECT 1");
  CHECK(fixture.wait(id).state == StatementState::succeeded);
  CHECK(fixture.statements->wait(ada, id, std::chrono::milliseconds(0)).error().code == "RESOURCE_DOES_NOT_EXIST");
  CHECK(fixture.statements->chunk(ada, id, 0).error().code == "RESOURCE_DOES_NOT_EXIST");
  CHECK(fixture.statements->cancel(ada, id).error().code == "RESOURCE_DOES_NOT_EXIST");
}

TEST_CASE("warehouses: one is always there, made ones come and go") {
  LakeFixture fixture;
  const auto permissions = std::move(identity::Permissions::open(*fixture.database, *fixture.identity)).value();
  const auto warehouses =
      std::move(Warehouses::open(*fixture.database, *fixture.identity, *permissions, fixture.clock)).value();
  const auto own = warehouses->list()->at(0);
  CHECK(own.state == "RUNNING");
  CHECK(warehouses->remove(own.id).error().code == "INVALID_STATE");
  const auto made = *warehouses->create(fixture.owner, Json::object({{"name", "mine"}, {"auto_stop_mins", 20}}));
  CHECK(warehouses->get(made.id)->spec == Json::object({{"name", "mine"}, {"auto_stop_mins", 20}}));
  CHECK(warehouses->create(fixture.owner, Json::object({{"name", "mine"}})).error().kind == ErrorKind::already_exists);
  CHECK(warehouses->create(fixture.owner, Json::object({{"name", "x"}, {"wrong", 1}})).error().kind ==
        ErrorKind::invalid_argument);
  REQUIRE(warehouses->remove(made.id).has_value());
  CHECK(warehouses->list()->size() == 1);
}

} // namespace pier::lake
