#include "core/deploy/libraries.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::Json;
using namespace pier::deploy;

namespace {

pier::model::Bundle bundle_with(const std::filesystem::path& root, const std::string& kind, Json config) {
  pier::model::Bundle bundle;
  bundle.sync.sync_root = root;
  bundle.paths.artifact_path = "/W/artifacts";
  const pier::model::ResourceKey key{.kind = kind, .key = "k"};
  bundle.graph.nodes.emplace(key, pier::model::ResourceNode{.key = key, .config = std::move(config)});
  return bundle;
}

Json config_of(const pier::model::Bundle& bundle) {
  return bundle.graph.nodes.begin()->second.config;
}

void put(const std::filesystem::path& file) {
  std::filesystem::create_directories(file.parent_path());
  REQUIRE(pier::write_file_atomically(file, "x", pier::Durability::none));
}

} // namespace

TEST_CASE("libraries: a pattern becomes one entry per file, of a wheel only the latest version") {
  const auto temp = pier::TempDirectory::create().value();
  for (const auto* name : {"a-1.9.0-py3-none-any.whl", "a-1.10.0-py3-none-any.whl", "a-1.10.0+7-py3-none-any.whl",
                           "b-1-py3-none-any.whl"}) {
    put(temp.path() / "dist" / name);
  }
  auto bundle = bundle_with(
      temp.path(), "jobs",
      Json::parse(R"({"tasks":[{"task_key":"t","libraries":[{"whl":"./dist/*.whl"},{"pypi":{"package":"p"}}]}]})")
          .value());
  const auto libraries = place_libraries(bundle).value();
  REQUIRE(libraries.size() == 2);
  CHECK(libraries[0].remote == "/W/artifacts/.internal/a-1.10.0+7-py3-none-any.whl");
  CHECK(config_of(bundle) == Json::parse(R"({"tasks":[{"task_key":"t","libraries":[
      {"whl":"/W/artifacts/.internal/a-1.10.0+7-py3-none-any.whl"},{"whl":"/W/artifacts/.internal/b-1-py3-none-any.whl"},
      {"pypi":{"package":"p"}}]}]})")
                                 .value());
}

TEST_CASE("libraries: dependencies keep their extras, packages and flags stay") {
  const auto temp = pier::TempDirectory::create().value();
  put(temp.path() / "dist" / "x.whl");
  for (const auto& [kind, before, after] :
       {std::tuple{
            "jobs", R"({"environments":[{"spec":{"dependencies":["dist/x.whl[dev]","numpy","-r r.txt"]}}]})",
            R"({"environments":[{"spec":{"dependencies":["/W/artifacts/.internal/x.whl[dev]","numpy","-r r.txt"]}}]})"},
        std::tuple{"pipelines", R"({"environment":{"dependencies":["./dist/*.whl"]}})",
                   R"({"environment":{"dependencies":["/W/artifacts/.internal/x.whl"]}})"}}) {
    CAPTURE(kind);
    auto bundle = bundle_with(temp.path(), kind, Json::parse(before).value());
    CHECK(place_libraries(bundle).value().size() == 1);
    CHECK(config_of(bundle) == Json::parse(after).value());
  }
}

TEST_CASE("libraries: a path without a file is an error") {
  const auto temp = pier::TempDirectory::create().value();
  auto bundle =
      bundle_with(temp.path(), "jobs", Json::parse(R"({"tasks":[{"libraries":[{"jar":"x/*.jar"}]}]})").value());
  const auto placed = place_libraries(bundle);
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == "PIER2050");
}
