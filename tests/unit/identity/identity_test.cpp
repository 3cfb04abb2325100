#include "core/identity/identity.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

using namespace std::chrono_literals;

namespace pier::identity {
namespace {

class ManualClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return now_; }

  void advance(std::chrono::seconds by) { now_ += by; }

 private:
  TimePoint now_ = from_epoch_millis(1'700'000'000'000);
};

struct Fixture {
  ManualClock clock;
  std::unique_ptr<store::Database> database = *store::Database::open(":memory:");
  std::unique_ptr<Identity> identity = *Identity::open(*database, clock, "ada@pier.local");

  model::Principal user(std::string_view name) { return *identity->create_user(name, {}); }

  IssuedToken token(std::int64_t id, TokenKind kind = TokenKind::personal, std::chrono::seconds lifetime = 3600s) {
    return *identity->issue(TokenRequest{.principal_id = id, .kind = kind, .lifetime = lifetime});
  }

  ErrorKind refusal(std::string_view token) { return identity->authenticate(token).error().kind; }
};

bool has(const std::vector<std::string>& items, std::string_view item) {
  return std::find(items.begin(), items.end(), item) != items.end();
}

} // namespace

TEST_CASE_FIXTURE(Fixture, "identity: a new workspace has its owner, who is an admin") {
  const auto owner = identity->owner();
  REQUIRE(owner);
  CHECK(owner->principal.name == "ada@pier.local");
  CHECK(owner->is_admin);
  CHECK(has(owner->groups, "users"));
  CHECK(owner->is("account users"));
}

TEST_CASE_FIXTURE(Fixture, "identity: opening again keeps the owner whatever name is asked for") {
  const auto first = identity->owner()->principal;
  identity = *Identity::open(*database, clock, "other@pier.local");
  CHECK(identity->owner()->principal == first);
  CHECK_FALSE(identity->find("other@pier.local")->has_value());
}

