#include "core/deploy/references.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::Result;
using namespace pier::deploy;

namespace {

Json parse(std::string_view text) {
  return Json::parse(text).value();
}

} // namespace

TEST_CASE("references: edges of a state, sorted, each once, resources only") {
  const auto state = parse(R"({"a":"${resources.jobs.x.id}","b":["p${resources.jobs.x.id}${resources.schemas.s.name}"],
                               "c":"${workspace.host}","tags":{"t":"${resources.jobs.x.name}"}})");
  const auto edges = find_dependencies(state);
  REQUIRE(edges.size() == 3);
  CHECK(edges[0] == Dependency{"resources.jobs.x", "${resources.jobs.x.id}"});
  CHECK(edges[1] == Dependency{"resources.jobs.x", "${resources.jobs.x.name}"});
  CHECK(edges[2] == Dependency{"resources.schemas.s", "${resources.schemas.s.name}"});
}

TEST_CASE("references: permissions and grants are nodes of their own") {
  const auto target = parse_target("resources.schemas.s.grants[0].principal");
  REQUIRE(target);
  CHECK(target->node.to_string() == "resources.schemas.s.grants");
  CHECK(target->field.to_string() == "[0].principal");
}

TEST_CASE("references: a whole reference keeps the type, a part becomes text") {
  auto state =
      parse(R"({"n":"${resources.jobs.x.max}","t":"v${resources.jobs.x.max}!","id":"${resources.jobs.x.id}"})");
  const auto lookup = [](const ReferenceTarget& target, const std::string&) -> Result<std::optional<Json>> {
    return target.field.to_string() == "id" ? std::optional(Json("77")) : std::optional(Json(5));
  };
  Kind kind;
  kind.integer_fields = {"id"};
  REQUIRE(resolve_references(state, kind, lookup));
  CHECK(state == parse(R"({"n":5,"t":"v5!","id":77})"));
}

TEST_CASE("references: what is not known yet stays, errors name the reference") {
  auto state = parse(R"({"a":"${resources.jobs.x.id}/${resources.jobs.y.id}"})");
  REQUIRE(resolve_references(state, Kind(),
                             [](const ReferenceTarget& target, const std::string&) -> Result<std::optional<Json>> {
                               return target.node.key == "x" ? std::optional(Json("1")) : std::optional<Json>();
                             }));
  CHECK(state == parse(R"({"a":"1/${resources.jobs.y.id}"})"));
  const auto failed =
      resolve_references(state, Kind(), [](const ReferenceTarget&, const std::string&) -> Result<std::optional<Json>> {
        return pier::Error{.kind = pier::ErrorKind::not_found, .message = "no"};
      });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message == "cannot resolve \"${resources.jobs.y.id}\": no");
}

TEST_CASE("references: a text where a number belongs, a field that is not set") {
  Kind jobs;
  jobs.name = "jobs";
  jobs.integer_fields = {"n"};
  auto state = parse(R"({"n":"${resources.jobs.x.name}"})");
  const auto failed =
      resolve_references(state, jobs, [](const ReferenceTarget&, const std::string&) -> Result<std::optional<Json>> {
        return std::optional(Json("job x"));
      });
  REQUIRE_FALSE(failed);
  CHECK(failed.error().message ==
        "cannot update n with value of \"${resources.jobs.x.name}\": cannot set (*jobs.JobSettings).n to string "
        "(\"job x\"): cannot parse \"job x\" as int64: strconv.ParseInt: parsing \"job x\": invalid syntax");
  auto unset = parse(R"({"a":"${resources.jobs.x.name}","b":"<${resources.jobs.x.name}>"})");
  REQUIRE(resolve_references(unset, jobs, [](const ReferenceTarget&, const std::string&) {
    return Result<std::optional<Json>>(std::optional(Json()));
  }));
  CHECK(unset == parse(R"({"b":"<>"})"));
}
