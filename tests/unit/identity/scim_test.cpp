#include "core/identity/scim.hpp"
#include "core/identity/scim_filter.hpp"

#include <doctest/doctest.h>

namespace pier::identity {
namespace {

PrincipalRecord user(std::int64_t id, const std::string& name, const std::string& display) {
  return PrincipalRecord{
      .principal = {.id = id, .name = name, .display_name = display},
      .groups = {Membership{
          .group = {.id = 1, .kind = model::PrincipalKind::group, .name = "admins", .display_name = "admins"}}}};
}

PrincipalRecord team() {
  return PrincipalRecord{
      .principal = {.id = 9, .kind = model::PrincipalKind::group, .name = "team", .display_name = "team"},
      .members = {{.id = 7, .name = "ada@x.y", .display_name = "Ada"},
                  {.id = 8, .name = "bob@x.y", .display_name = "Bob"}}};
}

bool matches(std::string_view filter) {
  const auto parsed = ScimFilter::parse(filter);
  REQUIRE(parsed);
  return parsed->matches(to_scim(user(7, "ada@x.y", "Ada Lovelace")));
}

Json parse(std::string_view text) {
  return *Json::parse(text);
}

Result<ScimChange> patched(const PrincipalRecord& record, std::string_view operations) {
  PIER_TRY_ASSIGN(const auto patch, Json::parse("{\"Operations\":" + std::string(operations) + "}"));
  PIER_TRY_ASSIGN(const auto document, apply_patch(to_scim(record), patch));
  return change_to(record, document);
}

using Ids = std::vector<std::int64_t>;

} // namespace

TEST_CASE("scim: a user shows name, e-mail and groups") {
  const auto document = to_scim(user(7, "ada@x.y", "Ada Lovelace"));
  CHECK(document.get_string("id") == "7");
  CHECK(document.get_string("userName") == "ada@x.y");
  CHECK(document.find("emails")->as_array()[0].get_string("value") == "ada@x.y");
  CHECK(document.find("groups")->as_array()[0].get_string("display") == "admins");
  CHECK(document.find_path({"name", "familyName"})->as_string() == "Lovelace");
  CHECK(document.get_bool("active"));
}

TEST_CASE("scim filter: operators, paths, precedence") {
  CHECK(matches(R"(userName eq "ADA@x.y")"));
  CHECK(matches(R"(USERNAME Eq "ada@x.y")"));
  CHECK_FALSE(matches(R"(userName eq "ada")"));
  CHECK(matches(R"(displayName sw "ada" and userName ew ".y")"));
  CHECK(matches(R"(displayName co "love")"));
  CHECK(matches(R"(emails.value eq "ada@x.y")"));
  CHECK(matches(R"(emails co "@x")"));
  CHECK(matches(R"(groups.display eq "admins")"));
  CHECK(matches("active eq true"));
  CHECK(matches(R"(id eq "7")"));
  CHECK(matches("emails pr"));
  CHECK_FALSE(matches("externalId pr"));
  CHECK(matches(R"(externalId ne "1")"));
  CHECK(matches(R"(userName eq "x" and userName eq "y" or active eq true)"));
  CHECK_FALSE(matches(R"(userName eq "x" and (userName eq "y" or active eq true))"));
  CHECK(matches(R"(not (userName eq "x"))"));
  CHECK(matches(R"(urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@x.y")"));
}

TEST_CASE("scim filter: what cannot be read is refused") {
  for (const auto* bad : {"userName", "userName eq", "userName eq ada", "userName is \"a\"", "(userName eq \"a\"",
                          "userName eq \"a", "userName eq \"a\" userName", "eq", "userName eq \"a\\\""}) {
    CAPTURE(bad);
    CHECK(ScimFilter::parse(bad).error().code == "invalidFilter");
  }
  CHECK_FALSE(ScimFilter::parse(std::string(100, '(') + "a pr" + std::string(100, ')')));
  CHECK_FALSE(ScimFilter::parse(std::string(5000, 'a')));
}

TEST_CASE("scim list: pages count from 1 and end empty") {
  const std::vector records = {user(1, "a@x", "A"), user(2, "b@x", "B"), user(3, "c@x", "C")};
  const auto page = [&](std::int64_t start, std::int64_t count) {
    return *scim_list(records, ScimListRequest{.start_index = start, .count = count});
  };
  CHECK(page(1, 2).find("Resources")->size() == 2);
  CHECK(page(3, 2).find("Resources")->as_array()[0].get_string("id") == "3");
  CHECK(page(4, 2).find("Resources")->size() == 0);
  CHECK(page(1, 0).get_integer("totalResults") == 3);
  CHECK(page(-5, 100).find("Resources")->size() == 3);
  const auto filtered =
      *scim_list(records, ScimListRequest{.filter = R"(userName eq "b@x")", .attributes = "userName"});
  CHECK(filtered.get_integer("totalResults") == 1);
  const auto& only = filtered.find("Resources")->as_array()[0];
  CHECK(only.contains("userName"));
  CHECK(only.contains("id"));
  CHECK_FALSE(only.contains("groups"));
  const auto sorted = *scim_list(records, ScimListRequest{.sort_by = "userName", .descending = true});
  CHECK(sorted.find("Resources")->as_array()[0].get_string("userName") == "c@x");
}

TEST_CASE("scim patch: members are added, removed and replaced in each of the forms clients send") {
  CHECK(patched(team(), R"([{"op":"add","path":"members","value":[{"value":"3"},{"value":"7"}]}])")->add_members ==
        Ids{3});
  CHECK(patched(team(), R"([{"op":"Add","value":{"members":[{"value":"3"}]}}])")->add_members == Ids{3});
  CHECK(patched(team(), R"([{"op":"remove","path":"members[value eq \"7\"]"}])")->remove_members == Ids{7});
  CHECK(patched(team(), R"([{"op":"remove","path":"members","value":[{"value":"8"}]}])")->remove_members == Ids{8});
  CHECK(patched(team(), R"([{"op":"remove","path":"members"}])")->remove_members == Ids{7, 8});
  const auto replaced = patched(team(), R"([{"op":"replace","path":"members","value":[{"value":"8"},{"value":"3"}]}])");
  CHECK(replaced->add_members == Ids{3});
  CHECK(replaced->remove_members == Ids{7});
}

TEST_CASE("scim patch: attributes change, read-only ones and nonsense do not") {
  const auto ada = user(7, "ada@x.y", "Ada");
  CHECK(*patched(ada, R"([{"op":"replace","path":"active","value":false}])")->update.active == false);
  CHECK(*patched(ada, R"([{"op":"replace","path":"name.givenName","value":"A"}])")
             ->update.attributes->find_path({"name", "givenName"}) == Json("A"));
  const auto entitled = patched(ada, R"([{"op":"add","path":"entitlements","value":[{"value":"workspace-access"}]}])");
  CHECK(entitled->update.attributes->find("entitlements")->size() == 1);
  for (const auto* bad :
       {R"([{"op":"replace","path":"userName","value":"b@x.y"}])", R"([{"op":"replace","path":"id","value":"1"}])",
        R"([{"op":"add","path":"groups","value":[]}])", R"([{"op":"move","path":"active","value":true}])",
        R"([{"op":"remove"}])", R"([{"op":"replace","path":"active","value":"maybe"}])",
        R"([{"op":"add","path":"a["}])", R"({"op":"add"})", R"([{"op":"replace","value":[1]}])"}) {
    CAPTURE(bad);
    CHECK_FALSE(patched(ada, bad));
  }
}

TEST_CASE("scim: errors carry type and status") {
  const auto body = scim_error(Error{.kind = ErrorKind::already_exists, .message = "there"}, 409);
  CHECK(body.get_string("scimType") == "uniqueness");
  CHECK(body.get_string("status") == "409");
  CHECK(parse(body.dump()).get_string("detail") == "there");
}

} // namespace pier::identity