TEST_CASE_FIXTURE(Fixture, "identity: a token stands for its principal until it is revoked") {
  const auto bob = user("bob@pier.local");
  const auto issued = token(bob.id);
  CHECK(issued.token.reveal().starts_with("dapi"));
  CHECK(identity->authenticate(issued.token.reveal())->principal == bob);
  CHECK(identity->authenticate(issued.token.reveal())->principal == bob); // from the cache
  REQUIRE(identity->revoke(issued.id));
  CHECK(refusal(issued.token.reveal()) == ErrorKind::unauthenticated);
  CHECK(identity->revoke(issued.id).error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Fixture, "identity: an invented token is refused") {
  CHECK(refusal("dapi00000000000000000000000000000000") == ErrorKind::unauthenticated);
  CHECK(refusal("") == ErrorKind::unauthenticated);
}

TEST_CASE_FIXTURE(Fixture, "identity: a token ends at its time, also when it is cached") {
  const auto bob = user("bob@pier.local");
  const auto hour = token(bob.id, TokenKind::oauth, 3600s);
  const auto endless = token(bob.id, TokenKind::personal, 0s);
  CHECK_FALSE(endless.expires.has_value());
  CHECK(identity->authenticate(hour.token.reveal()));
  clock.advance(3600s);
  CHECK(refusal(hour.token.reveal()) == ErrorKind::unauthenticated);
  CHECK(identity->authenticate(endless.token.reveal()));
}

TEST_CASE_FIXTURE(Fixture, "identity: the database never holds a token in clear") {
  const auto issued = token(identity->owner()->principal.id);
  const auto rows = *database->query("SELECT hash FROM identity_tokens");
  REQUIRE(rows.size() == 1);
  CHECK(rows.front().text(0).size() == 64);
  CHECK(rows.front().text(0) != issued.token.reveal());
}

TEST_CASE_FIXTURE(Fixture, "identity: kinds of tokens open only their own doors") {
  const auto id = user("bob@pier.local").id;
  const auto personal = token(id).token.reveal();
  const auto sign_in = token(id, TokenKind::sign_in).token.reveal();
  const auto database_token =
      identity->issue(TokenRequest{.principal_id = id, .kind = TokenKind::database, .instances = {"shop"}});
  const auto for_shop = database_token->token.reveal();
  CHECK(refusal(for_shop) == ErrorKind::unauthenticated);
  CHECK(refusal(sign_in) == ErrorKind::unauthenticated);
  CHECK(identity->authenticate_database(for_shop, "shop"));
  CHECK_FALSE(identity->authenticate_database(for_shop, "bank"));
  CHECK(identity->authenticate_database(personal, "bank"));
  CHECK_FALSE(identity->authenticate_database(sign_in, "shop"));
  CHECK(identity->redeem_sign_in(sign_in));
  CHECK_FALSE(identity->redeem_sign_in(sign_in));
  CHECK_FALSE(identity->redeem_sign_in(personal));
}

TEST_CASE_FIXTURE(Fixture, "identity: a down-scoped token carries its scopes and opens no database") {
  const auto id = user("bob@pier.local").id;
  const auto issued = identity->issue(TokenRequest{.principal_id = id, .scopes = {"sql"}});
  CHECK(identity->authenticate(issued->token.reveal())->scopes == std::vector<std::string>{"sql"});
  CHECK_FALSE(identity->authenticate_database(issued->token.reveal(), "shop"));
}

TEST_CASE_FIXTURE(Fixture, "identity: client credentials give an hour's token for the right secret only") {
  const auto made = *identity->create_service_principal("etl");
  CHECK(made.principal.kind == model::PrincipalKind::service_principal);
  const auto issued = identity->client_credentials(made.principal.name, made.client_secret.reveal());
  REQUIRE(issued);
  CHECK(*issued->expires == clock.now() + 3600s);
  CHECK(identity->authenticate(issued->token.reveal())->principal.display_name == "etl");
  CHECK(identity->client_credentials(made.principal.name, "dose").error().code == "invalid_client");
  CHECK(identity->client_credentials("nobody", made.client_secret.reveal()).error().code == "invalid_client");
}

TEST_CASE_FIXTURE(Fixture, "identity: secrets made at app starts replace each other, a person's stay") {
  const auto made = *identity->create_service_principal("app");
  const auto own = *identity->add_client_secret(made.principal.id, 0s);
  for (int start = 0; start < 4; ++start) {
    clock.advance(1s);
    CHECK(identity->create_client_secret(made.principal.id));
  }
  CHECK(identity->client_secrets(made.principal.id)->size() == 3);
  CHECK(identity->client_credentials(made.principal.name, own.secret.reveal()));
  CHECK_FALSE(identity->client_credentials(made.principal.name, made.client_secret.reveal()));
  REQUIRE(identity->remove_client_secret(made.principal.id, own.id));
  CHECK_FALSE(identity->client_credentials(made.principal.name, own.secret.reveal()));
}

TEST_CASE_FIXTURE(Fixture, "identity: groups reach their members through other groups, at once") {
  const auto bob = user("bob@pier.local");
  const auto bearer = token(bob.id).token.reveal();
  const auto team = *identity->create_group("team");
  const auto division = *identity->create_group("division");
  REQUIRE(identity->add_member(division.id, team.id));
  CHECK_FALSE(identity->authenticate(bearer)->is("division"));
  REQUIRE(identity->add_member(team.id, bob.id));
  CHECK(identity->authenticate(bearer)->is("division"));
  const auto record = *identity->record(bob.id);
  CHECK(std::count_if(record.groups.begin(), record.groups.end(), [](const auto& g) { return g.direct; }) == 2);
  REQUIRE(identity->remove_member(team.id, bob.id));
  CHECK_FALSE(identity->authenticate(bearer)->is("team"));
}

TEST_CASE_FIXTURE(Fixture, "identity: a record that was read is fresh after each change") {
  const auto bob = user("bob@pier.local");
  const auto team = *identity->create_group("team");
  CHECK(identity->record(bob.id)->groups.size() == 1);
  REQUIRE(identity->add_member(team.id, bob.id));
  CHECK(identity->record(bob.id)->groups.size() == 2);
  REQUIRE(identity->update(bob.id, PrincipalUpdate{.display_name = "Bob"}));
  CHECK(identity->record(bob.id)->principal.display_name == "Bob");
  REQUIRE(identity->remove_principal(team.id));
  CHECK(identity->record(bob.id)->groups.size() == 1);
  REQUIRE(identity->remove_principal(bob.id));
  CHECK(identity->record(bob.id).error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Fixture, "identity: groups cannot form a circle") {
  const auto a = *identity->create_group("a");
  const auto b = *identity->create_group("b");
  REQUIRE(identity->add_member(a.id, b.id));
  CHECK_FALSE(identity->add_member(b.id, a.id));
  CHECK_FALSE(identity->add_member(a.id, a.id));
}

TEST_CASE_FIXTURE(Fixture, "identity: names are unique over all kinds and ignore case") {
  user("bob@pier.local");
  CHECK(identity->create_user("BOB@pier.local", {}).error().kind == ErrorKind::already_exists);
  CHECK(identity->create_group("bob@pier.local").error().kind == ErrorKind::already_exists);
  CHECK(identity->create_group("account users").error().kind == ErrorKind::invalid_argument);
  CHECK(identity->create_user("admins", {}).error().kind == ErrorKind::invalid_argument);
}

TEST_CASE_FIXTURE(Fixture, "identity: a removed or inactive principal's tokens are refused") {
  const auto bob = user("bob@pier.local");
  const auto bearer = token(bob.id).token.reveal();
  REQUIRE(identity->update(bob.id, PrincipalUpdate{.active = false}));
  CHECK(refusal(bearer) == ErrorKind::unauthenticated);
  REQUIRE(identity->update(bob.id, PrincipalUpdate{.active = true}));
  CHECK(identity->authenticate(bearer));
  REQUIRE(identity->remove_principal(bob.id));
  CHECK(refusal(bearer) == ErrorKind::unauthenticated);
  CHECK(identity->caller_named("bob@pier.local").error().kind == ErrorKind::not_found);
}

TEST_CASE_FIXTURE(Fixture, "identity: the owner cannot lock the workspace") {
  const auto owner = identity->owner()->principal;
  const auto admins = *identity->find("admins");
  CHECK_FALSE(identity->remove_principal(owner.id));
  CHECK_FALSE(identity->update(owner.id, PrincipalUpdate{.active = false}));
  CHECK_FALSE(identity->remove_member(admins->id, owner.id));
  CHECK_FALSE(identity->remove_principal(admins->id));
}

TEST_CASE_FIXTURE(Fixture, "identity: a listener's error undoes what it was told about") {
  identity->on_created([](const model::Principal& principal) -> Result<void> {
    if (principal.name == "bad@pier.local") {
      return Error{.kind = ErrorKind::io, .message = "disk full"};
    }
    return {};
  });
  CHECK(identity->create_user("bad@pier.local", {}).error().message == "disk full");
  CHECK_FALSE(identity->find("bad@pier.local")->has_value());
  CHECK(identity->create_user("good@pier.local", {}));
}

TEST_CASE_FIXTURE(Fixture, "identity: tokens are listed per principal without those that ended") {
  const auto bob = user("bob@pier.local");
  token(bob.id, TokenKind::personal, 60s);
  token(bob.id, TokenKind::personal, 0s);
  token(bob.id, TokenKind::oauth);
  CHECK(identity->tokens(bob.id, TokenKind::personal)->size() == 2);
  clock.advance(61s);
  CHECK(identity->tokens(bob.id, TokenKind::personal)->size() == 1);
}

} // namespace pier::identity
