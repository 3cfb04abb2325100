#include "core/deploy/state.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::Json;
using pier::TempDirectory;
using namespace pier::deploy;

namespace {

DeployedResource job(const std::string& id) {
  return {.id = id, .state = Json::object({{"name", "n" + id}}), .depends_on = {}};
}

void append(const std::filesystem::path& file, std::string_view text) {
  const auto old = pier::read_file(file);
  REQUIRE(pier::write_file_atomically(file, (old ? *old : std::string()) + std::string(text)));
}

} // namespace

TEST_CASE("state: a new one gets a lineage and serial 1") {
  const auto temp = TempDirectory::create().value();
  const auto file = temp.path() / "bundle" / "dev" / "resources.json";
  auto state = State::open(file).value();
  CHECK(state.lineage().empty());
  REQUIRE(state.begin_writing());
  REQUIRE(state.save("resources.jobs.a", job("1")));
  CHECK(state.id_of("resources.jobs.a") == "1");
  CHECK(state.find("resources.jobs.a") == nullptr);
  REQUIRE(state.finish());
  const auto again = State::open(file).value();
  CHECK(again.serial() == 1);
  CHECK_FALSE(again.lineage().empty());
  REQUIRE(again.find("resources.jobs.a") != nullptr);
  CHECK(*again.find("resources.jobs.a") == job("1"));
  CHECK_FALSE(again.was_recovered());
}

TEST_CASE("state: what was saved before a kill is found by the next open") {
  const auto temp = TempDirectory::create().value();
  const auto file = temp.path() / "resources.json";
  {
    auto state = State::open(file).value();
    REQUIRE(state.begin_writing());
    REQUIRE(state.save("resources.jobs.a", job("1")));
    REQUIRE(state.save("resources.jobs.b", job("2")));
    REQUIRE(state.erase("resources.jobs.a"));
    // no finish: the process dies here
  }
  auto state = State::open(file).value();
  CHECK(state.was_recovered());
  CHECK(state.serial() == 1);
  CHECK(state.find("resources.jobs.a") == nullptr);
  CHECK(state.id_of("resources.jobs.b") == "2");
  CHECK_FALSE(std::filesystem::exists(temp.path() / "resources.json.wal"));
  REQUIRE(state.begin_writing());
}

TEST_CASE("state: a record without entries changes nothing") {
  const auto temp = TempDirectory::create().value();
  const auto file = temp.path() / "resources.json";
  {
    auto state = State::open(file).value();
    REQUIRE(state.begin_writing());
    REQUIRE(state.save("resources.jobs.a", job("1")));
    REQUIRE(state.finish());
    REQUIRE(state.begin_writing());
    REQUIRE(state.finish());
  }
  CHECK(State::open(file).value().serial() == 1);
}

TEST_CASE("state: a line cut off by a kill is put aside, the rest counts") {
  const auto temp = TempDirectory::create().value();
  const auto file = temp.path() / "resources.json";
  {
    auto state = State::open(file).value();
    REQUIRE(state.begin_writing());
    REQUIRE(state.save("resources.jobs.a", job("1")));
  }
  append(temp.path() / "resources.json.wal", R"({"k":"resources.jobs.b","v":{"__id)");
  const auto state = State::open(file).value();
  CHECK(state.id_of("resources.jobs.a") == "1");
  CHECK(state.resources().size() == 1);
  const auto wal = (temp.path() / "resources.json.wal").string();
  CHECK(pier::read_file(wal + ".corrupted").value() == R"({"k":"resources.jobs.b","v":{"__id)");
  REQUIRE(state.remarks().size() == 2);
  CHECK(state.remarks()[0] == "Skipping corrupted WAL entry at " + wal + ":3: unexpected end of JSON input");
  CHECK(state.remarks()[1] == "Saved 1 corrupted WAL entries to " + wal + ".corrupted");
}

TEST_CASE("state: a record that does not belong to the state") {
  const auto temp = TempDirectory::create().value();
  const auto file = temp.path() / "resources.json";
  const auto wal = temp.path() / "resources.json.wal";
  append(file, R"({"state_version":2,"lineage":"L","serial":3,"state":{}})");
  SUBCASE("stale: dropped") {
    append(wal, "{\"lineage\":\"L\",\"serial\":3}\n{\"k\":\"resources.jobs.a\",\"v\":{\"__id__\":\"1\"}}\n");
    const auto state = State::open(file).value();
    CHECK(state.resources().empty());
    CHECK_FALSE(std::filesystem::exists(wal));
  }
  SUBCASE("ahead: an error") {
    append(wal, "{\"lineage\":\"L\",\"serial\":6}\n");
    const auto state = State::open(file);
    REQUIRE_FALSE(state);
    CHECK(state.error().message.find("WAL serial (6) is ahead of expected (4)") != std::string::npos);
  }
  SUBCASE("of another lineage: an error") {
    append(wal, "{\"lineage\":\"M\",\"serial\":4}\n");
    const auto state = State::open(file);
    REQUIRE_FALSE(state);
    CHECK(state.error().message.find("lineage") != std::string::npos);
  }
}

