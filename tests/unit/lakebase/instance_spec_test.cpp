#include "core/lakebase/instance_spec.hpp"

#include <doctest/doctest.h>

using namespace pier;
using namespace pier::lakebase;

namespace {

Json parsed(std::string_view text) {
  return Json::parse(text).value();
}

} // namespace

TEST_CASE("instance spec: what was sent is kept, what the service computes is dropped") {
  const auto spec = check_instance_spec(
      parsed(R"({"name":"shop","capacity":"CU_1","uid":"x","state":"AVAILABLE","effective_capacity":"CU_1"})"));
  REQUIRE(spec);
  CHECK(spec->dump() == R"({"capacity":"CU_1","name":"shop"})");
}

TEST_CASE("instance spec: what would be ignored is refused") {
  struct Case {
    std::string text;
    ErrorKind kind;
  };

  const std::vector<Case> cases = {
      {R"({"capacity":"CU_3"})", ErrorKind::invalid_argument},
      {R"({"capasity":"CU_1"})", ErrorKind::invalid_argument},
      {R"({"retention_window_in_days":99})", ErrorKind::invalid_argument},
      {R"({"custom_tags":[{"key":"pier_idle_timeout","value":"soon"}]})", ErrorKind::invalid_argument},
      {R"({"node_count":2})", ErrorKind::unsupported},
      {R"({"enable_pg_native_login":true})", ErrorKind::unsupported},
      {R"({"parent_instance_ref":{"name":"x"}})", ErrorKind::unsupported},
  };
  for (const auto& item : cases) {
    const auto spec = check_instance_spec(parsed(item.text));
    REQUIRE_FALSE(spec);
    CHECK(spec.error().kind == item.kind);
  }
  CHECK(check_instance_spec(parsed(R"({"capasity":"CU_1"})")).error().hint == "did you mean capacity?");
}

TEST_CASE("instance spec: an update mask names the fields, * means all that are sent") {
  const auto current = parsed(R"({"name":"shop","capacity":"CU_1","stopped":true})");
  CHECK(merge_instance_spec(current, parsed(R"({"capacity":"CU_2"})"), "*")->dump() ==
        R"({"capacity":"CU_2","name":"shop","stopped":true})");
  CHECK(merge_instance_spec(current, parsed(R"({"capacity":"CU_2"})"), "capacity,stopped")->dump() ==
        R"({"capacity":"CU_2","name":"shop"})");
  CHECK(merge_instance_spec(current, parsed(R"({"name":"other"})"), "*")->get_string("name") == "shop");
  CHECK_FALSE(merge_instance_spec(current, parsed("{}"), "colour"));
}

TEST_CASE("instance spec: the idle time comes from a custom tag") {
  CHECK(idle_timeout_of(parsed(R"({"custom_tags":[{"key":"pier_idle_timeout","value":"60s"}]})")).value() ==
        std::chrono::seconds(60));
  CHECK_FALSE(idle_timeout_of(parsed("{}")).value());
}

TEST_CASE("instance name: letters, digits and hyphens") {
  for (const auto* good : {"a", "Shop-2", "flightdesk-db"}) {
    CHECK(check_instance_name(good));
  }
  for (const auto* bad : {"", "-a", "a-", "2a", "a_b", "../x", "a b"}) {
    CHECK_FALSE(check_instance_name(bad));
  }
  CHECK_FALSE(check_instance_name(std::string(64, 'a')));
}
