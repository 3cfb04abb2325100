#include "core/base/files.hpp"
#include "core/scaffold/renderer.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace pier;
using namespace pier::scaffold;

namespace {

RenderedTree scaffolded(std::string_view name, AnswerValues given) {
  const auto source = find_template({.name = std::string(name), .cwd = "/"});
  REQUIRE(source);
  const auto schema = schema_of(*source);
  REQUIRE_MESSAGE(schema, schema.error().to_string());
  const auto answers = collect_answers(*schema, std::move(given), {}, nullptr);
  REQUIRE_MESSAGE(answers, answers.error().to_string());
  auto tree = render_tree(*source, *answers, {});
  REQUIRE_MESSAGE(tree, tree.error().to_string());
  return *tree;
}

const RenderedFile* find(const RenderedTree& tree, std::string_view path) {
  const auto found =
      std::find_if(tree.files.begin(), tree.files.end(), [&](const auto& file) { return file.path == path; });
  return found == tree.files.end() ? nullptr : &*found;
}

} // namespace

TEST_CASE("built-in templates: every one renders with its defaults and leaves no action behind") {
  for (const auto& known : builtin_templates()) {
    CAPTURE(known.name);
    const auto tree = scaffolded(known.name, {});
    CHECK(tree.files.size() > 5);
    for (const auto& file : tree.files) {
      CAPTURE(file.path);
      CHECK(file.path.find("{{") == std::string::npos);
      CHECK_FALSE(file.path.ends_with(".tmpl"));
      const bool may_hold_braces = file.path.ends_with(".tsx") || file.path.ends_with(".yml");
      CHECK((may_hold_braces || file.content.find("{{") == std::string::npos));
    }
  }
}

TEST_CASE("built-in templates: fullstack names its parts after the project") {
  const auto tree = scaffolded("fullstack", {{"project_name", "flight-desk"}});
  const auto* migration = find(tree, "flight-desk/migrations/flight-desk/flight_desk/V001__compensation_decision.sql");
  REQUIRE(migration != nullptr);
  CHECK(migration->content.find("CREATE ROLE flight_desk_app NOLOGIN;") != std::string::npos);
  CHECK(find(tree, "flight-desk/.github/workflows/deploy.yml") != nullptr);
  CHECK(find(tree, "flight-desk/.gitignore") != nullptr);
  CHECK(find(tree, "flight-desk/app/package.json") != nullptr);
  CHECK(find(tree, "flight-desk/sql/gold.sql")->content.find("CREATE OR REPLACE TABLE main.gold.delayed_flights") !=
        std::string::npos);
}

TEST_CASE("built-in templates: streamlit shows an existing table instead of making one") {
  const auto own = scaffolded("streamlit", {{"project_name", "board"}});
  CHECK(find(own, "board/resources/data.yml") != nullptr);
  CHECK(find(own, "board/__preamble") == nullptr);
  const auto other = scaffolded("streamlit", {{"project_name", "board"}, {"gold_table", "main.gold.delayed_flights"}});
  CHECK(find(other, "board/resources/data.yml") == nullptr);
  CHECK(find(other, "board/sql/gold.sql") == nullptr);
  CHECK(find(other, "board/app/app.yaml")->content.find("value: main.gold.delayed_flights") != std::string::npos);
}

TEST_CASE("templates: names that lead nowhere") {
  CHECK(find_template({.name = "fulstack", .cwd = "/"}).error().hint == "did you mean \"fullstack\"?");
  CHECK(find_template({.name = "fullstack", .cwd = "/", .branch = "x"}).error().kind == ErrorKind::usage);
  const auto temp = TempDirectory::create();
  REQUIRE(temp);
  CHECK(find_template({.name = "./nothing", .cwd = temp->path()}).error().code == "PIER5008");
}

TEST_CASE("templates: a folder with template_dir takes its files from there") {
  const auto temp = TempDirectory::create();
  REQUIRE(temp);
  const auto& root = temp->path();
  REQUIRE(make_directories(root / "a"));
  REQUIRE(make_directories(root / "b/template"));
  REQUIRE(write_file_atomically(root / "a/databricks_template_schema.json",
                                R"({"template_dir": "../b", "welcome_message": "A"})"));
  REQUIRE(write_file_atomically(root / "b/template/x", "from b"));
  const auto source = find_template({.name = "a", .cwd = root});
  REQUIRE_MESSAGE(source, source.error().to_string());
  CHECK(schema_of(*source)->welcome_message == "A");
  CHECK(source->files.contains("template/x"));
}

TEST_CASE("templates: --template-dir stays inside the folder") {
  const auto temp = TempDirectory::create();
  REQUIRE(temp);
  REQUIRE(make_directories(temp->path() / "repo/inner/template"));
  REQUIRE(write_file_atomically(temp->path() / "repo/inner/databricks_template_schema.json", "{}"));
  CHECK(find_template({.name = "./repo", .cwd = temp->path(), .folder = "inner"}));
  CHECK_FALSE(find_template({.name = "./repo/inner", .cwd = temp->path(), .folder = ".."}));
}