TEST_CASE("state: versions from the future are refused, version 3 without features is fine") {
  const auto parse = [](std::string_view text) { return State::parse(text, "resources.json"); };
  CHECK(parse(R"({"state_version":3,"lineage":"L","serial":1,"state":{}})"));
  CHECK_FALSE(parse(R"({"state_version":3,"features":{"x":{}},"state":{}})"));
  const auto newer = parse(R"({"state_version":4,"state":{}})");
  REQUIRE_FALSE(newer);
  CHECK(newer.error().to_string() ==
        "migrating state resources.json: state version 4 is newer than supported version 3; upgrade the CLI");
  CHECK_FALSE(parse("{"));
}

TEST_CASE("state: text and back, with edges") {
  const auto temp = TempDirectory::create().value();
  auto state = State::open(temp.path() / "resources.json").value();
  auto resource = job("5");
  resource.depends_on = {{"resources.schemas.s", "${resources.schemas.s.name}"}};
  REQUIRE(state.begin_writing());
  REQUIRE(state.save("resources.jobs.a", resource));
  REQUIRE(state.finish());
  const auto copy = State::parse(state.to_text(), "x").value();
  CHECK(copy.resources() == state.resources());
  CHECK(copy.lineage() == state.lineage());
  CHECK(copy.serial() == state.serial());
  const auto json = Json::parse(state.to_text()).value();
  CHECK(json.get_integer("state_version") == 2);
  CHECK(json.get_string("cli_version") == "1.13.0");
}

TEST_CASE("state: members stand in the order of the official engine") {
  const auto temp = TempDirectory::create().value();
  const auto file = temp.path() / "resources.json";
  auto state = State::open(file).value();
  REQUIRE(state.begin_writing());
  REQUIRE(state.save(
      "resources.jobs.a.permissions",
      {.id = "/jobs/1",
       .state = Json::parse(R"({"__embed__":[{"group_name":"g","level":"CAN_VIEW"}],"object_id":"1"})").value(),
       .depends_on = {{"resources.jobs.a", "${resources.jobs.a.id}"}}}));
  const auto wal = pier::read_file(file.string() + ".wal").value();
  CHECK(wal.starts_with(R"({"state_version":2,"cli_version":"1.13.0","lineage":")"));
  CHECK(wal.find(R"({"k":"resources.jobs.a.permissions","v":{"__id__":"/jobs/1","state":{"object_id":"1",)"
                 R"("__embed__":[{"level":"CAN_VIEW","group_name":"g"}]},"depends_on":[{"node":"resources.jobs.a",)"
                 R"("label":"${resources.jobs.a.id}"}]}})") != std::string::npos);
  REQUIRE(state.finish());
  CHECK(pier::read_file(file).value().starts_with("{\n \"state_version\": 2,\n \"cli_version\": \"1.13.0\",\n"));
}

TEST_CASE("state: permissions and grants of version 1 get their present form") {
  const auto state = State::parse(R"({"state_version":1,"lineage":"L","serial":1,"state":{
      "resources.jobs.a.permissions":{"__id__":"/jobs/1","state":{"object_id":"/jobs/1","permissions":[
          {"permission_level":"CAN_VIEW","group_name":"g"}]}},
      "resources.schemas.s.grants":{"__id__":"x","state":{"full_name":"m.s","grants":[{"principal":"p"}]}}}})",
                                  "resources.json")
                         .value();
  CHECK(state.find("resources.jobs.a.permissions")->state.dump() ==
        R"({"__embed__":[{"group_name":"g","level":"CAN_VIEW"}],"object_id":"/jobs/1"})");
  CHECK(state.find("resources.schemas.s.grants")->state.dump() ==
        R"({"__embed__":[{"principal":"p"}],"full_name":"m.s"})");
}

TEST_CASE("state: a newer writer is told of") {
  const auto remarks = [](std::string_view version) {
    return State::parse(R"({"state_version":2,"cli_version":")" + std::string(version) + R"(","state":{}})", "r")
        .value()
        .remarks();
  };
  REQUIRE(remarks("1.14.0").size() == 1);
  CHECK(remarks("1.14.0")[0] == "State was last deployed with CLI version 1.14.0 but current version is 1.13.0");
  CHECK(remarks("1.13.0").empty());
  CHECK(remarks("0.9.9").empty());
  CHECK(remarks("dev").empty());
}
