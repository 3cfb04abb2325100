#include "core/deploy/libraries.hpp"

#include "core/base/files.hpp"

#include <doctest/doctest.h>

using pier::Json;
using namespace pier::deploy;

namespace {

const pier::model::ResourceKey k_job{.kind = "jobs", .key = "k"};

class Fixture {
 public:
  explicit Fixture(const char* config) {
    bundle.sync.sync_root = temp.path();
    bundle.paths.artifact_path = "/W/artifacts";
    bundle.graph.nodes.emplace(k_job, pier::model::ResourceNode{.key = k_job, .config = Json::parse(config).value()});
  }

  std::filesystem::path file(const std::string& name) const {
    const auto path = temp.path() / name;
    std::filesystem::create_directories(path.parent_path());
    REQUIRE(pier::write_file_atomically(path, "x", pier::Durability::none));
    return path;
  }

  void names(const std::string& field, const std::string& source) {
    bundle.libraries.push_back({.resource = k_job, .field = field, .source = source, .span = {}});
  }

  pier::Result<std::vector<Library>> place() { return place_libraries(bundle, artifacts, observer); }

  [[nodiscard]] std::string config() const { return bundle.graph.nodes.at(k_job).config.dump(); }

  pier::TempDirectory temp = pier::TempDirectory::create().value();
  pier::model::Bundle bundle;
  std::vector<ArtifactOutput> artifacts;
  SilentObserver observer;
};

} // namespace

TEST_CASE("libraries: a pattern becomes one entry per file, of a wheel only the latest version") {
  Fixture f(R"({"tasks":[{"libraries":[{"whl":"dist/*.whl"},{"pypi":{"package":"p"}},{"jar":"j/x.jar"}]}]})");
  for (const auto* name : {"dist/a-1.9.0-py3-none-any.whl", "dist/a-1.10.0-py3-none-any.whl",
                           "dist/a-1.10.0+7-py3-none-any.whl", "dist/b-1-py3-none-any.whl", "j/x.jar"}) {
    f.file(name);
  }
  f.names("tasks[0].libraries[0].whl", "dist/*.whl");
  f.names("tasks[0].libraries[2].jar", "j/x.jar");
  const auto libraries = f.place().value();
  REQUIRE(libraries.size() == 3);
  CHECK(libraries[0].source == f.temp.path() / "dist/a-1.10.0+7-py3-none-any.whl");
  CHECK(libraries[0].remote == "/W/artifacts/.internal/a-1.10.0+7-py3-none-any.whl");
  CHECK(f.config() == R"({"tasks":[{"libraries":[{"whl":"/W/artifacts/.internal/a-1.10.0+7-py3-none-any.whl"},)"
                      R"({"whl":"/W/artifacts/.internal/b-1-py3-none-any.whl"},{"pypi":{"package":"p"}},)"
                      R"({"jar":"/W/artifacts/.internal/x.jar"}]}]})");
}

TEST_CASE("libraries: dependencies keep their extras") {
  Fixture f(R"({"environments":[{"spec":{"dependencies":["numpy","dist/x.whl[dev]"]}}]})");
  f.file("dist/x.whl");
  f.names("environments[0].spec.dependencies[1]", "dist/x.whl[dev]");
  CHECK(f.place().value().size() == 1);
  CHECK(f.config() == R"({"environments":[{"spec":{"dependencies":["numpy","/W/artifacts/.internal/x.whl[dev]"]}}]})");
}

TEST_CASE("libraries: a path without a file is an error") {
  Fixture f(R"({"tasks":[{"libraries":[{"jar":"x/*.jar"}]}]})");
  f.names("tasks[0].libraries[0].jar", "x/*.jar");
  const auto placed = f.place();
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == "PIER2050");
  CHECK(placed.error().message == "no files match pattern: x/*.jar");
}

TEST_CASE("libraries: two files of one name are an error, one file twice is none") {
  Fixture f(R"({"tasks":[{"libraries":[{"jar":"a/x.jar"},{"jar":"b/x.jar"},{"jar":"a/x.jar"}]}]})");
  f.file("a/x.jar");
  f.file("b/x.jar");
  f.names("tasks[0].libraries[0].jar", "a/x.jar");
  f.names("tasks[0].libraries[2].jar", "a/x.jar");
  CHECK(f.place().value().size() == 1);
  f.names("tasks[0].libraries[1].jar", "b/x.jar");
  const auto placed = f.place();
  REQUIRE_FALSE(placed);
  CHECK(placed.error().code == "PIER2071");
}

TEST_CASE("libraries: what artifacts built goes up without a reference, patched wheels instead of theirs") {
  Fixture f(R"({"tasks":[{"libraries":[{"whl":"dist/a.whl"}]}]})");
  const auto wheel = f.file("dist/a.whl");
  const auto patched = f.file(".databricks/a+1.whl");
  const auto other = f.file("out/report.txt");
  f.artifacts = {{.source = wheel, .patched = patched}, {.source = other, .patched = {}}};
  f.names("tasks[0].libraries[0].whl", "dist/a.whl");
  const auto libraries = f.place().value();
  REQUIRE(libraries.size() == 2);
  CHECK(libraries[0].source == patched);
  CHECK(libraries[1].source == other);
  CHECK(f.config() == R"({"tasks":[{"libraries":[{"whl":"/W/artifacts/.internal/a+1.whl"}]}]})");
}

TEST_CASE("libraries: the archive of an AI runtime task goes up") {
  Fixture f(R"({"tasks":[{"ai_runtime_task":{"code_source_path":"code.tgz"}}]})");
  f.file("code.tgz");
  f.names("tasks[0].ai_runtime_task.code_source_path", "code.tgz");
  CHECK(f.place().value().size() == 1);
  CHECK(f.config() == R"({"tasks":[{"ai_runtime_task":{"code_source_path":"/W/artifacts/.internal/code.tgz"}}]})");
}
